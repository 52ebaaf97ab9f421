package guard

import (
	"context"
	"errors"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// outcomeOf says what came of a request whose context was ctx.
func outcomeOf(ctx context.Context, err error) crm.ShopOutcome {
	switch {
	case err == nil:
		return crm.ShopOutcomeOK
	case errors.Is(err, context.DeadlineExceeded):
		return crm.ShopOutcomeTimeout
	case ctx.Err() != nil:
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return crm.ShopOutcomeTimeout
		}
		return crm.ShopOutcomeCanceled
	case errors.Is(err, context.Canceled):
		return crm.ShopOutcomeCanceled
	case crm.OnlyUnreadable(err): // It is one record's; the shop has answered.
		return crm.ShopOutcomeOK
	}
	return crm.ShopOutcome(crm.CodeOf(err))
}

// nobody is the observer of those who give none.
type nobody struct{}

func (nobody) Call(string, string, crm.ShopOutcome, time.Duration) {}
func (nobody) Retry(string, string)                                {}
func (nobody) Refused(string, string, crm.ShopRefusal)             {}
func (nobody) Cache(string, string, crm.ShopLookup, int)           {}
func (nobody) Unreadable(string, string, int)                      {}
func (nobody) Breaker(string, crm.BreakerState)                    {}
