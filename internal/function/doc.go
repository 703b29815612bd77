// Package function wires one instance of the function: it builds what lives as
// long as the instance and sets up the services of each invocation.
//
// The program, the simulation and the tests of package handler use the same
// wiring. What a test replaces, such as clocks, random sources and connections,
// is an option; the zero [Options] are those of production.
package function
