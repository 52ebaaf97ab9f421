package demo

import (
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// currency is what all the data set's money is in.
const currency = "GBP"

func pounds(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: currency} }

func (g *generator) makeProducts() {
	g.data.Products = make([]*crm.Product, len(g.articles))
	for i, item := range g.articles {
		var price *crm.Money
		if item.price > 0 {
			price = ptr(pounds(item.price))
		}
		g.data.Products[i] = &crm.Product{
			ID: item.id, Source: Source, ExternalID: externalID(item.code),
			Title: item.title, Categories: categories(item),
			Variants: []crm.Variant{{
				SKU: item.code, Price: price, Availability: crm.AvailabilityInStock,
			}},
			CreatedAt: item.firstSold, UpdatedAt: item.lastSold,
		}
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
