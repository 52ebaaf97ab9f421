package crm

import (
	"strings"
	"unicode"
)

// joins says whether a character is the zero-width joiner or non-joiner: in Hindi,
// Persian and emoji they change what is read, and words and domains have them.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

// withoutInvisible takes out what nobody can see or type, and what therefore makes two
// of what is one: zero-width spaces, byte order marks, soft hyphens, marks of
// direction. Joiners stay between letters that they can join: not beside ASCII, or at
// an end.
func withoutInvisible(text string) string {
	if strings.IndexFunc(text, invisible) < 0 {
		return text
	}
	runes := []rune(text)
	kept := make([]rune, 0, len(runes))
	for i, r := range runes {
		joining := joins(r) && i > 0 && i+1 < len(runes) && runes[i-1] > unicode.MaxASCII && runes[i+1] > unicode.MaxASCII
		if !invisible(r) || joining {
			kept = append(kept, r)
		}
	}
	return string(kept)
}

func invisible(r rune) bool { return r == '\u2800' || unicode.Is(unicode.Cf, r) }

// narrow writes the full-width forms of ASCII, which Japanese keyboards type, as ASCII,
// and the ideographic full stop as a dot.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '。' || r == '｡':
			return '.'
		}
		return r
	}, text)
}

// cleanEmail returns an address without what nobody can see in it and without white
// space around it, its full-width forms as ASCII. Nothing that is seen changes: two dots
// in a row or one before the @, as Japanese carriers once gave out, are kept.
func cleanEmail(text string) string {
	return strings.TrimSpace(narrow(withoutInvisible(text)))
}
