package record_test

import (
	"encoding/json"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// benchmarked are an order of 20 lines, a customer and an interaction.
func benchmarked() map[string]crm.Record {
	order := recordtest.FullOrder()
	for len(order.Lines) < 20 {
		line := *order.Lines[0]
		line.ID = string(rune('a' + len(order.Lines)))
		order.Lines = append(order.Lines, &line)
	}
	return map[string]crm.Record{"order": order, "customer": recordtest.FullCustomer(), "interaction": recordtest.FullInteraction()}
}

// some are the members that a list of each kind shows.
func some() map[string][]string {
	return map[string][]string{
		"order": {"number", "status", "placedAt", "price"}, "customer": {"displayName", "tags"}, "interaction": {"summary", "occurredAt"},
	}
}

func BenchmarkCodec(b *testing.B) {
	for name, r := range benchmarked() {
		form := record.FormOf(r.RecordKind())
		inBSON, inJSON := mirrored(b, r)
		mirror := record.Mirrors[r.RecordKind()]
		want := crm.MustMembers(r.RecordKind(), some()[name]...)
		id := crm.MustMembers(r.RecordKind(), "id")
		run := func(what string, size int, once func() error) {
			b.Run(what+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					if err := once(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		var buffer []byte
		run("write/BSON/mirror", len(inBSON), func() error { _, err := bson.Marshal(mirror.Written(r)); return err })
		run("write/BSON/direct", len(inBSON), func() error { buffer = form.AppendBSON(buffer[:0], r); return nil })
		run("write/JSON/mirror", len(inJSON), func() error { _, err := record.Marshal(mirror.Written(r)); return err })
		run("write/JSON/direct", len(inJSON), func() (err error) { buffer, err = form.AppendJSON(buffer[:0], r); return err })
		run("read/BSON/mirror", len(inBSON), func() error {
			written := mirror.Empty()
			err := bson.Unmarshal(inBSON, written)
			mirror.Domain(written)
			return err
		})
		run("read/BSON/direct", len(inBSON), func() error { _, err := form.DecodeBSON(inBSON, nil); return err })
		run("read/BSON/some", len(inBSON), func() error { _, err := form.DecodeBSON(inBSON, want); return err })
		run("read/BSON/id", len(inBSON), func() error { _, err := form.DecodeBSON(inBSON, id); return err })
		run("read/JSON/mirror", len(inJSON), func() error {
			written := mirror.Empty()
			err := json.Unmarshal(inJSON, written)
			mirror.Domain(written)
			return err
		})
		run("read/JSON/direct", len(inJSON), func() error { _, err := form.DecodeJSON(inJSON, nil); return err })
		run("read/JSON/some", len(inJSON), func() error { _, err := form.DecodeJSON(inJSON, want); return err })
		run("read/JSON/id", len(inJSON), func() error { _, err := form.DecodeJSON(inJSON, id); return err })
	}
}
