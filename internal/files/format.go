package files

import (
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	FormatNDJSON Format = "ndjson"
	FormatCSV    Format = "csv"
)

// FormatOf returns the format of a file by its name, and whether it is compressed
// with gzip: .ndjson, .jsonl, .json and .csv, each also with .gz. Import reads
// uncompressed bytes: unpacking is the caller's. Other names are CodeInvalid.
func FormatOf(name string) (format Format, gzipped bool, err error) {
	name, gzipped = strings.CutSuffix(strings.ToLower(name), ".gz")
	for ending, format := range map[string]Format{
		".ndjson": FormatNDJSON, ".jsonl": FormatNDJSON, ".json": FormatNDJSON, ".csv": FormatCSV,
	} {
		if strings.HasSuffix(name, ending) {
			return format, gzipped, nil
		}
	}
	return "", false, crm.Invalid("a file's name must end in .ndjson, .jsonl, .json or .csv, each also with .gz")
}

// Summary counts the records of an import. Read is the sum of the others.
type Summary struct {
	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}

// Add returns the sum of two summaries: of two files.
func (s Summary) Add(other Summary) Summary {
	return Summary{
		Read:      s.Read + other.Read,
		Created:   s.Created + other.Created,
		Updated:   s.Updated + other.Updated,
		Unchanged: s.Unchanged + other.Unchanged,
		Rejected:  s.Rejected + other.Rejected,
	}
}
