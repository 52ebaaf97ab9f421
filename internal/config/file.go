package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readFile reads a YAML file key by key, so that every mistake has a line.
func (l *loader) readFile(path string) error {
	content, err := readSmall(path, maxFile)
	if err != nil {
		return &Error{Origin: path, Problem: strings.Replace(err.Error(), "names", "is", 1) + "; give the path of a YAML file, such as configs/gateway.example.yaml"}
	}
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return l.syntaxError(err)
	}
	if len(file.Docs) > 1 {
		return l.fileError(file.Docs[1].GetToken().Position.Line, "", "is a second document; a config file has one")
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil
	}
	return l.section("", file.Docs[0].Body)
}

// syntaxError names the line and leaves out the source text, which may hold a
// secret.
func (l *loader) syntaxError(err error) error {
	line, key := 1, ""
	problem := "is not YAML; check the indentation and quote values with special characters"
	var at yaml.Error
	if errors.As(err, &at) {
		if token := at.GetToken(); token != nil && token.Position != nil {
			line = token.Position.Line
			if strings.Contains(at.GetMessage(), "already defined") {
				key, problem = token.Value, "is there twice; keep one"
			}
		}
	}
	return l.fileError(line, key, problem)
}

func (l *loader) fileError(line int, key, problem string) error {
	return &Error{Origin: fmt.Sprintf("%s:%d", l.file, line), Key: key, Problem: problem}
}

// section reads the keys under path, "" at the top.
func (l *loader) section(path string, node ast.Node) error {
	line := node.GetToken().Position.Line
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		if path == "" {
			return nil
		}
		return l.fileError(line, path, "has no value; give keys under it: "+strings.Join(l.under(path), ", "))
	case *ast.CommentGroupNode:
		return nil
	default:
		return l.fileError(line, path, "must hold keys, each on its own line as key: value")
	}
	for _, entry := range entries {
		if err := l.entry(path, entry); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) entry(path string, entry *ast.MappingValueNode) error {
	token := entry.Key.GetToken()
	name, line := token.Value, token.Position.Line
	if path != "" {
		name = path + "." + name
	}
	if key, ok := l.keys[name]; ok {
		if key.EnvOnly {
			return l.fileError(line, name, "must not be in a file; use "+name+"_file or "+key.Env)
		}
		values, err := scalars(key, entry.Value)
		if err != nil {
			return l.fileError(line, name, err.Error()+"; give "+key.Want)
		}
		return l.set(key, fmt.Sprintf("%s:%d", l.file, line), values)
	}
	for _, list := range lists() {
		if list.name == name {
			return l.items(list, line, entry.Value)
		}
	}
	if len(l.under(name)) > 0 {
		l.lines[name] = line
		return l.section(name, entry.Value)
	}
	return l.fileError(line, name, "is no key; "+l.suggest(path, name))
}

// items reads a list whose items have keys of their own.
func (l *loader) items(list repeated, line int, node ast.Node) error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		return l.fileError(line, list.name, "takes a list, even of one item; give "+list.want)
	}
	for i, node := range sequence.Values {
		item := fmt.Sprintf("%s[%d]", list.name, i)
		keys := list.keys(item, i)
		for _, key := range keys {
			l.keys[key.Name] = key
		}
		list.add(&l.config)
		l.lines[item] = node.GetToken().Position.Line
		if err := l.section(item, node); err != nil {
			return err
		}
		for _, key := range keys {
			if key.required && l.origins[key.Name] == "" {
				return l.fileError(l.lines[item], key.Name, "is missing; give "+key.Want)
			}
		}
	}
	return nil
}

// scalars returns the one value of a key, the items of a list, or the pairs of a
// section whose keys are the operator's own, each joined by "=".
func scalars(key Key, node ast.Node) ([]string, error) {
	if key.pairs {
		return pairsOf(node)
	}
	if sequence, ok := node.(*ast.SequenceNode); ok {
		if !key.list {
			return nil, errOneValue
		}
		values := []string{}
		for _, item := range sequence.Values {
			value, err := scalar(item)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		return values, nil
	}
	value, err := scalar(node)
	if err != nil {
		return nil, err
	}
	if key.list && value != "" {
		return nil, errors.New("takes a list, even of one item")
	}
	return []string{value}, nil
}

func pairsOf(node ast.Node) ([]string, error) {
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		return nil, errors.New("must hold pairs, each as name: value")
	}
	values := make([]string, len(entries))
	for i, entry := range entries {
		value, err := scalar(entry.Value)
		if err != nil {
			return nil, err
		}
		name := entry.Key.GetToken().Value
		values[i] = name + "=" + value
	}
	return values, nil
}

// scalar returns a value as it is written, "" for none.
func scalar(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.NullNode:
		return "", nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSuffix(n.Value.Value, "\n"), nil
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, nil
	default:
		return "", errors.New("is not a plain value")
	}
}

// under returns the keys and sections directly under a section, sorted.
func (l *loader) under(path string) []string {
	names := []string{}
	for _, name := range l.names(path) {
		rest := name
		if path != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(name, path+"."); !ok {
				continue
			}
		}
		first, _, _ := strings.Cut(rest, ".")
		if first, _, _ = strings.Cut(first, "["); !slices.Contains(names, first) {
			names = append(names, first)
		}
	}
	slices.Sort(names)
	return names
}

// suggest names the key or section that is most like name, or all that are there.
func (l *loader) suggest(path, name string) string {
	last := name[strings.LastIndex(name, ".")+1:]
	best, least := "", 3
	for _, known := range append(l.under(""), l.names(path)...) {
		d := distance(name, known)
		if strings.HasSuffix(known, "."+last) {
			d = min(d, 1)
		}
		if d < least {
			best, least = known, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	names := strings.Join(l.under(path), ", ")
	if path == "" {
		return "the keys are " + names
	}
	return "the keys under " + path + " are " + names
}

// names returns every key in their order; of a list those of the item that path
// is in, or of any.
func (l *loader) names(path string) []string {
	item, _, in := strings.Cut(path, "]")
	names := []string{}
	for _, key := range Keys() {
		name := key.Name
		if list, rest, ok := strings.Cut(name, "[]"); ok && in && strings.HasPrefix(item, list+"[") {
			name = item + "]" + rest
		}
		names = append(names, name)
	}
	return names
}

// distance counts the letters to change, add or drop from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
