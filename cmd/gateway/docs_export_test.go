package main

import "github.com/alecthomas/kong"

// CommandLine makes the program's command line, for tests of what is written about it.
func CommandLine() (*kong.Kong, error) { return (&Main{}).commandLine() }
