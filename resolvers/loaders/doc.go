// Package loaders loads what belongs to the objects of a level (the orders of all
// customers of a list) in one call, however many objects there are and however they
// are nested.
//
// Code that loads objects announces them as a cohort, under the response path
// without list indexes. The first resolver that touches a field of any of them
// loads the field for the whole cohort through a dataloader and flushes it; the
// others find it in the loader's cache. Nothing waits on a clock, and the
// number of calls depends on the operation alone: a level has a loader of its
// own, and does not profit by chance from what another level loaded before.
//
// gqlgen's batch resolvers see only the list directly above a field: they save
// calls into this package, they are not the batching.
//
// An Operation belongs to one GraphQL operation (for a subscription: to one
// event) and is attached to its context by AroundResponses. Only resolvers
// import this package.
package loaders
