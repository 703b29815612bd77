// Package sls emulates the part of Simple Log Service (SLS) that installs what operators
// see: the index of a log store, saved searches, dashboards and alert rules, by the API of
// 2020-12-30, with version 4 of its signature. Its signature check is written from the
// vendor's description, apart from the code that signs.
//
// It keeps what it is given, adds members of its own as the service does (times, an
// owner), and refuses what the service refuses: another project or log store, a document
// that is there already, one that is not there to be replaced, a wrong signature, a clock
// that is 15 minutes off, and a body whose length or digest is not the declared one.
package sls
