// Package config owns the settings of the gateway: which there are, what a right
// value is, and where it comes from (flags before environment variables before
// the file before defaults). Every mistake is an error that says where it stands
// and what would be right, and never repeats a value, which may be a secret.
//
// It opens no store and no listener. cmd/gateway may import it.
package config
