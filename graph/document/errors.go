package document

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The values of extensions.code of errors about documents and variables. Those that
// Apollo Server has too are called as there, since clients know them.
const (
	// CodeParseFailed is a text that is no GraphQL.
	CodeParseFailed = "GRAPHQL_PARSE_FAILED"
	// CodeValidationFailed is a document that does not fit the schema.
	CodeValidationFailed = "GRAPHQL_VALIDATION_FAILED"
	// CodeOperationUnresolved is a request that does not name one of the document's
	// operations.
	CodeOperationUnresolved = "OPERATION_RESOLUTION_FAILURE"
	// CodeBadUserInput is a variable whose value does not fit its type.
	CodeBadUserInput = "BAD_USER_INPUT"
	// CodeLimitExceeded is what is larger, deeper or more than the gateway takes.
	CodeLimitExceeded = "LIMIT_EXCEEDED"
	// CodeCostExceeded is an operation of more points than one may cost.
	CodeCostExceeded = "COST_EXCEEDED"
)

// codeInvalid is that of a value which its type permits and its field does not:
// resolvers give it as well.
const codeInvalid = "INVALID"

// Bounds of what a message may repeat, in bytes.
const (
	maxNameTold = 64
	maxMessage  = 300
)

// refuse returns an error with a code, and a message that holds nothing of the
// document but, at most, names.
func refuse(code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    short(fmt.Sprintf(format, args...)),
		Extensions: map[string]any{"code": code},
	}
}

// refuseVariable is refuse for what is wrong with variables.
func refuseVariable(format string, args ...any) *gqlerror.Error {
	return refuse(CodeBadUserInput, format, args...)
}

// refuseAt is refuse with a place in the document.
func refuseAt(at *ast.Position, code, format string, args ...any) *gqlerror.Error {
	err := refuse(code, format, args...)
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
