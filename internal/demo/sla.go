package demo

import (
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// promise sets the SLA targets that the ticket's priority has, and whether they
// were kept: a target is broken from its due time on, unless its clock stands
// still because somebody else has to act.
func (d *draft) promise() {
	t := d.ticket
	answerIn, solveIn := promised(t.Priority)
	t.SLA = &crm.TicketSLA{
		FirstResponse: target(t.CreatedAt.Add(answerIn), t.FirstResponseAt, nil),
	}
	var paused *time.Time
	if t.Status == crm.TicketStatusPendingCustomer || t.Status == crm.TicketStatusPendingThirdParty {
		paused = ptr(t.UpdatedAt)
	}
	t.SLA.Resolution = target(t.CreatedAt.Add(solveIn), t.ResolvedAt, paused)
	if t.Status == crm.TicketStatusOpen {
		t.SLA.NextResponse = target(t.UpdatedAt.Add(answerIn), nil, nil)
	}
}

// promised returns within what time a ticket is to be answered and solved.
func promised(p crm.TicketPriority) (answer, solve time.Duration) {
	switch p {
	case crm.TicketPriorityUrgent:
		return time.Hour, day
	case crm.TicketPriorityHigh:
		return 4 * time.Hour, 2 * day
	case crm.TicketPriorityLow:
		return day, 10 * day
	case crm.TicketPriorityNormal:
	}
	return 8 * time.Hour, 5 * day
}

// target returns the promise that something is done by due: it was at done, or is
// still to be, or has not to be since paused.
func target(due time.Time, done, paused *time.Time) *crm.SLATarget {
	end := Now()
	switch {
	case done != nil:
		end = *done
	case paused != nil:
		end = *paused
	}
	s := &crm.SLATarget{DueAt: ptr(due), PausedAt: paused}
	if end.After(due) {
		s.BreachedAt = ptr(due)
	}
	return s
}
