package demo

import (
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// currency is what all the data set's money is in.
const currency = "GBP"

func pounds(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: currency} }

// makeProducts makes a product of every article.
func (g *generator) makeProducts() {
	for _, item := range g.articles {
		g.data.Products = append(g.data.Products, item.product(Source))
	}
}

// makeWebShopProducts makes one more, the web shop's, of those that were bought
// there. That is known with the organizations.
func (g *generator) makeWebShopProducts() {
	for _, item := range g.boughtOnline() {
		g.data.Products = append(g.data.Products, item.product(WebShop))
	}
}

// product returns the item as a source's product.
func (s *stockItem) product(source string) *crm.Product {
	var price *crm.Money
	if s.price > 0 {
		price = ptr(pounds(s.price))
	}
	return &crm.Product{
		ID: productID(source, s.code), Source: source, ExternalID: externalID(s.code),
		Title: s.title, Categories: categories(s),
		Variants: []crm.Variant{{
			SKU: s.code, Price: price, Availability: crm.AvailabilityInStock,
		}},
		CreatedAt: s.firstSold, UpdatedAt: s.lastSold,
	}
}

// categories sorts an item by words of its description; most fit none or one.
func categories(item *stockItem) []string {
	if item.service() {
		return []string{"Charges"}
	}
	found := []string{}
	words := strings.Fields(item.title)
	for _, c := range shelves() {
		for _, word := range words {
			if strings.Contains(c.words, " "+word+" ") {
				found = append(found, c.name)
				break
			}
		}
	}
	return found
}

// shelf is a category and the words that belong to it, a space round each.
type shelf struct{ name, words string }

func shelves() [8]shelf {
	return [...]shelf{
		{"Bags", " BAG BAGS SHOPPER TOTE PURSE "},
		{"Candles and Lights", " T-LIGHT CANDLE CANDLES LIGHT LIGHTS LANTERN LAMP CANDLEHOLDER "},
		{"Christmas", " CHRISTMAS ADVENT XMAS REINDEER SANTA SNOWFLAKE "},
		{"Garden", " GARDEN GARDENERS WATERING PLANT FLOWER "},
		{"Jewellery", " NECKLACE EARRINGS BRACELET RING BROOCH "},
		{"Kitchen and Table", " MUG CUP PLATE BOWL TEAPOT TEA COFFEE CAKE CAKESTAND JAR TIN LUNCH BOTTLE KITCHEN "},
		{"Party and Paper", " BUNTING CARD CARDS WRAP NAPKINS PAPER PARTY "},
		{"Toys", " DOLL TOY GAME PUZZLE SPACEBOY BUILDING PLAYHOUSE "},
	}
}
