// Package graph is the GraphQL executor that gqlgen generates from the schema, a
// file for each of the schema's: never edited. What the whole graph shares is in
// schema.graphqls at the top of the module, each domain in a file in schema.
// Beside it stand the scalars (scalar) and the connections (page), whose types are
// generated before the rest. Only resolvers import it.
package graph

//go:generate go run ./page/gen
//go:generate go run ./exec/gen
