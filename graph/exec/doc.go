// Package exec runs the operations of the graph level by level.
//
// A document's operation is compiled once for those who may read the same of it: into
// selections, which say for each type what is written of its objects and what has to be
// loaded for them. A run then goes down the levels. The fields of a level that need to be
// loaded are resolved at the same time, each once for all objects that have it, in a
// goroutine each; loads of the same kind by id go together ([Together]). Objects are put
// together from what was loaded, and give the fields of the next level. When there are
// none left, one pass writes the answer: plain fields straight from the structs, with
// neither a context nor a path for each; a path is made where there is an error.
//
// What is the same for every schema is here. What depends on it, such as which Go
// field a field is, is generated into package graph by exec/gen. What an answer is, down
// to the errors and their order, is what gqlgen's executor gives, which the tests compare
// it with and which runs what is not compiled: introspection, and what has too many
// selections.
//
// Packages graph and resolvers import it.
package exec
