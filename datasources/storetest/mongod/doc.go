// Package mongod gives tests a real MongoDB server.
//
// It owns finding a mongod, running it as a single-node replica set in a fresh
// folder on a free port, stopping it, pausing it, and reading its profiler. A
// server ends with the test process, whatever ends that. Without a mongod a
// test is skipped with a message that says how to get one; REQUIRE_MONGODB=1
// makes that a failure.
//
// It does not own the store or its set-up. Only tests may import it.
package mongod
