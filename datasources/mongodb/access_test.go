package mongodb_test

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// access is what a command does to one collection.
type access struct {
	collection string
	// what is "list", "count", or the name of the command or stage with the fields of
	// its filter: "find by keys.customer".
	what string
	// values says of a field whether the filter names values of it, or whether every
	// document written has it.
	values func(field string) bool
}

// accesses returns what a command does, and whether it is one of those that are
// known: those that name no documents do nothing.
func accesses(command bson.Raw) (list []access, known bool) {
	first := command.Index(0)
	name, collection := first.Key(), ""
	if first.Value().Type == bson.TypeString {
		collection = first.Value().StringValue()
	}
	switch name {
	case "getMore", "commitTransaction", "abortTransaction", "killCursors",
		"create", "createIndexes", "listIndexes", "dropIndexes", "hello", "ping", "endSessions":
		return nil, true
	case "find":
		a := filtered(name, collection, document(command, "filter"))
		if _, err := command.LookupErr("sort"); err == nil {
			a.what = "list"
		}
		return []access{a}, true
	case "count":
		return []access{{collection, "count", valuesIn(document(command, "query"))}}, true
	case "findAndModify", "distinct":
		return []access{filtered(name, collection, document(command, "query"))}, true
	case "update", "delete":
		for _, statement := range documents(command, name+"s") {
			list = append(list, filtered(name, collection, document(statement, "q")))
		}
		return list, true
	case "insert":
		for _, d := range documents(command, "documents") {
			has := func(field string) bool {
				_, err := d.LookupErr(strings.Split(field, ".")...)
				return err == nil
			}
			list = append(list, access{collection, name, has})
		}
		return list, true
	case "aggregate":
		return stages(collection, documents(command, "pipeline")), true
	}
	return nil, false
}

// stages returns what a pipeline does to its collection, "" for none, and to others.
func stages(collection string, pipeline []bson.Raw) []access {
	var list []access
	if collection != "" {
		var match bson.Raw
		if len(pipeline) > 0 {
			match = document(pipeline[0], "$match")
		}
		a := filtered("aggregate", collection, match)
		last := pipeline[len(pipeline)-1]
		if _, err := last.LookupErr("$group", "n"); err == nil {
			a.what = "count"
		}
		list = append(list, a)
	}
	for _, stage := range pipeline {
		if lookup := document(stage, "$lookup"); lookup != nil {
			field := lookup.Lookup("foreignField").StringValue()
			list = append(list, access{
				lookup.Lookup("from").StringValue(), "$lookup by " + field,
				func(f string) bool { return f == field },
			})
		}
		if union := document(stage, "$unionWith"); union != nil {
			other, _ := union.Lookup("coll").StringValueOK()
			list = append(list, stages(other, documents(union, "pipeline"))...)
		}
	}
	return list
}

func filtered(name, collection string, filter bson.Raw) access {
	var fields []string
	elements, _ := filter.Elements()
	for _, e := range elements {
		fields = append(fields, e.Key())
	}
	slices.Sort(fields)
	what := name + " of all"
	if len(fields) > 0 {
		what = name + " by " + strings.Join(fields, ", ")
	}
	return access{collection, what, valuesIn(filter)}
}

// valuesIn returns whether a filter asks for values of a field: one, or those of a
// list.
func valuesIn(filter bson.Raw) func(field string) bool {
	return func(field string) bool {
		if slices.ContainsFunc(documents(filter, "$and"), func(f bson.Raw) bool { return valuesIn(f)(field) }) {
			return true
		}
		elements, _ := filter.Elements()
		return slices.ContainsFunc(elements, func(e bson.RawElement) bool {
			if e.Key() != field {
				return false
			}
			condition, operators := e.Value().DocumentOK()
			return !operators || has(condition, "$in") || has(condition, "$eq")
		})
	}
}

func has(d bson.Raw, name string) bool {
	_, err := d.LookupErr(name)
	return err == nil
}

// document returns the document under a name, nil if there is none.
func document(d bson.Raw, name string) bson.Raw {
	found, _ := d.Lookup(name).DocumentOK()
	return found
}

// documents returns the list of documents under a name. Those that a command writes
// may be in a section of their own, which a monitor sees as part of the command.
func documents(d bson.Raw, name string) []bson.Raw {
	array, ok := d.Lookup(name).ArrayOK()
	if !ok {
		return nil
	}
	values, _ := array.Values()
	var list []bson.Raw
	for _, v := range values {
		if one, ok := v.DocumentOK(); ok {
			list = append(list, one)
		}
	}
	return list
}
