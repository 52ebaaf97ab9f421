// Package upstream is how the shops' adapters speak HTTP: one client for each
// shop, whose connections are pooled and compressed, which counts its calls,
// stays on the shop's host, bounds what an answer may hold and turns every
// failure into a *crm.Error. It knows nothing of any shop's API.
//
// Only the packages under datasources/shops may import it.
package upstream
