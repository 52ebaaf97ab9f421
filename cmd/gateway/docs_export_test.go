package main

// NewCommands makes an empty command line, for tests of what is written about it.
func NewCommands() any { return &commands{} }
