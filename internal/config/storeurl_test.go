package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/config"
)

const canary = "canary-p4ss"

// However a store's URL and a secret are printed, nothing secret shows.
func TestSecretsNeverPrint(t *testing.T) {
	u, err := config.ParseStoreURL("mongodb://user:" + canary + "@localhost/db?tlsCertificateKeyFilePassword=" + canary)
	if err != nil {
		t.Fatal(err)
	}
	c := config.Config{Store: config.Store{URL: u, Password: config.NewSecret(canary)}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, c, &c, c.Store.URL)
	}
	fmt.Fprint(&out, u, c.Store.Password, fmt.Errorf("opening %v", u))
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("opening", "store", u, "config", c, "password", c.Store.Password)
	slog.New(slog.NewTextHandler(&out, nil)).Info("opening", "store", u, "config", c, "pointer", &c)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	out.WriteString(u.Scrub("auth failed for user:" + canary + " at " + u.Reveal()))
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("a secret shows:\n%s", out.String())
	}
	if got, want := u.String(), "mongodb://***@localhost/db"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
}

func TestParseStoreURL(t *testing.T) {
	good := map[string]struct {
		kind   config.StoreKind
		reveal string
	}{
		"sqlite:a.db":                                  {config.StoreSQLite, "sqlite:a.db"},
		"sqlite:/var/lib/gateway/customers.db":         {config.StoreSQLite, "sqlite:/var/lib/gateway/customers.db"},
		"mongodb://h1,h2:27018/db?replicaSet=a&w=2":    {config.StoreMongoDB, "mongodb://h1,h2:27018/db?replicaSet=a&w=2"},
		"mongodb+srv://u:p%40ss@cluster.example/db":    {config.StoreMongoDB, "mongodb+srv://u:p%40ss@cluster.example/db"},
		"mongodb://%2Ftmp%2Fmongodb-27017.sock/orders": {config.StoreMongoDB, "mongodb://%2Ftmp%2Fmongodb-27017.sock/orders"},
	}
	for text, want := range good {
		u, err := config.ParseStoreURL(text)
		if err != nil || u.Kind() != want.kind || u.Reveal() != want.reveal {
			t.Errorf("ParseStoreURL(%q) = %q, %v", text, u.Reveal(), err)
		}
	}
	for _, text := range []string{
		"", "a.db", "sqlite:", "sqlite://a", "sqlite:a?mode=ro", "mongodb://", "mongodb://u:" + canary + "@/db",
		"mongodb://u:" + canary + "/x@h/db", "mongodb://u:" + canary + "@x@h/db", "mongodb://u:" + canary + "?x@h/db",
		"mongodb://u:" + canary + "%@h/db", "mongodb://u:" + canary + "#@h/db", "mongodb://u:a:" + canary + "@h", "http://" + canary,
	} {
		u, err := config.ParseStoreURL(text)
		if err == nil {
			t.Errorf("ParseStoreURL(%q) = %v, want an error", text, u)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("ParseStoreURL(%q): the error shows a secret: %v", text, err)
		}
	}
}

func TestPlaintextBeyondLoopback(t *testing.T) {
	for text, allowed := range map[string]bool{
		"mongodb://localhost/d":                               true,
		"mongodb://127.0.0.1:27017,[::1]:27018/d":             true,
		"mongodb://%2Ftmp%2Fm.sock/d":                         true,
		"mongodb://localhost,db.example/d":                    false,
		"mongodb://db.example/d":                              false,
		"mongodb://10.0.0.1:27017/d":                          false,
		"mongodb://localhost.example/d":                       false,
		"mongodb://db.example/d?tls=true":                     true,
		"mongodb://db.example/d?ssl=true":                     true,
		"mongodb://db.example/d?TLS=true":                     true,
		"mongodb://db.example/d?tls=true&tls=false":           false,
		"mongodb://db.example/d?tls=true&tlsInsecure=true":    false,
		"mongodb+srv://db.example/d":                          true,
		"mongodb+srv://db.example/d?tls=false":                false,
		"mongodb://db.example/d?tls=true&replicaSet=tls=true": true,
		"sqlite:a.db": true,
	} {
		_, err := config.Load(config.Sources{Environ: []string{"GATEWAY_STORE_URL=" + text}})
		if (err == nil) != allowed {
			t.Errorf("%s: error %v, want allowed = %v", text, err, allowed)
		}
		if _, err := config.Load(config.Sources{Environ: []string{"GATEWAY_STORE_URL=" + text, "GATEWAY_STORE_ALLOW_PLAINTEXT=true"}}); err != nil {
			t.Errorf("%s with allow_plaintext: %v", text, err)
		}
	}
}

func TestPasswordIsEncoded(t *testing.T) {
	c, err := config.Load(config.Sources{Environ: []string{"GATEWAY_STORE_URL=mongodb://u@localhost/d", "GATEWAY_STORE_PASSWORD=a b+c@d/e"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Store.URL.Reveal(), "mongodb://u:a%20b%2Bc%40d%2Fe@localhost/d"; got != want {
		t.Errorf("url = %q, want %q", got, want)
	}
	if got := c.Store.URL.Scrub("login with a b+c@d/e failed"); strings.Contains(got, "a b+c") {
		t.Errorf("Scrub leaves %q", got)
	}
}
