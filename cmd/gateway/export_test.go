package main

import (
	"log/slog"
	"net/http"
)

// OverDemoShop puts something between the demo and its web shop.
func (m *Main) OverDemoShop(wrap func(http.RoundTripper) http.RoundTripper) { m.overDemoShop = wrap }

// GrowthFor is by how much the heap may grow.
func GrowthFor(live uint64, limited bool) int { return growthFor(live, limited) }

// KeepToMemory sets it, with the variable GOGC.
func KeepToMemory(log *slog.Logger, gogc string) (restore func()) { return keepToMemory(log, gogc) }
