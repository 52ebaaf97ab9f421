// Package backends gives tests every store there is: SQLite always, MongoDB
// when a server can be had (datasources/storetest/mongod says how). It owns nothing
// else; only tests import it.
package backends
