package server

import (
	"context"
	"net/http"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server/clientaddr"
	"github.com/customer360/gateway/internal/server/ratelimit"
)

// Rates are how much callers may ask. A nil limiter limits nobody.
type Rates struct {
	// Addresses bills client addresses, before anybody knows who asks; Principals
	// bills who asks. They are two because anybody can make up addresses.
	Addresses, Principals ratelimit.Limiter
	// Address is in requests: what one address may ask. A credential that is refused
	// counts ten times.
	Address ratelimit.Rate
	// Requests and Cost are what one principal may ask, in requests and in points. A
	// principal with a rate of its own has that instead of Requests.
	Requests, Cost ratelimit.Rate
}

// validate says which rate cannot be counted.
func (r Rates) validate() error {
	if r.Addresses != nil {
		if err := r.Address.Valid(); err != nil {
			return err
		}
	}
	if r.Principals == nil {
		return nil
	}
	if err := r.Requests.Valid(); err != nil {
		return err
	}
	return r.Cost.Valid()
}

// The names of the limits in the headers.
const (
	policyRequests = "requests"
	policyCost     = "cost"
	policyAddress  = "address"
)

// pointUnit is what a point of cost is called in the headers.
const pointUnit = "points"

// quotas are the limits that a request counts against, as far as it has come.
type quotas struct {
	policies [2]ratelimit.Policy
	states   [2]ratelimit.State
	n        int
	// usual is what the policies are called in the header if they are those that most
	// callers have.
	usual *usualPolicies
	// requests and cost are the principal's keys at the limiter.
	requests, cost string
}

// usualPolicies are the policies of a principal without a rate of its own, and the value
// of their header.
type usualPolicies struct {
	policies [2]ratelimit.Policy
	text     string
}

func newUsualPolicies(rates Rates) *usualPolicies {
	if rates.Principals == nil {
		return nil
	}
	u := &usualPolicies{policies: [2]ratelimit.Policy{
		{Name: policyRequests, Rate: rates.Requests}, {Name: policyCost, Rate: rates.Cost, Unit: pointUnit},
	}}
	u.text = ratelimit.Policies(u.policies[:]...)
	return u
}

// keyed gives the principal's keys, in one text.
func (q *quotas) keyed(id string) {
	both := "requests " + id + "cost " + id
	at := len("requests ") + len(id)
	q.requests, q.cost = both[:at], both[at:]
}

// add notes where the caller stands under a limit; what was noted under the same
// name before is out of date.
func (q *quotas) add(policy ratelimit.Policy, d ratelimit.Decision) {
	i := 0
	for i < q.n && q.policies[i].Name != policy.Name {
		i++
	}
	if i == len(q.policies) {
		return
	}
	q.policies[i], q.states[i] = policy, ratelimit.State{Name: policy.Name, Decision: d}
	q.n = max(q.n, i+1)
}

// tell writes the limits into the headers of the answer.
func (q *quotas) tell(e *exchange) {
	if q.n == 0 {
		return
	}
	header, policies := e.Header(), ""
	if q.usual != nil && q.n == len(q.policies) && q.policies == q.usual.policies {
		policies = q.usual.text
	} else {
		policies = ratelimit.Policies(q.policies[:q.n]...)
	}
	e.set(header, headerPolicy, policies)
	e.set(header, headerLimit, ratelimit.States(q.states[:q.n]...))
}

// The names of the headers as net/http has them.
const (
	headerPolicy = "Ratelimit-Policy"
	headerLimit  = "Ratelimit"
)

// limitedByAddress refuses clients that ask too often, before anything is done for
// them.
func (s *Server) limitedByAddress(next http.Handler) http.Handler {
	if s.config.Rates.Addresses == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rates := s.config.Rates
		d, err := rates.Addresses.Take(r.Context(), s.address(r), rates.Address, 1)
		if err != nil {
			s.limiterFailed(r.Context(), err)
		} else if !d.OK {
			s.tooMany(w, r, ratelimit.Policy{Name: policyAddress, Rate: rates.Address}, d, "ADDRESS")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// address names the client's address for limits.
func (s *Server) address(r *http.Request) string {
	return clientaddr.Key(s.config.Proxies.Of(r))
}

// chargeAddress bills a client's address for what it has cost already.
func (s *Server) chargeAddress(r *http.Request, requests int) {
	rates := s.config.Rates
	if rates.Addresses == nil {
		return
	}
	if _, err := rates.Addresses.Charge(r.Context(), s.address(r), rates.Address, requests); err != nil {
		s.limiterFailed(r.Context(), err)
	}
}

// limitedByPrincipal refuses principals that ask too often, or are in debt for what
// their requests have cost.
func (s *Server) limitedByPrincipal(next http.Handler) http.Handler {
	if s.config.Rates.Principals == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		who, e := access.From(ctx), exchangeOf(ctx)
		rate := s.requestRate(who)
		policy := ratelimit.Policy{Name: policyRequests, Rate: rate}
		e.quotas.keyed(who.ID)
		d, err := s.config.Rates.Principals.Take(ctx, e.quotas.requests, rate, 1)
		if err != nil {
			s.limiterFailed(ctx, err)
		} else if !d.OK {
			s.tooMany(w, r, policy, d, "REQUESTS")
			return
		} else {
			e.quotas.add(policy, d)
		}
		if p := s.takeCost(ctx, 0); p != nil {
			refuse(w, r, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requestRate returns how many requests a principal may make. A rate of its own is a
// second's, and may come at once.
func (s *Server) requestRate(who *access.Principal) ratelimit.Rate {
	if who.Rate > 0 {
		return ratelimit.PerSecond(int64(who.Rate), int64(who.Rate))
	}
	return s.config.Rates.Requests
}

func (s *Server) costPolicy() ratelimit.Policy {
	return ratelimit.Policy{Name: policyCost, Rate: s.config.Rates.Cost, Unit: pointUnit}
}

// takeCost bills points to the caller before they are spent; 0 asks whether it is
// in debt. It returns the answer for a caller who has not enough, else nil.
func (s *Server) takeCost(ctx context.Context, points int) *problem {
	limiter := s.config.Rates.Principals
	if limiter == nil {
		return nil
	}
	q := &exchangeOf(ctx).quotas
	d, err := limiter.Take(ctx, q.cost, s.config.Rates.Cost, points)
	if err != nil {
		s.limiterFailed(ctx, err)
		return nil
	}
	q.add(s.costPolicy(), d)
	if d.OK {
		return nil
	}
	s.config.Metrics.RateLimited("COST")
	return limited(d, "this caller's operations have cost more than it may spend; ask for less, or later")
}

// chargeCost bills points for what has been done for a request already; of fewer than
// none it gives back what was taken too much.
func (s *Server) chargeCost(ctx context.Context, points int) {
	limiter := s.config.Rates.Principals
	if limiter == nil || points == 0 {
		return
	}
	bill := limiter.Charge
	if points < 0 {
		bill, points = limiter.Return, -points
	}
	q := &exchangeOf(ctx).quotas
	d, err := bill(ctx, q.cost, s.config.Rates.Cost, points)
	if err != nil {
		s.limiterFailed(ctx, err)
		return
	}
	q.add(s.costPolicy(), d)
}

// tooMany answers a request that came too soon.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request, policy ratelimit.Policy, d ratelimit.Decision, by string) {
	s.config.Metrics.RateLimited(by)
	if e := exchangeOf(r.Context()); e != nil {
		e.quotas.add(policy, d)
	}
	refuse(w, r, limited(d, "too many requests: come back when Retry-After says"))
}

func limited(d ratelimit.Decision, message string) *problem {
	p := (&problem{status: http.StatusTooManyRequests, code: crm.CodeRateLimited, message: message})
	if wait := ratelimit.RetryAfter(d); wait != "" {
		p.with(ratelimit.HeaderRetryAfter, wait)
	}
	return p
}

// limiterFailed notes once that a limiter does not know where a caller stands. The
// request goes on: a limiter that is away must not take the gateway with it.
func (s *Server) limiterFailed(ctx context.Context, err error) {
	if s.limiterWarned.CompareAndSwap(false, true) {
		s.config.Log.ErrorContext(ctx, "rate limits are not held: the limiter fails", "error", err)
	}
}
