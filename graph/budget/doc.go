// Package budget bounds what one answer may hold. What a document asks for is priced
// before it runs; how much there is shows only while the answer is made. Everything
// that adds to an answer takes what it adds from the operation's Budget, and stops
// when that has ended: because the answer has become too large, or because nobody
// waits for it any more.
//
// Store and Shop tell the Budget what is read for the answer, and when its operation
// only waits: then others may have the room that it takes up.
//
// It knows neither HTTP nor how answers are made. Whatever executes operations may
// import it.
package budget
