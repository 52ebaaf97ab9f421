// Variables are what their types say, or the operation is refused: nothing is
// guessed, every client shows the error, and no cache keeps an answer for it.
import { ask } from '../lib/gateway.mjs';
import { check, differences, short, want, wantThat } from '../lib/report.mjs';

export const variablesText = `query Coerced($direction: OrderDirection!, $field: CustomerOrderField!, $first: Int, $ids: [ID!]!, $since: DateTime, $kind: [CustomerKind!], $by: CustomerIdentifier!) {
  customers(first: $first, orderBy: {field: $field, direction: $direction}, filter: {updatedAt: {after: $since}, kind: $kind}) { nodes { id kind } }
  nodes(ids: $ids) { id }
  customerByIdentifier(by: $by) { id }
}`;

const plain = { direction: 'ASC', field: 'UPDATED_AT', first: 1, ids: [], by: { email: 'nobody@example.com' } };

// The values of each variable that its type takes, and those that it does not
// (GraphQL, "Input Coercion" of each type; RFC 3339 for DateTime).
const taken = {
  direction: ['ASC', 'DESC'], field: ['CREATED_AT'], first: [1, 0, null], ids: [[1], ['cus_1'], 'cus_1', []],
  since: ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.123456+01:00', null], kind: ['PERSON', ['PERSON', 'ORGANIZATION'], null],
  by: [{ email: 'a@example.com' }, { externalIdentity: { source: 'a', externalId: 'b' } }], unknown: [1],
};
const refused = {
  direction: ['desc', 'Desc', ' DESC', 'descending', '', 1, true, null, {}, ['DESC']], field: ['updated_at', 'OTHER', null],
  first: ['1', 1.5, true, 2147483648, [1], {}, ''], ids: [[1.5], [true], [null], [{}], null, 1.5, [['a']]],
  since: ['yesterday', 1700000000, '2024-02-30T00:00:00Z', '2024-01-01', '2024-01-01T00:00:00', '', true, {}],
  kind: ['person', ['PERSON', 'person'], [null], 1], by: [{}, { email: null }, { email: 'a', phone: 'b' }, { email: 1 }, { other: 'a' }, 'a', null, { externalIdentity: { source: 'a' } }],
};
// The same as literals.
const literals = ['customers(orderBy: {field: NAME, direction: desc}) { nodes { id } }', 'customers(orderBy: {field: NAME, direction: "DESC"}) { nodes { id } }', 'customers(first: "1") { nodes { id } }',
  'customers(first: 1.0) { nodes { id } }', 'customers(first: 2147483648) { nodes { id } }', 'node(id: 1.5) { id }', 'node(id: true) { id }', 'customers(filter: {updatedAt: {after: "yesterday"}}) { nodes { id } }',
  'customers(filter: {updatedAt: {after: 1}}) { nodes { id } }', 'customers(filter: {kind: person}) { nodes { id } }', 'customerByIdentifier(by: {}) { id }', 'customerByIdentifier(by: {email: "a", phone: "b"}) { id }', 'customerByIdentifier(by: {email: null}) { id }'];

export async function variablesPart(server, clients) {
  const send = (query, variables) => ask(server.graphql, server.authorization.staff, { query, variables });
  for (const [name, values] of Object.entries(taken)) {
    await check(`variables ${name} takes ${short(values).slice(1, -1)}`, async () => {
      const found = [];
      for (const value of values) {
        const { status, body } = await send(variablesText, { ...plain, [name]: value });
        if (status !== 200 || body.errors) found.push(`${name} ${short(value)}: want data, got ${status} ${short(body.errors ?? body)}`);
      }
      return found;
    });
  }
  for (const [name, values] of Object.entries(refused)) {
    await check(`variables ${name} refuses ${short(values).slice(1, -1)}`, async () => {
      const found = [];
      for (const value of values) found.push(...refusal(`${name} ${short(value)}`, 'BAD_USER_INPUT', await send(variablesText, { ...plain, [name]: value })));
      return found;
    });
  }
  await check('variables literals of a wrong kind are refused', async () => {
    const found = [];
    for (const text of literals) found.push(...refusal(text, 'GRAPHQL_VALIDATION_FAILED', await send(`{ ${text} }`)));
    return found;
  });
  const bad = { direction: 'desc', first: '1', ids: [1.5], since: 'yesterday' };
  for (const [name, fresh] of Object.entries(clients)) {
    for (const [variable, value] of Object.entries(bad)) {
      await check(`variables ${name} shows that ${variable} ${short(value)} is refused, and keeps nothing of it`, () => shown(fresh('staff'), variable, value));
    }
  }
}

// refusal wants a request error: 400, a code, and no data (GraphQL over HTTP).
function refusal(path, code, { status, body }) {
  const got = [status, body.errors?.[0]?.extensions?.code, 'data' in body];
  return differences([400, code, false], got, path).length === 0 ? [] : [`${path}: want 400 ${code} without data, got ${status} ${short(body)}`];
}

// shown wants a client to show the refusal, to keep what it had, and to have nothing
// in its cache for the variables that were refused.
async function shown(client, variable, value) {
  const good = { text: variablesText, variables: { ...plain, first: 3 } };
  const wrong = { text: variablesText, variables: { ...plain, first: 3, [variable]: value } };
  const before = await client.query(good);
  want('good variables', [], before.errors.map((e) => e.message));
  const { data, errors, error } = await client.query(wrong);
  wantThat(error ?? errors[0], 'error', 'one', data);
  want('code', 'BAD_USER_INPUT', (error?.graphQLErrors ?? error?.source?.errors ?? errors)[0]?.extensions?.code);
  want('data', null, data ?? null);
  const kept = await client.read(wrong);
  wantThat(!kept.complete, 'the cache for the wrong variables', 'nothing', kept.data);
  const { data: again, complete } = await client.read(good);
  want('the cache for the good variables', [true, before.data], [complete, again]);
  client.stop();
}
