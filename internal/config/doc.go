// Package config owns the settings of the gateway: which there are, which values
// are valid, and where a value comes from. Flags win over environment variables,
// these over the file, and the file over the defaults. For every mistake there is
// an error that says where it is and what would be right. It never repeats the
// value, which may be a secret.
//
// It opens no store and no listener. cmd/gateway may import it.
package config
