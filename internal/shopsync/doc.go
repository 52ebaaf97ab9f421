// Package shopsync copies what shops have into the store: customers, products
// and orders. Each run reads what has changed since the mark that the run before
// left in the store's checkpoints. docs/sync.md describes it for people who run the
// gateway.
//
// It owns how far each shop was read and which of our customers a shop's customer
// is. What becomes of the records is internal/crm's (AdoptCustomer, Replace). What is
// stored is a function of what was stored and of what the shops say, in their order,
// and of nothing else: no clock, no size of batches. So a run that was killed and is run again leaves the same
// records as one that was not, and a run that finds nothing new writes nothing.
//
// It does not own how shops are asked (crm.Shop and its decorators), when a run
// is due (cmd/gateway) or the route of webhooks. cmd/gateway may import it;
// internal/shopsync/webhooks is handed an Updater.
package shopsync
