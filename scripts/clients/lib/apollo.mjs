// Apollo Client 4 with its InMemoryCache, as an app configures it for this graph.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { isAbstractType, isObjectType } from 'graphql';
import { hasID } from './everything.mjs';

/**
 * cacheOptions are what Apollo's documentation asks for from the schema: the types
 * behind interfaces and unions, and that the objects without an id, which are part
 * of the object around them, are merged rather than replaced.
 */
export function cacheOptions(schema) {
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
  const embedded = types.filter((type) => isObjectType(type) && type !== schema.getQueryType() && !hasID(type));
  return {
    possibleTypes: Object.fromEntries(types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map((t) => t.name)])),
    typePolicies: Object.fromEntries(embedded.map((type) => [type.name, { merge: true }])),
  };
}

/** apolloClient makes a client. links come before the one that sends; typePolicies are added to those of the schema. */
export function apolloClient({ url, authorization, schema, headers = {}, links = [], typePolicies = {}, http = {} }) {
  const options = cacheOptions(schema);
  return new ApolloClient({
    cache: new InMemoryCache({ ...options, typePolicies: { ...options.typePolicies, ...typePolicies } }),
    link: ApolloLink.from([...links, new HttpLink({ uri: url, headers: { ...(authorization && { authorization }), ...headers }, ...http })]),
  });
}

/** apollo is the client as the other parts ask every client. */
export function apollo(options) {
  const client = apolloClient(options);
  return {
    name: 'apollo',
    client,
    /** query asks over the network and gives {data, errors, error}. */
    async query({ text, variables }) {
      const { data, error } = await client.query({ query: gql(text), variables, fetchPolicy: 'network-only', errorPolicy: 'all' });
      return { data, errors: error?.errors ?? [], error };
    },
    /** read gives what the cache has of a document, and what it lacks. */
    async read({ text, variables }) {
      const { result, complete, missing } = client.cache.diff({ query: client.cache.transformDocument(gql(text)), variables: withDefaults(text, variables), returnPartialData: true, optimistic: false });
      return { data: result, complete, missing: missing?.message };
    },
    stop: () => client.stop(),
  };
}

// withDefaults adds the document's own defaults, as the client does before it reads.
function withDefaults(text, variables) {
  const operation = gql(text).definitions.find((d) => d.kind === 'OperationDefinition');
  const defaults = {};
  for (const { variable, defaultValue } of operation.variableDefinitions) {
    if (defaultValue) defaults[variable.name.value] = 'value' in defaultValue ? plain(defaultValue) : null;
  }
  return { ...defaults, ...variables };
}

function plain({ kind, value }) {
  return kind === 'IntValue' || kind === 'FloatValue' ? Number(value) : value;
}
