package main

import "net/http"

// OverDemoShop puts something between the demo and its web shop.
func (m *Main) OverDemoShop(wrap func(http.RoundTripper) http.RoundTripper) { m.overDemoShop = wrap }
