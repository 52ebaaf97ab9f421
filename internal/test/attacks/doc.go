// Package attacks holds requests that are made to exhaust a GraphQL server: by what
// they say, by what it expands to, or by their mere size. Each is to be answered
// with a clear error, in little time and memory; the package's test starts the real
// program, sends them over HTTP and measures what each costs it.
//
// It imports nothing of the gateway. Tests may import it: the requests are seeds of
// the fuzz tests too.
package attacks
