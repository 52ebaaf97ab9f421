// Command app is a Go program with a client that genqlient made from the schema and
// the agreed documents. It asks a gateway and prints what it got, as JSON by what it
// asked. The address and the Authorization headers are in the environment.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

type caller string

func (c caller) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", string(c))
	return http.DefaultTransport.RoundTrip(r)
}

func main() {
	ctx := context.Background()
	client := func(name string) graphql.Client {
		return graphql.NewClient(os.Getenv("GATEWAY_URL"), &http.Client{Transport: caller(os.Getenv(name)), Timeout: time.Minute})
	}
	staff, partner, portal := client("GATEWAY_STAFF"), client("GATEWAY_PARTNER"), client("GATEWAY_PORTAL")
	id := os.Getenv("CUSTOMER")
	answers := map[string]any{}
	keep := func(name string, answer any, err error) {
		if err != nil {
			answer = map[string]any{"failed": describe(err)}
		}
		answers[name] = answer
	}
	search, err := Search(ctx, staff, "an")
	keep("dashboard/search", search, err)
	orders := 20
	customer, err := Customer360(ctx, staff, id, &orders, nil)
	keep("dashboard/customer-360", customer, err)
	changed, err := Changed(ctx, partner, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	keep("partner/changed", changed, err)
	resolved, err := Resolve(ctx, partner, "online-retail", "17850")
	keep("partner/resolve", resolved, err)
	home, err := Home(ctx, portal, &orders)
	keep("portal/home", home, err)
	node, err := Probe(ctx, portal, id)
	keep("probe/node", node, err)
	denied, err := Resolve(ctx, portal, "online-retail", "17850")
	keep("denied", denied, err)
	_, err = Probe(ctx, client("NOBODY"), id)
	keep("unauthenticated", nil, err)
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// describe gives what genqlient's errors hold: the errors of the answer, and the HTTP
// status of one that was not 200.
func describe(err error) map[string]any {
	said := map[string]any{"text": err.Error()}
	var list gqlerror.List
	if errors.As(err, &list) && len(list) > 0 {
		said["code"], said["path"] = list[0].Extensions["code"], list[0].Path
	}
	var refused *graphql.HTTPError
	if errors.As(err, &refused) {
		said["status"] = refused.StatusCode
		if len(refused.Response.Errors) > 0 {
			said["code"] = refused.Response.Errors[0].Extensions["code"]
		}
	}
	return said
}
