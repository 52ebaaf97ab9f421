package record

import "github.com/customer360/gateway/internal/crm"

// Ticket is a crm.Ticket written down.
type Ticket struct {
	ID              crm.ID             `json:"id" bson:"_id"`
	Number          string             `json:"number,omitempty" bson:"number,omitempty"`
	Source          *string            `json:"source,omitempty" bson:"source,omitempty"`
	ExternalID      *string            `json:"externalId,omitempty" bson:"externalId,omitempty"`
	Subject         string             `json:"subject,omitempty" bson:"subject,omitempty"`
	Type            crm.TicketType     `json:"type,omitempty" bson:"type,omitempty"`
	Channel         crm.Channel        `json:"channel,omitempty" bson:"channel,omitempty"`
	Priority        crm.TicketPriority `json:"priority,omitempty" bson:"priority,omitempty"`
	Status          crm.TicketStatus   `json:"status,omitempty" bson:"status,omitempty"`
	Category        *string            `json:"category,omitempty" bson:"category,omitempty"`
	Queue           crm.ID             `json:"queue,omitempty" bson:"queue,omitempty"`
	Assignee        crm.ID             `json:"assignee,omitempty" bson:"assignee,omitempty"`
	Customer        crm.ID             `json:"customer,omitempty" bson:"customer,omitempty"`
	Requester       crm.ID             `json:"requester,omitempty" bson:"requester,omitempty"`
	Subjects        []TicketSubject    `json:"subjects,omitempty" bson:"subjects,omitempty"`
	SLA             *TicketSLA         `json:"sla,omitempty" bson:"sla,omitempty"`
	FirstResponseAt *Time              `json:"firstResponseAt,omitempty" bson:"firstResponseAt,omitempty"`
	ResolvedAt      *Time              `json:"resolvedAt,omitempty" bson:"resolvedAt,omitempty"`
	ClosedAt        *Time              `json:"closedAt,omitempty" bson:"closedAt,omitempty"`
	ReopenCount     int                `json:"reopenCount,omitempty" bson:"reopenCount,omitempty"`
	Satisfaction    *Satisfaction      `json:"satisfaction,omitempty" bson:"satisfaction,omitempty"`
	Version         int                `json:"version,omitempty" bson:"version,omitempty"`
	CreatedAt       Time               `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt       Time               `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// TicketSubject is a crm.TicketSubject written down; the line by its id.
type TicketSubject struct {
	Order   crm.ID `json:"order,omitempty" bson:"order,omitempty"`
	Line    string `json:"line,omitempty" bson:"line,omitempty"`
	Product crm.ID `json:"product,omitempty" bson:"product,omitempty"`
}

// TicketSLA is a crm.TicketSLA written down.
type TicketSLA struct {
	FirstResponse *SLATarget `json:"firstResponse,omitempty" bson:"firstResponse,omitempty"`
	NextResponse  *SLATarget `json:"nextResponse,omitempty" bson:"nextResponse,omitempty"`
	Resolution    *SLATarget `json:"resolution,omitempty" bson:"resolution,omitempty"`
}

// SLATarget is a crm.SLATarget written down.
type SLATarget struct {
	DueAt      *Time `json:"dueAt,omitempty" bson:"dueAt,omitempty"`
	BreachedAt *Time `json:"breachedAt,omitempty" bson:"breachedAt,omitempty"`
	PausedAt   *Time `json:"pausedAt,omitempty" bson:"pausedAt,omitempty"`
}

// Satisfaction is a crm.Satisfaction written down.
type Satisfaction struct {
	Score   int     `json:"score,omitempty" bson:"score,omitempty"`
	Comment *string `json:"comment,omitempty" bson:"comment,omitempty"`
	RatedAt Time    `json:"ratedAt,omitzero" bson:"ratedAt,omitempty"`
}

// Article is a crm.Article written down.
type Article struct {
	ID         crm.ID         `json:"id" bson:"_id"`
	Ticket     crm.ID         `json:"ticket,omitempty" bson:"ticket,omitempty"`
	Visibility crm.Visibility `json:"visibility,omitempty" bson:"visibility,omitempty"`
	Channel    crm.Channel    `json:"channel,omitempty" bson:"channel,omitempty"`
	Author     ActorRef       `json:"author,omitzero" bson:"author,omitempty"`
	Body       string         `json:"body,omitempty" bson:"body,omitempty"`
	CreatedAt  Time           `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
}

// NewTicket gives a ticket as it is written down.
func NewTicket(t *crm.Ticket) *Ticket {
	return &Ticket{
		ID: t.ID, Number: t.Number, Source: t.Source, ExternalID: t.ExternalID, Subject: t.Subject,
		Type: t.Type, Channel: t.Channel, Priority: t.Priority, Status: t.Status, Category: t.Category,
		Queue: t.QueueID, Assignee: t.AssigneeID, Customer: t.CustomerID, Requester: t.RequesterID,
		Subjects: newList(t.Subjects, newTicketSubject), SLA: newTicketSLA(t.SLA),
		FirstResponseAt: newTimeRef(t.FirstResponseAt), ResolvedAt: newTimeRef(t.ResolvedAt), ClosedAt: newTimeRef(t.ClosedAt),
		ReopenCount: t.ReopenCount, Satisfaction: newSatisfaction(t.Satisfaction), Version: t.Version,
		CreatedAt: newTime(t.CreatedAt), UpdatedAt: newTime(t.UpdatedAt),
	}
}

// Domain gives the ticket.
func (t *Ticket) Domain() *crm.Ticket {
	return &crm.Ticket{
		ID: t.ID, Number: t.Number, Source: t.Source, ExternalID: t.ExternalID, Subject: t.Subject,
		Type: t.Type, Channel: t.Channel, Priority: t.Priority, Status: t.Status, Category: t.Category,
		QueueID: t.Queue, AssigneeID: t.Assignee, CustomerID: t.Customer, RequesterID: t.Requester,
		Subjects: domainList(t.Subjects, TicketSubject.domain), SLA: t.SLA.domain(),
		FirstResponseAt: t.FirstResponseAt.domainRef(), ResolvedAt: t.ResolvedAt.domainRef(), ClosedAt: t.ClosedAt.domainRef(),
		ReopenCount: t.ReopenCount, Satisfaction: t.Satisfaction.domain(), Version: t.Version,
		CreatedAt: t.CreatedAt.domain(), UpdatedAt: t.UpdatedAt.domain(),
	}
}

func newTicketSubject(s *crm.TicketSubject) TicketSubject {
	return TicketSubject{Order: s.OrderID, Line: s.LineID, Product: s.ProductID}
}

func (s TicketSubject) domain() *crm.TicketSubject {
	return &crm.TicketSubject{OrderID: s.Order, LineID: s.Line, ProductID: s.Product}
}

func newTicketSLA(s *crm.TicketSLA) *TicketSLA {
	if s == nil {
		return nil
	}
	return &TicketSLA{
		FirstResponse: newSLATarget(s.FirstResponse),
		NextResponse:  newSLATarget(s.NextResponse),
		Resolution:    newSLATarget(s.Resolution),
	}
}

func (s *TicketSLA) domain() *crm.TicketSLA {
	if s == nil {
		return nil
	}
	return &crm.TicketSLA{
		FirstResponse: s.FirstResponse.domain(),
		NextResponse:  s.NextResponse.domain(),
		Resolution:    s.Resolution.domain(),
	}
}

func newSLATarget(t *crm.SLATarget) *SLATarget {
	if t == nil {
		return nil
	}
	return &SLATarget{DueAt: newTimeRef(t.DueAt), BreachedAt: newTimeRef(t.BreachedAt), PausedAt: newTimeRef(t.PausedAt)}
}

func (t *SLATarget) domain() *crm.SLATarget {
	if t == nil {
		return nil
	}
	return &crm.SLATarget{DueAt: t.DueAt.domainRef(), BreachedAt: t.BreachedAt.domainRef(), PausedAt: t.PausedAt.domainRef()}
}

func newSatisfaction(s *crm.Satisfaction) *Satisfaction {
	if s == nil {
		return nil
	}
	return &Satisfaction{Score: s.Score, Comment: s.Comment, RatedAt: newTime(s.RatedAt)}
}

func (s *Satisfaction) domain() *crm.Satisfaction {
	if s == nil {
		return nil
	}
	return &crm.Satisfaction{Score: s.Score, Comment: s.Comment, RatedAt: s.RatedAt.domain()}
}

// NewArticle gives an article as it is written down.
func NewArticle(a *crm.Article) *Article {
	return &Article{
		ID: a.ID, Ticket: a.TicketID, Visibility: a.Visibility, Channel: a.Channel,
		Author: ActorRef(a.AuthorRef), Body: a.Body, CreatedAt: newTime(a.CreatedAt),
	}
}

// Domain gives the article.
func (a *Article) Domain() *crm.Article {
	return &crm.Article{
		ID: a.ID, TicketID: a.Ticket, Visibility: a.Visibility, Channel: a.Channel,
		AuthorRef: crm.ActorRef(a.Author), Body: a.Body, CreatedAt: a.CreatedAt.domain(),
	}
}
