// A mock of Shopify's Admin GraphQL API that accepts only what the real schema
// accepts. See README.md for what is real and what is not.
const fs = require('fs');
const http = require('http');
const zlib = require('zlib');
const { buildClientSchema, parse, validate, execute, specifiedRules, getOperationAST } = require('graphql');
const data = require('./data');
const search = require('./search');
const { cost, actual } = require('./cost');

const started = Date.now();
const schema = buildClientSchema(JSON.parse(zlib.gunzipSync(fs.readFileSync(process.env.SCHEMA))).data);
const token = process.env.TOKEN || 'shpat_mock';
const scopes = (process.env.SCOPES ?? 'read_all_orders,read_customers,read_orders,read_products,read_returns').split(',').filter(Boolean);
const maxCost = 1000;

// -- what is there --------------------------------------------------------
const visible = (o) => scopes.includes('read_all_orders') || Date.parse(o.processedAt) >= data.NOW - 60 * data.DAY;
const orders = () => data.orders.filter(visible);
const everything = () => [...data.customers, ...orders(), ...data.products, ...data.variants, ...data.checkouts];
const legacy = (x) => x.id.split('/').at(-1);

const fields = {
  customer: { default: (c) => [c.email, c.displayName], id: legacy, email: (c) => c.email, updated_at: (c) => c.updatedAt },
  order: { default: (o) => [o.name, o.email], id: legacy, email: (o) => o.email, customer_id: (o) => o.customer?.legacyResourceId, processed_at: (o) => o.processedAt, created_at: (o) => o.createdAt, updated_at: (o) => o.updatedAt },
  product: { default: (p) => [p.title], id: legacy, updated_at: (p) => p.updatedAt },
  variant: { default: (v) => [v.sku, v.title], id: legacy, sku: (v) => v.sku },
  checkout: { default: (c) => [c.customer?.email, c.customer?.displayName], id: legacy, created_at: (c) => c.createdAt, updated_at: (c) => c.updatedAt, status: () => 'open', recovery_state: (c) => (c.completedAt ? 'recovered' : 'not_recovered') },
};
const sortKeys = { PROCESSED_AT: (x) => x.processedAt, CREATED_AT: (x) => x.createdAt, UPDATED_AT: (x) => x.updatedAt };

function failure(message, code) {
  return Object.assign(new Error(message), { extensions: { code } });
}

// connection gives a page of what is selected, sorted and, with ties, by id.
function connection(all, args, kind) {
  if (args.first == null && args.last == null) throw failure('you must provide one of first or last', 'BAD_REQUEST');
  if ((args.first ?? args.last) > 250) throw failure('first cannot exceed 250', 'BAD_REQUEST');
  const matches = search.parse(args.query, kind ? fields[kind] : {});
  let found = all.filter(matches);
  if (kind) {
    const key = sortKeys[args.sortKey] ?? ((x) => Number(legacy(x)));
    found = found.map((x) => [key(x), Number(legacy(x)), x]).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1])).map((x) => x[2]);
    if (args.reverse) found.reverse();
  }
  const cursor = (x) => Buffer.from(x.id).toString('base64');
  const start = args.after ? found.findIndex((x) => cursor(x) === args.after) + 1 : 0;
  if (args.after && start === 0) throw failure('Invalid cursor for current pagination sort.', 'BAD_REQUEST');
  const nodes = found.slice(start, start + args.first);
  const pageInfo = { hasNextPage: start + nodes.length < found.length, hasPreviousPage: start > 0, startCursor: nodes[0] ? cursor(nodes[0]) : null, endCursor: nodes.length ? cursor(nodes.at(-1)) : null };
  return { nodes, edges: nodes.map((node) => ({ node, cursor: cursor(node) })), pageInfo };
}

const need = (scope) => {
  if (!scopes.includes(scope)) throw failure(`Access denied. Required access: \`${scope}\` access scope.`, 'ACCESS_DENIED');
};
const root = {
  shop: { id: 'gid://shopify/Shop/1', name: 'Mock', myshopifyDomain: 'mock.myshopify.com', currencyCode: data.CURRENCY },
  currentAppInstallation: { id: 'gid://shopify/AppInstallation/1', accessScopes: scopes.map((handle) => ({ handle, description: handle })) },
  customers: (a) => (need('read_customers'), connection(data.customers, a, 'customer')),
  orders: (a) => (need('read_orders'), connection(orders(), a, 'order')),
  products: (a) => (need('read_products'), connection(data.products, a, 'product')),
  productVariants: (a) => (need('read_products'), connection(data.variants, a, 'variant')),
  abandonedCheckouts: (a) => (need('read_orders'), connection(data.checkouts, a, 'checkout')),
  customer: (a) => data.customers.find((c) => c.id === a.id) ?? null,
  order: (a) => orders().find((o) => o.id === a.id) ?? null,
  product: (a) => data.products.find((p) => p.id === a.id) ?? null,
  nodes: (a) => {
    if (a.ids.length > 250) throw failure('The input array size exceeds the maximum allowed of 250.', 'MAX_INPUT_SIZE_EXCEEDED');
    const all = everything();
    return a.ids.map((id) => all.find((x) => x.id === id) ?? null);
  },
  node: (a) => everything().find((x) => x.id === a.id) ?? null,
};

function fieldResolver(source, args, _context, info) {
  if (source?.__typename === 'Customer' && info.fieldName === 'orders') return connection(orders().filter((o) => o.customer === source), args, 'order');
  const value = source?.[info.fieldName];
  if (value?.all) return connection(value.all, args);
  return typeof value === 'function' ? value(args) : value;
}

// -- the bucket -----------------------------------------------------------
const bucket = { max: Number(process.env.MAX || 20000), rate: Number(process.env.RATE || 1000), at: Date.now() };
bucket.level = bucket.max;
const refill = () => {
  const now = Date.now();
  bucket.level = Math.min(bucket.max, bucket.level + ((now - bucket.at) / 1000) * bucket.rate);
  bucket.at = now;
};
const charged = (requested, real) => ({ cost: { requestedQueryCost: requested, actualQueryCost: real, throttleStatus: { maximumAvailable: bucket.max, currentlyAvailable: Math.floor(bucket.level), restoreRate: bucket.rate } } });

async function answer({ query, variables = {}, operationName }) {
  const document = parse(query);
  const errors = validate(schema, document, specifiedRules);
  if (errors.length) return { errors: errors.map((e) => ({ message: e.message, locations: e.locations, extensions: { code: 'undefinedField' } })) };
  const fragments = Object.fromEntries(document.definitions.filter((d) => d.kind === 'FragmentDefinition').map((d) => [d.name.value, d]));
  const requested = cost(schema, getOperationAST(document, operationName).selectionSet, schema.getQueryType(), variables, fragments);
  refill();
  if (requested > maxCost) return { errors: [{ message: `Query cost is ${requested}, which exceeds the single query max cost limit (${maxCost}).`, extensions: { code: 'MAX_COST_EXCEEDED', cost: requested, maxCost } }] };
  if (requested > bucket.level) return { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: charged(requested, null) };
  const result = await execute({ schema, document, rootValue: root, variableValues: variables, operationName, fieldResolver });
  const real = Math.min(requested, actual(result.data));
  bucket.level -= real;
  return { ...result, extensions: charged(requested, real) };
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (c) => chunks.push(c)).on('end', async () => {
    const send = (status, body) => { response.writeHead(status, { 'content-type': 'application/json', 'x-shopify-api-version': '2026-07' }); response.end(JSON.stringify(body)); };
    if (request.headers['x-shopify-access-token'] !== token) return send(401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' });
    if (!request.url.startsWith('/admin/api/2026-07/graphql.json')) return send(404, { errors: 'Not Found' });
    try { send(200, await answer(JSON.parse(Buffer.concat(chunks)))); } catch (e) { send(400, { errors: String(e) }); }
  });
});
server.listen(Number(process.env.PORT || 3200), '127.0.0.1', () => console.log('READY', Date.now() - started, 'ms, types', Object.keys(schema.getTypeMap()).length));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
