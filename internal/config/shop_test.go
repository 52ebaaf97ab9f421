package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/config"
)

// plain is a shop of the kind with every default.
func plain(name string, kind config.ShopKind, url string) config.Shop {
	return config.Shop{
		Name: name, Kind: kind, URL: url, Mode: config.ModeLive,
		MaxAnswerBytes: 8 << 20, Timeout: 2 * time.Second, SyncTimeout: 30 * time.Second, Concurrency: 16, Retries: 2,
		BreakerCalls: 5, BreakerDelay: 5 * time.Second, CacheTTL: 5 * time.Second, StaleFor: time.Hour,
	}
}

// checkExampleShops holds the example's shops against the defaults that it says
// it shows. All secrets are s3cret.
func checkExampleShops(t *testing.T, got []config.Shop, file string) {
	t.Helper()
	want := []config.Shop{
		plain("vendure-eu", config.ShopVendure, "https://vendure.example.com"),
		plain("medusa", config.ShopMedusa, "https://medusa.example.com"),
		plain("shopify", config.ShopShopify, "https://example.myshopify.com"),
		plain("woocommerce", config.ShopWooCommerce, "https://woocommerce.example.com"),
	}
	for i := range want {
		want[i].CredentialsFile, want[i].Credentials = file, config.NewSecret("s3cret")
	}
	want[0].Mode = config.ModeBoth
	want[0].WebhookSecretFile, want[0].WebhookSecret = file, config.NewSecret("s3cret")
	want[3].Mode, want[3].SyncEvery = config.ModeSynced, 10*time.Minute
	if diff := cmp.Diff(want, got, revealed()); diff != "" {
		t.Errorf("the example's shops (-want +got):\n%s", diff)
	}
}

// shop is the file's text of one shop, with more lines under it.
func shop(name, kind, url string, more ...string) string {
	text := fmt.Sprintf("  - name: %s\n    kind: %s\n    url: %s\n", name, kind, url)
	for _, line := range more {
		text += "    " + line + "\n"
	}
	return text
}

func TestShops(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "credentials")
	if err := os.WriteFile(file, []byte("ck_1:cs_1\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	content := "shops:\n" +
		shop("vendure-eu", "vendure", "http://127.0.0.1:3100", "mode: both", "sync_every: 15m", "timeout: 500ms", "sync_timeout: 1m", "concurrency: 4",
			"rate: 2.5", "retries: 0", "cache_ttl: 0s", "stale_for: 0s", "breaker_calls: 3", "breaker_delay: 1m", "max_answer_bytes: 1048576") +
		shop("woo", "woocommerce", "https://woo.example/shop", "credentials_file: "+file) +
		shop("woo-2", "woocommerce", "http://woo.internal", "mode: live", "allow_plaintext: true") +
		shop("m", "medusa", "http://[::1]:9000")
	got, err := config.Load(config.Sources{File: write(t, content), Shops: true, Environ: []string{
		"GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS=a:b", "GATEWAY_SHOPS_WOO_2_CREDENTIALS=c:d", "GATEWAY_SHOPS_M_CREDENTIALS=sk_1",
		"GATEWAY_SHOPS_M_WEBHOOK_SECRET=whsec", "GATEWAY_SHOPS_OTHER_CREDENTIALS=x",
	}})
	if err != nil {
		t.Fatal(err)
	}
	eu := plain("vendure-eu", config.ShopVendure, "http://127.0.0.1:3100")
	eu.Mode, eu.SyncEvery, eu.Timeout, eu.SyncTimeout, eu.Concurrency = config.ModeBoth, 15*time.Minute, 500*time.Millisecond, time.Minute, 4
	eu.Rate, eu.Retries, eu.CacheTTL, eu.StaleFor = 2.5, 0, 0, 0
	eu.BreakerCalls, eu.BreakerDelay, eu.MaxAnswerBytes = 3, time.Minute, 1<<20
	eu.Credentials = config.NewSecret("a:b")
	woo := plain("woo", config.ShopWooCommerce, "https://woo.example/shop")
	woo.Mode, woo.CredentialsFile, woo.Credentials = config.ModeSynced, file, config.NewSecret("ck_1:cs_1")
	woo2 := plain("woo-2", config.ShopWooCommerce, "http://woo.internal")
	woo2.AllowPlaintext, woo2.Credentials = true, config.NewSecret("c:d")
	medusa := plain("m", config.ShopMedusa, "http://[::1]:9000")
	medusa.Credentials, medusa.WebhookSecret = config.NewSecret("sk_1"), config.NewSecret("whsec")
	if diff := cmp.Diff([]config.Shop{eu, woo, woo2, medusa}, got.Shops, revealed()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "ck_1") || strings.Contains(text, "whsec") {
		t.Errorf("the settings print a secret: %s", text)
	}
}

// What does not ask the shops needs none of their secrets.
func TestShopsWithoutSecrets(t *testing.T) {
	file := write(t, "shops:\n"+shop("a", "vendure", "https://a.example", "credentials_file: /nowhere"))
	got, err := config.Load(config.Sources{File: file})
	if err != nil || len(got.Shops) != 1 || got.Shops[0].Credentials.Reveal() != "" {
		t.Errorf("%+v, %v", got.Shops, err)
	}
	if got, err := config.Load(config.Sources{File: write(t, "shops: []\n"), Shops: true}); err != nil || got.Shops != nil {
		t.Errorf("an empty list: %+v, %v", got.Shops, err)
	}
}

func TestMistakesInShops(t *testing.T) {
	folder := t.TempDir()
	files := map[string]string{"empty": "\n", "two-lines": "canary-secret\ncanary-secret\n", "large": strings.Repeat("x", 5000), "good": "canary-secret\n"}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := shop("a", "vendure", "https://a.example")
	one := func(more ...string) string { return "shops:\n" + shop("b", "medusa", "https://b.example", more...) }
	at := func(url string) string { return "shops:\n" + good + shop("b", "medusa", url) }
	tests := map[string]struct{ content, want string }{
		"no list":         {"shops: a\n", `:1: shops: takes a list, even of one item; give a list of shops, each with name, kind and url, the first after a -`},
		"a mapping":       {"shops:\n  name: a\n", `:1: shops: takes a list, even of one item`},
		"no value":        {"shops:\n", `:1: shops: takes a list`},
		"item no mapping": {"shops:\n  - vendure\n", `:2: shops[0]: must hold keys`},
		"item empty":      {"shops:\n" + good + "  -\n", `:5: shops[1]: has no value; give keys under it: allow_plaintext, breaker_calls, `},
		"mistyped list":   {"shpos:\n" + good, `:1: shpos: is no key; did you mean shops?`},
		"mistyped key":    {"shops:\n" + good + shop("b", "medusa", "https://b.example", "mdoe: live"), `:8: shops[1].mdoe: is no key; did you mean shops[1].mode?`},
		"unknown key": {
			one("nonsense: 1"), `:5: shops[0].nonsense: is no key; the keys under shops[0] are allow_plaintext, breaker_calls, breaker_delay, cache_ttl, concurrency, ` +
				`credentials, credentials_file, kind, max_answer_bytes, mode, name, rate, retries, stale_for, sync_every, sync_timeout, timeout, url, webhook_secret, webhook_secret_file`,
		},
		"misplaced key":      {"sync_every: 1m\n", `:1: sync_every: is no key; did you mean shops[].sync_every?`},
		"key twice":          {one("kind: medusa"), `:5: kind: is there twice; keep one`},
		"no name":            {"shops:\n" + good + "  - kind: medusa\n    url: https://b.example\n", `:5: shops[1].name: is missing; give a name of its own of 1 to 64 of a-z`},
		"no kind":            {"shops:\n  - name: a\n    url: https://b.example\n", `:2: shops[0].kind: is missing; give vendure, medusa, shopify, woocommerce`},
		"no url":             {"shops:\n  - name: a\n    kind: medusa\n", `:2: shops[0].url: is missing; give the shop's address, such as https://shop.example.com`},
		"name of the store":  {"shops:\n" + shop("store", "medusa", "https://b.example"), `:2: shops[0].name: is the name of the gateway's own store; give a name of its own`},
		"bad name":           {"shops:\n" + shop("Vendure_EU", "medusa", "https://b.example"), `:2: shops[0].name: is no name of a source; give a name of its own`},
		"same name":          {"shops:\n" + good + good, `:5: shops[1].name: is the name of another shop too; give a name of its own`},
		"bad kind":           {"shops:\n" + shop("b", "magento", "https://b.example"), `:3: shops[0].kind: is none of the words it may be; give vendure, medusa, shopify, woocommerce`},
		"bad mode":           {one("mode: offline"), `:5: shops[0].mode: is none of the words it may be; give live, synced, both`},
		"url no URL":         {at("shop"), `:7: shops[1].url: is no address that starts with https:// or http://; give the shop's address, such as`},
		"url of a file":      {at("file:///etc/passwd"), `:7: shops[1].url: is no address that starts`},
		"url without host":   {at("https://:443/x"), `:7: shops[1].url: is no address that starts`},
		"url with user":      {at("https://u:canary-secret@b.example"), `:7: shops[1].url: must not hold a user or password, which belong into credentials_file; give`},
		"url with query":     {at("https://b.example/?key=canary-secret"), `:7: shops[1].url: must have no query and no fragment`},
		"url with fragment":  {at("https://b.example/x#y"), `:7: shops[1].url: must have no query and no fragment`},
		"plaintext":          {at("http://b.example"), `:7: shops[1].url: reaches the shop over a network without TLS; use https, or set allow_plaintext: true`},
		"plaintext, alike":   {at("http://127.0.0.1.b.example"), `:7: shops[1].url: reaches the shop over a network`},
		"credentials in it":  {one("credentials: canary-secret"), `:5: shops[0].credentials: must not be in a file; use shops[0].credentials_file or GATEWAY_SHOPS_<NAME>_CREDENTIALS`},
		"secret in it":       {one("webhook_secret: canary-secret"), `:5: shops[0].webhook_secret: must not be in a file; use shops[0].webhook_secret_file`},
		"no credentials":     {at("https://b.example"), `:5: shops[1].credentials: is missing; give it by GATEWAY_SHOPS_B_CREDENTIALS, or name a file in shops[1].credentials_file`},
		"no such file":       {one("credentials_file: /nowhere"), `:5: shops[0].credentials_file: names a file that does not exist; give the path of a file that holds the credentials`},
		"empty file":         {one("credentials_file: " + folder + "/empty"), `:5: shops[0].credentials_file: names an empty file; give`},
		"two lines":          {one("credentials_file: " + folder + "/two-lines"), `:5: shops[0].credentials_file: names a file with more than one line`},
		"large file":         {one("credentials_file: " + folder + "/large"), `:5: shops[0].credentials_file: names a file of more than 4096 bytes`},
		"no webhook secret":  {one("credentials_file: "+folder+"/good", "webhook_secret_file: /nowhere"), `:6: shops[0].webhook_secret_file: names a file that does not exist`},
		"file and variable":  {"shops:\n" + shop("a", "vendure", "https://a.example", "credentials_file: "+folder+"/good"), `:5: shops[0].credentials_file: is set and so is GATEWAY_SHOPS_A_CREDENTIALS; give one of them`},
		"sync of a live one": {one("sync_every: 1m"), `:5: shops[0].sync_every: is for a shop whose mode is synced or both; leave it out, or give that mode`},
		"rate no number":     {one("rate: fast"), `:5: shops[0].rate: is no number; give a number from 0 to 10000, such as 0.5 or 20`},
		"rate below 0":       {one("rate: -1"), `:5: shops[0].rate: is out of range`},
		"rate NaN":           {one("rate: NaN"), `:5: shops[0].rate: is out of range`},
		"timeout":            {one("timeout: 2h"), `:5: shops[0].timeout: is out of range; give a duration from 10ms to 1m, such as 10s or 1m30s`},
		"answer":             {one("max_answer_bytes: 16MB"), `:5: shops[0].max_answer_bytes: is no whole number; give a whole number from 65536 to 268435456`},
		"list for one":       {one("mode: [live]"), `:5: shops[0].mode: takes one value, not a list; give live, synced, both`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := write(t, test.content)
			_, err := config.Load(config.Sources{File: file, Shops: true, Environ: []string{"GATEWAY_SHOPS_A_CREDENTIALS=canary-secret"}})
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.HasPrefix(got, file+test.want) || strings.Contains(got, "\n") {
				t.Errorf("error %q\nwant one line that starts with %q", got, test.want)
			}
			if strings.Contains(err.Error(), "canary-secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestMistakesInShopVariables(t *testing.T) {
	file := write(t, "shops:\n"+shop("vendure-eu", "vendure", "https://a.example"))
	for variable, want := range map[string]string{
		"GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS=":                     "GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS: shops[0].credentials: has no value; give what the shop's administration gave out",
		"GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS=canary\r\nX-Other: 1": "GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS: shops[0].credentials: has more than one line, or characters that cannot be sent; give",
	} {
		_, err := config.Load(config.Sources{File: file, Shops: true, Environ: []string{variable}})
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	got := config.UnknownVariables([]string{
		"GATEWAY_STROE_URL=x", "PATH=y", "GATEWAY_LISTEN=z", "GATEWAY_CONFIG=c",
		"GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS=a", "GATEWAY_SHOPS_VENDURE_EU_WEBHOOK_SECRET=a",
		"GATEWAY_SHOPS_VENDURE_US_CREDENTIALS=a", "GATEWAY_SHOPS_VENDURE_EU_URL=a", "GATEWAY_SHOPS_<NAME>_CREDENTIALS=a",
	}, []config.Shop{{Name: "other"}, {Name: "vendure-eu"}})
	want := []string{"GATEWAY_SHOPS_<NAME>_CREDENTIALS", "GATEWAY_SHOPS_VENDURE_EU_URL", "GATEWAY_SHOPS_VENDURE_US_CREDENTIALS", "GATEWAY_STROE_URL"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
