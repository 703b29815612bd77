// Package deploy compares the two deploy files, s.yaml (Serverless Devs) and
// template.yml (Resource Orchestration Service), with the function and with each
// other. It is tests only.
//
// The vendors' own checks accept misspelt keys, and a misspelt key deploys a
// trigger without its filter or a function without its role. Here unknown keys
// are errors, the type of a triggerConfig follows from its triggerType, and both
// files must describe the same function, triggers, environment and roles. The
// policies in docs/policies, for people who create roles by hand, must equal the
// template's.
package deploy
