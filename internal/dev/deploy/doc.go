// Package deploy holds the two deploy files, s.yaml (Serverless Devs) and
// template.yml (Resource Orchestration Service), to what the function is and to
// each other. It is tests only.
//
// The vendors' own checks let misspelt keys through, and a misspelt key
// deploys: a trigger without its filter, a function without its role. Here
// every object is closed, the kind of a triggerConfig follows its triggerType,
// and what both files say must be equal: the function, its triggers, its
// environment, its roles. The policies in docs/policies, which those follow who
// make roles by hand, must be the template's.
package deploy
