package mongod

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// notRun says what to do about a suite that has no server.
const notRun = "the MongoDB suite did not run: no mongod was found; `make mongod` fetches one, " +
	"MONGOD_BIN names one, MONGODB_URI names a running server"

// binary returns the path of a mongod: MONGOD_BIN, then PATH, then the place where
// scripts/mongod.sh puts one. It is "" if there is none.
func binary() string {
	if path := os.Getenv("MONGOD_BIN"); path != "" {
		return path
	}
	if path, err := exec.LookPath("mongod"); err == nil {
		return path
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	path := filepath.Join(cache, "customer360-gateway", "mongod-6.0.5", "mongod")
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return ""
	}
	return path
}

// missing ends the test that has no server.
func missing(t testing.TB) {
	t.Helper()
	if os.Getenv("REQUIRE_MONGODB") == "1" {
		t.Fatal(notRun)
	}
	t.Skip(notRun)
}
