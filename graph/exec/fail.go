package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

// Masked stands for a text of personal data that must not be null.
const Masked = "•••"

var errNoNumber = errors.New("cannot marshal infinite no NaN float values")

// here returns the context of the value that is written: gqlgen's, with its path.
func (w *Writer) here() context.Context {
	ctx := graphql.WithFieldContext(w.ctx, &graphql.FieldContext{Object: w.run.plan.root.typ})
	for _, s := range w.steps {
		fc := &graphql.FieldContext{Index: &s.index}
		if s.field != nil {
			fc = s.field.context(nil)
		}
		ctx = graphql.WithFieldContext(ctx, fc)
	}
	return ctx
}

// add adds an error at the value that is written.
func (w *Writer) add(err error) { graphql.AddError(w.here(), err) }

// Fail writes null for a field that has failed; false if null must not stand there.
// Errors of fields that are resolved for a level at once have no place in the document,
// nor have panics.
func (w *Writer) Fail(f *Field, err error) bool {
	if refused, ok := err.(refusal); ok { //nolint:errorlint // Nobody wraps it.
		w.cost -= f.base // It has not been looked for.
		return w.failed(f, refused.error, false)
	}
	_, unexpected := err.(caught) //nolint:errorlint // Wrapped, somebody has dealt with it.
	return w.failed(f, err, !unexpected && (f.Info.Way != Batch || f.object == w.run.plan.root.typ))
}

func (w *Writer) failed(f *Field, err error, located bool) bool {
	ctx := w.here()
	if located {
		err = graphql.AddFieldLocationToError(ctx, err)
	}
	graphql.AddError(ctx, err)
	w.Null()
	return !f.nonNull()
}

// Missing writes null where null must not stand: of is what should.
func (w *Writer) Missing(of string) bool {
	graphql.AddInvalidNullError(w.here(), of)
	w.Null()
	return false
}

// Unwritten says that null was written for a value that has no other form.
func (w *Writer) Unwritten(of string) bool {
	graphql.AddInvalidNullFromMarshaler(w.here(), of)
	return false
}

// Barred writes what stands in the place of a barred field; false if that is null where
// null must not stand.
func (w *Writer) Barred(f *Field) bool {
	if w.run.Barred != nil {
		w.run.Barred(f.bar)
	}
	if f.bar.Err != nil {
		return w.failed(f, f.bar.Err, true)
	}
	switch t := f.Definition.Type; {
	case t.Elem != nil:
		w.buf = append(w.buf, "[]"...)
	case t.NonNull:
		w.Text(Masked)
	default:
		w.Null()
	}
	return true
}

// Unexpected panics with what an interface or a union holds that the schema does not
// have there.
func Unexpected(of string, object any) {
	panic(fmt.Sprintf("unexpected type %T of %s", object, of))
}
