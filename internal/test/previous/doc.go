// Package previous tests that what earlier versions of the program stored can
// still be read: a store of each kind and a dump of the version before, made of
// internal/test/fixture's records, a checkpoint and an API key. It owns testdata
// and nothing else.
//
// When the stored form changes, keep the folders that are there and add one for the
// version that was the latest until then, made by its own program.
package previous
