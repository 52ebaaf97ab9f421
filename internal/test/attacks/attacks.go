package attacks

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Attack is a request that is made to exhaust the server.
type Attack struct {
	// Name says what it is, with its size.
	Name string
	// Document is the GraphQL text; "" where the attack is the body itself.
	Document string
	// Variables is the JSON of the request's variables, "" for none.
	Variables string
	// Legal says that the document is valid and not outrageous: that limits refuse it
	// is one answer, that it is executed another.
	Legal bool
	// Bounded says of a legal one that it may be executed as far as the bounds of answers go,
	// which cost more than a refusal does.
	Bounded bool
	// Encoding is the body's Content-Encoding, "" for none.
	Encoding string
	// Chunked says that the body comes without saying how long it is.
	Chunked bool

	body func(w io.Writer) error
}

// Body returns the request's body in one piece.
func (a Attack) Body() []byte {
	if a.body != nil {
		var b bytes.Buffer
		_ = a.body(&b) // A buffer takes everything.
		return b.Bytes()
	}
	document, err := json.Marshal(a.Document)
	if err != nil {
		panic(fmt.Sprintf("attacks: %s: %v", a.Name, err)) // A string always marshals.
	}
	body := `{"query": ` + string(document)
	if a.Variables != "" {
		body += `, "variables": ` + a.Variables
	}
	return []byte(body + "}")
}

// All returns every attack. divisor makes the large ones smaller by as much: 1 for the
// real ones, 1000 for seeds of a fuzz test.
func All(divisor int) []Attack {
	n := func(size int) int { return max(2, size/divisor) }
	return slices.Concat(documents(n), answers(n), bodies(n))
}

// dearOrder is the order of the demo with the most lines, 171.
const dearOrder = `"ord_online-retail.540372"`

// answers ask for little and are given much, or are given little for much work.
func answers(n func(int) int) []Attack {
	return []Attack{
		{Name: named("%d times an order, 49 names of a title", n(100)), Document: query("nodes(ids: [" + strings.Repeat(dearOrder+" ", n(100)) + "]) { ... on Order { lines { " + counted(49, "a%d: title ") + "} } }"), Legal: true, Bounded: true},
		{Name: named("orders and tickets of %d customers, with all that is in them", n(50)), Document: query(fmt.Sprintf("customers(first: %d) { nodes { orders(first: 20) { nodes { id placedAt lines { title sku quantity unitPrice { amount } } } } tickets { nodes { id articles(first: 10) { nodes { body } } } } } }", n(50))), Legal: true, Bounded: true},
		{Name: named("%d names of a customer by identifier", n(20)), Document: query(counted(n(20), "c%d: customerByIdentifier(by: {email: \"nobody@example.com\"}) { id } ")), Legal: true},
		{Name: named("%d texts of orders", n(5)), Document: query(counted(n(5), "o%d: orders(text: \"5\") { totalCount } ")), Legal: true, Bounded: true},
		{Name: named("%d fields that are skipped", n(1_990)), Document: query("__typename " + counted(n(1_990), "a%d: __typename @skip(if: true) ")), Legal: true},
		{Name: named("%d operations that are not run", n(49)), Legal: true, body: func(w io.Writer) error {
			others := counted(n(49), "query Q%d { customers { nodes { "+counted(35, "a%d: id ")+"} } } ")
			_, err := io.WriteString(w, `{"operationName": "Q", "query": "query Q { __typename } `+others+`"}`)
			return err
		}},
		{Name: "100 entries of the timeline of each of 100 customers, and none of them given", Document: query("customers(first: 100) { nodes { timeline(first: 100) { pageInfo { hasNextPage } } } }"), Legal: true, Bounded: true},
		{Name: "100 orders of each of 100 customers, and none of them given", Document: query("customers(first: 100) { nodes { orders(first: 100) { pageInfo { hasNextPage } totalCount } } }"), Legal: true, Bounded: true},
	}
}

func documents(n func(int) int) []Attack {
	return []Attack{
		{Name: named("%d aliases", n(10_000)), Document: query(counted(n(10_000), "a%d: customers(first: 1) { totalCount } "))},
		{Name: named("%d repeated fields", n(10_000)), Document: query("viewer { " + strings.Repeat("__typename ", n(10_000)) + "}")},
		{Name: named("%d repeated fields of the root", n(4_000)), Document: query(strings.Repeat("__typename ", n(4_000))), Legal: true},
		{Name: named("%d arguments that differ", n(4_000)), Document: query(counted(n(4_000), "node(id: \"%d\") { id } "))},
		{Name: named("depth %d", n(10_000)), Document: query(nested(n(10_000), "parent { ", "id", "} "))},
		{Name: named("%d lists in lists", n(10_000)), Document: query("nodes(ids: " + nested(n(10_000), "[", "", "]") + ") { id }")},
		{Name: named("%d lists in a type", n(10_000)), Document: "query ($v: " + nested(n(10_000), "[", "Int", "]") + ") { __typename }"},
		{Name: "circular fragments", Document: circular(n(100))},
		{Name: "a fragment within itself", Document: query("...A") + " fragment A on Query { viewer { __typename } ...A }"},
		{Name: "exponentially nested fragments", Document: exponential(30, "...F%d ...F%d ")},
		{Name: "exponentially nested fields", Document: exponential(30, "a: parent { ...F%d } b: parent { ...F%d } ")},
		{Name: "conditions on nested fragments", Document: conditional(20)},
		{Name: named("%d fragments in a chain", n(1_000)), Document: chain(n(1_000))},
		{Name: named("%d directives", n(100_000)), Document: query("__typename " + strings.Repeat("@include(if: true) ", n(100_000)))},
		{Name: named("%d unknown directives", n(100_000)), Document: query("__typename " + strings.Repeat("@a ", n(100_000)))},
		{Name: named("%d inline fragments of 5 fields", n(400)), Document: inline(n(400)), Legal: true},
		{Name: named("%d overlapping selections", n(1_000)), Document: query(strings.Repeat("customer(id: \"cus_1\") { parent { id } } ", n(1_000)))},
		{Name: named("%d unknown fields", n(1_000)), Document: query(counted(n(1_000), "unknown%d "))},
		{Name: named("%d variables", n(5_000)), Document: "query (" + counted(n(5_000), "$v%d: ID ") + ") { __typename }"},
		{Name: named("%d operations", n(1_000)), Document: counted(n(1_000), "query Q%d { __typename } ")},
		{Name: named("a name of %d bytes", n(100_000)), Document: query(strings.Repeat("a", n(100_000)))},
		{Name: named("a string of %d bytes", n(1_000_000)), Document: query("node(id: \"" + strings.Repeat("x", n(1_000_000)) + "\") { id }")},
		{Name: named("a block string of %d bytes", n(90_000)), Document: query("node(id: \"\"\"" + strings.Repeat("\n ", n(45_000)) + "\"\"\") { id }"), Legal: true},
		{Name: named("a comment of %d bytes", n(1_000_000)), Document: query("__typename #" + strings.Repeat("x", n(1_000_000)))},
		{Name: "introspection nested 20 deep", Document: query("__schema { types { " + nested(20, "ofType { ", "name", "} ") + "} }")},
		{Name: "introspection of fields nested 20 deep", Document: query("__schema { types { " + nested(10, "fields { type { ", "name", "} } ") + "} }")},
		{Name: "first: 100 nested five deep", Document: query("customers(first: 100) { nodes { " + nested(4, "members(first: 100) { nodes { ", "id", "} } ") + "} }")},
		{Name: "the first 100 of everything five deep", Document: query(deep())},
		{Name: named("%d ids", n(5_000)), Document: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", Variables: `{"ids": [` + listed(n(5_000), `"cus_%d"`) + "]}"},
		{Name: named("a variable of %d nested lists", n(10_000)), Document: "query ($v: JSON) { __typename }", Variables: `{"v": ` + nested(n(10_000), "[", "", "]") + "}"},
		{Name: named("a variable of %d nested objects", n(10_000)), Document: "query ($v: JSON) { __typename }", Variables: `{"v": ` + nested(n(10_000), `{"a":`, "1", "}") + "}"},
		{Name: named("a variable of %d values", n(200_000)), Document: "query ($v: JSON) { __typename }", Variables: `{"v": [` + listed(n(200_000), "%d") + "]}"},
	}
}

// deep asks for the first 100 of everything, five connections deep.
func deep() string {
	return "customers(first: 100) { nodes { orders(first: 100) { nodes { customer { " +
		"orders(first: 100) { nodes { customer { tickets(first: 100) { nodes { " +
		"articles(first: 100) { nodes { id } } } } } } } } } } } }"
}

func bodies(n func(int) int) []Attack {
	return []Attack{
		{Name: named("a body of %d MB", n(50)), body: func(w io.Writer) error {
			return repeated(w, `{"query": "`, " ", n(50)<<20, `{ __typename }"}`)
		}},
		{Name: named("a body of %d MB of unknown length", n(50)), Chunked: true, body: func(w io.Writer) error {
			return repeated(w, `{"query": "`, " ", n(50)<<20, `{ __typename }"}`)
		}},
		{Name: named("a batch of %d operations", n(1_000)), body: func(w io.Writer) error {
			_, err := io.WriteString(w, "["+strings.Repeat(`{"query": "{ __typename }"},`, n(1_000)-1)+`{"query": "{ __typename }"}]`)
			return err
		}},
		{Name: named("a body of %d nested lists", n(500_000)), body: func(w io.Writer) error {
			return repeated(w, "", "[", n(500_000), "")
		}},
		{Name: named("%d members of extensions", n(60_000)), body: func(w io.Writer) error {
			_, err := io.WriteString(w, `{"query": "{ __typename }", "extensions": {`+listed(n(60_000), `"a%d": [1, 2, 3]`)+"}}")
			return err
		}},
		{Name: named("%d members of the request", n(50_000)), body: func(w io.Writer) error {
			return repeated(w, `{"query": "{ __typename }"`, `, "query": ""`, n(50_000)*len(`, "query": ""`), "}")
		}},
		{Name: named("a gzip bomb of %d MB", n(500)), Encoding: "gzip", body: func(w io.Writer) error {
			z := gzip.NewWriter(w)
			if err := repeated(z, `{"query": "`, " ", n(500)<<20, `{ __typename }"}`); err != nil {
				return err
			}
			return z.Close()
		}},
	}
}

// repeated writes before, size bytes of unit again and again, and after.
func repeated(w io.Writer, before, unit string, size int, after string) error {
	if _, err := io.WriteString(w, before); err != nil {
		return err
	}
	block := strings.Repeat(unit, max(1, min(size, 1<<20)/len(unit)))
	for size > 0 {
		part := block[:min(size, len(block))]
		if _, err := io.WriteString(w, part); err != nil {
			return err
		}
		size -= len(part)
	}
	_, err := io.WriteString(w, after)
	return err
}

func named(format string, size int) string { return fmt.Sprintf(format, size) }

func query(selections string) string { return "{ " + selections + " }" }

// counted repeats text n times with the numbers from 0 for its %d.
func counted(n int, text string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, text, i)
	}
	return b.String()
}

// listed is counted with commas between.
func listed(n int, text string) string { return strings.TrimSuffix(counted(n, text+","), ",") }

func nested(n int, open, inner, end string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
}

func circular(n int) string {
	var b strings.Builder
	b.WriteString(query("...F0"))
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Query { ...F%d }", i, (i+1)%n)
	}
	return b.String()
}

// exponential has levels fragments each of which uses the next one twice.
func exponential(levels int, twice string) string {
	var b strings.Builder
	b.WriteString(query("customer(id: \"cus_1\") { ...F0 }"))
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Customer { "+twice+"}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Customer { id }", levels)
	return b.String()
}

// conditional is exponential with conditions that only variables decide.
func conditional(levels int) string {
	return "query ($c: Boolean!) " + exponential(levels, "...F%d @include(if: $c) ...F%d @skip(if: $c) ")
}

func chain(n int) string {
	var b strings.Builder
	b.WriteString(query("...F0"))
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Query { viewer { __typename } ...F%d }", i, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Query { viewer { __typename } }", n)
	return b.String()
}

func inline(n int) string {
	return query("viewer { customer { " + strings.Repeat("... on Customer { id kind status displayName tags } ", n) + "} }")
}
