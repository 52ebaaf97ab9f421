package crm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

// The values are in the databases of everybody who has imported anything: they must
// never change. Those of other kinds differ in the kind alone.
func TestDerivedIDIsStable(t *testing.T) {
	want := map[crm.Kind]crm.ID{
		crm.KindTeam:           "team_4zdczesd41gydvw3pgyced47we",
		crm.KindEmployee:       "emp_27y23dmee8g3yt5wrad1ahwwmw",
		crm.KindPartnerApp:     "app_3d3s1c344jgedr2f3v19pajwm7",
		crm.KindCustomer:       "cus_6awamfzwddgvq8rzw7afrd01j3",
		crm.KindProduct:        "prd_online-retail.17850",
		crm.KindOrder:          "ord_online-retail.17850",
		crm.KindTicket:         "tkt_73gtazje26hpprrn33nvrz2rb1",
		crm.KindArticle:        "art_1t1k4zaq9xget81v5fj561s9yj",
		crm.KindInteraction:    "int_1hq3shrkp2h93sjwv3aa2dyzze",
		crm.KindRecommendation: "rec_33c33tv72fgvctwjsjq2m450wa",
		crm.KindNextBestAction: "nba_7md6axeeqkhf6ve6aawwr7hgx3",
	}
	got := map[crm.Kind]crm.ID{}
	for kind := range want {
		got[kind] = crm.DerivedID(kind, "online-retail", "17850")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("derived ids (-want +got):\n%s", diff)
	}
}

func TestDerivedIDTellsWordsApart(t *testing.T) {
	ids := map[crm.ID]bool{
		crm.DerivedID(crm.KindCustomer, "a", "bc"): true, crm.DerivedID(crm.KindCustomer, "ab", "c"): true,
		crm.DerivedID(crm.KindTicket, "a", "bc"): true, crm.DerivedID(crm.KindCustomer, "a", ""): true,
		crm.DerivedID(crm.KindCustomer, "a", "BC"): true,
	}
	if len(ids) != 5 {
		t.Errorf("five different things have %d ids", len(ids))
	}
}

func TestKindOf(t *testing.T) {
	good := "01h455vb4pex5vsknk084sn02q"
	tests := map[crm.ID]crm.Kind{
		crm.ID("cus_" + good): crm.KindCustomer, crm.ID("team_" + good): crm.KindTeam,
		"ord_shop.1": crm.KindOrder, "prd_shop-2.a.b/c": crm.KindProduct, "ord_a.~": crm.KindOrder,

		"": "", "cus": "", "cus_": "", "_" + crm.ID(good): "", "cus_x": "", "nonsense": "",
		crm.ID("CUS_" + good): "", crm.ID("cus_" + strings.ToUpper(good)): "", crm.ID("cus-" + good): "",
		crm.ID("xyz_" + good): "", crm.ID("cus_" + good + "0"): "", crm.ID("cus_" + good[1:]): "",
		crm.ID("cus_8" + good[1:]):  "", // 8 in front is more than 128 bits
		crm.ID("cus_0i" + good[2:]): "", crm.ID("cus_0l" + good[2:]): "", crm.ID("cus_0o" + good[2:]): "", crm.ID("cus_0u" + good[2:]): "",
		crm.ID("cus_" + good + "\n"): "", crm.ID(" cus_" + good): "", crm.ID("ord_" + good): "", crm.ID("cus_cus_" + good[4:]): "",
		"ord_shop": "", "ord_shop.": "", "ord_.1": "", "ord_Shop.1": "", "ord_shop.a b": "", "ord_shop.ä": "", "ord_shop.\x00": "",
		crm.ID("ord_shop." + strings.Repeat("1", 128)): crm.KindOrder, crm.ID("ord_shop." + strings.Repeat("1", 129)): "",
		crm.ID("ord_" + strings.Repeat("s", 65) + ".1"): "", crm.ID("ord_" + strings.Repeat("s", 64) + "." + strings.Repeat("1", 128)): crm.KindOrder,
		crm.ID("cus_" + strings.Repeat("0", 1<<20)): "", `{"$gt": ""}`: "", "\xff_\xfe": "",
	}
	for id, want := range tests {
		if got := id.Kind(); got != want {
			t.Errorf("the kind of %.60q is %q, want %q", id, got, want)
		}
	}
}

func TestIDsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(crm.Kinds()).Draw(t, "kind")
		source := rapid.StringMatching(`[a-z0-9-]{1,64}`).Draw(t, "source")
		external := rapid.StringMatching(`[!-~]{1,128}`).Draw(t, "external id")
		id := crm.DerivedID(kind, source, external)
		if got := id.Kind(); got != kind {
			t.Fatalf("%s is of kind %q, want %q", id, got, kind)
		}
		gotSource, gotExternal, ok := id.Source()
		if kind != crm.KindOrder && kind != crm.KindProduct {
			if ok {
				t.Fatalf("%s has a source", id)
			}
			return
		}
		if gotSource != source || gotExternal != external || !ok {
			t.Fatalf("%s comes from %q %q, want %q %q", id, gotSource, gotExternal, source, external)
		}
	})
}

func TestNewID(t *testing.T) {
	before := crm.NewID(crm.KindTicket)
	after := crm.NewID(crm.KindTicket)
	if before.Kind() != crm.KindTicket || before >= after {
		t.Errorf("new ids %s and %s should be tickets' and rise", before, after)
	}
}

func TestOnly(t *testing.T) {
	a, b := crm.DerivedID(crm.KindCustomer, "x", "a"), crm.DerivedID(crm.KindCustomer, "x", "b")
	got := crm.Only(crm.KindCustomer, []crm.ID{b, "", a, b, crm.DerivedID(crm.KindTicket, "x", "a"), "cus_", a})
	if diff := cmp.Diff([]crm.ID{b, a}, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if got := crm.Only(crm.KindCustomer, nil); got == nil || len(got) != 0 {
		t.Errorf("of no ids %v are kept", got)
	}
}
