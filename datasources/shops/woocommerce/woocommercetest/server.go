package woocommercetest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The credentials that a shop knows.
const (
	Key    = "ck_simulated"
	Secret = "cs_simulated" //nolint:gosec // Not one of anything real.
)

// Object is a record as WooCommerce writes it. Ids are int, int64 or float64.
type Object = map[string]any

// Data is what a shop has.
type Data struct {
	Customers, Orders, Products []Object
	// Variations and Refunds are by their product's and order's id.
	Variations, Refunds map[int64][]Object
	// Currency is the shop's; "" is USD.
	Currency string
}

// Server is a shop. Its methods may be called at once from any number of
// goroutines.
type Server struct {
	mux  *http.ServeMux
	zone *time.Location

	mu        sync.Mutex
	data      Data
	denied    map[string]bool
	clock     func() time.Time
	intercept func(http.ResponseWriter, *http.Request) bool
	requests  []string
}

// New makes a shop, whose site's clock is an hour ahead of GMT.
func New(data Data) *Server {
	s := &Server{mux: http.NewServeMux(), zone: time.FixedZone("site", 3600), data: data, denied: map[string]bool{}}
	const root = "GET /wp-json/wc/v3/"
	s.mux.HandleFunc(root+"orders", s.orders)
	s.mux.HandleFunc(root+"orders/{id}/refunds", s.refunds)
	s.mux.HandleFunc(root+"customers", s.customers)
	s.mux.HandleFunc(root+"products", s.products)
	s.mux.HandleFunc(root+"products/{id}/variations", s.variations)
	s.mux.HandleFunc(root+"data/currencies/current", s.currency)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "rest_no_route", "No route was found matching the URL and request method.")
	})
	return s
}

// Update changes what the shop has.
func (s *Server) Update(change func(*Data)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.data)
}

// Deny takes the key's right to read a resource: "orders", "customers",
// "products" or "data".
func (s *Server) Deny(resources ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range resources {
		s.denied[r] = true
	}
}

// Clock sets the clock of the answers' Date.
func (s *Server) Clock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// Intercept lets f answer in the shop's place: it says whether it did.
func (s *Server) Intercept(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// Requests returns the paths and queries that were asked for so far, and forgets
// them.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.requests
	s.requests = nil
	return asked
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	intercept, clock := s.intercept, s.clock
	s.requests = append(s.requests, strings.TrimPrefix(r.URL.RequestURI(), "/wp-json/wc/v3/"))
	s.mu.Unlock()
	if intercept != nil && intercept(w, r) {
		return
	}
	if clock != nil {
		w.Header().Set("Date", clock().UTC().Format(http.TimeFormat))
	}
	if s.authorized(w, r) {
		s.mux.ServeHTTP(w, r)
	}
}

// authorized answers as WooCommerce does: a key that it does not know is nobody,
// who may see nothing (401); a user without the right is somebody (403).
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	key, secret, ok := r.BasicAuth()
	resource, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/wp-json/wc/v3/"), "/")
	s.mu.Lock()
	denied := s.denied[resource]
	s.mu.Unlock()
	switch {
	case !ok || key != Key:
		refuse(w, http.StatusUnauthorized, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
	case secret != Secret:
		refuse(w, http.StatusUnauthorized, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
	case denied:
		refuse(w, http.StatusForbidden, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
	default:
		return true
	}
	return false
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Object{"code": code, "message": message, "data": Object{"status": status}})
}

func (s *Server) orders(w http.ResponseWriter, r *http.Request) {
	p := parse(r, "date", "id", "include", "title", "slug", "modified")
	statuses := p.words("status")
	customer, byCustomer := p.integer("customer")
	term := strings.ToLower(searched(p.query.Get("search")))
	s.list(w, r, p, "date", "desc", s.copyOf(func(d *Data) []Object { return d.Orders }), func(o Object) bool {
		return visible(o, statuses) && p.included(o) && p.dated(o, s.zone) &&
			(!byCustomer || number(o["customer_id"]) == customer) &&
			(term == "" || strings.Contains(index(o), term))
	})
}

// visible says whether an order has one of the statuses; "any" leaves out trash.
func visible(o Object, statuses []string) bool {
	status, _ := o["status"].(string)
	if len(statuses) == 0 || slices.Contains(statuses, "any") {
		return status != "trash" && status != "auto-draft"
	}
	return slices.Contains(statuses, status)
}

func (s *Server) customers(w http.ResponseWriter, r *http.Request) {
	p := parse(r, "id", "include", "name", "registered_date")
	role := p.query.Get("role")
	if role == "" {
		role = "customer"
	}
	email := p.query.Get("email")
	if email != "" && !strings.Contains(email, "@") {
		p.invalid("email")
	}
	s.list(w, r, p, "name", "asc", s.copyOf(func(d *Data) []Object { return d.Customers }), func(o Object) bool {
		has, ok := o["role"].(string)
		if !ok {
			has = "customer"
		}
		address, _ := o["email"].(string)
		return p.included(o) && (role == "all" || role == has) && (email == "" || strings.EqualFold(email, address))
	})
}

func (s *Server) products(w http.ResponseWriter, r *http.Request) {
	p := parse(r, "date", "id", "include", "title", "slug", "modified", "price", "popularity", "rating", "menu_order")
	skus := p.words("sku")
	if len(skus) > 1 {
		skus = append(skus, p.query.Get("sku"))
	}
	all := s.copyOf(func(d *Data) []Object { return d.Products })
	if len(skus) > 0 { // Then, and only then, variations are in the list.
		s.Update(func(d *Data) {
			for parent, variations := range d.Variations {
				for _, v := range variations {
					o := Object{"type": "variation", "parent_id": parent}
					for name, value := range v {
						o[name] = value
					}
					all = append(all, o)
				}
			}
		})
	}
	status := p.query.Get("status")
	s.list(w, r, p, "date", "desc", all, func(o Object) bool {
		sku, _ := o["sku"].(string)
		return p.included(o) && p.dated(o, s.zone) && (len(skus) == 0 || slices.Contains(skus, sku)) &&
			o["status"] != "trash" && (status == "" || status == "any" || o["status"] == status)
	})
}

func (s *Server) variations(w http.ResponseWriter, r *http.Request) {
	s.below(w, r, func(d *Data) map[int64][]Object { return d.Variations })
}

func (s *Server) refunds(w http.ResponseWriter, r *http.Request) {
	s.below(w, r, func(d *Data) map[int64][]Object { return d.Refunds })
}

func (s *Server) below(w http.ResponseWriter, r *http.Request, of func(*Data) map[int64][]Object) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	p := parse(r, "date", "id", "include", "title", "slug", "modified")
	all := s.copyOf(func(d *Data) []Object { return of(d)[id] })
	s.list(w, r, p, "date", "desc", all, p.included)
}

func (s *Server) currency(w http.ResponseWriter, _ *http.Request) {
	code := "USD"
	s.Update(func(d *Data) {
		if d.Currency != "" {
			code = d.Currency
		}
	})
	answer(w, Object{"code": code, "name": code, "symbol": code})
}

func (s *Server) copyOf(of func(*Data) []Object) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(of(&s.data))
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(body)
}
