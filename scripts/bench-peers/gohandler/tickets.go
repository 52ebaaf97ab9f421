package main

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
)

// What Q6 shows of tickets: an agent's list.
type (
	edges[T any] struct {
		Edges []item[T] `json:"edges"`
	}
	item[T any] struct {
		Node T `json:"node"`
	}
	listedTicket struct {
		ID       string         `json:"id"`
		Number   string         `json:"number"`
		Subject  string         `json:"subject"`
		Status   string         `json:"status"`
		Priority string         `json:"priority"`
		Customer *called        `json:"customer"`
		Articles edges[message] `json:"articles"`
	}
	called struct {
		ID          string `json:"-" bson:"_id"`
		DisplayName string `json:"displayName" bson:"displayName"`
	}
	message struct {
		ID        string  `json:"id"`
		Channel   *string `json:"channel"`
		CreatedAt string  `json:"createdAt"`
		Author    *author `json:"author"`
	}
	author struct {
		Typename    string `json:"__typename"`
		Name        string `json:"name,omitempty"`
		DisplayName string `json:"displayName,omitempty"`
	}
	messageRecord struct {
		ID        string        `bson:"_id"`
		Channel   *string       `bson:"channel"`
		CreatedAt bson.DateTime `bson:"createdAt"`
		Author    struct {
			ID     string `bson:"id"`
			System string `bson:"system"`
		} `bson:"author"`
	}
)

// tickets is Q6: the newest tickets, then their customers beside their articles, then
// the articles' authors who are not among these customers.
func (s *inMongo) tickets(ctx context.Context) (any, error) {
	tickets, err := find[ticketRecord](ctx, s.db.Collection("tickets"), bson.D{}, newest("createdAt"), 100,
		project("number", "subject", "status", "priority", "customer"))
	if err != nil {
		return nil, err
	}
	customersNamed := func(ctx context.Context, ids []string) (map[string]*called, error) {
		return byID(ctx, s.db.Collection("customers"), ids, func(c *called) string { return c.ID }, project("displayName"))
	}
	var customers map[string]*called
	var articles map[string][]messageRecord
	group, inGroup := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		customers, err = customersNamed(inGroup, each(tickets, func(t ticketRecord) string { return t.Customer }))
		return err
	})
	group.Go(func() (err error) {
		ids := each(tickets, func(t ticketRecord) string { return t.ID })
		articles, err = articlesOf[messageRecord](inGroup, s.db.Collection("tickets"), ids, 5, "channel", "createdAt", "author")
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}

	people, staff := map[string]*called{}, map[string]*named{}
	group, inGroup = errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		people, err = customersNamed(inGroup, authorsOf(articles, "cus_", customers))
		return err
	})
	group.Go(func() (err error) {
		staff, err = byID(inGroup, s.db.Collection("employees"), authorsOf(articles, "emp_", nil), func(e *named) string { return e.ID }, project("name"))
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for id, c := range customers {
		people[id] = c
	}
	return struct {
		Tickets edges[listedTicket] `json:"tickets"`
	}{edges[listedTicket]{each(tickets, func(t ticketRecord) item[listedTicket] {
		return item[listedTicket]{listedTicket{
			t.ID, t.Number, t.Subject, t.Status, t.Priority, customers[t.Customer],
			edges[message]{each(articles[t.ID], func(a messageRecord) item[message] {
				return item[message]{message{a.ID, a.Channel, *stamp(&a.CreatedAt), a.by(people, staff)}}
			})},
		}}
	})}}, nil
}

// authorsOf are the authors of a kind that are not among some.
func authorsOf(articles map[string][]messageRecord, prefix string, but map[string]*called) []string {
	var ids []string
	for _, list := range articles {
		for i := range list {
			if id := list[i].Author.ID; len(id) > len(prefix) && id[:len(prefix)] == prefix && but[id] == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// by is who wrote an article; the demo's partner app writes none.
func (a *messageRecord) by(people map[string]*called, staff map[string]*named) *author {
	if c := people[a.Author.ID]; c != nil {
		return &author{Typename: "Customer", DisplayName: c.DisplayName}
	}
	if e := staff[a.Author.ID]; e != nil {
		return &author{Typename: "Employee", Name: e.Name}
	}
	if a.Author.System != "" {
		return &author{Typename: "System", Name: a.Author.System}
	}
	return nil
}
