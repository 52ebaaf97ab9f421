package access_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
)

// TestAuditor holds the lines of the audit to the byte: nothing else is in them.
func TestAuditor(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	id := "request-1"
	audit := access.NewAuditor(slog.New(handler), func(context.Context) string { return id })
	p := &access.Principal{Kind: access.KindStaff, ID: "staff:1", Roles: access.Roles()}
	ctx := context.Background()
	audit.AuthenticationFailed(ctx, "the token has expired", "")
	audit.AuthenticationFailed(ctx, access.Reason(access.CodeNotLinked), "portal")
	audit.Of("query").Denied(ctx, p, "Customer.displayName", "no role for it")
	audit.Of("query").ReadPII(ctx, p, []string{"Customer.displayName", "Customer.emails"})
	id = ""
	audit.Denied(ctx, p, "Query.customers(text:)", "no role for it")
	want := `{"level":"WARN","msg":"audit","event":"AUTHENTICATION_FAILED","reason":"the token has expired","requestId":"request-1"}
{"level":"WARN","msg":"audit","event":"AUTHENTICATION_FAILED","reason":"NOT_LINKED","issuer":"portal","requestId":"request-1"}
{"level":"WARN","msg":"audit","event":"DENIED","coordinates":["Customer.displayName"],"reason":"no role for it","principal":"staff:1","kind":"staff","operation":"query","requestId":"request-1"}
{"level":"INFO","msg":"audit","event":"READ_PII","coordinates":["Customer.displayName","Customer.emails"],"reason":"the operation asks for personal data","principal":"staff:1","kind":"staff","operation":"query","requestId":"request-1"}
{"level":"WARN","msg":"audit","event":"DENIED","coordinates":["Query.customers(text:)"],"reason":"no role for it","principal":"staff:1","kind":"staff"}
`
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("the lines are not right (-want +got):\n%s", diff)
	}
	var none *access.Auditor // Writes nothing.
	none.Of("query").Denied(ctx, p, "Customer.displayName", "")
}
