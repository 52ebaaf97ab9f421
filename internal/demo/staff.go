package demo

import (
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// staff is who works for the demo's company.
type staff struct {
	care, wholesale, returns, accounts []*crm.Employee
	queues                             map[string]crm.ID // teams by name
}

// The teams.
const (
	teamCare      = "Customer Care"
	teamWholesale = "Wholesale"
	teamReturns   = "Returns"
	teamAccounts  = "Accounts"
)

// founded is when teams and employees were entered.
func founded() time.Time { return time.Date(2010, time.November, 1, 9, 0, 0, 0, time.UTC) }

func (g *generator) makeStaff() {
	g.staff = &staff{queues: map[string]crm.ID{}}
	for _, name := range []string{teamCare, teamWholesale, teamReturns, teamAccounts} {
		team := &crm.Team{
			ID: crm.DerivedID(crm.KindTeam, generated, name), Name: name,
			CreatedAt: founded(), UpdatedAt: founded(),
		}
		g.staff.queues[name] = team.ID
		g.data.Teams = append(g.data.Teams, team)
	}
	g.staff.care = g.hire(teamCare, "Customer adviser", "Nadia Rahman", "Tom Whitfield", "Zoë Hargreaves", "Efe Adeyemi")
	g.staff.wholesale = g.hire(teamWholesale, "Key account manager", "Catherine Boyle", "Iñigo Salas", "Marcus Fennell")
	g.staff.returns = g.hire(teamReturns, "Returns specialist", "Agnès Perrin", "Gareth Pugh")
	g.staff.accounts = g.hire(teamAccounts, "Accounts clerk", "Helen Strand", "Rajesh Nair", "Bronwen Ellis")
}

func (g *generator) hire(team, title string, names ...string) []*crm.Employee {
	hired := make([]*crm.Employee, len(names))
	for i, name := range names {
		mail := strings.ReplaceAll(ascii(name), " ", ".") + "@example.com"
		hired[i] = &crm.Employee{
			ID: crm.DerivedID(crm.KindEmployee, generated, mail), Name: name,
			Email: ptr(mail), Title: ptr(title), TeamID: g.staff.queues[team],
			Active: true, CreatedAt: founded(), UpdatedAt: founded(),
		}
	}
	g.data.Employees = append(g.data.Employees, hired...)
	return hired
}

// ascii returns a name's key with what an email address may not hold left out.
func ascii(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c == ' ' || c == '-' {
			return c
		}
		return letters(c)
	}, crm.TextKey(name))
}

// letters returns the plain letter of those that have no diacritic to take off;
// -1 for anything else.
func letters(c rune) rune {
	switch c {
	case 'ø', 'ō':
		return 'o'
	case 'ł':
		return 'l'
	case 'æ':
		return 'a'
	case 'ß':
		return 's'
	default:
		return -1
	}
}

// makePartnerApps makes the partner's system. It is the last thing that Load
// writes: where it is, everything is.
func (g *generator) makePartnerApps() {
	g.data.PartnerApps = []*crm.PartnerApp{{
		ID: markerID(), Name: "Example Fulfilment Services",
		CreatedAt: founded(), UpdatedAt: founded(),
	}}
}

// markerID is the partner app's id. Its key has the version of the demo, so that an
// older demo in a store is told apart.
func markerID() crm.ID {
	return crm.DerivedID(crm.KindPartnerApp, generated, "fulfilment/v"+strconv.Itoa(version))
}
