package upstream

import (
	"html"
	"regexp"
	"strings"
)

var markup = regexp.MustCompile(`<[^>]*>`)

// Plain returns the words of a text that a shop keeps as HTML: without its tags, and
// with its entities decoded, once.
func Plain(text string) string {
	return strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(text, " ")))
}
