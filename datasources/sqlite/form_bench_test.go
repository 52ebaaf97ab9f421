package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/record/recordtest"
)

const (
	keptRecords = 5000 // records
	keptPage    = 50   // records that a query reads
)

// kept is one form that records can be kept in.
type kept struct {
	name   string
	put    string // the expression that is stored
	whole  string // the expression that is read
	some   func(members []string) string
	encode func(record.Form, crm.Record) ([]byte, error)
	decode func(record.Form, []byte, *crm.Members) (crm.Record, error)
}

func forms() []kept {
	toJSON := func(f record.Form, r crm.Record) ([]byte, error) { return f.AppendJSON(nil, r) }
	fromJSON := func(f record.Form, doc []byte, want *crm.Members) (crm.Record, error) {
		return f.DecodeJSON(doc, want)
	}
	all := func([]string) string { return "doc" }
	chosen := func(members []string) string {
		var pairs []string
		for _, m := range members {
			pairs = append(pairs, fmt.Sprintf("'%[1]s', doc->'$.%[1]s'", m))
		}
		return "json_object(" + strings.Join(pairs, ", ") + ")"
	}
	return []kept{
		{"JSON", "?", "doc", all, toJSON, fromJSON},
		{"JSON-chosen-in-SQL", "?", "doc", chosen, toJSON, fromJSON},
		{"JSONB", "jsonb(?)", "json(doc)", chosen, toJSON, fromJSON},
		{
			"BSON", "?", "doc", all,
			func(f record.Form, r crm.Record) ([]byte, error) { return f.AppendBSON(nil, r), nil },
			func(f record.Form, doc []byte, want *crm.Members) (crm.Record, error) {
				return f.DecodeBSON(doc, want)
			},
		},
	}
}

// recordsOf are orders of 1 to 40 lines, customers, or interactions.
func recordsOf(kind crm.Kind, n int) []crm.Record {
	list := make([]crm.Record, n)
	for i := range list {
		switch kind {
		case crm.KindOrder:
			o := recordtest.FullOrder()
			first := o.Lines[0]
			for len(o.Lines) < 1+i%40 {
				line := *first
				line.ID = strconv.Itoa(len(o.Lines) + 1)
				o.Lines = append(o.Lines, &line)
			}
			list[i] = o
		case crm.KindCustomer:
			list[i] = recordtest.FullCustomer()
		case crm.KindInteraction:
			list[i] = recordtest.FullInteraction()
		default:
			panic("no records of " + string(kind))
		}
	}
	return list
}

func wantedOf(kind crm.Kind) []string {
	switch kind {
	case crm.KindOrder:
		return []string{"id", "number", "status", "placedAt", "price"}
	case crm.KindCustomer:
		return []string{"id", "displayName", "tags"}
	default:
		return []string{"id", "summary", "occurredAt"}
	}
}

func openPlain(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "kept.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-65536)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec("CREATE TABLE kept (row INTEGER PRIMARY KEY, doc BLOB NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	return db
}

// putKept encodes and stores records in one transaction.
func putKept(db *sql.DB, k kept, form record.Form, list []crm.Record) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	statement, err := tx.Prepare("INSERT INTO kept (doc) VALUES (" + k.put + ")")
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for _, r := range list {
		doc, err := k.encode(form, r)
		if err != nil {
			return err
		}
		if _, err := statement.Exec(doc); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// getKept reads and decodes a page of records.
func getKept(statement *sql.Stmt, k kept, form record.Form, want *crm.Members, from int) error {
	rows, err := statement.Query(from, from+keptPage)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		r, err := k.decode(form, doc, want)
		if err != nil {
			return err
		}
		if r.RecordID() == "" {
			return fmt.Errorf("a record without id")
		}
		n++
	}
	if n != keptPage {
		return fmt.Errorf("%d records", n)
	}
	return rows.Err()
}

func BenchmarkKept(b *testing.B) {
	for _, kind := range []crm.Kind{crm.KindOrder, crm.KindCustomer, crm.KindInteraction} {
		form := record.FormOf(kind)
		members := crm.MustMembers(kind, wantedOf(kind)...)
		for _, k := range forms() {
			b.Run(string(kind)+"/"+k.name, func(b *testing.B) {
				db := openPlain(b)
				if err := putKept(db, k, form, recordsOf(kind, keptRecords)); err != nil {
					b.Fatal(err)
				}
				var size int64
				if err := db.QueryRow("SELECT SUM(LENGTH(doc)) FROM kept").Scan(&size); err != nil {
					b.Fatal(err)
				}
				read := func(name, expression string, want *crm.Members) {
					b.Run(name, func(b *testing.B) {
						statement, err := db.Prepare("SELECT " + expression + " FROM kept WHERE row > ? AND row <= ?")
						if err != nil {
							b.Fatal(err)
						}
						defer func() { _ = statement.Close() }()
						b.ReportAllocs()
						n := 0
						for b.Loop() {
							if err := getKept(statement, k, form, want, n*keptPage%(keptRecords-keptPage)); err != nil {
								b.Fatal(err)
							}
							n++
						}
						b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keptPage), "ns/record")
						b.ReportMetric(float64(size)/keptRecords, "B/record")
					})
				}
				read("whole", k.whole, nil)
				read("some", k.some(wantedOf(kind)), members)
				list := recordsOf(kind, keptPage)
				b.Run("insert", func(b *testing.B) {
					for b.Loop() {
						if err := putKept(db, k, form, list); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keptPage), "ns/record")
				})
			})
		}
	}
}
