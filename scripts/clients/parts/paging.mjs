// Lists are paged as each client does it, forward and backward, and what its cache
// has in the end is the list, whole and in order.
import { gql } from '@apollo/client/core';
import { relayStylePagination } from '@apollo/client/utilities';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { ask } from '../lib/gateway.mjs';
import { check, want, wantThat } from '../lib/report.mjs';
import { apollo } from '../lib/apollo.mjs';
import { urql } from '../lib/urql.mjs';
import { artifact, environment, relay } from '../lib/relay.mjs';

const size = 7;
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const args = '$first: Int, $after: String, $last: Int, $before: String';
const page = 'first: $first, after: $after, last: $last, before: $before';
const sort = 'orderBy: {field: UPDATED_AT, direction: DESC}';

// The lists: a document, where the list is in its data, and the whole of it at once.
const lists = {
  customers: {
    text: `query PagedCustomers(${args}) { customers(${page}, ${sort}) { edges { cursor node { id displayName } } ${pageInfo} } }`,
    whole: `{ list: customers(first: 100, ${sort}) { nodes { id displayName } } }`,
    of: (data) => data.customers, variables: () => ({}), filter: { filter: { kind: ['ORGANIZATION'] } },
  },
  orders: {
    text: `query PagedOrders($id: ID!, ${args}) { customer(id: $id) { id orders(${page}) { edges { cursor node { id number } } ${pageInfo} } } }`,
    whole: 'query ($id: ID!) { customer(id: $id) { list: orders(first: 100) { nodes { id number } } } }',
    of: (data) => data.customer.orders, variables: ({ customer }) => ({ id: customer }),
  },
};

/** pagedModules are Relay's: a pagination fragment for each list, and the query that shows it. */
export const pagedModules = {
  PagedCustomers: [
    `fragment PagedCustomers_query on Query @refetchable(queryName: "PagedCustomersPaginationQuery") @argumentDefinitions(first: {type: "Int"}, after: {type: "String"}, last: {type: "Int"}, before: {type: "String"}) { customers(${page}, ${sort}) @connection(key: "PagedCustomers_customers") { edges { node { id displayName } } ${pageInfo} } }`,
    'query PagedCustomersQuery($first: Int, $last: Int) { ...PagedCustomers_query @arguments(first: $first, last: $last) }',
  ],
  PagedOrders: [
    `fragment PagedOrders_customer on Customer @refetchable(queryName: "PagedOrdersPaginationQuery") @argumentDefinitions(first: {type: "Int"}, after: {type: "String"}, last: {type: "Int"}, before: {type: "String"}) { orders(${page}) @connection(key: "PagedOrders_orders") { edges { node { id number } } ${pageInfo} } }`,
    'query PagedOrdersQuery($id: ID!, $first: Int, $last: Int) { customer(id: $id) { ...PagedOrders_customer @arguments(first: $first, last: $last) } }',
  ],
};

export async function pagingPart(server, schema) {
  const options = { url: server.graphql, authorization: server.authorization.staff, schema };
  const walkers = { apollo: apolloWalk, urql: urqlWalk, relay: relayWalk };
  for (const [name, list] of Object.entries(lists)) {
    const variables = list.variables(server);
    const { body } = await ask(server.graphql, server.authorization.staff, { query: list.whole, variables });
    const whole = (body.data.list ?? body.data.customer.list).nodes;
    for (const [client, walk] of Object.entries(walkers)) {
      for (const direction of ['forward', 'backward']) {
        await check(`paging ${client} ${name} ${direction}`, async () => {
          wantThat(whole.length > 3 * size, name, `more than ${3 * size}`, whole.length);
          // At least three pages: of the customers, from the front, as many as were read at once.
          const pages = name === 'customers' ? 4 : Math.ceil(whole.length / size);
          const got = await walk({ options, list, name, variables, direction, pages });
          const ends = name === 'customers' && direction === 'backward' ? await tail(server, list, pages * size) : whole.slice(0, pages * size);
          want('nodes', ends, nodes(got));
          want(direction === 'forward' ? 'hasNextPage' : 'hasPreviousPage', name === 'customers', got.pageInfo[direction === 'forward' ? 'hasNextPage' : 'hasPreviousPage']);
        });
      }
    }
  }
}

// tail is the end of a list, whole at once.
async function tail(server, list, count) {
  const query = list.whole.replace('first: 100', `last: ${count}`);
  return (await ask(server.graphql, server.authorization.staff, { query })).body.data.list.nodes;
}

// nodes are those of edges, without what a client adds.
function nodes(connection) {
  return connection.edges.map(({ node }) => Object.fromEntries(Object.entries(node).filter(([name]) => !name.startsWith('__'))));
}

const first = (direction) => (direction === 'forward' ? { first: size } : { last: size });
const more = (direction, info) => (direction === 'forward' ? { after: info.endCursor } : { before: info.startCursor });

// Apollo: relayStylePagination and fetchMore.
async function apolloWalk({ options, list, variables, direction, pages }) {
  const typePolicies = { Query: { fields: { customers: relayStylePagination(['filter', 'orderBy', 'text']) } }, Customer: { fields: { orders: relayStylePagination(['filter']) } } };
  const { client } = apollo({ ...options, typePolicies });
  const query = client.watchQuery({ query: gql(list.text), variables: { ...variables, ...first(direction) } });
  let shown;
  const subscription = query.subscribe((result) => { shown = result.data; });
  const until = async (holds) => { while (!holds()) await new Promise((resolve) => { setTimeout(resolve, 5); }); };
  await until(() => shown !== undefined);
  for (let i = 1; i < pages; i += 1) {
    const before = list.of(shown);
    await query.fetchMore({ variables: more(direction, before.pageInfo) });
    await until(() => list.of(shown) !== before);
  }
  subscription.unsubscribe();
  client.stop();
  return list.of(shown);
}

// urql: relayPagination as the resolver, each page a query.
async function urqlWalk({ options, list, variables, direction, pages }) {
  const { client } = urql({ ...options, resolvers: { Query: { customers: relayPagination() }, Customer: { orders: relayPagination() } } });
  let asked = { ...variables, ...first(direction) };
  for (let i = 0; i < pages; i += 1) {
    const { data, error } = await client.query(list.text, asked, { requestPolicy: 'network-only' }).toPromise();
    if (error) throw error;
    if (i < pages - 1) asked = { ...variables, ...first(direction), ...more(direction, list.of(data).pageInfo) };
  }
  return list.of((await client.query(list.text, asked, { requestPolicy: 'cache-only' }).toPromise()).data);
}

// Relay: what usePaginationFragment does, without React: the pagination query's
// variables come from the fragment's metadata, and the connection's handler joins.
async function relayWalk({ options, list, name, variables, direction, pages }) {
  const module = name === 'customers' ? 'PagedCustomers' : 'PagedOrders';
  const part = name === 'customers' ? 'query' : 'customer';
  const env = environment(options);
  const [query, fragment] = [artifact('relay-paging', `${module}Query`), artifact('relay-paging', `${module}_${part}`)];
  const asked = { ...variables, ...first(direction) };
  const operation = relay.createOperationDescriptor(query, asked);
  env.retain(operation);
  await relay.fetchQuery(env, query, asked).toPromise();
  const read = () => {
    const data = env.lookup(operation.fragment).data;
    const selector = relay.getSingularSelector(fragment, name === 'customers' ? data : data.customer);
    return { selector, data: env.lookup(selector).data };
  };
  const { paginationRequest, paginationMetadata } = relay.getPaginationMetadata(fragment, 'usePaginationFragment()');
  const listOf = (data) => (name === 'customers' ? data.customers : data.orders);
  for (let i = 1; i < pages; i += 1) {
    const { selector, data } = read();
    const info = listOf(data).pageInfo;
    const next = relay.getPaginationVariables(direction, size, direction === 'forward' ? info.endCursor : info.startCursor, selector.owner.variables, {}, paginationMetadata);
    const pageOperation = relay.createOperationDescriptor(paginationRequest, { ...next, ...variables });
    env.retain(pageOperation);
    await relay.fetchQuery(env, paginationRequest, { ...next, ...variables }, { networkCacheConfig: { force: true } }).toPromise();
  }
  return listOf(read().data);
}
