package purchases

import (
	"context"
	"slices"
)

type onlyKey struct{}

// Only gives a context in which Carts, Orders, CountOrders and ProductsBySKU ask no
// shop but those named: for whom the others do not exist. Whether a customer is
// known to another shop, what it has of theirs, or whether it is there and answers,
// then shows in no call.
func Only(ctx context.Context, names []string) context.Context {
	return context.WithValue(ctx, onlyKey{}, names)
}

// may says whether a shop may be asked.
func may(ctx context.Context, name string) bool {
	names, limited := ctx.Value(onlyKey{}).([]string)
	return !limited || slices.Contains(names, name)
}
