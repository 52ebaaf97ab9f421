// Package clone makes deep copies of what shops answer, and says about how much
// memory they take. A copy shares nothing with its original that somebody could
// change.
//
// It imports internal/crm alone; anything may import it.
package clone
