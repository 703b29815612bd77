// Package storedtest checks that stored forms stay readable.
//
// A stored form is one kind of object in the bucket. Its package keeps frozen
// samples below testdata/stored/<form>/: JSON objects as some version of the
// function wrote them, with every field set. [Check] reads each sample with the
// production reader, compares the result with a Go value, and compares the names
// in the JSON with those of the stored type and of what the current writer
// writes. A test fails when somebody renames a field, or changes its type or its
// meaning.
//
// # Adding a field
//
// A sample is never edited. When a form gets a field, the old samples stay, and
// a new one with the field set is added: v1.json, then v1.1.json, v1.2.json. The
// newest must have exactly the names of the stored type; older ones may have
// fewer. A form with another schema name begins again with v2.json.
//
// Tests that call Check are named TestStored…, so that "make stored" runs them
// alone.
package storedtest
