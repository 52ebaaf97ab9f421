package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/customer360/gateway/internal/crm"
)

// asks bounds how often a query is sent that the shop throttles.
const asks = 3

// at returns the client for one operation that costs so much.
func (s *Shop) at(cost int) graphql.Client { return paying{shop: s, cost: float64(cost)} }

// without is at for an operation of whose records some may make no sense: they are
// left out of its answer, and told.
func (s *Shop) without(cost int, tell func(oddity)) graphql.Client {
	return paying{shop: s, cost: float64(cost), tell: tell}
}

// telling returns what keeps the oddities that it is told of.
func telling(odd *[]crm.Unreadable) func(oddity) {
	return func(o oddity) { *odd = append(*odd, o.Unreadable) }
}

// paying sends a query once the shop's bucket holds what it costs.
type paying struct {
	shop *Shop
	cost float64
	tell func(oddity) // nil if all records must make sense
}

// answer is what the API answers with, status 200.
type answer struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"` // a list, or a text
	Extensions struct {
		Cost struct {
			RequestedQueryCost float64         `json:"requestedQueryCost"`
			ThrottleStatus     *throttleStatus `json:"throttleStatus"`
		} `json:"cost"`
	} `json:"extensions"`
}

// MakeRequest sends a query and decodes its data. An answer that holds an error
// is an error.
func (p paying) MakeRequest(ctx context.Context, request *graphql.Request, response *graphql.Response) error {
	s, cost := p.shop, p.cost
	for attempt := 1; ; attempt++ {
		if err := s.bucket.take(ctx, cost); err != nil {
			return s.located(request.OpName, err)
		}
		var a answer
		_, err := s.client.Post(ctx, request.OpName, endpoint, request, &a)
		status := a.Extensions.Cost.ThrottleStatus
		s.bucket.settle(cost, status)
		if err != nil {
			return err
		}
		err = s.failure(request.OpName, a)
		if crm.CodeOf(err) == crm.CodeRateLimited && status != nil {
			cost = max(cost, a.Extensions.Cost.RequestedQueryCost)
			if attempt < asks {
				continue // take waits for what is lacking.
			}
			return s.located(request.OpName, limited(lacking(cost, *status)))
		}
		if err != nil {
			return err
		}
		if err := p.decode(a.Data, response.Data); err != nil {
			return s.client.Failed(crm.CodeUnavailable, request.OpName, err)
		}
		return nil
	}
}

// lacking returns how long the bucket needs until it holds so much.
func lacking(cost float64, status throttleStatus) time.Duration {
	if status.RestoreRate <= 0 {
		return 0
	}
	return time.Duration(max(0, cost-status.CurrentlyAvailable) / status.RestoreRate * float64(time.Second))
}

// located names the shop and the operation in an error of the bucket.
func (s *Shop) located(op string, err error) error {
	var known *crm.Error
	if errors.As(err, &known) {
		known.Source, known.Op = s.source, op
		return known
	}
	return s.client.Failed(crm.CodeUnavailable, op, err)
}

// failure returns the error that the answer reports, nil for none. What Shopify
// says is for logs; it never says what was asked for.
func (s *Shop) failure(op string, a answer) error {
	if len(a.Errors) > 0 && string(a.Errors) != "null" && string(a.Errors) != "[]" {
		code, words := crm.CodeUnavailable, "the API reports an error"
		var errs []struct {
			Path       []any `json:"path"`
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		}
		if json.Unmarshal(a.Errors, &errs) == nil && len(errs) > 0 {
			code = codeOf(errs[0].Extensions.Code)
			if errs[0].Extensions.Code != "" {
				words += " " + errs[0].Extensions.Code
			}
			words += where(errs[0].Path)
		}
		return s.client.Failed(code, op, errors.New(words))
	}
	if len(a.Data) == 0 || string(a.Data) == "null" {
		return s.noSense(op, "the answer has no data")
	}
	return nil
}

// where says which field of the query an error is about, if it is one.
func where(path []any) string {
	text := ""
	for _, part := range path {
		switch part := part.(type) {
		case string:
			text += "." + part
		case float64:
			text += "." + strconv.FormatFloat(part, 'f', 0, 64)
		}
	}
	const (
		most  = 256
		names = "._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	)
	if text == "" || len(text) > most || strings.Trim(text, names) != "" {
		return ""
	}
	return " at " + text[1:]
}

// codeOf translates the codes of Shopify's errors.
func codeOf(word string) crm.Code {
	switch word {
	case "THROTTLED":
		return crm.CodeRateLimited
	case "ACCESS_DENIED":
		return crm.CodeForbidden
	default: // INTERNAL_SERVER_ERROR, SHOP_INACTIVE, MAX_COST_EXCEEDED, …
		return crm.CodeUnavailable
	}
}
