package document

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// scan reads the tokens of source and keeps none: a text that breaks a limit which
// tokens show costs no tree. It gives the number of tokens.
func scan(source *ast.Source, limits Limits) (int, *gqlerror.Error) {
	lex := lexer.New(source)
	tokens, nesting, directives := 0, 0, 0
	for {
		token, err := lex.ReadToken()
		if err != nil {
			return tokens, unreadable(token)
		}
		switch token.Kind {
		case lexer.EOF:
			return tokens, nil
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if nesting++; nesting > maxNesting {
				return tokens, refuseAt(&token.Pos, CodeLimitExceeded, "The document nests deeper than %d brackets.", maxNesting)
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			nesting--
		case lexer.At:
			if directives++; directives > limits.Directives {
				return tokens, refuseAt(&token.Pos, CodeLimitExceeded, "The document has more than %d directives.", limits.Directives)
			}
		case lexer.Name:
			if len(token.Value) > maxName {
				return tokens, refuseAt(&token.Pos, CodeLimitExceeded, "The document has a name of more than %d bytes.", maxName)
			}
		default:
		}
		if tokens++; tokens > limits.Tokens {
			return tokens, refuse(CodeLimitExceeded, "The document has more than %d tokens.", limits.Tokens)
		}
	}
}

// unreadable is the error at a token that is none.
func unreadable(token lexer.Token) *gqlerror.Error {
	return refuseAt(&token.Pos, CodeParseFailed, "Syntax error: the text is not GraphQL here.")
}

// misplaced is a parser's error without the parser's words, which repeat values of
// the document.
func misplaced(err *gqlerror.Error, source *ast.Source) *gqlerror.Error {
	if len(err.Locations) == 0 {
		return refuse(CodeParseFailed, "Syntax error: the document cannot be read.")
	}
	at := err.Locations[0]
	told := refuse(CodeParseFailed, "Syntax error: %s is not expected here.", kindAt(source, at))
	told.Locations = []gqlerror.Location{at}
	return told
}

// kindAt says in words what kind of token stands at a place.
func kindAt(source *ast.Source, at gqlerror.Location) string {
	lex := lexer.New(source)
	for {
		token, err := lex.ReadToken()
		if err != nil {
			return "this"
		}
		if token.Kind == lexer.EOF {
			return "the end of the document"
		}
		if token.Pos.Line > at.Line || token.Pos.Line == at.Line && token.Pos.Column >= at.Column {
			return words(token.Kind)
		}
	}
}

func words(kind lexer.Type) string {
	switch kind {
	case lexer.Name:
		return "a name"
	case lexer.Int, lexer.Float:
		return "a number"
	case lexer.String, lexer.BlockString:
		return "a string"
	default:
		return `"` + kind.String() + `"`
	}
}
