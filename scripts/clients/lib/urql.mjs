// urql with Graphcache, which knows the schema.
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { introspectionFromSchema, isObjectType } from 'graphql';
import { hasID } from './everything.mjs';

/** urql is the client as the other parts ask every client; its options are apollo's. */
export function urql({ url, authorization, schema, headers = {}, exchanges = [], resolvers = {} }) {
  const embedded = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__') && type !== schema.getQueryType() && !hasID(type));
  const warnings = [];
  const client = new Client({
    url,
    fetchOptions: { headers: { ...(authorization && { authorization }), ...headers } },
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
      // What is not in the cache is asked over the network, and fails there. Read from
      // the cache alone it would be null wherever the schema allows it.
      const refuse = async () => { throw new Error('the cache asked'); };
      const { data, error } = await client.query(gql(text), variables, { requestPolicy: 'cache-first', fetch: refuse }).toPromise();
      if (!error) return { data, complete: true };
      const partial = await client.query(gql(text), variables, { requestPolicy: 'cache-only' }).toPromise();
      return { data: partial.data, complete: false, missing: 'what it would ask the gateway for' };
    },
    stop() {},
  };
}
