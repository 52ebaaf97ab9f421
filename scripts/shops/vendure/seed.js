// Seeds customers, orders and carts through the real Shop API, moves some orders on
// through the Admin API, and makes keys. What is there already stays as it is.
const fs = require('fs');
const crypto = require('crypto');
const BASE = process.env.VENDURE_URL || 'http://127.0.0.1:3100';
const N = Number(process.argv[2] || 20);
const email = (c) => `shopper${String(c).padStart(4, '0')}@example.test`;
const phone = (c) => '+44163296' + String(c).padStart(4, '0');
const PASSWORD = 'shopper-fixture';

async function ask(api, query, variables = {}, token = '') {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = 'Bearer ' + token;
  const response = await fetch(`${BASE}/${api}`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors).slice(0, 800));
  for (const [field, value] of Object.entries(answer.data)) {
    if (value && value.errorCode) throw new Error(`${field}: ${value.errorCode} ${value.message}`);
  }
  return { ...answer.data, token: response.headers.get('vendure-auth-token') || token };
}
const shop = (query, variables, token) => ask('shop-api', query, variables, token);
const admin = (query, variables, token) => ask('admin-api', query, variables, token);
const order = (fields) => `{ ...on Order { ${fields} } ...on ErrorResult { errorCode message } }`;
const keep = (file, text) => { fs.writeFileSync(file, text, { mode: 0o600 }); fs.chmodSync(file, 0o600); };

async function role(token, code, permissions) {
  const { roles } = await admin('{ roles { items { id code } } }', {}, token);
  const found = roles.items.find((r) => r.code === code);
  if (found) return found.id;
  const { createRole } = await admin('mutation($i: CreateRoleInput!) { createRole(input: $i) { id } }',
    { i: { code, description: code, permissions } }, token);
  return createRole.id;
}

async function key(token, roleId, name) {
  const { createApiKey } = await admin('mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { apiKey } }',
    { i: { roleIds: [roleId], translations: [{ languageCode: 'en', name }] } }, token);
  return createApiKey.apiKey;
}

async function session(token, roleId) {
  const emailAddress = `reader-${crypto.randomUUID()}@example.test`;
  const password = crypto.randomUUID();
  await admin('mutation($i: CreateAdministratorInput!) { createAdministrator(input: $i) { id } }',
    { i: { firstName: 'Read', lastName: 'Only', emailAddress, password, roleIds: [roleId] } }, token);
  const answer = await admin('mutation($u: String!, $p: String!) { login(username: $u, password: $p, rememberMe: true) { ...on CurrentUser { id } ...on ErrorResult { errorCode message } } }',
    { u: emailAddress, p: password });
  return answer.token;
}

async function credentials(token) {
  const reader = await role(token, 'customer360-reader', ['ReadCustomer', 'ReadOrder', 'ReadCatalog', 'ReadProduct']);
  const limited = await role(token, 'customer360-limited', ['ReadCustomer']);
  if (!fs.existsSync('credentials-bearer')) keep('credentials-bearer', 'Bearer ' + await session(token, reader));
  if (!fs.existsSync('credentials-limited')) keep('credentials-limited', await key(token, limited, 'limited'));
  if (!fs.existsSync('credentials')) keep('credentials', await key(token, reader, 'reader'));
}

// place puts two products into a cart and buys it, as a guest.
async function place(c, o, stock) {
  const [a, b] = [stock.variants[(c * 7 + o * 3) % stock.variants.length], stock.variants[(c * 5 + o) % stock.variants.length]];
  const { token } = await shop(`mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 1) ${order('id')} }`, { v: a.id });
  const name = { firstName: 'Sam' + c, lastName: 'Shopper' };
  const { addPaymentToOrder } = await shop(`mutation($b: ID!, $customer: CreateCustomerInput!, $address: CreateAddressInput!, $ship: [ID!]!, $pay: String!) {
    addItemToOrder(productVariantId: $b, quantity: 2) ${order('id')}
    setCustomerForOrder(input: $customer) ${order('id')}
    setOrderShippingAddress(input: $address) ${order('id')}
    setOrderShippingMethod(shippingMethodId: $ship) ${order('id')}
    transitionOrderToState(state: "ArrangingPayment") ${order('id state')}
    addPaymentToOrder(input: { method: $pay, metadata: {} }) ${order('id payments { id } lines { id quantity }')}
  }`, {
    b: b.id, ship: [stock.shipping], pay: stock.payment,
    customer: { ...name, emailAddress: email(c), phoneNumber: phone(c) },
    address: { fullName: `${name.firstName} Shopper`, streetLine1: '1 Test St', city: 'London', postalCode: 'N1 1AA', countryCode: 'GB' },
  }, token);
  return addPaymentToOrder;
}

const settle = 'mutation($p: ID!) { settlePayment(id: $p) { ...on Payment { id } ...on ErrorResult { errorCode message } } }';
const move = 'mutation($i: ID!, $s: String!) { transitionFulfillmentToState(id: $i, state: $s) { ...on Fulfillment { id } ...on ErrorResult { errorCode message } } }';

// moveOn leaves an order authorized, paid, partially shipped, delivered (every other one partly refunded) or canceled, by its turn.
async function moveOn(placed, turn, token) {
  const kind = turn % 5;
  if (kind === 0) return;
  if (kind === 4) {
    await admin(`mutation($i: CancelOrderInput!) { cancelOrder(input: $i) ${order('id')} }`,
      { i: { orderId: placed.id, reason: 'customer changed mind', cancelShipping: true } }, token);
    return;
  }
  await admin(settle, { p: placed.payments[0].id }, token);
  if (kind === 1) return;
  const lines = kind === 2 ? placed.lines.slice(0, 1) : placed.lines;
  const { addFulfillmentToOrder } = await admin('mutation($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) { ...on Fulfillment { id } ...on ErrorResult { errorCode message } } }', {
    i: {
      lines: lines.map((l) => ({ orderLineId: l.id, quantity: l.quantity })),
      handler: { code: 'manual-fulfillment', arguments: [{ name: 'method', value: 'Royal Mail' }, { name: 'trackingCode', value: `RM${placed.id}GB` }] },
    },
  }, token);
  for (const s of kind === 3 ? ['Shipped', 'Delivered'] : ['Shipped']) await admin(move, { i: addFulfillmentToOrder.id, s }, token);
  if (kind === 3 && turn % 2) {
    const { refundOrder } = await admin('mutation($i: RefundOrderInput!) { refundOrder(input: $i) { ...on Refund { id state } ...on ErrorResult { errorCode message } } }',
      { i: { paymentId: placed.payments[0].id, amount: 500, reason: 'damaged', lines: [], shipping: 0, adjustment: 0 } }, token);
    if (refundOrder.state !== 'Settled') {
      await admin('mutation($i: SettleRefundInput!) { settleRefund(input: $i) { ...on Refund { id } ...on ErrorResult { errorCode message } } }',
        { i: { id: refundOrder.id, transactionId: 'rf_' + refundOrder.id } }, token);
    }
  }
}

// leaveCart gives a customer an account, and a cart that is not bought.
async function leaveCart(c, stock) {
  await shop('mutation($i: RegisterCustomerInput!) { registerCustomerAccount(input: $i) { ...on Success { success } ...on ErrorResult { errorCode message } } }',
    { i: { emailAddress: email(c), password: PASSWORD, firstName: 'Sam' + c, lastName: 'Shopper', phoneNumber: phone(c) } });
  const { token } = await shop('mutation($u: String!, $p: String!) { login(username: $u, password: $p) { ...on CurrentUser { id } ...on ErrorResult { errorCode message } } }',
    { u: email(c), p: PASSWORD });
  await shop(`mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 3) ${order('id')} }`, { v: stock.variants[(c * 11) % stock.variants.length].id }, token);
}

(async () => {
  const began = Date.now();
  const { token } = await admin('mutation { login(username: "superadmin", password: "superadmin", rememberMe: true) { ...on CurrentUser { id } ...on ErrorResult { errorCode message } } }');
  const from = fs.existsSync('seeded') ? Number(fs.readFileSync('seeded', 'utf8')) : 0;
  if (from < N) {
    const { productVariants } = await admin('{ productVariants(options: { take: 100, sort: { id: ASC } }) { items { id } } }', {}, token);
    const { shippingMethods, paymentMethods } = await admin('{ shippingMethods { items { id } } paymentMethods { items { code } } }', {}, token);
    const stock = { variants: productVariants.items, shipping: shippingMethods.items[0].id, payment: paymentMethods.items[0].code };
    for (let c = from; c < N; c++) {
      for (let o = 0; o < 1 + (c % 4); o++) await moveOn(await place(c, o, stock), c * 4 + o, token);
      if (c % 5 === 0) await leaveCart(c, stock);
      fs.writeFileSync('seeded', String(c + 1));
    }
  }
  await credentials(token);
  console.error(`${Math.max(N, from)} customers, seeded in ${Date.now() - began} ms`);
})().catch((e) => { console.error(e); process.exit(1); });
