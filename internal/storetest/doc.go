// Package storetest gives tests every store there is: SQLite always, MongoDB
// when a server can be had (internal/mongodbtest says how). It owns nothing
// else; only tests import it.
package storetest
