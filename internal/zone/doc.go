// Package zone knows the time zones that people may name: those of the IANA database,
// by their names of the form Area/City, and UTC.
//
// # Contract
//
// Which names are known does not depend on the machine: a policy that one instance
// accepts is accepted by all. A zone's rules come from the machine's own copy of the
// database where it has one, else from a table in the program, which has each zone's
// present rule alone. So a program without the machine's copy may show times before
// the year of the table's release an hour off, and times in Africa/Casablanca during
// Ramadan. The whole database would be fifty times as large.
//
// [Table] gives a zone by the table alone, for decisions that must be the same on every
// machine. [Regular] names the zones for which the table is not enough.
package zone
