package schema_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// member is a field of a struct or a method without parameters.
type member struct {
	name, goType string
}

// domain is what internal/crm's source declares.
type domain struct {
	// constants are the values of each string type, in order.
	constants map[string][]string
	// fields are the exported fields of each struct, in order.
	fields map[string][]member
	// getters are the exported methods of each type that take nothing and give
	// one result.
	getters map[string][]member
}

// parseDomain reads the source of internal/crm: a table of types here would not
// notice a new constant or a new field.
func parseDomain(t *testing.T) *domain {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "crm", "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source of internal/crm: %v", err)
	}
	d := &domain{constants: map[string][]string{}, fields: map[string][]member{}, getters: map[string][]member{}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.GenDecl:
				d.addSpecs(declaration.Specs)
			case *ast.FuncDecl:
				d.addGetter(declaration)
			}
		}
	}
	return d
}

func (d *domain) addSpecs(specs []ast.Spec) {
	for _, spec := range specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			d.addConstant(spec)
		case *ast.TypeSpec:
			structure, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range structure.Fields.List {
				for _, name := range field.Names {
					if name.IsExported() {
						d.fields[spec.Name.Name] = append(d.fields[spec.Name.Name], member{name.Name, typeText(field.Type)})
					}
				}
			}
		}
	}
}

// addConstant takes constants of a named type with a string literal.
func (d *domain) addConstant(spec *ast.ValueSpec) {
	named, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return
	}
	if value, err := strconv.Unquote(literal.Value); err == nil {
		d.constants[named.Name] = append(d.constants[named.Name], value)
	}
}

func (d *domain) addGetter(f *ast.FuncDecl) {
	if f.Recv == nil || !f.Name.IsExported() || len(f.Type.Params.List) > 0 ||
		f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return
	}
	receiver := strings.TrimPrefix(typeText(f.Recv.List[0].Type), "*")
	d.getters[receiver] = append(d.getters[receiver], member{f.Name.Name, typeText(f.Type.Results.List[0].Type)})
}

// typeText returns a type as it is written: "[]*Consent", "*time.Time".
func typeText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + typeText(e.X)
	case *ast.ArrayType:
		return "[]" + typeText(e.Elt)
	case *ast.SelectorExpr:
		return typeText(e.X) + "." + e.Sel.Name
	default:
		return "?"
	}
}

// graphType returns the schema's type for a type of the domain. An interface can
// be nil and is nullable, as a pointer is.
func graphType(goType string) string {
	if element, ok := strings.CutPrefix(goType, "[]"); ok {
		return "[" + strings.TrimSuffix(graphName(strings.TrimPrefix(element, "*")), "!") + "!]!"
	}
	if pointed, ok := strings.CutPrefix(goType, "*"); ok {
		return graphName(pointed)
	}
	if goType == "Actor" || goType == "Node" {
		return goType
	}
	return graphName(goType) + "!"
}

func graphName(goType string) string {
	names := map[string]string{
		"string": "String", "int": "Int", "float64": "Float", "bool": "Boolean", "time.Time": "DateTime",
	}
	if name, ok := names[goType]; ok {
		return name
	}
	return goType
}
