package main_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/crm"
)

// eachStore runs a test on a URL of every kind of store, with a way to open what
// is there.
func eachStore(t *testing.T, test func(t *testing.T, url string, open func(t *testing.T) crm.Store)) {
	t.Helper()
	closed := func(t *testing.T, store crm.Store, err error) crm.Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close(t.Context()) })
		return store
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "keys.db")
		test(t, "sqlite:"+path, func(t *testing.T) crm.Store {
			store, err := sqlite.Open(t.Context(), path)
			return closed(t, store, err)
		})
	})
	t.Run("mongodb", func(t *testing.T) {
		uri := mongod.URI(t)
		test(t, uri, func(t *testing.T) crm.Store {
			store, err := mongodb.Open(t.Context(), uri)
			return closed(t, store, err)
		})
	})
}

// madeKey is what create prints.
type madeKey struct{ ID, Key string }

// create makes a key with --json.
func create(t *testing.T, url string, args ...string) madeKey {
	t.Helper()
	code, stdout, stderr := run(t, "", append([]string{"keys", "create", "--store", url, "--json"}, args...)...)
	var printed map[string]string
	if err := json.Unmarshal([]byte(stdout), &printed); code != 0 || stderr != "" || err != nil || len(printed) != 2 || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("%d %q %q", code, stdout, stderr)
	}
	return madeKey{printed["id"], printed["key"]}
}

// listedKey is what list says of a key.
type listedKey struct {
	ID, Name, Own, PartnerApp, State string
	Scopes, Sources, Regions         []string
	Rate                             int
	CreatedAt                        time.Time
	ExpiresAt, RevokedAt, LastUsedAt *time.Time
}

// listKeys lists keys with --json; no secret and no hash is among what is printed.
func listKeys(t *testing.T, url string, keys ...madeKey) []listedKey {
	t.Helper()
	code, stdout, stderr := run(t, "", "keys", "list", "--store", url, "--json")
	var list []listedKey
	if err := json.Unmarshal([]byte(stdout), &list); code != 0 || stderr != "" || err != nil {
		t.Fatalf("%d %q %q: %v", code, stdout, stderr, err)
	}
	wantNoSecret(t, stdout, keys...)
	return list
}

func wantNoSecret(t *testing.T, text string, keys ...madeKey) {
	t.Helper()
	for _, key := range keys {
		if strings.Contains(text, key.Key[len(apikey.Prefix):]) || regexp.MustCompile(`[0-9a-f]{64}`).MatchString(text) {
			t.Errorf("a key or its hash is printed: %s", text)
		}
	}
}

// A key that is made is good, as what it was made, until it is revoked: then no
// gateway takes it, and the list says so.
func TestKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, url string, open func(t *testing.T) crm.Store) {
		app := string(crm.DerivedID(crm.KindPartnerApp, "crm", "1"))
		before := time.Now().Add(-time.Second)
		full := create(t, url, "--name", "Logistics „Nord“", "--scopes", "orders:read,customers_read,ORDERS_READ", "--sources", "shop-eu,crm", "--sources", "crm",
			"--regions", "FR,DE", "--own", "shop-eu", "--partner-app", app, "--rate", "25", "--expires-in", "90d")
		plain := create(t, url, "--scopes", "CUSTOMERS_READ")
		timed := create(t, url, "--scopes", "Products-Read", "--expires-at", "2199-01-31T00:00:00+01:00")
		if full.ID == plain.ID || full.Key == plain.Key {
			t.Error("two keys are the same")
		}
		list := listKeys(t, url, full, plain, timed)
		end := time.Date(2199, 1, 30, 23, 0, 0, 0, time.UTC)
		want := []listedKey{
			{
				ID: full.ID, Name: "Logistics „Nord“", Scopes: []string{"CUSTOMERS_READ", "ORDERS_READ"}, Sources: []string{"crm", "shop-eu"},
				Regions: []string{"DE", "FR"}, Own: "shop-eu", PartnerApp: app, Rate: 25, State: "ACTIVE",
			},
			{ID: plain.ID, Scopes: []string{"CUSTOMERS_READ"}, Sources: []string{}, Regions: []string{}, State: "ACTIVE"},
			{ID: timed.ID, Scopes: []string{"PRODUCTS_READ"}, Sources: []string{}, Regions: []string{}, State: "ACTIVE", ExpiresAt: &end},
		}
		if len(list) == 3 {
			expires := list[0].CreatedAt.Add(90 * 24 * time.Hour)
			want[0].ExpiresAt = &expires
		}
		if diff := cmp.Diff(want, list, cmpopts.IgnoreFields(listedKey{}, "CreatedAt")); diff != "" {
			t.Fatalf("list (-want +got):\n%s", diff)
		}
		for _, key := range list {
			if key.CreatedAt.Before(before) || key.CreatedAt.After(time.Now()) {
				t.Errorf("made at %v", key.CreatedAt)
			}
		}
		gateways := []*apikey.Keys{}
		for range 2 {
			keys := apikey.New(open(t).APIKeys(), apikey.Options{TTL: 50 * time.Millisecond})
			t.Cleanup(keys.Close)
			gateways = append(gateways, keys)
		}
		for _, keys := range gateways {
			got, err := keys.Authenticate(t.Context(), full.Key)
			wanted := &access.Principal{
				Kind: access.KindPartner, ID: full.ID, Actor: crm.ID(app), Scopes: []access.Scope{access.ScopeCustomers, access.ScopeOrders}, Rate: 25,
				Rows: crm.RowLimits{Sources: []string{"crm", "shop-eu"}, Regions: []string{"DE", "FR"}, Own: "shop-eu"},
			}
			if diff := cmp.Diff(wanted, got); diff != "" || err != nil {
				t.Errorf("principal (-want +got):\n%s (%v)", diff, err)
			}
		}
		for range 2 { // the second time changes nothing
			if code, stdout, stderr := run(t, "", "keys", "revoke", "--store", url, full.ID); code != 0 || !strings.HasPrefix(stdout, full.ID+" is revoked") || stderr != "" {
				t.Fatalf("revoke: %d %q %q", code, stdout, stderr)
			}
		}
		revoked := time.Now()
		for _, keys := range gateways {
			for {
				_, err := keys.Authenticate(t.Context(), full.Key)
				if reason := apikey.Reason(""); errors.As(err, &reason) && reason == apikey.ReasonRevoked {
					break
				}
				if err != nil || time.Since(revoked) > 5*time.Second {
					t.Fatalf("the revoked key gives %v after %v", err, time.Since(revoked))
				}
			}
			if _, err := keys.Authenticate(t.Context(), plain.Key); err != nil {
				t.Errorf("another key: %v", err)
			}
			keys.Close()
		}
		list = listKeys(t, url, full, plain, timed)
		if list[0].State != "REVOKED" || list[0].RevokedAt == nil || list[1].State != "ACTIVE" || list[1].LastUsedAt == nil || list[2].LastUsedAt != nil {
			t.Errorf("list after it: %+v", list)
		}
	})
}

// A store that is made of a dump lets in whom the first let in, and nobody else.
func TestKeysComeBackFromADump(t *testing.T) {
	eachStore(t, func(t *testing.T, url string, open func(t *testing.T) crm.Store) {
		limited := create(t, url, "--name", "Lager \"Nord\"", "--scopes", "orders:read,customers:read", "--sources", "crm,shop",
			"--regions", "DE", "--own", "crm", "--rate", "5", "--expires-in", "90d", "--partner-app", string(crm.NewID(crm.KindPartnerApp)))
		revoked := create(t, url, "--scopes", "tickets:read")
		first := open(t)
		if code, _, stderr := run(t, "", "keys", "revoke", revoked.ID, "--store", url); code != 0 {
			t.Fatal(stderr)
		}
		if err := first.APIKeys().Touch(t.Context(), limited.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		code, dumped, stderr := run(t, "", "dump", "--store", url)
		if code != 0 || strings.Count(dumped, `{"apiKey":{"id":"key_`) != 2 {
			t.Fatalf("dump: %d %q %q", code, dumped, stderr)
		}
		if strings.Contains(dumped, limited.Key) || strings.Contains(dumped, revoked.Key) {
			t.Errorf("the dump holds a key itself: %s", dumped)
		}
		if code, some, _ := run(t, "", "dump", "--without-api-keys", "--store", url); code != 0 || some != "" {
			t.Errorf("dump without keys: %d %q", code, some)
		}

		for kind, second := range map[string]string{
			"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "second.db"), "mongodb": mongod.URI(t),
		} {
			code, stdout, _ := run(t, dumped, "import", "--store", second, "-")
			if code != 1 || stdout != "read 2, created 0, updated 0, unchanged 0, rejected 2\n" {
				t.Errorf("%s: import without --api-keys: %d %q", kind, code, stdout)
			}
			for _, want := range []string{"created 2, updated 0, unchanged 0", "created 0, updated 0, unchanged 2"} {
				code, stdout, stderr := run(t, dumped, "import", "--api-keys", "--store", second, "-")
				if code != 0 || stdout != "read 2, "+want+", rejected 0\n" {
					t.Errorf("%s: import: %d %q %q, want %s", kind, code, stdout, stderr, want)
				}
			}
			if _, again, _ := run(t, "", "dump", "--store", second); again != dumped {
				t.Errorf("%s: the dump after the import (-first +second):\n%s", kind, cmp.Diff(dumped, again))
			}
			wantLetIn(t, second, limited.Key, revoked.Key)
		}
	})
}

// wantLetIn authenticates with a key that is good and one that is revoked.
func wantLetIn(t *testing.T, url, good, revoked string) {
	t.Helper()
	var store crm.Store
	var err error
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		store, err = sqlite.Open(t.Context(), path)
	} else {
		store, err = mongodb.Open(t.Context(), url)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close(t.Context()) }()
	keys := apikey.New(store.APIKeys(), apikey.Options{})
	defer keys.Close()
	if principal, err := keys.Authenticate(t.Context(), good); err != nil || principal.Rows.Own != "crm" {
		t.Errorf("the key gives %+v, %v", principal, err)
	}
	var reason apikey.Reason
	if _, err := keys.Authenticate(t.Context(), revoked); !errors.As(err, &reason) || reason != apikey.ReasonRevoked {
		t.Errorf("the revoked key gives %v", err)
	}
}

// For people the key stands by itself, with the word that it is shown once, and
// the list is a table.
func TestKeysForPeople(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "keys.db")
	code, stdout, stderr := run(t, "", "keys", "create", "--store", url, "--name", "Nord", "--scopes", "orders:read,customers:read", "--sources", "crm", "--rate", "5")
	found := regexp.MustCompile(`^id   (key_[0-9a-z]{26})\nkey  (c360_[0-9A-Za-z]{49})\n\nThe key is shown this once `).FindStringSubmatch(stdout)
	if code != 0 || stderr != "" || found == nil {
		t.Fatalf("%d %q %q", code, stdout, stderr)
	}
	past := create(t, url, "--scopes", "tickets:read", "--expires-in", "1ms")
	for deadline := time.Now().Add(time.Second); listKeys(t, url)[1].State != "EXPIRED"; {
		if time.Now().After(deadline) {
			t.Fatal("a key of 1 ms does not expire")
		}
	}
	code, stdout, stderr = run(t, "", "keys", "list", "--store", url)
	wantNoSecret(t, stdout, madeKey{found[1], found[2]}, past)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	minute := `\d{4}-\d\d-\d\dT\d\d:\d\dZ`
	for i, want := range []string{
		`^ID +NAME +SCOPES +LIMITS +CREATED +EXPIRES +LAST USED +STATE$`,
		`^` + found[1] + ` +Nord +CUSTOMERS_READ,ORDERS_READ +sources=crm rate=5 +` + minute + ` +- +- +ACTIVE$`,
		`^` + past.ID + ` +- +TICKETS_READ +- +` + minute + ` +` + minute + ` +- +EXPIRED$`,
	} {
		if len(lines) != 3 || !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("%d %q\n%s\nwant line %d like %s", code, stderr, stdout, i+1, want)
		}
	}
}

func TestKeysMistakes(t *testing.T) {
	folder := t.TempDir()
	url := "sqlite:" + filepath.Join(folder, "keys.db")
	key := create(t, url, "--scopes", "orders:read")
	good := []string{"create", "--store", url, "--scopes", "orders:read"}
	with := func(more ...string) []string { return append(append([]string{}, good...), more...) }
	unknown := crm.NewAPIKeyID()
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no command":          {nil, 2, `expected one of "create"`},
		"no store":            {[]string{"create", "--scopes", "orders:read"}, 2, "store.url: is missing"},
		"no scope":            {[]string{"create", "--store", url}, 2, "--scopes: name at least one of CUSTOMERS_READ, ORDERS_READ, "},
		"an empty scope":      {[]string{"create", "--store", url, "--scopes", "orders:read,"}, 2, "RECOMMENDATIONS_READ"},
		"no such scope":       {[]string{"create", "--store", url, "--scopes", "orders:write"}, 2, "--scopes: one of them is no scope; there are CUSTOMERS_READ, ORDERS_READ, PRODUCTS_READ"},
		"no source":           {with("--sources", "crm,Shop EU"), 2, "--sources: "},
		"an empty source":     {with("--sources", ""), 2, "--sources"},
		"an empty own":        {with("--own", ""), 2, "--own: "},
		"an empty region":     {with("--regions="), 2, "--regions: "},
		"an empty time":       {with("--expires-in", ""), 2, "--expires-in: "},
		"an empty end":        {with("--expires-at="), 2, "--expires-at: "},
		"another's source":    {with("--own", "Shop EU"), 2, "--own: "},
		"no region":           {with("--regions", "DE,Bayern"), 2, "--regions: "},
		"a small region":      {with("--regions", "de"), 2, "--regions: "},
		"another kind's id":   {with("--partner-app", string(crm.DerivedID(crm.KindCustomer, "crm", "1"))), 2, "--partner-app: "},
		"a rate of none":      {with("--rate", "0"), 2, "--rate: "},
		"a rate below none":   {with("--rate=-1"), 2, "--rate: "},
		"a rate past limits":  {with("--rate", "1000001"), 2, "--rate: "},
		"a rate in words":     {with("--rate", "many"), 2, "--rate"},
		"two ends":            {with("--expires-in", "1d", "--expires-at", "2199-01-31T00:00:00Z"), 2, "give one of them"},
		"an end in the past":  {with("--expires-at", "2019-01-31T00:00:00Z"), 2, "must be in the future"},
		"an end without zone": {with("--expires-at", "2199-01-31"), 2, "--expires-at: "},
		"no time at all":      {with("--expires-in", "0d"), 2, "must be in the future"},
		"a time below none":   {with("--expires-in", "-90d"), 2, "--expires-in"},
		"a time too long":     {with("--expires-in", "40000d"), 2, "--expires-in: "},
		"no time":             {with("--expires-in", "soon"), 2, "--expires-in: "},
		"a name of two lines": {with("--name", "a\nb"), 2, "name must have at most 200 bytes"},
		"a long name":         {with("--name", strings.Repeat("n", 201)), 2, "name must have at most 200 bytes"},
		"list of no file":     {[]string{"list", "--store", "sqlite:" + folder + "/none.db"}, 2, "there is no such file"},
		"revoke nothing":      {[]string{"revoke", "--store", url}, 2, "<id>"},
		"revoke in no file":   {[]string{"revoke", "--store", "sqlite:" + folder + "/none.db", unknown}, 2, "there is no such file"},
		"revoke an unknown":   {[]string{"revoke", "--store", url, unknown}, 1, "there is no API key with this id"},
		"revoke the key":      {[]string{"revoke", "--store", url, key.Key}, 2, "give the key's id, not the key"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := run(t, "", append([]string{"keys"}, test.args...)...)
			if code != test.code || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "gateway: ") {
				t.Errorf("exit code %d, %q, %q\nwant %d and one line with %q", code, stdout, stderr, test.code, test.want)
			}
			wantNoSecret(t, stderr, key)
		})
	}
	if list := listKeys(t, url, key); len(list) != 1 || list[0].State != "ACTIVE" {
		t.Errorf("a mistake made or revoked a key: %+v", list)
	}
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// A key that could not be shown is good for nothing.
func TestKeyThatIsNotShown(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "keys.db")
	errs := &buffer{}
	m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: full{}, Stderr: errs}
	if code := m.Run(t.Context(), []string{"keys", "create", "--store", url, "--scopes", "orders:read"}); code != 1 || !strings.Contains(errs.String(), "write to standard output") {
		t.Errorf("%d %s", code, errs)
	}
	if list := listKeys(t, url); len(list) != 1 || list[0].State != "REVOKED" {
		t.Errorf("list %+v, want one key that is revoked", list)
	}
}
