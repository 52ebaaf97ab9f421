package main_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README's example gives the README's answer.
func TestReadmeExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```graphql\n(.*?)```\n\n```json\n(.*?)```").FindSubmatch(readme)
	if blocks == nil {
		t.Fatal("the README has no graphql block with its json answer behind it")
	}
	body, err := json.Marshal(map[string]string{"query": string(blocks[1])})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil, "demo", "--store", demoStore(t))
	_, answer := fetch(t, s.graphql, string(body))
	var want, got struct{ Data, Errors any } // What an answer cost is not shown.
	if err := json.Unmarshal(blocks[2], &want); err != nil {
		t.Fatalf("the README's answer: %v", err)
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's answer (-README +answer):\n%s", diff)
	}
}
