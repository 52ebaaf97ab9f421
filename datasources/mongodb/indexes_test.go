package mongodb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/internal/crm"
)

// A kind that nobody made indexes for has what its description calls for.
func TestStandardIndexes(t *testing.T) {
	tests := map[string]struct {
		description crm.Description
		want        [][]crm.Field
	}{
		"with a time": {
			crm.Description{Unique: crm.FieldIdentity, Keys: []crm.KeyField{
				{Field: crm.FieldName, Class: crm.ClassSortable},
				{Field: crm.FieldCustomer, Class: crm.ClassText, Parent: crm.KindCustomer},
				{Field: crm.FieldRank, Class: crm.ClassNumber},
				{Field: crm.FieldUpdatedAt, Class: crm.ClassTime},
				{Field: crm.FieldCreatedAt, Class: crm.ClassTime},
				{Field: crm.FieldTokens, Class: crm.ClassMany},
				{Field: crm.FieldIdentity, Class: crm.ClassMany},
			}},
			[][]crm.Field{
				{crm.FieldName, crm.FieldID},
				{crm.FieldCustomer, crm.FieldUpdatedAt, crm.FieldID},
				{crm.FieldUpdatedAt, crm.FieldID},
				{crm.FieldCreatedAt, crm.FieldID},
				{crm.FieldTokens, crm.FieldUpdatedAt, crm.FieldID},
				{crm.FieldIdentity, crm.FieldUpdatedAt, crm.FieldID},
			},
		},
		"with a number": {
			crm.Description{Keys: []crm.KeyField{
				{Field: crm.FieldCustomer, Class: crm.ClassText}, {Field: crm.FieldRank, Class: crm.ClassNumber},
			}},
			[][]crm.Field{{crm.FieldCustomer, crm.FieldRank, crm.FieldID}},
		},
		"with texts beside": {
			crm.Description{Keys: []crm.KeyField{
				{Field: crm.FieldCustomer, Class: crm.ClassText, Parent: crm.KindCustomer},
				{Field: crm.FieldStatus, Class: crm.ClassText},
				{Field: crm.FieldType, Class: crm.ClassText},
				{Field: crm.FieldTokens, Class: crm.ClassMany},
			}},
			[][]crm.Field{
				{crm.FieldCustomer, crm.FieldID, crm.FieldStatus, crm.FieldType},
				{crm.FieldStatus, crm.FieldID, crm.FieldType},
				{crm.FieldType, crm.FieldID, crm.FieldStatus},
				{crm.FieldTokens, crm.FieldID, crm.FieldStatus, crm.FieldType},
			},
		},
		"with neither": {
			crm.Description{Keys: []crm.KeyField{{Field: crm.FieldStatus, Class: crm.ClassText}}},
			[][]crm.Field{{crm.FieldStatus, crm.FieldID}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, mongodb.StandardIndexes(&test.description)); diff != "" {
				t.Errorf("indexes (-want +got):\n%s", diff)
			}
		})
	}
}
