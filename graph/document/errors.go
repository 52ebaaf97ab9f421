package document

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// codeInvalid is extensions.code of every error made here: the caller's input is
// what is wrong.
const codeInvalid = "INVALID"

// codeVariables is extensions.code of an error about the variables of a request.
const codeVariables = codeInvalid

// Bounds of what a message may repeat, in bytes.
const (
	maxNameTold = 64
	maxMessage  = 300
)

// refuse returns an error with a message that holds nothing of the document but, at
// most, names.
func refuse(format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    short(fmt.Sprintf(format, args...)),
		Extensions: map[string]any{"code": codeInvalid},
	}
}

// refuseVariable is refuse for what is wrong with variables.
func refuseVariable(format string, args ...any) *gqlerror.Error {
	err := refuse(format, args...)
	err.Extensions["code"] = codeVariables
	return err
}

// refuseAt is refuse with a place in the document.
func refuseAt(at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := refuse(format, args...)
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}

// short cuts each name in a message to maxNameTold, and then the message to
// maxMessage.
func short(message string) string {
	run := 0
	var b strings.Builder
	b.Grow(min(len(message), maxMessage+4))
	for _, r := range message {
		if b.Len() >= maxMessage {
			b.WriteRune('…')
			break
		}
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			run++
		} else {
			run = 0
		}
		switch {
		case run <= maxNameTold:
			b.WriteRune(r)
		case run == maxNameTold+1:
			b.WriteRune('…')
		}
	}
	return b.String()
}
