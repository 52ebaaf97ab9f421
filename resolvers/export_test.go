package resolvers

import "github.com/99designs/gqlgen/graphql"

// MostKept is how many fields of compiled operations are kept.
const MostKept = maxKept

// Kept returns how many operations of a schema are kept compiled, with how many fields.
func Kept(schema graphql.ExecutableSchema) (operations, fields int) {
	p := schema.(*levels).plans
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lru.Len(), p.fields
}
