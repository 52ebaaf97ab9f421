package files_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/record"
)

// The lists of values are those of the domain: every constant of an enumeration
// is in its list, and every enumeration that a record has is known.
func TestEnumsAreTheDomains(t *testing.T) {
	listed := files.EnumValues()
	declared := constants(t)
	for name, values := range listed {
		slices.Sort(values)
		if want := declared[name]; !slices.Equal(values, want) {
			t.Errorf("%s has %v here, %v in the domain", name, values, want)
		}
	}
	for _, kind := range []any{
		record.Team{},
		record.Employee{},
		record.PartnerApp{},
		record.Customer{},
		record.Product{},
		record.Order{},
		record.Ticket{},
		record.Article{},
		record.Interaction{},
		record.Recommendation{},
		record.NextBestAction{},
	} {
		visitType(reflect.TypeOf(kind), func(typ reflect.Type) {
			if typ.Kind() == reflect.String && declared[typ.Name()] != nil && listed[typ.Name()] == nil {
				t.Errorf("%s is an enumeration without a list here", typ.Name())
			}
		})
	}
}

func TestSchemasAreComplete(t *testing.T) {
	for _, gap := range files.SchemaGaps() {
		t.Error(gap)
	}
}

// constants returns the values of the domain's typed constants, sorted, by type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	sources, err := filepath.Glob("../crm/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("the domain's source: %v, %v", sources, err)
	}
	all := map[string][]string{}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				all[typ.Name] = append(all[typ.Name], value)
			}
			return true
		})
	}
	for _, values := range all {
		slices.Sort(values)
	}
	return all
}

func visitType(t reflect.Type, f func(reflect.Type)) {
	f(t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		visitType(t.Elem(), f)
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				visitType(t.Field(i).Type, f)
			}
		}
	default:
	}
}
