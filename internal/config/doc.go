// Package config reads the function's configuration from its environment, once,
// and returns it validated. Nothing else reads the environment.
//
// Region, account and credentials are no configuration: they come with every
// invocation.
//
// # Errors
//
// [Load] reports all problems together. Each names the variable, the rule, the
// value (never one that holds a secret) and the way out.
package config
