package main

import (
	"bytes"
	"fmt"
	"go/types"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
)

// gatherObject writes what gathers the fields of an object that are to be loaded.
func (g *generator) gatherObject(o *codegen.Object) {
	outer := g.Buffer
	g.Buffer = bytes.Buffer{}
	for i, f := range fields(o) {
		places, _ := g.typesOf(f.TypeReference)
		way := way(f)
		if len(places) == 0 && way != "Batch" && way != "Call" {
			continue
		}
		g.line("case %d: // %s", i+1, f.Name)
		switch way {
		case "Batch", "Call":
			g.line("exec.Add[%s, %s](g, f, v)", g.parent(o), g.typ(f.TypeReference.GO))
		case "Method":
			g.line("of := v.%s()", f.GoFieldName)
			g.line("exec.Keep(g, f, of)")
			g.below(f.TypeReference, "of")
		default:
			g.below(f.TypeReference, "v."+f.GoFieldName)
		}
	}
	cases := g.String()
	g.Buffer = outer
	if cases == "" {
		g.line("\nfunc (x *levels) gather%s(*exec.Gather, *exec.Selection, %s) {}", o.Name, g.parent(o))
		return
	}
	g.line("\nfunc (x *levels) gather%s(g *exec.Gather, s *exec.Selection, v %s) {", o.Name, g.parent(o))
	g.line("for _, f := range s.Leads {\nswitch f.Code {\n%s}\n}\n}", cases)
}

// below writes what gathers the objects of a value.
func (g *generator) below(t *config.TypeReference, v string) {
	switch _, abstract := g.typesOf(t); {
	case t.IsSlice():
		g.depth++
		i := fmt.Sprintf("i%d", g.depth)
		g.line("for %s := range %s {", i, v)
		g.below(t.Elem(), v+"["+i+"]")
		g.line("}")
		g.depth--
	case abstract:
		g.line("x.gather%s(g, f, %s)", t.Definition.Name, v)
	case t.IsNilable():
		g.line("if %s != nil {\nx.gather%s(g, f.Of, %s)\n}", v, t.Definition.Name, v)
	default:
		g.line("x.gather%s(g, f.Of, &%s)", t.Definition.Name, v)
	}
}

// writeObject writes what writes an object.
func (g *generator) writeObject(o *codegen.Object) {
	parameter := ", v " + g.parent(o)
	if o.Root {
		parameter = ""
	}
	g.line("\nfunc (x *levels) write%s(w *exec.Writer, s *exec.Selection%s) bool {", o.Name, parameter)
	g.line(`at, whole := w.Open(), true
	for i := range s.Fields {
		f := &s.Fields[i]
		w.Field(f)
		switch f.Code {
		case exec.Barred:
			whole = w.Barred(f) && whole
		case exec.Typename:
			w.Typename(s)`)
	for i, f := range fields(o) {
		g.line("case %d: // %s", i+1, f.Name)
		g.writeField(o, f)
	}
	g.line("}\n}\nreturn w.Close(at, whole)\n}")
}

func (g *generator) writeField(o *codegen.Object, f *codegen.Field) {
	t := f.TypeReference
	places, _ := g.typesOf(t)
	switch way(f) {
	case "Batch", "Call":
		g.line("of, err := exec.Of[%s, %s](x.run, f).Next()", g.parent(o), g.typ(t.GO))
		g.line("if err != nil {\nwhole = w.Fail(f, err) && whole\nbreak\n}")
		g.value(t, "of", "whole", false)
	case "Method":
		if appends(o, f) {
			g.line("w.Appended(v.Append%s(w.Append()))", f.GoFieldName)
			return
		}
		if len(places) == 0 {
			if t.IsSlice() || t.IsNilable() {
				g.line("of := v.%s()", f.GoFieldName)
				g.value(t, "of", "whole", true)
			} else {
				g.value(t, fmt.Sprintf("v.%s()", f.GoFieldName), "whole", true)
			}
			return
		}
		g.line("of := exec.Kept(x.run, f, v.%s)", f.GoFieldName)
		g.value(t, "of", "whole", true)
	default:
		g.value(t, "v."+f.GoFieldName, "whole", true)
	}
}

// appends says whether there is a method that appends a field's text.
func appends(o *codegen.Object, f *codegen.Field) bool {
	method, _, _ := types.LookupFieldOrMethod(o.Reference(), true, nil, "Append"+f.GoFieldName)
	_, ok := method.(*types.Func)
	return ok
}

// value writes what writes a value. good is the variable that says whether what is above
// it is whole. took says that what it gives has to be counted.
func (g *generator) value(t *config.TypeReference, v, good string, took bool) {
	nonNull := t.GQL.NonNull
	unless := func(written string) {
		if nonNull {
			g.line("%s = %s && %s", good, written, good)
		} else {
			g.line("%s", written)
		}
	}
	places, abstract := g.typesOf(t)
	switch {
	case t.IsSlice():
		g.list(t, v, good, took)
	case abstract:
		g.line("if %s != nil {", v)
		if took {
			g.line("w.Took(f, 1)")
		}
		unless(fmt.Sprintf("x.write%s(w, f, %s)", t.Definition.Name, v))
		g.null(t, good)
	case len(places) > 0 && t.IsNilable():
		g.line("if %s != nil {", v)
		if took {
			g.line("w.Took(f, 1)")
		}
		unless(fmt.Sprintf("x.write%s(w, f.Of, %s)", t.Definition.Name, v))
		g.null(t, good)
	case len(places) > 0:
		if took {
			g.line("w.Took(f, 1)")
		}
		unless(fmt.Sprintf("x.write%s(w, f.Of, &%s)", t.Definition.Name, v))
	case t.IsNilable() && t.IsPtr():
		g.line("if %s != nil {", v)
		g.leaf(t, "*"+v, good)
		g.null(t, good)
	default:
		g.leaf(t, v, good)
	}
}

// null ends the condition that a value is there.
func (g *generator) null(t *config.TypeReference, good string) {
	if t.GQL.NonNull {
		g.line("} else {\n%s = w.Missing(%q) && %s\n}", good, t.GQL.String(), good)
	} else {
		g.line("} else {\nw.Null()\n}")
	}
}

func (g *generator) list(t *config.TypeReference, v, good string, took bool) {
	g.depth++
	at, ok, i := fmt.Sprintf("at%d", g.depth), fmt.Sprintf("whole%d", g.depth), fmt.Sprintf("i%d", g.depth)
	if !t.GQL.NonNull {
		g.line("if %s != nil {", v)
	}
	if took {
		g.line("w.Took(f, len(%s))", v)
	}
	g.line("%s, %s := w.OpenList(), true", at, ok)
	g.line("for %s := range %s {\nif w.Stopped() {\nbreak\n}\nw.Item(%s)", i, v, i)
	g.value(t.Elem(), v+"["+i+"]", ok, false)
	g.line("}")
	if t.GQL.NonNull {
		g.line("%s = w.CloseList(%s, %s) && %s", good, at, ok, good)
	} else {
		g.line("w.CloseList(%s, %s)\n} else {\nw.Null()\n}", at, ok)
	}
	g.depth--
}

// leaf writes what writes a scalar or an enum.
func (g *generator) leaf(t *config.TypeReference, v, good string) {
	marshaler := ""
	if t.Marshaler != nil {
		marshaler = t.Marshaler.Pkg().Name() + "." + t.Marshaler.Name()
	}
	text := func(method string) {
		if basic, ok := types.Unalias(elem(t).GO).(*types.Basic); ok && basic.Kind() == types.String {
			g.line("w.%s(%s)", method, v)
		} else {
			g.line("w.%s(string(%s))", method, v)
		}
	}
	maybe := func(method string) {
		if t.GQL.NonNull {
			g.line("if !w.%s(%s) {\n%s = w.Unwritten(%q)\n}", method, v, good, t.GQL.String())
		} else {
			g.line("w.%s(%s)", method, v)
		}
	}
	switch marshaler {
	case "graphql.MarshalString", "graphql.MarshalID":
		text("Text")
	case "graphql.MarshalBoolean":
		g.line("w.Bool(%s)", v)
	case "graphql.MarshalInt":
		g.line("w.Int(%s)", v)
	case "graphql.MarshalFloatContext":
		g.line("w.Float(%s)", v)
	case "scalar.MarshalDateTime":
		maybe("Time")
	case "scalar.MarshalJSON":
		maybe("JSON")
	case "scalar.MarshalDate", "scalar.MarshalDecimal", "scalar.MarshalCurrencyCode":
		text("Quoted")
	default:
		g.err = fmt.Errorf("no way to write a %s (%s, marshaler %q): teach it to graph/exec/gen and exec.Writer", t.GQL, t.GO, marshaler)
	}
}

// elem returns what a pointer points to.
func elem(t *config.TypeReference) *config.TypeReference {
	if t.IsPtr() {
		return t.Elem()
	}
	return t
}

// abstract writes what gathers and writes objects of an interface or a union.
func (g *generator) abstract(i *codegen.Interface) {
	if strings.HasPrefix(i.Name, "__") {
		return
	}
	typ := g.typ(i.Type)
	g.line("\nfunc (x *levels) gather%s(g *exec.Gather, f *exec.Field, v %s) {\nswitch v := v.(type) {", i.Name, typ)
	for at, one := range i.Implementors {
		if one.TakeRef {
			g.line("case %s:\nx.gather%s(g, f.By[%d], &v)", g.typ(one.Type), one.Name, at)
			continue
		}
		g.line("case %s:\nif v != nil {\nx.gather%s(g, f.By[%d], v)\n}", g.typ(one.Type), one.Name, at)
	}
	g.line("}\n}")
	g.line("\nfunc (x *levels) write%s(w *exec.Writer, f *exec.Field, v %s) bool {\nswitch v := v.(type) {", i.Name, typ)
	for at, one := range i.Implementors {
		if one.TakeRef {
			g.line("case %s:\nreturn x.write%s(w, f.By[%d], &v)", g.typ(one.Type), one.Name, at)
			continue
		}
		g.line("case %s:\nif v != nil {\nreturn x.write%s(w, f.By[%d], v)\n}", g.typ(one.Type), one.Name, at)
	}
	g.line("default:\nexec.Unexpected(%q, v)\n}\nw.Null()\nreturn false\n}", i.Name)
}
