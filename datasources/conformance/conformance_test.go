package conformance_test

import (
	"testing"

	"github.com/customer360/gateway/datasources/conformance"
	"github.com/customer360/gateway/internal/crm"
)

func TestMemoryConforms(t *testing.T) {
	conformance.Run(t, func(*testing.T) crm.Store { return newMemory(flaws{}) })
}
