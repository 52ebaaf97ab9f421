package files_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]struct {
		format  files.Format
		gzipped bool
	}{
		"a.ndjson":        {files.FormatNDJSON, false},
		"dir.csv/a.jsonl": {files.FormatNDJSON, false},
		"A.JSON.GZ":       {files.FormatNDJSON, true},
		"a.csv":           {files.FormatCSV, false},
		"a.csv.gz":        {files.FormatCSV, true},
	} {
		format, gzipped, err := files.FormatOf(name)
		if err != nil || format != want.format || gzipped != want.gzipped {
			t.Errorf("FormatOf(%q) = %q, %v, %v; want %q, %v", name, format, gzipped, err, want.format, want.gzipped)
		}
	}
	for _, name := range []string{"a", "a.xlsx", "a.gz", "csv"} {
		if _, _, err := files.FormatOf(name); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("FormatOf(%q) gave %v, want INVALID", name, err)
		}
	}
}

func TestParseKind(t *testing.T) {
	for _, kind := range files.Kinds() {
		if got, err := files.ParseKind(string(kind)); err != nil || got != kind {
			t.Errorf("ParseKind(%q) = %q, %v", kind, got, err)
		}
	}
	if _, err := files.ParseKind("customer"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("ParseKind of an unknown kind gave %v, want INVALID", err)
	}
}
