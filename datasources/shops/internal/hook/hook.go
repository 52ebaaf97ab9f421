package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/customer360/gateway/internal/crm"
)

const (
	// Tolerance is how far a signed time may be from now, as the specification's
	// own libraries have it.
	Tolerance = 5 * time.Minute

	minKey    = 24 // bytes, as the specification has it
	minSecret = 16 // bytes, of secrets that people choose
)

// unauthenticated is what everything gets that is not proven: nobody learns what
// was wrong.
func unauthenticated(cause error) error {
	return &crm.Error{Code: crm.CodeUnauthenticated, Op: "check a webhook", Message: "the signature is missing or wrong", Err: cause}
}

// senseless is what a proven body gets that cannot be read.
func senseless(cause error) error {
	return &crm.Error{Code: crm.CodeInvalid, Op: "read a webhook", Message: "the body is not what the shop's webhooks are documented to send", Err: cause}
}

var messageID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// Standard proves webhooks by the Standard Webhooks specification. secret is one
// secret or, while they change, several with a space between: "whsec_" and at
// least 24 bytes in base64. CodeInvalid if it is not. The body is {"type": …,
// "data": {"orders": ["the shop's own id", …]}}.
func Standard(secret string) (crm.Webhook, error) {
	var keys []*standardwebhooks.Webhook
	for _, word := range strings.Fields(secret) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, "whsec_"))
		if err != nil || len(key) < minKey {
			return nil, crm.Invalid("a webhook secret must be whsec_ and at least 24 bytes in base64")
		}
		hook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, crm.Invalid("a webhook secret cannot be used")
		}
		keys = append(keys, hook)
	}
	if len(keys) == 0 {
		return nil, crm.Invalid("a webhook secret must not be empty")
	}
	return func(header crm.WebhookHeader, body []byte, now time.Time) (crm.ShopEvent, error) {
		id, sent, err := proven(keys, header, body)
		if err != nil {
			return crm.ShopEvent{}, unauthenticated(err)
		}
		if age := now.Sub(sent); age > Tolerance || age < -Tolerance {
			return crm.ShopEvent{}, unauthenticated(errors.New("the signed time is too far from now"))
		}
		orders, err := standardOrders(body)
		if err != nil {
			return crm.ShopEvent{}, senseless(err)
		}
		return crm.ShopEvent{Delivery: "id:" + id, Expires: sent.Add(Tolerance), OrderIDs: orders}, nil
	}, nil
}

// proven returns the message's id and time if one of the keys signed them.
func proven(keys []*standardwebhooks.Webhook, header crm.WebhookHeader, body []byte) (id string, sent time.Time, err error) {
	signed := map[string][]string{}
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		signed[name] = []string{header.Get(name)}
	}
	err = errors.New("no key")
	for _, key := range keys { // All of them: the same work whichever it is. The time is ours to judge.
		if wrong := key.VerifyIgnoringTimestamp(body, signed); wrong == nil || err != nil {
			err = wrong
		}
	}
	if err != nil {
		return "", time.Time{}, err
	}
	if id = header.Get("Webhook-Id"); !messageID.MatchString(id) {
		return "", time.Time{}, errors.New("the id has other characters than letters, digits, _ and -")
	}
	seconds, err := strconv.ParseInt(header.Get("Webhook-Timestamp"), 10, 64)
	return id, time.Unix(seconds, 0).UTC(), err
}

func standardOrders(body []byte) ([]string, error) {
	var message struct {
		Data struct {
			Orders []string `json:"orders"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return nil, errors.New("the body is not JSON of the documented form")
	}
	return Orders(message.Data.Orders...)
}

// Keyed proves webhooks by an HMAC-SHA256 of the body, in base64 in a header. The
// headers are not signed: a delivery is known by its body, and its signature holds
// for ever. orders reads the ids of orders from a header and a body.
func Keyed(secrets []string, signature string, orders func(crm.WebhookHeader, []byte) ([]string, error)) (crm.Webhook, error) {
	if len(secrets) == 0 {
		return nil, crm.Invalid("a webhook secret must not be empty")
	}
	for _, secret := range secrets {
		if len(secret) < minSecret {
			return nil, crm.Invalid("a webhook secret must have at least 16 characters")
		}
	}
	return func(header crm.WebhookHeader, body []byte, _ time.Time) (crm.ShopEvent, error) {
		given, _ := base64.StdEncoding.DecodeString(header.Get(signature))
		match := false
		for _, secret := range secrets { // All of them: the same work whichever it is.
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			match = hmac.Equal(given, mac.Sum(nil)) || match
		}
		if !match {
			return crm.ShopEvent{}, unauthenticated(errors.New("no key signed the body"))
		}
		ids, err := orders(header, body)
		if err != nil {
			return crm.ShopEvent{}, senseless(err)
		}
		sum := sha256.Sum256(body)
		return crm.ShopEvent{Delivery: "body:" + hex.EncodeToString(sum[:]), OrderIDs: ids}, nil
	}, nil
}

var orderID = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`)

// Orders checks that ids can be a shop's own and are not too many.
func Orders(ids ...string) ([]string, error) {
	if len(ids) > crm.MaxEventOrders {
		return nil, errors.New("an event has too many orders")
	}
	for _, id := range ids {
		if !orderID.MatchString(id) {
			return nil, errors.New("an order's id is none")
		}
	}
	return ids, nil
}

// Number is an id that a shop writes as a JSON number, or as one in quotes.
type Number string

// UnmarshalJSON reads a whole number above zero; null is "".
func (n *Number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	id, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	if err != nil || id < 1 {
		return errors.New("an id is not a whole number above zero")
	}
	*n = Number(strconv.FormatInt(id, 10))
	return nil
}
