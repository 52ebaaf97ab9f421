package crm

import (
	"time"
)

// Employee works for the company.
type Employee struct {
	ID                   ID
	Name                 string
	Email                *string
	Title                *string
	TeamID               ID // "" for none
	Active               bool
	CreatedAt, UpdatedAt time.Time
}

// Team is a group of employees; tickets queue at teams.
type Team struct {
	ID                   ID
	Name                 string
	CreatedAt, UpdatedAt time.Time
}

// PartnerApp is another company's system that uses the graph.
type PartnerApp struct {
	ID                   ID
	Name                 string
	CreatedAt, UpdatedAt time.Time
}

// System is the gateway itself, or another program of the company's.
type System struct {
	Name string
}

// Actor is who did something: *Employee, *Customer, *PartnerApp or *System.
type Actor interface{ isActor() }

func (*Employee) isActor()   {}
func (*Customer) isActor()   {}
func (*PartnerApp) isActor() {}
func (*System) isActor()     {}

// ActorRef names who did something: an id of an employee, customer or partner
// app, or a system's name. Both empty is nobody known.
type ActorRef struct {
	ID     ID
	System string
}

// KindEmployee is the kind of employees.
const KindEmployee Kind = "emp"

func employeeKind() *Description {
	return describe[Employee](Description{
		Name: "employees", Change: ChangeKindEmployee,
		Keys: []KeyField{
			{Field: FieldName, Class: ClassSortable},
			{Field: FieldUpdatedAt, Class: ClassTime},
		},
		Derives: map[string][]string{
			"Employee.team": {"team"},
		},
		Rules: map[string]Rule{
			"Employee.name":      {Needed: true},
			"Employee.createdAt": {Needed: true},
			"Employee.updatedAt": {Needed: true},
			"Employee.email":     {Most: maxEmail, check: checkEmail, clean: cleanEmail},
			"Employee.team":      {Refers: KindTeam},
		},
	})
}

// RecordKind is the kind of the type.
func (*Employee) RecordKind() Kind { return KindEmployee }

// RecordID is the id.
func (e *Employee) RecordID() ID { return e.ID }

func (*Employee) isNode() {}

// Keys returns what employees are found by.
func (e *Employee) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(e.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: e.UpdatedAt},
	}
}

// KindTeam is the kind of teams.
const KindTeam Kind = "team"

func teamKind() *Description {
	return describe[Team](Description{
		Name: "teams", Change: ChangeKindTeam,
		Keys: []KeyField{
			{Field: FieldName, Class: ClassSortable},
			{Field: FieldUpdatedAt, Class: ClassTime},
		},
		Rules: map[string]Rule{
			"Team.name":      {Needed: true},
			"Team.createdAt": {Needed: true},
			"Team.updatedAt": {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*Team) RecordKind() Kind { return KindTeam }

// RecordID is the id.
func (t *Team) RecordID() ID { return t.ID }

func (*Team) isNode() {}

// Keys returns what teams are found by.
func (t *Team) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(t.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: t.UpdatedAt},
	}
}

// KindPartnerApp is the kind of partner apps.
const KindPartnerApp Kind = "app"

func partnerAppKind() *Description {
	return describe[PartnerApp](Description{
		Name: "partner_apps", Change: ChangeKindPartnerApp,
		Keys: []KeyField{
			{Field: FieldName, Class: ClassSortable},
			{Field: FieldUpdatedAt, Class: ClassTime},
		},
		Rules: map[string]Rule{
			"PartnerApp.name":      {Needed: true},
			"PartnerApp.createdAt": {Needed: true},
			"PartnerApp.updatedAt": {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*PartnerApp) RecordKind() Kind { return KindPartnerApp }

// RecordID is the id.
func (a *PartnerApp) RecordID() ID { return a.ID }

func (*PartnerApp) isNode() {}

// Keys returns what partner apps are found by.
func (a *PartnerApp) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(a.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: a.UpdatedAt},
	}
}
