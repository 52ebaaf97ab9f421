// Package webhooks takes what shops send to POST /webhooks/{source}: that orders
// have changed. It owns the route: the bound of a request, who is answered what,
// and that a delivery counts once. It does not own signatures (the shops' adapters
// prove them) nor what an update does; no word of a body is used but the orders'
// ids, by which the shop itself is asked.
//
// Who may not know learns nothing: a source that is not there, one without a secret,
// a wrong signature and an old one are answered with the same bytes after the same
// kind of work. Logs and metrics hold neither bodies nor a caller's words.
//
// cmd may import it. It imports internal/crm.
package webhooks
