// The mock's shop: the same on every start. Times end at NOW.
const NOW = Date.parse('2026-06-30T12:00:00Z');
const DAY = 86400e3;
const CURRENCY = 'USD';
const gid = (type, n) => `gid://shopify/${type}/${n}`;
const iso = (t) => new Date(t).toISOString().replace('.000Z', 'Z');
const amount = (minor) => (minor / 100).toFixed(2);
const moneyV2 = (minor) => ({ amount: amount(minor), currencyCode: CURRENCY });
const bag = (minor) => ({ shopMoney: moneyV2(minor), presentmentMoney: moneyV2(minor) });
const pad = (n) => String(n).padStart(4, '0');
const list = (n, make) => Array.from({ length: n }, (_, i) => make(i));

const address = (first, last, n) => ({
  __typename: 'MailingAddress', id: gid('MailingAddress', n), name: `${first} ${last}`, company: null, address1: `${n} Example Street`, address2: null,
  city: 'Springfield', province: 'Oregon', zip: '97477', countryCodeV2: 'US',
});

function product(i) {
  const title = `${['Tent', 'Lamp', 'Stove', 'Rope', 'Pack', 'Mug'][i % 6]} ${i}`;
  const p = {
    __typename: 'Product', id: gid('Product', 500 + i), title, description: `A ${title.toLowerCase()}.`, productType: 'Outdoor', status: i === 11 ? 'ARCHIVED' : 'ACTIVE',
    createdAt: '2026-01-01T00:00:00Z', updatedAt: iso(NOW - (20 - Math.floor(i / 3)) * DAY), // Three share each time.
    category: { __typename: 'TaxonomyCategory', id: gid('TaxonomyCategory', 'sg-4'), fullName: 'Sporting Goods > Outdoor Recreation' },
    featuredMedia: { __typename: 'MediaImage', id: gid('MediaImage', 600 + i), preview: { image: { url: `https://cdn.example.test/${500 + i}.png` } } },
  };
  p.variants = { all: list(i === 0 ? 14 : 1 + (i % 3), (k) => ({
    __typename: 'ProductVariant', id: gid('ProductVariant', 5000 + i * 100 + k), sku: `SKU-${i}-${k}`, title: `Size ${k}`, price: amount(1000 + i * 250 + k * 50),
    availableForSale: k !== 2, selectedOptions: [{ name: 'Size', value: String(k) }], product: p,
  })) };
  return p;
}
const products = list(12, product);
const variants = products.flatMap((p) => p.variants.all);

const customers = [];
const orders = [];
const checkouts = [];

function customer(n, email, extra = {}) {
  const first = `Sam${n}`, last = 'Shopper';
  const c = {
    __typename: 'Customer', id: gid('Customer', n), legacyResourceId: String(n), firstName: first, lastName: last, displayName: `${first} ${last}`, email,
    defaultEmailAddress: email && { emailAddress: email }, defaultPhoneNumber: { phoneNumber: `+1503555${pad(n)}` }, state: n % 2 ? 'DISABLED' : 'ENABLED', verifiedEmail: true,
    createdAt: '2026-01-01T00:00:00Z', updatedAt: iso(NOW - (40 - Math.floor((n % 100) / 5)) * DAY), // Five share each time.
    addressesV2: { all: [address(first, last, n)] }, ...extra,
  };
  customers.push(c);
  return c;
}

function order(n, c, at, lineCount, shape = {}) {
  const items = list(lineCount, (k) => {
    const p = products[(n + k) % products.length], unit = 1000 + ((n * 7 + k) % 40) * 125, quantity = 1 + ((n + k) % 2), off = shape.discount && k === 0 ? 100 : 0;
    const total = unit * quantity - off;
    return {
      __typename: 'LineItem', id: gid('LineItem', n * 1000 + k), title: p.title, variantTitle: null, sku: p.variants.all[0].sku, quantity, product: p, _total: total, _tax: Math.round(total / 10),
      originalUnitPrice: amount(unit), totalDiscount: amount(off), discountedTotal: amount(total), taxLines: [{ price: amount(Math.round(total / 10)) }],
    };
  });
  const sum = (of) => items.reduce((t, l) => t + of(l), 0);
  const tax = sum((l) => l._tax), total = sum((l) => l._total) + tax + 499, refunded = shape.refund ? items[0]._total : 0;
  const line = (k, quantity) => ({ id: gid('RefundLineItem', n * 1000 + k), quantity, lineItem: items[k] });
  const shipped = shape.shipped ?? 0;
  const o = {
    __typename: 'Order', id: gid('Order', n), legacyResourceId: String(n), name: `#${n}`, email: c?.email ?? 'guest@example.test', customer: c ?? null, test: !!shape.test,
    sourceName: 'web', poNumber: null, closed: false, cancelledAt: shape.cancelled ? iso(at + DAY) : null, createdAt: iso(at), processedAt: iso(at), updatedAt: iso(shape.updated ?? at + 2 * DAY),
    displayFinancialStatus: shape.cancelled ? 'VOIDED' : shape.refund ? 'PARTIALLY_REFUNDED' : 'PAID',
    displayFulfillmentStatus: shipped === 0 ? 'UNFULFILLED' : shipped < lineCount && shape.parcels > 1 ? 'PARTIALLY_FULFILLED' : 'FULFILLED',
    returnStatus: shape.returned ? 'RETURNED' : 'NO_RETURN', currencyCode: CURRENCY, presentmentCurrencyCode: CURRENCY, taxesIncluded: false,
    totalPrice: amount(total), totalDiscounts: amount(shape.discount ? 100 : 0), totalShippingPrice: '4.99', totalTax: amount(tax), totalRefunded: amount(refunded),
    subtotalLineItemsQuantity: items.reduce((t, l) => t + l.quantity, 0), currentTotalPriceSet: bag(total - refunded), totalPriceSet: bag(total),
    shippingAddress: address(c?.firstName ?? 'Guest', 'Shopper', n), billingAddress: address(c?.firstName ?? 'Guest', 'Shopper', n),
    transactions: [{ __typename: 'OrderTransaction', id: gid('OrderTransaction', n), kind: 'SALE', status: shape.cancelled ? 'FAILURE' : 'SUCCESS', gateway: 'bogus', amount: amount(total), test: false, createdAt: iso(at), processedAt: iso(at) }],
    lineItems: { all: items },
    fulfillments: list(shape.parcels ?? (shipped ? 1 : 0), (k) => ({
      __typename: 'Fulfillment', id: gid('Fulfillment', n * 10 + k), status: 'SUCCESS', displayStatus: 'DELIVERED', createdAt: iso(at + DAY), deliveredAt: n % 2 ? iso(at + 2 * DAY) : null,
      trackingInfo: [{ company: 'UPS', number: `1Z${n}${k}`, url: `https://track.example.test/1Z${n}${k}` }],
      fulfillmentLineItems: { all: items.slice(k, shape.parcels > 1 ? k + 1 : undefined).map((l) => ({ __typename: 'FulfillmentLineItem', id: gid('FulfillmentLineItem', n * 1000 + k), quantity: l.quantity, lineItem: l })) },
    })),
    refunds: shape.refund ? [{ __typename: 'Refund', id: gid('Refund', n), createdAt: iso(at + 3 * DAY), processedAt: iso(at + 3 * DAY), note: 'damaged', totalRefundedSet: bag(refunded), refundLineItems: { all: [line(0, 1)] } }] : [],
    returns: { all: shape.returned ? [{ __typename: 'Return', id: gid('Return', n), status: 'CLOSED', createdAt: iso(at + 2 * DAY), closedAt: iso(at + 3 * DAY), returnLineItems: { all: [{ __typename: 'ReturnLineItem', id: gid('ReturnLineItem', n), quantity: 1, returnReasonNote: 'damaged', fulfillmentLineItem: { __typename: 'FulfillmentLineItem', id: gid('FulfillmentLineItem', n), lineItem: items[0] } }] } }] : [] },
  };
  orders.push(o);
  return o;
}

function checkout(n, c, at, lineCount) {
  const items = list(lineCount, (k) => ({
    __typename: 'AbandonedCheckoutLineItem', id: `gid://shopify/AbandonedCheckoutLineItem/${n}f${k}?checkout=${n}`, title: products[k % 12].title, sku: `SKU-${k % 12}-0`, quantity: 1, product: products[k % 12],
    originalUnitPriceSet: bag(1500), discountedTotalPriceSet: bag(1400),
  }));
  checkouts.push({
    __typename: 'AbandonedCheckout', id: gid('AbandonedCheckout', n), abandonedCheckoutUrl: `https://mock.example.test/checkouts/${n}/recover`, completedAt: n % 5 === 0 ? iso(at + 60e3) : null,
    createdAt: iso(at), updatedAt: iso(at + 3600e3), customer: c, totalPriceSet: bag(1400 * lineCount), lineItems: { all: items },
  });
}

// The customers that other shops have too: 2 to 6 orders each, of one or two lines.
for (let i = 0; i < 20; i++) {
  const c = customer(100 + i, `shopper${pad(i)}@example.test`);
  const count = 2 + (i % 5);
  for (let k = 0; k < count; k++) {
    // Every fourth customer has two orders at one second.
    const slot = i % 4 === 0 && k === 1 ? 0 : k;
    const at = NOW - (10 + slot * 21) * DAY + i * 3661e3;
    order(1000 + i * 10 + k, c, at, 1 + ((i + k) % 2), { shipped: k % 2 ? 9 : 0, discount: k === 2, refund: k === 1 && i % 10 === 1, cancelled: k === 3 });
  }
  if (i % 3 === 0) checkout(701 + i, c, NOW - i * DAY, 1 + (i % 4));
}
// Those that are harder: many orders at one second, long orders, returns, tests, guests.
const many = customer(201, 'many@example.test');
for (let k = 0; k < 40; k++) order(3000 + k, many, NOW - DAY * (k < 15 ? 5 : 5 + k), 1, { shipped: k % 3 ? 9 : 0 });
const long = customer(202, 'long@example.test');
order(4001, long, NOW - 3 * DAY, 60, { parcels: 2, shipped: 2 });
order(4002, long, NOW - 4 * DAY, 3, { shipped: 3, refund: true, returned: true });
order(4003, long, NOW - 5 * DAY, 300, {});
order(4004, long, NOW - 6 * DAY, 1, { test: true });
checkout(801, long, NOW - DAY, 30);
customer(203, 'none@example.test');
// Found by the words of shopper0001's address, and somebody else.
order(4101, customer(204, 'other.shopper0001@example.test'), NOW - 7 * DAY, 1, {});
order(4201, null, NOW - 8 * DAY, 1, {});
// Many changes at one time.
for (let k = 0; k < 130; k++) order(5000 + k, many, NOW - (200 + (k % 7)) * DAY, 1, { updated: NOW - 30 * DAY });
for (const c of customers) c.numberOfOrders = String(orders.filter((o) => o.customer === c).length);

module.exports = { NOW, DAY, CURRENCY, customers, orders, products, variants, checkouts };
