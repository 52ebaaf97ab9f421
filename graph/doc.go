// Package graph is the GraphQL executor that gqlgen generates from
// schema.graphqls: never edited. Beside it stand the scalars (scalar) and the
// connections (page). Only resolvers and internal/server import it.
package graph

//go:generate go tool gqlgen generate
