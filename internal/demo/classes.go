package demo

import (
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// history is what a customer's classes are derived from: how often, how much
// (pence) and how lately they bought. The rules are those of docs/demo-data.md.
type history struct {
	count int
	spent int64
	last  time.Time
}

// classify sets the four classes and the tier.
func (h history) classify(c *crm.Customer) {
	since := Now().Sub(h.last)
	c.LifecycleStage = ptr(crm.LifecycleStageCustomer)
	if since > 300*day {
		c.LifecycleStage = ptr(crm.LifecycleStageFormer)
	}
	switch {
	case since <= 90*day:
		c.RetentionStatus = ptr(crm.RetentionStatusActive)
	case since <= 180*day:
		c.RetentionStatus = ptr(crm.RetentionStatusAtRisk)
	default:
		c.RetentionStatus = ptr(crm.RetentionStatusLapsed)
	}
	c.LoyaltyClass = ptr(h.loyalty(since))
	c.RelationshipLevel = ptr(h.relationship())
	c.Tier = ptr(h.tier())
}

func (h history) loyalty(since time.Duration) crm.LoyaltyClass {
	switch {
	case h.count >= 10:
		return crm.LoyaltyClassLoyal
	case h.count >= 4:
		return crm.LoyaltyClassEstablished
	case h.count >= 2:
		return crm.LoyaltyClassRegular
	case since <= 90*day:
		return crm.LoyaltyClassNew
	default:
		return crm.LoyaltyClassPotential
	}
}

func (h history) relationship() crm.RelationshipLevel {
	switch {
	case h.count >= 30:
		return crm.RelationshipLevelPartnership
	case h.count >= 10:
		return crm.RelationshipLevelProactive
	case h.count >= 4:
		return crm.RelationshipLevelAccountable
	case h.count >= 2:
		return crm.RelationshipLevelReactive
	default:
		return crm.RelationshipLevelBasic
	}
}

func (h history) tier() string {
	switch {
	case h.spent >= 10_000_00:
		return "platinum"
	case h.spent >= 2_500_00:
		return "gold"
	case h.spent >= 750_00:
		return "silver"
	default:
		return "bronze"
	}
}

// group is the customer group of a person.
func (h history) group() string {
	if h.count >= 12 || h.average() >= 1_000_00 {
		return "small business"
	}
	return "household"
}

// average is the order value in pence; a history has at least one order.
func (h history) average() int64 { return h.spent / int64(h.count) }

func (h history) tags(first string) []string {
	tags := []string{first}
	if h.count >= 30 || h.average() >= 1_000_00 {
		tags = append(tags, "wholesale")
	}
	if h.tier() == "platinum" {
		tags = append(tags, "vip")
	}
	return tags
}

// segments groups a buyer by recency, frequency and spend.
func (h history) segments(b *buyer) []string {
	found := []string{}
	add := func(is bool, name string) {
		if is {
			found = append(found, name)
		}
	}
	add(h.spent >= 2_500_00, "high-value")
	add(h.average() >= 500_00, "big-basket")
	add(h.count >= 10, "frequent")
	add(h.count == 1, "one-off")
	add(b.first().Year() == 2010, "christmas-2010")
	add(Now().Sub(b.first()) <= 90*day, "new-this-quarter")
	add(b.country != "" && b.country != home, "international")
	return found
}
