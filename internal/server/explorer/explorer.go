package explorer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/server/clientaddr"
)

//go:embed assets page examples
var files embed.FS

// policy lets the page load what the gateway itself serves and nothing else: no
// script in the page, none from a string, no frame, no form, no other host. GraphiQL
// adds sheets when it opens a dialog, and has its fonts and images in its own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; style-src-attr 'none'; connect-src 'self'; " +
	"font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// permissions are those of the browser's that the page asks for: none.
const permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// customerVariable stands in the examples' variables for a customer's id.
const customerVariable = "$CUSTOMER"

// authorizationPath is where the page asks for what to authorize itself with.
const authorizationPath = "/explorer/authorization.json"

// Options say what the explorer shows.
type Options struct {
	// Customer is the demo's customer in the examples; "" is a store without the demo,
	// for which the examples name no record.
	Customer string
	// Authorization returns a whole Authorization header that the page asks with if
	// its address has none; nil is none. Whoever reaches this machine by a loopback
	// name gets it: it is for a demo whose data are made up.
	Authorization func() string
}

// Example is a query that the explorer opens with.
type Example struct {
	// Name is the file's name without its ending.
	Name string `json:"name"`
	// Query is the document, Variables a JSON object.
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables"`
}

// anyCustomer makes of the query for one customer that for the first one there is.
func anyCustomer(query string) string {
	const end = "  }\n}\n"
	return strings.NewReplacer("$id: ID!, ", "", "customer(id: $id) {", "customers(first: 1) { nodes {").
		Replace(strings.TrimSuffix(query, end)) + "  } }\n}\n"
}

// Examples returns the examples in the order of their tabs, about a customer of the
// demo; with "" those that name no record.
func Examples(customer string) ([]Example, error) {
	names, err := fs.Glob(files, "examples/*.graphql")
	if err != nil {
		return nil, fmt.Errorf("list the examples: %w", err)
	}
	id, err := json.Marshal(customer)
	if err != nil {
		return nil, fmt.Errorf("write the customer's id: %w", err)
	}
	examples := make([]Example, 0, len(names))
	for _, name := range names {
		base := strings.TrimSuffix(name, ".graphql")
		query, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read an example: %w", err)
		}
		variables, err := files.ReadFile(base + ".json")
		if err != nil {
			return nil, fmt.Errorf("read an example's variables: %w", err)
		}
		text := string(query)
		switch aboutOne := bytes.Contains(variables, []byte(customerVariable)); {
		case customer != "":
			variables = bytes.ReplaceAll(variables, []byte(`"`+customerVariable+`"`), id)
		case aboutOne:
			text, variables = anyCustomer(text), []byte("{}")
		case slices.Contains(demoAlone(), path.Base(base)):
			continue
		}
		examples = append(examples, Example{Name: path.Base(base), Query: text, Variables: variables})
	}
	return examples, nil
}

// demoAlone are the examples that find nothing but in the demo's data.
func demoAlone() []string { return []string{"3-search", "4-resolve"} }

// asset is a file as it is sent.
type asset struct {
	mediaType string
	body      []byte // gzip if compressed
	zipped    bool
	etag      string
}

// Handler serves the page at / and what it needs below /explorer/, with examples
// about a customer.
type Handler struct {
	index         asset
	assets        map[string]asset // by path
	authorization func() string    // nil for none
}

var _ http.Handler = (*Handler)(nil)

// New prepares the pages.
func New(o Options) (*Handler, error) {
	h := &Handler{assets: map[string]asset{}, authorization: o.Authorization}
	for _, folder := range []string{"assets", "page"} {
		entries, err := files.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("list the explorer's files: %w", err)
		}
		for _, entry := range entries {
			body, err := files.ReadFile(folder + "/" + entry.Name())
			if err != nil {
				return nil, fmt.Errorf("read the explorer's files: %w", err)
			}
			h.add(entry.Name(), body)
		}
	}
	examples, err := Examples(o.Customer)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(examples)
	if err != nil {
		return nil, fmt.Errorf("write the examples: %w", err)
	}
	h.add("examples.json", body)
	h.link()
	return h, nil
}

// add keeps a file under its name; the ending .gz says that it is compressed.
func (h *Handler) add(name string, body []byte) {
	name, zipped := strings.CutSuffix(name, ".gz")
	sum := sha256.Sum256(body)
	h.assets["/explorer/"+name] = asset{mediaType: mediaType(name), body: body, zipped: zipped, etag: hex.EncodeToString(sum[:8])}
}

// link makes the page name each file with its digest, so that it may be kept
// for ever: another file has another name.
func (h *Handler) link() {
	const page = "/explorer/index.html"
	h.index = h.assets[page]
	delete(h.assets, page)
	for name, a := range h.assets {
		h.index.body = bytes.ReplaceAll(h.index.body, []byte(`"`+name+`"`), []byte(`"`+name+"?v="+a.etag+`"`))
	}
	sum := sha256.Sum256(h.index.body)
	h.index.etag = hex.EncodeToString(sum[:8])
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	default:
		return "text/plain; charset=utf-8"
	}
}

// ServeHTTP answers GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the explorer is read with GET", http.StatusMethodNotAllowed)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Permissions-Policy", permissions)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	if r.URL.Path == "/" {
		header.Set("Cache-Control", "no-cache")
		h.index.serve(w, r)
		return
	}
	if r.URL.Path == authorizationPath {
		h.serveAuthorization(w, r)
		return
	}
	a, ok := h.assets[r.URL.Path]
	if !ok {
		http.Error(w, "the explorer has no such file", http.StatusNotFound)
		return
	}
	if r.URL.Query().Get("v") == a.etag {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	a.serve(w, r)
}

// serveAuthorization tells the page what to authorize itself with, null for nothing.
// Pages of other sites cannot read it, and one that has its own name lead here (DNS
// rebinding) asks by that name.
func (h *Handler) serveAuthorization(w http.ResponseWriter, r *http.Request) {
	var header *string
	site := r.Header.Get("Sec-Fetch-Site")
	if h.authorization != nil && clientaddr.IsLoopbackHost(r.Host) && (site == "" || site == "same-origin") {
		if value := h.authorization(); value != "" {
			header = &value
		}
	}
	body, err := json.Marshal(header)
	if err != nil {
		http.Error(w, "the explorer has no such file", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.mediaType)
	etag, body := a.etag, a.body
	if a.zipped {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			etag += "-gzip"
		} else if body = unzip(body); body == nil {
			http.Error(w, "the explorer has no such file", http.StatusInternalServerError)
			return
		}
	}
	header.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip says whether an Accept-Encoding names gzip and does not rule it out.
func acceptsGzip(accepted string) bool {
	for coding := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		weight = strings.ReplaceAll(weight, " ", "")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return weight == "" || strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != ""
		}
	}
	return false
}

// unzip returns the content of a compressed file, nil if it is broken.
func unzip(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return content
}
