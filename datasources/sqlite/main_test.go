package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(migratedVariable) != "" {
		fmt.Fprintln(os.Stderr, migrateAndStop(context.Background()))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}
