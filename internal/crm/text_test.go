package crm_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func TestTextKey(t *testing.T) {
	tests := map[string]string{
		"Straße": "strasse", "STRASSE": "strasse", "ẞ": "ss",
		"Zoë Müller": "zoe muller", "zoe\u0308": "zoe", "ÅNGSTRÖM": "angstrom", "Łódź": "łodz", "ø": "ø",
		"İstanbul": "istanbul", "ISTANBUL": "istanbul", "ı": "ı", // no language's rules: dotless stays apart
		"Ａｂｃ１": "abc1", "ﬁn": "fin", "①": "1", "Ǆ": "dz", "ＡＢ　ＣＤ": "ab cd",
		"日本語 テスト": "日本語 テスト", "ｶﾞ": "カ", "한국어": "한국어", "Ωmega": "ωmega", "ὈΔΥΣΣΕΎΣ": "οδυσσευσ",
		"ᏣᎳᎩ": "ꮳꮃꭹ", "ꮳꮃꭹ": "ꮳꮃꭹ",
		"👍 OK": "👍 ok", "  a \t b\r\n": "a b", "a\x00b": "a b", "a\u00a0b": "a b",
		"": "", " ": "", "\xff\xfe": "", "a\xffb": "a b",
	}
	for text, want := range tests {
		if got := crm.TextKey(text); got != want {
			t.Errorf("the key of %q is %q, want %q", text, got, want)
		}
	}
}

func TestTextKeyIsBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 1000), strings.Repeat("日", 1000), "a" + strings.Repeat("👍", 1000)} {
		key := crm.TextKey(text)
		if len(key) > 256 || len(key) < 253 || !utf8.ValidString(key) {
			t.Errorf("the key of a long text has %d bytes, valid %v", len(key), utf8.ValidString(key))
		}
	}
}

func TestTextKeyOfKeyIsKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := crm.TextKey(rapid.String().Draw(t, "text"))
		if again := crm.TextKey(key); again != key {
			t.Fatalf("the key of key %q is %q", key, again)
		}
		if !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
			t.Fatalf("the key %q is no text that every store can keep", key)
		}
	})
}

func TestTokens(t *testing.T) {
	tests := []struct {
		name  string
		exact []string
		texts []string
		want  []string
	}{
		{"words", nil, []string{"Anna-Lena O'Neill"}, []string{"anna", "lena", "o", "neill"}},
		{"repeats", nil, []string{"one two", "Two ONE three"}, []string{"one", "two", "three"}},
		{"exact", []string{"INV-2026/7", "Zoe@Example.com", "+44 1632"}, nil, []string{"inv-2026/7", "zoe@example.com", "+441632"}},
		{"diacritics", nil, []string{"Größe Ærø"}, []string{"grosse", "ærø"}},
		{"scripts", nil, []string{"山田 太郎", "Дарья"}, []string{"山田", "太郎", "дарья"}},
		{"nothing", []string{"", " "}, []string{"", "—!%_", "👍"}, []string{}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, crm.Tokens(test.exact, test.texts...)); diff != "" {
			t.Errorf("%s: tokens (-want +got):\n%s", test.name, diff)
		}
	}
	many := strings.Fields(strings.Repeat("x ", 100))
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	if n := len(crm.Tokens(nil, many...)); n != 64 {
		t.Errorf("100 words give %d tokens, want 64", n)
	}
	if got := crm.Tokens(many, "title"); len(got) != 64 || !slices.Contains(got, "title") {
		t.Errorf("100 exact tokens and a title give %v; want 64 with the title", got)
	}
}

func TestSearchTerms(t *testing.T) {
	tests := map[string][]string{
		"Zoë  MÜLLER": {"zoe", "muller"}, "O'Neill": {"o", "neill"}, "INV-2026/7": {"inv-2026/7"},
		"a@B.com": {"a@b.com"}, "+44 1632": {"+44", "1632"}, "C# dev": {"c#", "dev"}, "山田": {"山田"},
		"a b c d e f g h": {"a", "b", "c", "d", "e", "f", "g", "h"},
	}
	for text, want := range tests {
		got, err := crm.SearchTerms(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("terms of %q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", " ", "%_.*", "...", "'", `"$"`, "👍", "\xff", "\x00", "a b c d e f g h i"} {
		if got, err := crm.SearchTerms(text); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("terms of %q are %q, %v, want Invalid", text, got, err)
		}
	}
}

// Whoever types a record's own word, or the beginning of one, finds it.
func TestSearchTermsFindTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-Za-zÄÖÜäöüßéèŁ日本語]{1,12}`).Draw(t, "word")
		terms, err := crm.SearchTerms(word)
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		tokens := crm.Tokens(nil, word)
		if len(terms) != 1 || len(tokens) != 1 || terms[0] != tokens[0] {
			t.Fatalf("%q has terms %q and tokens %q", word, terms, tokens)
		}
	})
}
