package oidc_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// directory finds customers by external identity and notes who was asked for.
type directory struct {
	customers map[string]crm.ID // by source and external id
	err       error
	asked     []string
}

func (d *directory) find(_ context.Context, source, externalID string) (crm.ID, error) {
	d.asked = append(d.asked, source+" "+externalID)
	return d.customers[source+" "+externalID], d.err
}

// linking is a verifier of tokens whose customers d finds.
func linking(tb testing.TB, d *directory) *oidc.Verifier {
	tb.Helper()
	i := portal(everyKey(tb))
	i.CustomerClaim, i.IdentitySource = "", "login"
	return newVerifier(tb, oidc.Config{Issuers: []oidc.Issuer{i}, FindCustomer: d.find})
}

func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{customers: map[string]crm.ID{"login anna": customer, "login anna@example.com": "cus_01h455vb4pex5vsknk084sn02r"}}
		v := linking(t, d)
		// Neither an email nor a claim that no setting names makes a link.
		claims := portalClaims().with(object{"sub": "anna", "email": "anna@example.com", "email_verified": true, "customer_id": "cus_01h455vb4pex5vsknk084sn02s"})
		for range 3 {
			claims = claims.with(object{"jti": time.Now().String()})
			p, err := v.Authenticate(t.Context(), good(t, claims))
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != access.KindCustomer || p.Customer != customer {
				t.Errorf("the principal is %+v", p)
			}
			time.Sleep(time.Second)
		}
		if diff := cmp.Diff([]string{"login anna"}, d.asked); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		// A link that was cut ends within a minute, for a token that was taken too.
		delete(d.customers, "login anna")
		time.Sleep(time.Minute - 3*time.Second)
		expect(t, "a minute after the link was cut", outcome(t, v, good(t, claims)), "NOT_LINKED")
	})
}

func TestNoLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{customers: map[string]crm.ID{"login employee": employee}}
		v := linking(t, d)
		token := good(t, portalClaims().with(object{"sub": "bob"}))
		for range 10 {
			expect(t, "nobody", outcome(t, v, token), "NOT_LINKED")
		}
		if len(d.asked) != 1 {
			t.Errorf("asked %d times for nobody", len(d.asked))
		}
		d.customers["login bob"] = customer
		time.Sleep(5 * time.Second)
		expect(t, "linked in the meantime", outcome(t, v, token), "")
		expect(t, "an id that is no customer's", outcome(t, v, good(t, portalClaims().with(object{"sub": "employee"}))), "NOT_LINKED")
	})
}

func TestLinkErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&crm.Error{Code: crm.CodeNotFound}, "NOT_LINKED"},
		{&crm.Error{Code: crm.CodeAmbiguous}, "NOT_LINKED"},
		{&crm.Error{Code: crm.CodeUnavailable}, "UNAVAILABLE"},
		{context.DeadlineExceeded, "UNAVAILABLE"},
		{errors.New("broken"), "INTERNAL"},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			d := &directory{err: c.err, customers: map[string]crm.ID{"login anna": customer}}
			v := linking(t, d)
			token := good(t, portalClaims().with(object{"sub": "anna"}))
			expect(t, "with an error", outcome(t, v, token), c.want)
			if c.want != "NOT_LINKED" {
				d.err = nil
				expect(t, "without it", outcome(t, v, token), "")
			}
		})
	}
}
