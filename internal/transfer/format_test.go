package transfer_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/transfer"
)

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]struct {
		format  transfer.Format
		gzipped bool
	}{
		"a.ndjson":        {transfer.FormatNDJSON, false},
		"dir.csv/a.jsonl": {transfer.FormatNDJSON, false},
		"A.JSON.GZ":       {transfer.FormatNDJSON, true},
		"a.csv":           {transfer.FormatCSV, false},
		"a.csv.gz":        {transfer.FormatCSV, true},
	} {
		format, gzipped, err := transfer.FormatOf(name)
		if err != nil || format != want.format || gzipped != want.gzipped {
			t.Errorf("FormatOf(%q) = %q, %v, %v; want %q, %v", name, format, gzipped, err, want.format, want.gzipped)
		}
	}
	for _, name := range []string{"a", "a.xlsx", "a.gz", "csv"} {
		if _, _, err := transfer.FormatOf(name); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("FormatOf(%q) gave %v, want INVALID", name, err)
		}
	}
}

func TestParseKind(t *testing.T) {
	for _, kind := range transfer.Kinds() {
		if got, err := transfer.ParseKind(string(kind)); err != nil || got != kind {
			t.Errorf("ParseKind(%q) = %q, %v", kind, got, err)
		}
	}
	if _, err := transfer.ParseKind("customer"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("ParseKind of an unknown kind gave %v, want INVALID", err)
	}
}
