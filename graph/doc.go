// Package graph is what is generated from the schema, and never edited: by gqlgen its
// executor, a file for each of the schema's, and by a plugin of it levels.generated.go,
// with which package exec runs operations. What the whole graph shares is in
// schema.graphqls at the top of the module, each domain in a file in schema.
// Beside it stand the scalars (scalar) and the connections (page), whose types are
// generated before the rest. Only resolvers import it.
package graph

//go:generate go run ./page/gen
//go:generate go run ./exec/gen
