// Package admission lets work begin only while there is room for it. Work has a
// weight; a Gate bounds the weight that is inside, in all and of each caller, and
// lets those who wait in by turns: one caller's queue does not stand before another's.
//
// It knows nothing of HTTP and GraphQL. internal/server lets operations in by it, and
// datasources/shops/guard requests of a shop.
package admission
