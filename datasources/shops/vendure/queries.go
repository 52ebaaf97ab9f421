package vendure

// The documents. Each has one root field: with an API key every further one costs
// the shop another bcrypt.
const (
	orderFields = `fragment O on Order {
  id code state active createdAt updatedAt orderPlacedAt currencyCode
  customer { id emailAddress }
  channels { code }
  lines {
    id quantity orderPlacedQuantity unitPrice linePrice proratedLinePrice proratedLinePriceWithTax
    productVariant { sku name product { id name } }
  }
  surcharges { id description sku price priceWithTax }
  subTotal shipping total totalWithTax
  payments { method amount state createdAt refunds { total state reason createdAt lines { orderLineId quantity } } }
  fulfillments { id state method trackingCode createdAt updatedAt lines { orderLineId quantity } }
  shippingAddress { ...A }
  billingAddress { ...A }
}
fragment A on OrderAddress { fullName company streetLine1 streetLine2 city province postalCode countryCode }`

	productFields = `fragment P on Product {
  id createdAt updatedAt name description enabled
  featuredAsset { preview }
  collections { name }
  variants { id sku name enabled priceWithTax currencyCode stockLevel options { name group { name } } }
}`

	ordersOfDocument = `query OrdersOf($customers: CustomerListOptions!, $orders: OrderListOptions!) {
  customers(options: $customers) {
    totalItems
    items { id emailAddress orders(options: $orders) { totalItems items { ...O } } }
  }
}
` + orderFields

	countOrdersDocument = `query CountOrders($customers: CustomerListOptions!, $orders: OrderListOptions!) {
  customers(options: $customers) { totalItems items { id emailAddress orders(options: $orders) { totalItems } } }
}`

	cartsOfDocument = `query CartsOf($customers: CustomerListOptions!, $orders: OrderListOptions!) {
  customers(options: $customers) {
    totalItems
    items { id emailAddress orders(options: $orders) { items {
      id code state active createdAt updatedAt orderPlacedAt currencyCode totalWithTax
      customer { id emailAddress }
      lines {
        id quantity orderPlacedQuantity unitPrice linePrice proratedLinePrice proratedLinePriceWithTax
        productVariant { sku name product { id name } }
      }
      surcharges { id description sku price priceWithTax }
    } } }
  }
}`

	ordersDocument = `query Orders($options: OrderListOptions!) { orders(options: $options) { items { ...O } } }
` + orderFields

	productsDocument = `query Products($options: ProductListOptions!) { products(options: $options) { items { ...P } } }
` + productFields

	variantsDocument = `query Variants($options: ProductVariantListOptions!) {
  productVariants(options: $options) { items { id sku updatedAt product { ...P } } }
}
` + productFields

	customersDocument = `query Customers($options: CustomerListOptions!) {
  customers(options: $options) { items {
    id createdAt updatedAt firstName lastName emailAddress phoneNumber
    user { verified }
    addresses {
      fullName company streetLine1 streetLine2 city province postalCode country { code }
      defaultShippingAddress defaultBillingAddress
    }
  } }
}`
)
