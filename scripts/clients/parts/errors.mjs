// What each client gets when the gateway refuses a field, an operation or a caller.
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { gql } from '@apollo/client/core';
import { isLeafType, getNamedType, isRequiredArgument } from 'graphql';
import { ask, gateway } from '../lib/gateway.mjs';
import { check, differences, short, want, wantThat } from '../lib/report.mjs';

/** cardTexts are documents of a page that staff and portal share: one for each type that a customer reaches. */
export function cardTexts(schema) {
  const ways = {
    Customer: (card) => `viewer { customer { ${card} } }`,
    Order: (card) => `viewer { customer { id orders(first: 3) { nodes { ${card} } } } }`,
    Ticket: (card) => `viewer { customer { id tickets(first: 3) { nodes { ${card} } } } }`,
    Article: (card) => `viewer { customer { id tickets(first: 3) { nodes { id articles(first: 5) { nodes { ${card} } } } } } }`,
    Recommendation: (card) => `viewer { customer { id recommendations(first: 3) { nodes { ${card} } } } }`,
    Product: (card) => `viewer { customer { id recommendations(first: 3) { nodes { id product { ${card} } } } } }`,
  };
  return Object.fromEntries(Object.entries(ways).map(([type, way]) => [type, `query Shared${type} { ${way(`id ...${type}Card`)} } ${card(schema, type)}`]));
}

// card has every field of a type that needs no selection or argument, and of further
// objects one field.
function card(schema, type) {
  const members = Object.values(schema.getType(type).getFields()).filter((field) => !field.args.some(isRequiredArgument)).map((field) => {
    const named = getNamedType(field.type);
    return isLeafType(named) ? field.name : `${field.name} { __typename }`;
  });
  return `fragment ${type}Card on ${type} { ${members.join(' ')} }`;
}

/** deniedText asks one field that the portal may not read. */
export const deniedText = 'query Denied { viewer { customer { id displayName tier } } }';
/** dearText costs more than one operation may. */
export const dearText = 'query Dear { customers(first: 100) { nodes { id orders(first: 100) { nodes { id lines { title product { id title } } } } } } }';
/** maskedText has what analysts do not see. */
export const maskedText = 'query Masked { customers(first: 3) { nodes { id displayName givenName emails { address } statistics { orderCount } } } }';

export async function errorsPart({ schema, demo, own, tight, clients }) {
  await shared(schema, demo);
  await denied(schema, demo, clients);
  await masked(own, clients);
  await refused(demo, own, clients);
  await limited(tight, clients);
}

// shared wants the portal to get the objects of a page that was made for staff: each
// field that it may not read is null, with an error at its path.
async function shared(schema, demo) {
  const rules = new Map(gateway('schema', '--access').trim().split('\n').slice(1).map((line) => line.split('\t')).map(([coordinate, , , customer]) => [coordinate, customer]));
  for (const [type, text] of Object.entries(cardTexts(schema))) {
    await check(`errors a fragment of all of ${type} in the portal`, async () => {
      const { status, body } = await ask(demo.graphql, demo.authorization.portal, { query: text });
      want('status', 200, status);
      const objects = cards(body.data, type);
      wantThat(objects.length > 0 && objects.every(({ value }) => value !== null), `data ${type}`, 'an object', body.data);
      const found = [];
      const said = new Map((body.errors ?? []).map((error) => [error.path.join('.'), error.extensions?.code]));
      for (const { path, value } of objects) {
        for (const field of Object.keys(schema.getType(type).getFields())) {
          if (!(field in value)) continue;
          const at = `${path}.${field}`;
          if (rules.get(`${type}.${field}`) !== 'no') continue;
          found.push(...differences([null, 'FORBIDDEN'], [value[field], said.get(at)], at));
        }
      }
      return found;
    });
  }
}

// cards are the objects of the shared fragment with their paths; null for one that is
// not there though it was asked for.
function cards(data, type) {
  const list = [];
  const steps = { Customer: ['viewer', 'customer'], Order: ['viewer', 'customer', 'orders', 'nodes', '*'], Ticket: ['viewer', 'customer', 'tickets', 'nodes', '*'], Article: ['viewer', 'customer', 'tickets', 'nodes', '*', 'articles', 'nodes', '*'], Recommendation: ['viewer', 'customer', 'recommendations', 'nodes', '*'], Product: ['viewer', 'customer', 'recommendations', 'nodes', '*', 'product'] }[type];
  const walk = (value, rest, path) => {
    if (value === null || value === undefined || rest.length === 0) {
      list.push({ path: path.join('.'), value: value ?? null });
    } else if (rest[0] === '*') {
      value.forEach((entry, i) => walk(entry, rest.slice(1), [...path, i]));
    } else {
      walk(value[rest[0]], rest.slice(1), [...path, rest[0]]);
    }
  };
  walk(data, steps, []);
  return list;
}

const codeOf = ({ errors, error }) => (errors[0] ?? error?.errors?.[0] ?? error?.graphQLErrors?.[0] ?? error?.source?.errors?.[0])?.extensions?.code;

async function denied(schema, demo, clients) {
  const document = { text: deniedText, variables: {}, caller: 'portal' };
  const { body } = await ask(demo.graphql, demo.authorization.portal, { query: deniedText });
  for (const [name, fresh] of Object.entries(clients)) {
    await check(`errors ${name} has the rest of an answer with a denied field`, async () => {
      const client = fresh('portal');
      const answer = await client.query(document);
      want('data', body.data, answer.data);
      wantThat(answer.data.viewer.customer?.displayName, 'viewer.customer.displayName', 'a name', answer.data.viewer.customer);
      wantThat(answer.errors.length > 0, 'errors', 'one', answer.errors);
      want('code', 'FORBIDDEN', codeOf(answer));
      if (name !== 'relay') want('path', ['viewer', 'customer', 'tier'], answer.errors[0].path); // Relay keeps the field in place of a path.
      client.stop();
    });
  }
  for (const [name, fresh] of Object.entries(clients)) {
    await check(`errors ${name} has the portal's customer by a fragment made for staff`, async () => {
      const client = fresh('portal');
      const { data } = await client.query({ text: cardTexts(schema).Customer, variables: {} });
      wantThat(data?.viewer?.customer, 'viewer.customer', 'an object', data);
      client.stop();
    });
  }
  await check('errors apollo rejects with CombinedGraphQLErrors by errorPolicy none', async () => {
    const { client } = clients.apollo('portal');
    const error = await client.query({ query: gql(deniedText) }).then((result) => result, (e) => e);
    wantThat(CombinedGraphQLErrors.is(error), 'error', 'CombinedGraphQLErrors', error);
    want('code', 'FORBIDDEN', error.errors[0].extensions.code);
  });
}

async function masked(own, clients) {
  const document = { text: maskedText, variables: {} };
  await check('errors masked: an analyst gets marks, null and empty lists, and is told which', async () => {
    const { status, body } = await ask(own.graphql, own.authorization.analyst, { query: maskedText });
    want('status and errors', [200, undefined], [status, body.errors]);
    want('masked', ['Customer.displayName', 'Customer.emails', 'Customer.givenName'], [...(body.extensions.masked ?? [])].sort());
    for (const node of body.data.customers.nodes) want('node', ['•••', null, []], [node.displayName, node.givenName, node.emails]);
  });
  for (const [name, fresh] of Object.entries(clients)) {
    await check(`errors ${name} caches what is masked as it is`, async () => {
      const client = fresh('analyst', own);
      const { body } = await ask(own.graphql, own.authorization.analyst, { query: maskedText });
      const answer = await client.query(document);
      want('errors', 0, answer.errors.length);
      want('answer', body.data, answer.data);
      want('cache', body.data, (await client.read(document)).data);
      if (name === 'urql') want('extensions.masked', body.extensions.masked, answer.extensions.masked);
      client.stop();
    });
  }
}

async function refused(demo, own, clients) {
  const anybody = { text: 'query Probe($id: ID!) { node(id: $id) { __typename id } }', variables: { id: 'cus_none' } };
  for (const accept of ['application/graphql-response+json', 'application/json', '*/*']) {
    await check(`errors status of refusals for Accept: ${accept}`, async () => {
      const send = (authorization, query) => ask(demo.graphql, authorization, { query }, { accept });
      const nobody = await send('', '{ __typename }');
      want('no credential', [401, 'UNAUTHENTICATED', 'Bearer'], [nobody.status, nobody.body.errors[0].extensions.code, nobody.headers.get('www-authenticate')?.split(' ')[0]]);
      const stale = await send(`${demo.authorization.staff}x`, '{ __typename }');
      want('bad token', [401, 'UNAUTHENTICATED'], [stale.status, stale.body.errors[0].extensions.code]);
      const curious = await send(demo.authorization.portal, '{ __schema { queryType { name } } }');
      want('introspection by a customer', [403, 'FORBIDDEN'], [curious.status, curious.body.errors[0].extensions.code]);
      const dear = await send(demo.authorization.staff, dearText);
      want('too dear', [accept === 'application/graphql-response+json' ? 400 : 200, 'COST_EXCEEDED', false], [dear.status, dear.body.errors[0].extensions.code, 'data' in dear.body]);
      wantThat(/\d+ points/.test(dear.body.errors[0].message), 'message', 'the points', dear.body.errors[0].message);
    });
  }
  await check('errors status of a right token of somebody who may not ask', async () => {
    const { status, body } = await ask(own.graphql, own.authorization.unemployed, { query: '{ __typename }' });
    want('staff without a role', [403, 'NO_ROLE'], [status, body.errors[0].extensions.code]);
  });
  for (const [name, fresh] of Object.entries(clients)) {
    await check(`errors ${name} shows 401`, async () => {
      const answer = await fresh('nobody').query(anybody);
      wantThat(!answer.data, 'data', 'none', answer.data);
      const got = ServerError.is(answer.error) ? answer.error.statusCode : codeOf(answer);
      wantThat(got === 'UNAUTHENTICATED' || got === 401, 'code', 'UNAUTHENTICATED or 401', got ?? String(answer.error));
    });
    await check(`errors ${name} shows that an operation costs too much, and keeps nothing`, async () => {
      const client = fresh('staff');
      const document = { text: dearText, variables: {} };
      const answer = await client.query(document);
      want('code', 'COST_EXCEEDED', codeOf(answer));
      wantThat(/points/.test(answer.error?.message ?? answer.errors[0].message), 'message', 'the points', short(answer.error?.message));
      wantThat(!(await client.read(document)).complete, 'cache', 'nothing', 'an answer');
    });
  }
}

async function limited(tight, clients) {
  const document = { text: 'query Probe($id: ID!) { node(id: $id) { __typename id } }', variables: { id: 'cus_none' } };
  await check('errors 429 says in Retry-After when to come again, and holds to it', async () => {
    const send = () => ask(tight.graphql, tight.authorization.staff, { query: document.text, variables: document.variables });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    const late = answers.filter(({ status }) => status === 429);
    wantThat(late.length > 0, 'of 8 requests at once', 'some 429', answers.map(({ status }) => status));
    want('code', 'RATE_LIMITED', late[0].body.errors[0].extensions.code);
    const seconds = late.map(({ headers }) => headers.get('retry-after'));
    wantThat(seconds.every((s) => /^[1-9]\d*$/.test(s ?? '')), 'Retry-After', 'whole seconds', seconds);
    await new Promise((resolve) => { setTimeout(resolve, 1000 * Math.max(...seconds.map(Number))); });
    want('after it', 200, (await send()).status);
  });
  for (const [name, fresh] of Object.entries(clients)) {
    await check(`errors ${name} shows 429`, async () => {
      const client = fresh('staff', tight);
      const others = Array.from({ length: 8 }, () => ask(tight.graphql, tight.authorization.staff, { query: '{ __typename }' }));
      await Promise.all(others);
      const answer = await client.query(document);
      const got = ServerError.is(answer.error) ? answer.error.statusCode : codeOf(answer);
      wantThat(got === 'RATE_LIMITED' || got === 429, 'code', 'RATE_LIMITED or 429', got ?? String(answer.error ?? short(answer.data)));
    });
  }
}
