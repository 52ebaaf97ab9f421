// A store whose records are as alike as records of several sources are: lines that
// are numbered from 1 in every order, orders with the same number in two sources,
// the same goods in all of them.
import { writeFileSync } from 'node:fs';
import { gateway, start } from '../lib/gateway.mjs';
import { everything } from '../lib/everything.mjs';
import { check, want } from '../lib/report.mjs';
import { values } from './values.mjs';

const gbp = (amount) => ({ amount, currencyCode: 'GBP' });

// line is an order's line: the same goods everywhere, in an order's own quantity and
// at its own price.
const line = (id, order) => ({ id, product: { source: 'shop', externalId: 'p1' }, title: `Teapot of order ${order}`, sku: 'POT-W', quantity: order + Number(id), unitPrice: gbp(`${order}.5${id}`) });

function records() {
  const list = [{ product: { source: 'shop', externalId: 'p1', title: 'Teapot', variants: [{ sku: 'POT-W', title: 'white', price: gbp('12.95') }] } }];
  for (const c of ['c1', 'c2']) list.push({ customer: { externalIdentities: [{ source: 'shop', externalId: c }], givenName: c, familyName: 'Lee', emails: [{ address: `${c}@example.com`, primary: true }] } });
  let order = 0;
  for (const source of ['shop', 'market']) {
    for (const externalId of ['1001', '1002']) {
      order += 1;
      list.push({ order: {
        source, externalId, customer: { source: 'shop', externalId: order % 2 ? 'c1' : 'c2' }, placedAt: `2024-02-0${order}T10:00:00Z`, updatedAt: `2024-02-0${order}T10:00:00Z`, status: 'COMPLETED', financialStatus: 'PARTIALLY_REFUNDED', fulfillmentStatus: 'DELIVERED',
        lines: [line('1', order), line('2', order)],
        shipments: [{ carrier: `carrier ${order}`, trackingNumber: `T${order}`, lines: [{ line: '1', quantity: order }] }],
        refunds: [{ amount: gbp('1.00'), occurredAt: `2024-02-1${order}T10:00:00Z`, lines: [{ line: '2', quantity: 1 }] }],
        returns: [{ status: 'RECEIVED', reason: `reason ${order}`, requestedAt: `2024-02-1${order}T09:00:00Z`, lines: [{ line: '2', quantity: 1 }] }],
      } });
      list.push({ ticket: { source, externalId, number: externalId, subject: `Order ${order}`, customer: { source: 'shop', externalId: order % 2 ? 'c1' : 'c2' }, createdAt: `2024-03-0${order}T10:00:00Z`, updatedAt: `2024-03-0${order}T10:00:00Z` } });
    }
  }
  return list;
}

/** orderText asks for orders with all that refers to their lines. */
export const orderText = `query AlikeOrders {
  orders(first: 10, orderBy: {field: PLACED_AT}) {
    nodes {
      id number lines { title quantity unitPrice { amount currencyCode } product { id title } }
      shipments { carrier lines { quantity line { title quantity } } }
      refunds { lines { line { title } } } returns { reason lines { line { title } } }
    }
  }
}`;

export async function storePart({ schema, identified, clients }) {
  const store = `sqlite:${process.cwd()}/alike.db`;
  let server;
  const made = await check('store: four orders of two sources with the same numbers, lines and goods', async () => {
    writeFileSync('alike.ndjson', records().map((record) => JSON.stringify(record)).join('\n'));
    gateway('migrate', '--store', store);
    const counts = JSON.parse(gateway('import', '--store', store, '--json', 'alike.ndjson').trim().split('\n').pop());
    want('rejected', 0, counts.rejected);
    writeFileSync('alike.json', JSON.stringify({ store: { url: store }, limits: { requests_per_second: 1000, address_requests_per_second: 2000, cost_per_minute: 100_000_000 } }));
    server = await start('serve', ['--config', 'alike.json', '--insecure-local']);
  });
  if (!made) return;
  server.authorization = { staff: '' };
  const every = ['customers', 'orders', 'tickets', 'products'].flatMap((root) => Object.entries(everything(schema, root)))
    .map(([name, text]) => ({ name: `every/${name}`, caller: 'staff', text, variables: {} }));
  const session = [{ name: 'orders', caller: 'staff', text: orderText, variables: {} }, ...every];
  const here = Object.fromEntries(Object.entries(clients).map(([name, fresh]) => [`store ${name}`, (caller) => fresh(caller, server)]));
  await values(server, { staff: session }, identified, here);
  await server.stop();
}
