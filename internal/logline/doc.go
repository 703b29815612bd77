// Package logline has the attributes of log lines that operators search by: who asked, by
// which channel, for which server and which settings. Every line about a change has the
// same names for them, because saved queries, the dashboard and alert rules use them
// (docs/observe.md). Names are never changed or removed.
//
// Attributes have ids, names of the policy and names of settings: no values of settings, no
// reply addresses, no free text of people.
package logline
