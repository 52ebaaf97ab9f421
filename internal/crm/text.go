package crm

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Bounds of text keys, in bytes and in number.
const (
	maxTextKey = 256
	maxTokens  = 64
	// MaxSearchTerms bounds the words of one search.
	MaxSearchTerms = 8
)

// TextKey returns the key that text is compared and sorted by, as bytes: NFKC,
// case folded, without diacritics, white space collapsed, at most 256 bytes.
// Every store holds keys made here, so every store gives the same order.
func TextKey(text string) string {
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		text = strings.ToLower(text)
	} else {
		fold := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFKC, cases.Fold(), norm.NFKC)
		if folded, _, err := transform.String(fold, text); err == nil {
			// cases.Fold swaps the two cases of Cherokee instead of folding them.
			text = strings.ToLower(folded)
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	return clip(strings.Join(strings.Fields(text), " "), maxTextKey)
}

// clip cuts text to at most n bytes at a rune's start.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xc0 == 0x80 {
		n--
	}
	return text[:n]
}

// Tokens returns the search tokens of texts: their keys cut at everything that is
// no letter and no digit, each once, in order of appearance, at most 64. Words
// with a digit are tokens whole too, and so is what is given in exact: email
// addresses, order numbers. Of these 32 come first and the rest last.
func Tokens(exact []string, texts ...string) []string {
	seen := map[string]bool{}
	tokens := []string{}
	add := func(token string) {
		if token != "" && !seen[token] && len(tokens) < maxTokens {
			seen[token] = true
			tokens = append(tokens, token)
		}
	}
	first := min(len(exact), maxTokens/2) // A product's many SKUs leave room for its title.
	for _, text := range exact[:first] {
		add(strings.ReplaceAll(TextKey(text), " ", ""))
	}
	for _, text := range texts {
		for _, word := range strings.Fields(TextKey(text)) {
			for _, token := range strings.FieldsFunc(word, notToken) {
				add(token)
			}
			if hasDigit(word) {
				add(word)
			}
		}
	}
	for _, text := range exact[first:] {
		add(strings.ReplaceAll(TextKey(text), " ", ""))
	}
	return tokens
}

func notToken(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func hasDigit(word string) bool { return strings.IndexFunc(word, unicode.IsDigit) >= 0 }

// SearchTerms cuts what a caller searches for into terms: each must be the
// beginning of a token of what is found. Words with an "@", and words of digits
// with separators, stay whole, so that an email address, a phone number in
// E.164 and an order number can be typed. No term, more than 8 or more than 256
// bytes are Invalid.
func SearchTerms(text string) ([]string, error) {
	if len(text) > maxTextKey {
		return nil, Invalid("text to search for must have at most 256 bytes")
	}
	terms := []string{}
	for _, word := range strings.Fields(TextKey(text)) {
		if strings.ContainsAny(word, "@+#") || hasDigit(word) {
			terms = append(terms, word)
			continue
		}
		terms = append(terms, strings.FieldsFunc(word, notToken)...)
	}
	if len(terms) == 0 {
		return nil, Invalid("text to search for must have at least one letter or digit")
	}
	if len(terms) > MaxSearchTerms {
		return nil, Invalid("text to search for must have at most 8 words")
	}
	return terms, nil
}
