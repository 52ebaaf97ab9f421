package record

import "github.com/customer360/gateway/internal/crm"

// ActorRef names who did something, as crm.ActorRef does.
type ActorRef struct {
	ID     crm.ID `json:"id,omitempty" bson:"id,omitempty"`
	System string `json:"system,omitempty" bson:"system,omitempty"`
}

// IsZero says whether nobody is named.
func (a ActorRef) IsZero() bool { return a == ActorRef{} }

// Team is a crm.Team written down.
type Team struct {
	ID        crm.ID `json:"id" bson:"_id"`
	Name      string `json:"name,omitempty" bson:"name,omitempty"`
	CreatedAt Time   `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt Time   `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// NewTeam gives a team as it is written down.
func NewTeam(t *crm.Team) *Team {
	return &Team{ID: t.ID, Name: t.Name, CreatedAt: newTime(t.CreatedAt), UpdatedAt: newTime(t.UpdatedAt)}
}

// Domain gives the team.
func (t *Team) Domain() *crm.Team {
	return &crm.Team{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt.domain(), UpdatedAt: t.UpdatedAt.domain()}
}

// Employee is a crm.Employee written down. Active is always written: an import
// that leaves it out means yes.
type Employee struct {
	ID        crm.ID  `json:"id" bson:"_id"`
	Name      string  `json:"name,omitempty" bson:"name,omitempty"`
	Email     *string `json:"email,omitempty" bson:"email,omitempty"`
	Title     *string `json:"title,omitempty" bson:"title,omitempty"`
	Team      crm.ID  `json:"team,omitempty" bson:"team,omitempty"`
	Active    bool    `json:"active" bson:"active"`
	CreatedAt Time    `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt Time    `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// NewEmployee gives an employee as it is written down.
func NewEmployee(e *crm.Employee) *Employee {
	return &Employee{
		ID: e.ID, Name: e.Name, Email: e.Email, Title: e.Title, Team: e.TeamID, Active: e.Active,
		CreatedAt: newTime(e.CreatedAt), UpdatedAt: newTime(e.UpdatedAt),
	}
}

// Domain gives the employee.
func (e *Employee) Domain() *crm.Employee {
	return &crm.Employee{
		ID: e.ID, Name: e.Name, Email: e.Email, Title: e.Title, TeamID: e.Team, Active: e.Active,
		CreatedAt: e.CreatedAt.domain(), UpdatedAt: e.UpdatedAt.domain(),
	}
}

// PartnerApp is a crm.PartnerApp written down.
type PartnerApp struct {
	ID        crm.ID `json:"id" bson:"_id"`
	Name      string `json:"name,omitempty" bson:"name,omitempty"`
	CreatedAt Time   `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt Time   `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// NewPartnerApp gives a partner app as it is written down.
func NewPartnerApp(a *crm.PartnerApp) *PartnerApp {
	return &PartnerApp{ID: a.ID, Name: a.Name, CreatedAt: newTime(a.CreatedAt), UpdatedAt: newTime(a.UpdatedAt)}
}

// Domain gives the partner app.
func (a *PartnerApp) Domain() *crm.PartnerApp {
	return &crm.PartnerApp{ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt.domain(), UpdatedAt: a.UpdatedAt.domain()}
}
