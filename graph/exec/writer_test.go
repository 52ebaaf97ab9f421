package exec_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/crm"
)

// written is what the plain field of an answer is written as.
func written(t testing.TB, write func(w *exec.Writer)) string {
	t.Helper()
	data, _ := (&toy{plain: write}).do(t.Context(), t, "{ plain }", exec.Options{})
	return data
}

// TestText writes texts as gqlgen does, with any bytes in them.
func TestText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringOf(rapid.RuneFrom([]rune("\x00\t\n\r\x1f\"\\/\u007f\u0080\u2028\ufffd<&>a"))),
		).Draw(r, "text")
		var want bytes.Buffer
		graphql.MarshalString(text).MarshalGQL(&want)
		if got := written(t, func(w *exec.Writer) { w.Text(text) }); got != `{"plain":`+want.String()+`}` {
			r.Fatalf("%q is %s, gqlgen has %s", text, got, want.String())
		}
	})
}

// TestTime writes instants as the scalar does, in whatever zone they are.
func TestTime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seconds := rapid.OneOf(rapid.Int64Range(-1<<33, 1<<33), rapid.Int64Range(-1<<36, 1<<39)).Draw(r, "seconds")
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(r, "zone"))
		at := time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(r, "nanoseconds")).In(zone)
		var want bytes.Buffer
		scalar.MarshalDateTime(at).MarshalGQL(&want)
		if got := written(t, func(w *exec.Writer) { w.Time(at) }); got != `{"plain":`+want.String()+`}` {
			r.Fatalf("%v is %s, the scalar has %s", at, got, want.String())
		}
	})
	if got := written(t, func(w *exec.Writer) { w.Time(time.Time{}) }); got != `{"plain":null}` {
		t.Error(got)
	}
}

// TestFloat writes numbers as gqlgen does; what JSON has no number for is null.
func TestFloat(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := rapid.Float64().Draw(r, "number")
		var want bytes.Buffer
		if graphql.MarshalFloatContext(f).MarshalGQLContext(t.Context(), &want) != nil {
			want.WriteString("null")
		}
		if got := written(t, func(w *exec.Writer) { w.Float(f) }); got != `{"plain":`+want.String()+`}` {
			r.Fatalf("%v is %s, gqlgen has %s", f, got, want.String())
		}
	})
}

// TestNullRises makes null of what holds a field that must not be null.
func TestNullRises(t *testing.T) {
	x := &toy{resolve: func(_ context.Context, alias string) (string, error) {
		if alias == "must" {
			return "", errors.New("planted")
		}
		return alias, nil
	}}
	if data, codes := x.do(t.Context(), t, "{ a must b }", exec.Options{}); data != "null" || !slices.Equal(codes, []crm.Code{crm.CodeInternal}) {
		t.Errorf("%s, errors %v", data, codes)
	}
}

// TestPanicsOutsideOfResolvers has a method panic where objects are gathered, in a chain
// of its own too, and where they are written: one error, and no data.
func TestPanicsOutsideOfResolvers(t *testing.T) {
	resolve := func(_ context.Context, alias string) (string, error) { return alias, nil }
	gathers := func(alias string) {
		if alias != "b" {
			panic("planted")
		}
	}
	plain := func(w *exec.Writer) { w.Null() }
	for name, test := range map[string]struct {
		toy     toy
		options exec.Options
	}{
		"gathered":                   {toy: toy{resolve: resolve, follow: gathers, plain: plain}},
		"gathered in a chain apart":  {toy{resolve: resolve, follow: gathers, plain: plain}, exec.Options{Afar: func(f *exec.Field) bool { return f.Alias == "a" }}},
		"gathered in several chains": {toy{resolve: resolve, follow: gathers, plain: plain}, exec.Options{Afar: func(*exec.Field) bool { return true }}},
		"written":                    {toy: toy{resolve: resolve, plain: func(*exec.Writer) { panic("planted") }}},
	} {
		t.Run(name, func(t *testing.T) {
			if data, codes := test.toy.do(t.Context(), t, "{ plain a b also: a }", test.options); data != "null" || !slices.Equal(codes, []crm.Code{crm.CodeInternal}) {
				t.Errorf("%s, errors %v", data, codes)
			}
		})
	}
}
