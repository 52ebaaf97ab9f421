// urql with Graphcache, which knows the schema.
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { introspectionFromSchema, isObjectType } from 'graphql';
import { hasID } from './everything.mjs';

/** urql is the client as the other parts ask every client; its options are apollo's. */
export function urql({ url, authorization, schema, headers = {}, exchanges = [], resolvers = {}, fetch: send, preferGetMethod }) {
  const embedded = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__') && type !== schema.getQueryType() && !hasID(type));
  const warnings = [];
  const client = new Client({
    url,
    fetchOptions: { headers: { ...(authorization && { authorization }), ...headers } },
    ...(send && { fetch: send }),
    ...(preferGetMethod !== undefined && { preferGetMethod }),
    exchanges: [
      cacheExchange({ schema: introspectionFromSchema(schema), keys: Object.fromEntries(embedded.map((type) => [type.name, () => null])), resolvers, logger: (severity, message) => warnings.push(message) }),
      ...exchanges,
      fetchExchange,
    ],
  });
  return {
    name: 'urql',
    client,
    /** warnings are what Graphcache finds wrong with documents, schema and answers. */
    warnings,
    async query({ text, variables }) {
      const result = await client.query(gql(text), variables, { requestPolicy: 'network-only' }).toPromise();
      return { data: result.data, errors: result.error?.graphQLErrors ?? [], error: result.error, extensions: result.extensions };
    },
    async read({ text, variables }) {
      const result = await client.query(gql(text), variables, { requestPolicy: 'cache-only' }).toPromise();
      return { data: result.data, complete: result.data !== null && result.data !== undefined && !result.stale, missing: result.stale ? 'some of it' : 'all of it' };
    },
    stop() {},
  };
}
