// Package completion completes command lines in bash, zsh and fish.
//
// A script in each shell asks the program itself, which gives the words that can stand
// where the cursor is: so that a command or a flag is completed as soon as it exists. It
// reads the model of the command line alone, and sends nothing.
//
// # Protocol
//
// The script passes the words before the cursor, the last one incomplete. The answer has
// a line for each candidate: the word, a tab, and what it is. The line ":files" asks for
// the names of files instead, and ":nospace" for no blank after the word.
//
// # Tags
//
// An argument or a flag has the tag complete:"files" where it is the name of a file, and
// complete:"KIND" where the caller lists its values.
package completion
