package document

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// halfPair is a syntax error if an escape in a string of a document that was parsed is
// half of a surrogate pair, which is no character (GraphQL, September 2025, 2.9.4). The
// lexer would make it another character. The forms \u{…} it refuses itself.
func halfPair(text string) *gqlerror.Error {
	if !strings.Contains(text, `\u`) {
		return nil
	}
	for i := 0; i < len(text); {
		switch {
		case text[i] == '#':
			i += untilAny(text[i:], "\n\r")
		case strings.HasPrefix(text[i:], `"""`):
			i = afterBlock(text, i+3)
		case text[i] == '"':
			end, half := afterString(text, i+1)
			if half {
				return refuseAt(placeOf(text, end), CodeParseFailed, "Syntax error: an escape in a string is half of a surrogate pair.")
			}
			i = end
		default:
			i++
		}
	}
	return nil
}

// untilAny returns how many bytes come before any of some characters.
func untilAny(text, characters string) int {
	if i := strings.IndexAny(text, characters); i >= 0 {
		return i
	}
	return len(text)
}

// afterBlock returns where a block string ends whose content begins at i. Of more than
// three quotes the last three end it, as the lexer has it.
func afterBlock(text string, i int) int {
	for i < len(text) {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, `\"""`):
			i += 4
		case strings.HasPrefix(rest, `"""`):
			return i + len(rest) - len(strings.TrimLeft(rest, `"`))
		default:
			i++
		}
	}
	return i
}

// afterString returns where a string ends whose content begins at i, or where in it
// an escape is half of a pair.
func afterString(text string, i int) (end int, half bool) {
	for i < len(text) {
		switch text[i] {
		case '"':
			return i + 1, false
		case '\\':
			r, isUnit := unit(text[i:])
			if !isUnit || !utf16.IsSurrogate(r) {
				i += 2
				continue
			}
			if second, ok := unit(text[i+6:]); !ok || utf16.DecodeRune(r, second) == utf8.RuneError {
				return i, true
			}
			i += 12
		default:
			i++
		}
	}
	return i, false
}

// unit reads an escape of four digits, \uXXXX.
func unit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// placeOf returns line and column of an offset in bytes; both count from 1.
func placeOf(text string, offset int) *ast.Position {
	before := strings.ReplaceAll(strings.ReplaceAll(text[:offset], "\r\n", "\n"), "\r", "\n")
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return &ast.Position{Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line)}
}
