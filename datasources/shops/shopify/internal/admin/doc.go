// Package admin is the client of Shopify's Admin GraphQL API, version 2026-07:
// the operations that the adapter needs and the Go code that genqlient makes of
// them.
//
// schema.graphql is the part of Shopify's schema that operations.graphql uses.
// The whole, of 3,535 types, is dist/data/admin_2026-07.json.gz in version 1.16.0
// of the npm package @shopify/dev-mcp (https://www.npmjs.com/package/@shopify/dev-mcp,
// ISC licence, Copyright Shopify). After a change of the operations:
//
//	go run ./datasources/shops/shopify/internal/prune -schema admin_2026-07.json.gz \
//		-operations datasources/shops/shopify/internal/admin/operations.graphql \
//		> datasources/shops/shopify/internal/admin/schema.graphql
//	go generate ./datasources/shops/shopify/internal/admin
//
// scripts/shops/shopify-mock/run.sh fetches the whole schema and says where it is.
//
// Only the package above imports it: no type of Shopify's leaves the adapter.
package admin

//go:generate go run github.com/Khan/genqlient
