package document_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// textsOfType is how many values of each type the corpus has.
const textsOfType = 2_000

// corpusTypes are the types of the corpus' variables, with their defaults: the built-in
// scalars, enums, lists and input objects of the graph, and of probes.
var corpusTypes = []string{
	"Int", "Float", "String", "Boolean", "ID", "Int! = 7",
	"OrderStatus", "OrderDirection! = DESC",
	"[Int!]!", "[[Int]]", "[ID!]", "[OrderStatus!]",
	"OrderFilter", "CustomerOrder! = {field: NAME}", "CustomerIdentifier!", "Probe", "ProbeOne!",
}

// probes are input types with what those of the graph do not have.
const probes = `
input Probe { name: String! n: Int! = 5 list: [[Float]] = [1, [2.5]] within: Probe sort: OrderOrder! = {field: PLACED_AT} flag: Boolean one: ProbeOne }
input ProbeOne @oneOf { a: Int b: [String!] within: Probe }
`

// corpus is a group of variables for one query.
type corpus struct {
	Query string   `json:"query"`
	Texts []string `json:"texts"`
}

// newCorpus returns the corpus, always the same, and the field that it asks for.
func newCorpus(schema *ast.Schema) (groups []corpus, field string) {
	g := &generator{random: rand.New(rand.NewPCG(20251129, 1)), schema: schema}
	var arguments strings.Builder
	for i, text := range corpusTypes {
		name, _, _ := strings.Cut(text, " ")
		fmt.Fprintf(&arguments, " a%d: %s", i, strings.TrimSuffix(name, "!"))
		group := corpus{Query: fmt.Sprintf("query ($v: %s) { probe(a%d: $v) }", text, i)}
		for range textsOfType {
			group.Texts = append(group.Texts, g.variables(typeOf(name)))
		}
		groups = append(groups, group)
	}
	return groups, "extend type Query { probe(" + arguments.String() + " ): Boolean }"
}

// typeOf reads a type as GraphQL writes it.
func typeOf(text string) *ast.Type {
	t := &ast.Type{NonNull: strings.HasSuffix(text, "!")}
	text = strings.TrimSuffix(text, "!")
	if strings.HasPrefix(text, "[") {
		t.Elem = typeOf(text[1 : len(text)-1])
	} else {
		t.NamedType = text
	}
	return t
}

// generator writes JSON that fits types, nearly fits them or does not.
type generator struct {
	random *rand.Rand
	schema *ast.Schema
}

func (g *generator) one(of ...string) string { return of[g.random.IntN(len(of))] }

func (g *generator) chance(percent int) bool { return g.random.IntN(100) < percent }

func (g *generator) variables(t *ast.Type) string {
	switch {
	case g.chance(2):
		return "{}"
	case g.chance(2):
		return `{"w": ` + g.whatever(2) + `, "\u0076": ` + g.value(t, 4) + "}"
	case g.chance(1):
		return `{"v": ` + g.value(t, 4) + `, "v": ` + g.value(t, 4) + "}"
	default:
		return `{"v": ` + g.value(t, 4) + "}"
	}
}

// value writes a value for a type; how often it is wrong falls with the depth left.
func (g *generator) value(t *ast.Type, depth int) string {
	switch {
	case g.chance(3) && (!t.NonNull || g.chance(30)):
		return "null"
	case g.chance(2 + depth):
		return g.whatever(2)
	case t.Elem != nil && g.chance(20):
		return g.value(t.Elem, depth-1)
	case t.Elem != nil:
		entries := make([]string, g.random.IntN(4))
		for i := range entries {
			entries[i] = g.value(t.Elem, depth-1)
		}
		return "[" + strings.Join(entries, ", ") + "]"
	}
	def := g.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		value := def.EnumValues[g.random.IntN(len(def.EnumValues))].Name
		if g.chance(10) {
			value = g.one(strings.ToLower(value), value+" ", "", value[:1], strings.ReplaceAll(value, "E", "Ε"), "toString")
		}
		return `"` + value + `"`
	case ast.InputObject:
		return g.object(def, depth)
	default:
		return g.scalar(t.NamedType)
	}
}

func (g *generator) object(def *ast.Definition, depth int) string {
	if depth < 0 {
		return g.one("{}", "null", "[]")
	}
	var members []string
	oneOf := def.Directives.ForName("oneOf") != nil
	if oneOf {
		field := def.Fields[g.random.IntN(len(def.Fields))]
		members = append(members, fmt.Sprintf("%q: %s", field.Name, g.value(field.Type, depth-1)))
	}
	for _, field := range def.Fields {
		if likely := field.Type.NonNull && field.DefaultValue == nil; !oneOf && g.chance(25) || !oneOf && likely && g.chance(95) || oneOf && g.chance(5) {
			members = append(members, fmt.Sprintf("%q: %s", field.Name, g.value(field.Type, depth-1)))
		}
	}
	if g.chance(4) {
		members = append(members, g.one(`"__typename"`, `"__proto__"`, `""`, `"Name"`, `"constructor"`)+": "+g.whatever(1))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// scalar writes a value of a scalar, as a rule one that fits.
func (g *generator) scalar(name string) string {
	if g.chance(12) {
		name = g.one("Int", "Float", "String", "Boolean", "ID", "DateTime")
	}
	switch name {
	case "Int", "Float":
		return g.number()
	case "Boolean":
		return g.one("true", "false", "true", "false", `"true"`, "1", "0")
	case "DateTime":
		return g.one(`"2011-12-09T12:50:00Z"`, `"2011-12-09T12:50:00.5+01:00"`, `"2011-12-09T12:50:00Z"`, `"2011-01-01"`, `"now"`, "1323435000")
	case "ID":
		if g.chance(40) {
			return g.number()
		}
	}
	return g.text()
}

func (g *generator) number() string {
	switch g.random.IntN(4) {
	case 0:
		return fmt.Sprint(g.random.IntN(1000) - 500)
	case 1:
		return fmt.Sprint(int64(g.random.Uint64()) >> g.random.IntN(60))
	case 2:
		return fmt.Sprintf("%d%s%s", g.random.IntN(100)-50, g.one("", ".0", ".00", ".5", ".25", ".0000000000000000000001"), g.one("", "e0", "E3", "e+2", "e-1", "e9", "e10", "e-400"))
	default:
		return g.one(
			"0", "-0", "-0.0", "0.0", "1.0", "1e3", "-1E+3", "2147483647", "2147483648", "-2147483648", "-2147483649", "2147483647.0", "2147483647.5",
			"9007199254740991", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616",
			"123456789012345678901234567890", "1e21", "1e308", "1.7976931348623157e308", "1e309", "-1e309", "5e-324", "1e-324", "0.1", "0.30000000000000004",
			"1.0000000000000000000000001", "0.9999999999999999999999999", "214748364700e-2", "01", "+1", ".5", "1.", "1e", "0x10", "NaN", "Infinity",
		)
	}
}

func (g *generator) text() string {
	return g.one(
		`""`, `"a"`, `"1"`, `"1.0"`, `"0"`, `"true"`, `"null"`, `"cus_1"`, `"ASC"`, `"日本語"`, `"é"`, `"é"`, `"😀"`, `"\ud83d\ude00"`, `"\uD83D\uDE00x"`, `"\u0000"`,
		`"\"\\\/\b\f\n\r\t"`, `"\ud83d"`, `"\ude00"`, `"\ude00\ud83d"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"�"`, `"\ufffd"`, `"\ufeff"`, `"  "`, `"{\"$gt\": \"\"}"`,
		`"\x"`, `"\u12"`, `"a`, `'a'`,
	)
}

// whatever writes any value.
func (g *generator) whatever(depth int) string {
	switch n := g.random.IntN(8); {
	case n == 0:
		return "null"
	case n == 1:
		return g.one("true", "false")
	case n < 4:
		return g.number()
	case n < 6 || depth == 0:
		return g.text()
	case n == 6:
		return "[" + g.whatever(depth-1) + g.one("", ", "+g.whatever(depth-1)) + "]"
	default:
		return `{"a": ` + g.whatever(depth-1) + g.one("", `, "b": `+g.whatever(depth-1)) + "}"
	}
}
