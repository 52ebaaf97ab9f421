// Package clone makes deep copies of what shops answer. A copy shares nothing
// with its original that somebody could change.
//
// It imports internal/crm alone; anything may import it.
package clone
