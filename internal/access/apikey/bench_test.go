package apikey_test

import (
	"testing"

	"github.com/customer360/gateway/internal/access/apikey"
)

func BenchmarkAuthenticate(b *testing.B) {
	store := newKeyring()
	secret, _ := made(b, store, nil)
	keys := opened(b, store, apikey.Options{})
	if verdict(b.Context(), keys, secret) != "good" {
		b.Fatal("the key is not good")
	}
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = keys.Authenticate(b.Context(), secret)
		}
	})
	b.Run("remembered, many at once", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = keys.Authenticate(b.Context(), secret)
			}
		})
	})
	b.Run("wrong checksum", func(b *testing.B) {
		b.ReportAllocs()
		wrong := secret[:53] + "-"
		for b.Loop() {
			_, _ = keys.Authenticate(b.Context(), wrong)
		}
	})
}
