package crm

import "time"

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

// Keys gives what employees are found by.
func (e *Employee) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(e.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: e.UpdatedAt},
	}
}

// Keys gives what teams are found by.
func (t *Team) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(t.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: t.UpdatedAt},
	}
}

// Keys gives what partner apps are found by.
func (a *PartnerApp) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldName: TextKey(a.Name)},
		Time: map[Field]time.Time{FieldUpdatedAt: a.UpdatedAt},
	}
}
