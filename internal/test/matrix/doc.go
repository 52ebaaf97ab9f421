// Package matrix tests who may see what, by every path: role by role and field
// by field, generated from the schema. Its world is made so that every value
// in it says whose it is, and its oracle says who may see which of them, from
// what the records and the schema's @access say and not from internal/access.
//
// It owns no code that runs in a program and is imported by nobody.
package matrix
