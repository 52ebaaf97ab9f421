// What the clients ask: the agreed documents of the journeys, and documents that
// select every field. Each is {name, caller, text, variables}, name being unique and
// that of the operation of text being unique for each text.
import { readFileSync, readdirSync } from 'node:fs';
import { getNamedType, parse } from 'graphql';
import { everything } from './everything.mjs';

/** journeys are the agreed documents by path, such as "portal/home". */
export function journeys(folder) {
  const found = {};
  for (const path of readdirSync(folder, { recursive: true }).filter((p) => p.endsWith('.graphql')).sort()) {
    found[path.replaceAll('\\', '/').replace(/\.graphql$/, '')] = readFileSync(`${folder}/${path}`, 'utf8');
  }
  return found;
}

/** operationName is the name of a document's one operation. */
export function operationName(text) {
  return parse(text).definitions.find((d) => d.kind === 'OperationDefinition').name.value;
}

/**
 * sessions returns what each caller asks in one sitting, in this order. customers
 * are ids, the first of whom is the example's; schema is the gateway's.
 */
export function sessions(texts, schema, { customers, portalCustomer }) {
  const staff = [
    { name: 'dashboard/search', variables: { text: 'an' } },
    { name: 'dashboard/customers', variables: {} },
    { name: 'dashboard/customers', variables: { first: 7, filter: { kind: ['PERSON'] } } },
    ...customers.map((id) => ({ name: 'dashboard/customer-360', variables: { id, orders: 20 } })),
    { name: 'dashboard/customer-360', variables: { id: customers[0] } },
    { name: 'probe/node', variables: { id: customers[0] } },
    { name: 'probe/node', variables: { id: 'cus_none' } },
  ];
  const partner = [
    { name: 'partner/resolve', variables: { source: 'online-retail', externalId: '17850' } },
    { name: 'partner/changed', variables: { since: '2000-01-01T00:00:00Z' } },
    { name: 'partner/follow', variables: {} },
    { name: 'probe/node', variables: { id: customers[0] } },
  ];
  const portal = [
    { name: 'portal/home', variables: {} },
    { name: 'portal/home', variables: { orders: 3 } },
    { name: 'probe/node', variables: { id: portalCustomer } },
    { name: 'probe/node', variables: { id: customers[0] } },
  ];
  const fill = (caller, list) => list.map((d, i) => ({
    ...d, caller, text: texts[d.name],
    name: list.filter((other) => other.name === d.name).length > 1 ? `${d.name}#${list.slice(0, i + 1).filter((other) => other.name === d.name).length}` : d.name,
  }));
  return { staff: [...fill('staff', staff), ...every(schema, 'staff')], partner: fill('partner', partner), portal: fill('portal', portal) };
}

/** missing are the journeys that no session asks. */
export function missing(texts, all) {
  const asked = new Set(Object.values(all).flat().map((d) => d.text));
  return Object.keys(texts).filter((name) => !asked.has(texts[name]));
}

// every selects every field of what the lists at the root give.
function every(schema, caller) {
  const list = [];
  for (const field of Object.values(schema.getQueryType().getFields())) {
    if (!field.args.some((arg) => arg.name === 'first') || field.args.some((arg) => arg.type.toString().endsWith('!'))) continue;
    if (!getNamedType(field.type).getFields().nodes) continue;
    for (const [name, text] of Object.entries(everything(schema, field.name))) list.push({ name: `every/${name}`, caller, text, variables: {} });
  }
  return list;
}
