// Gohandler answers the benchmark's queries by hand, known by the operation's name in
// the body: from MongoDB, or Q1 to Q3 with -memory from structs that are loaded at the
// start. GET /mallocs says how many objects it has allocated so far.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"runtime"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// handler answers Q1 to Q3 from its store, and the rest from MongoDB alone.
type handler struct {
	store
	mongo *inMongo
}

type request struct {
	Operation string `json:"operationName"`
	Variables struct {
		ID    string `json:"id"`
		Text  string `json:"text"`
		After string `json:"after"`
	} `json:"variables"`
}

func (h handler) answer(ctx context.Context, r request) (any, error) {
	switch r.Operation {
	case "Q1":
		return h.q1(ctx, r.Variables.ID)
	case "Q2":
		return h.q2(ctx)
	case "Q3":
		return h.q3(ctx)
	case "Customer360":
		return h.mongo.customer360(ctx, r.Variables.ID)
	case "Q5":
		return h.mongo.search(ctx, r.Variables.Text)
	case "Q6":
		return h.mongo.tickets(ctx)
	case "Q7":
		return h.mongo.export(ctx, r.Variables.After)
	}
	return nil, fmt.Errorf("no operation is called %q", r.Operation)
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&asked); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	data, err := h.answer(r.Context(), asked)
	if err != nil {
		log.Print(err)
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(struct {
		Data any `json:"data"`
	}{data})
}

func mallocs(w http.ResponseWriter, _ *http.Request) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Fprintln(w, stats.Mallocs)
}

func main() {
	listen, uri, memory := flag.String("listen", "127.0.0.1:0", ""), flag.String("mongo", "", ""), flag.Bool("memory", false, "")
	flag.Parse()
	client, err := mongo.Connect(options.Client().ApplyURI(*uri))
	if err != nil {
		log.Fatal(err)
	}
	name, _, _ := strings.Cut((*uri)[strings.LastIndexByte(*uri, '/')+1:], "?")
	from := &inMongo{client.Database(name)}
	h := handler{store: from, mongo: from}
	if *memory {
		if h.store, err = load(context.Background(), from.db); err != nil {
			log.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("POST /graphql", h)
	mux.HandleFunc("GET /mallocs", mallocs)
	log.Fatal(http.ListenAndServe(*listen, mux)) //nolint:gosec // It serves a benchmark on loopback.
}
