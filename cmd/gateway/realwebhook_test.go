package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An order that was changed in a real Medusa is changed in the store once a
// webhook has told of it, and not before; nobody else can tell, and telling again
// does nothing.
func TestRealWebhook(t *testing.T) {
	shops := realShops(t)
	medusa := shops[0]
	_, all := realSales(t, shops)
	path, _, _ := newStore(t, all)
	file := syncFile(t, shops, "synced")
	syncAll(t, 0, nil, "--config", file, "--store", "sqlite:"+path)
	secret := []byte("a secret of 24 bytes or more")
	s := serve(t, []string{"GATEWAY_SHOPS_MEDUSA_WEBHOOK_SECRET=whsec_" + base64.StdEncoding.EncodeToString(secret)}, "serve", "--store", "sqlite:"+path, "--config", file)

	var order string
	for _, sold := range all[shopper(0)] {
		if native, ok := strings.CutPrefix(sold.ID, "ord_medusa."); ok {
			order = native
		}
	}
	line := func() string {
		var answer struct {
			Order struct{ ShippingAddress struct{ Line1 string } }
		}
		query(t, s.graphql, `query($id: ID!) { order(id: $id) { shippingAddress { line1 } } }`, map[string]any{"id": "ord_medusa." + order}, &answer)
		return answer.Order.ShippingAddress.Line1
	}
	before, after := line(), fmt.Sprintf("%d Moved Street", time.Now().UnixNano())
	key := shopKey(t, medusa)
	if !strings.HasPrefix(key, "Bearer ") {
		key = "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
	}
	asked(t, http.MethodPost, medusa.url+"/admin/orders/"+order, "Authorization", key,
		fmt.Sprintf(`{"shipping_address": {"address_1": %q}}`, after), &struct{}{})

	body := fmt.Sprintf(`{"type": "orders.changed", "data": {"orders": [%q]}}`, order)
	refused := map[string]bool{}
	for _, attempt := range []struct {
		source string
		secret []byte
	}{{"medusa", []byte("another secret of 24 bytes")}, {"vendure-eu", secret}, {"nobody", secret}} {
		status, text := tell(t, s, attempt.source, "msg_1", attempt.secret, body)
		refused[fmt.Sprint(status, " ", text)] = true
		if status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", attempt.source, status, text)
		}
	}
	if calls := shopCalls(t, s, shops); len(refused) != 1 || line() != before || len(calls) != 0 {
		t.Errorf("refused with %v; %q is %q now; calls %v", refused, before, line(), calls)
	}
	for range 2 {
		if status, text := tell(t, s, "medusa", "msg_1", secret, body); status != http.StatusOK {
			t.Errorf("%d %s, log:\n%s", status, text, s.log)
		}
		if got, calls := line(), shopCalls(t, s, shops); got != after || len(calls) != 1 || calls["medusa"] != 1 {
			t.Errorf("the address is %q, want %q; calls %v, want 1 of Medusa", got, after, calls)
		}
	}
	if log := s.log.String(); strings.Contains(log, "Moved Street") || strings.Contains(log, "example.test") {
		t.Errorf("the log holds an address:\n%s", log)
	}
}

// tell sends a webhook as the lines in docs/webhooks.md do.
func tell(t *testing.T, s served, source, id string, secret []byte, body string) (status int, text string) {
	t.Helper()
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.Replace(s.graphql, "/graphql", "/webhooks/"+source, 1), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}
