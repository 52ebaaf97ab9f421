package exec_test

import (
	"context"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toySchema has fields that are resolved, and a plain one.
var toySchema = gqlparser.MustLoadSchema(&ast.Source{Input: "type Query { a: String b: String must: String! plain: String }"})

var toyTypes = exec.NewTypes(toySchema, []exec.TypeInfo{{Name: "Query", Fields: []exec.FieldInfo{
	{Name: "a", Way: exec.Batch}, {Name: "b", Way: exec.Batch}, {Name: "must", Way: exec.Batch}, {Name: "plain", Way: exec.Plain},
}}})

// toy is what would be generated for the toy schema.
type toy struct {
	run *exec.Run
	// resolve gives a field by its alias, and plain writes one.
	resolve func(ctx context.Context, alias string) (string, error)
	plain   func(w *exec.Writer)
	follow  func(alias string)
}

func (*toy) Begin(g *exec.Gather, s *exec.Selection) {
	for _, f := range s.Leads {
		exec.Add[struct{}, string](g, f, struct{}{})
	}
}

func (x *toy) Resolve(ctx context.Context, f *exec.Field) {
	exec.Of[struct{}, string](x.run, f).Put(x.resolve(ctx, f.Alias))
}

func (x *toy) Follow(_ *exec.Gather, f *exec.Field) {
	if x.follow != nil {
		x.follow(f.Alias)
	}
}

func (x *toy) Write(w *exec.Writer, s *exec.Selection) bool {
	at, whole := w.Open(), true
	for i := range s.Fields {
		f := &s.Fields[i]
		w.Field(f)
		switch f.Code {
		case exec.Barred:
			whole = w.Barred(f) && whole
		case exec.Typename:
			w.Typename(s)
		case 4:
			x.plain(w)
		default:
			value, err := exec.Of[struct{}, string](x.run, f).Next()
			if err != nil {
				whole = w.Fail(f, err) && whole
				break
			}
			w.Text(value)
		}
	}
	return w.Close(at, whole)
}

// do runs a document on the toy, and gives the data and the codes of the errors.
func (x *toy) do(ctx context.Context, t testing.TB, document string, options exec.Options) (data string, codes []crm.Code) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(toySchema, document, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	operation := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{}}
	plan := toyTypes.Compile(operation, exec.Compiler{})
	if plan == nil {
		t.Fatalf("not compiled: %s", document)
	}
	ctx = graphql.WithResponseContext(graphql.WithOperationContext(ctx, operation), func(ctx context.Context, err error) *gqlerror.Error {
		codes = append(codes, crm.CodeOf(err))
		return gqlerror.WrapPath(graphql.GetPath(ctx), err)
	}, nil)
	x.run = exec.NewRun(ctx, plan, options)
	return string(x.run.Do(ctx, x)), codes
}
