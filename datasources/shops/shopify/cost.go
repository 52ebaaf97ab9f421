package shopify

// Costs in points, as Shopify documents them: an object is 1, a single value 0, a
// connection 2 and its size times what one of its nodes costs.
// https://shopify.dev/docs/api/usage/limits
const (
	maxCost = 1000 // of one query
	// pageLimit is how much a connection gives, and how many ids a list may have.
	pageLimit = 250

	connection = 2
	// An order's head: the order, two addresses, the list of transactions, that of
	// fulfillments and of their tracking.
	headCost  = 6
	ownerCost = 2 // a customer and their email address
	lineCost  = 3 // a line, its product, its list of taxes
)

// ordersTake is how many orders of one customer are asked for at most.
const ordersTake = 100

func customerOrdersCost(customers, orders int) int {
	return connection + customers*customerCost(orders)
}

func customerCost(orders int) int { return ownerCost + connection + orders*headCost }

func moreOrdersCost(orders int) int { return 1 + connection + orders*headCost }

func orderHeadsCost(ids int) int { return ids * (headCost + ownerCost) }

func changedOrdersCost(first int) int { return connection + first*(headCost+ownerCost) }

func orderLinesCost(first int) int { return 1 + connection + first*lineCost }

func customerCountsCost(first int) int { return connection + first*ownerCost }

// A customer of the changes has an email address, a telephone number and at most
// 10 addresses.
const shopCustomerCost = ownerCost + 1 + connection + 10

func changedCustomersCost(first int) int { return connection + first*shopCustomerCost }

// productCost is a product's, its category's, its picture's three and its
// variants', each with a list of options.
func productCost(variants int) int { return 1 + 1 + 3 + connection + variants*2 }

func productsCost(ids, variants int) int { return 1 + ids*productCost(variants) }

func changedProductsCost(first, variants int) int {
	return 1 + connection + first*productCost(variants)
}

func productVariantsCost(first int) int { return 1 + connection + first*2 }

func variantsBySKUCost(first int) int { return connection + first*2 }

func checkoutsCost(first int) int { return connection + first*(1+ownerCost+2) }

func checkoutLinesCost(ids, first int) int { return ids * (1 + connection + first*6) }

const installationCost = 2

// Sizes that keep each operation below maxCost.
const (
	ordersPage    = 100 // changedOrdersCost: 802; orderHeadsCost: 800
	customersPage = 60  // changedCustomersCost: 902
	countsPage    = 250 // customerCountsCost: 502
	productsPage  = 35  // productsCost: 946
	variantsFirst = 10  // of each product, before the others are asked for
	variantsPage  = 250 // productVariantsCost: 503; variantsBySKUCost: 502
	checkoutsPage = 150 // checkoutsCost: 752
	checkoutLines = 10  // of each checkout, before the others are asked for
	linesPage     = 250 // orderLinesCost: 753
)
