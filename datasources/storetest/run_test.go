package storetest_test

import (
	"testing"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) crm.Store { return newMemory(flaws{}) })
}
