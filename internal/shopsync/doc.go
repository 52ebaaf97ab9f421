// Package shopsync copies what shops have into the store: customers, products
// and orders, incrementally, from the mark that it left in the store's
// checkpoints. docs/sync.md says what it does to whom runs it.
//
// It owns how far each shop was read, whom a shop's customer is among ours, and
// what becomes of the records. What is stored is a function of what was stored
// and of what the shops say, in their order, and of nothing else: no clock, no
// size of batches. So a run that was killed and is run again leaves the same
// records as one that was not, and a run that finds nothing new writes nothing.
//
// It does not own how shops are asked (crm.Shop and its decorators), when a run
// is due, or webhooks. It may import internal/record, to compare records as they
// are written down. cmd/gateway may import it; internal/shopsync/webhooks is handed an
// Updater.
package shopsync
