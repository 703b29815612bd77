// Package config reads the function's configuration from its environment, once,
// and returns it validated. Nothing else reads the environment.
//
// Region, account and credentials are not part of it: they come with every
// invocation.
//
// # Errors
//
// [Load] reports all problems together. Each names the variable, the rule, the
// value (unless it is a secret) and how to fix it.
package config
