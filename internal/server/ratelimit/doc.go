// Package ratelimit says how much a caller may still ask for. A key (a principal,
// an address) has a bucket of points; a request takes points, time puts them back.
//
// It owns the port (Limiter), the limiter in memory (Memory) and the text of the
// headers that tell callers where they stand. It does not know whom a key stands
// for, what a point is worth or how a refused caller is answered: internal/server
// does.
//
// The bucket is a token bucket counted as the generic cell rate algorithm counts
// it (ITU-T I.371, annex A, in its continuous-state form): a level that is brought
// up to date when it is asked for, so nothing runs in between. The level is a whole
// number of the smallest part of a point that a nanosecond can put back; nothing
// is ever rounded, so no rate drifts.
//
// It imports the standard library alone; internal/server and cmd import it.
package ratelimit
