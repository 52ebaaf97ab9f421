package crm_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func TestMemberNames(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "SKU": "sku", "SLA": "sla", "TrackingURL": "trackingUrl", "ExternalID": "externalId",
		"DisplayName": "displayName", "Line1": "line1", "URLOfImage": "urlOfImage", "AnSLATarget": "anSlaTarget", "A": "a",
	} {
		if got := crm.MemberName(name); got != want {
			t.Errorf("%s is called %s, want %s", name, got, want)
		}
	}
}

func TestGoNames(t *testing.T) {
	type fields struct {
		ID         crm.ID
		CustomerID crm.ID
		ExternalID string
		ThreadID   *string
		BasedOnIDs []crm.ID
		AuthorRef  crm.ActorRef
		Ref        crm.ID
	}
	want := []string{"ID", "Customer", "ExternalID", "ThreadID", "BasedOn", "Author", "Ref"}
	var got []string
	for f := range reflect.TypeFor[fields]().Fields() {
		name, stored := crm.StoredName(reflect.TypeFor[fields](), f)
		if !stored {
			t.Errorf("%s is not stored", f.Name)
		}
		got = append(got, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// Members are those that the written form has, and what a rule would have to say is
// said: what a reference names, and what a number is at most.
func TestMembersAreThoseOfTheWrittenForm(t *testing.T) {
	seen := map[*crm.Structure]bool{}
	for _, kind := range crm.Kinds() {
		s := crm.StructureOf(kind)
		var got []string
		for _, m := range s.Members {
			got = append(got, m.Name)
		}
		if diff := cmp.Diff(record.FormOf(kind).MemberNames(), got); diff != "" {
			t.Errorf("%s (-written +described):\n%s", kind, diff)
		}
		wantRules(t, s, seen)
	}
}

func wantRules(t *testing.T, s *crm.Structure, seen map[*crm.Structure]bool) {
	t.Helper()
	if seen[s] {
		return
	}
	seen[s] = true
	for i := range s.Members {
		m := &s.Members[i]
		if m.Class == crm.ValueReference && m.Refers == "" && !m.Actor {
			t.Errorf("%s.%s names no kind: say it in internal/crm/rules.go", s.Type.Name(), m.Name)
		}
		if m.Part != nil {
			wantRules(t, m.Part, seen)
		}
	}
}

// Every rule is of a member that there is.
func TestRulesAreOfMembers(t *testing.T) {
	names := map[string]bool{}
	for _, kind := range crm.Kinds() {
		collect(crm.StructureOf(kind), names)
	}
	for name := range crm.RuleNames() {
		if !names[name] {
			t.Errorf("%s has a rule and does not exist", name)
		}
	}
}

func collect(s *crm.Structure, names map[string]bool) {
	for i := range s.Members {
		m := &s.Members[i]
		names[s.Type.Name()+"."+m.Name] = true
		if m.Part != nil {
			collect(m.Part, names)
		}
	}
}
