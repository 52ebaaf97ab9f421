// Package crm is the domain: the types of a company's customer relationship
// management, the ports that serve them and the rules about them.
//
// A type, the rules about it and the keys it is found by stand in one file.
// The package does no I/O and knows nothing of GraphQL, BSON or SQL; it imports
// the standard library and small value libraries only. Everybody may import it.
package crm

//go:generate go run ./gen
