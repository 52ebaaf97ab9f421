// What the page of another origin does; bundled for the browser.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client/core';

/** plain sends a request and gives what a page can see of the answer, or the browser's refusal. */
window.plain = async (url, headers, operation) => {
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(operation) });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.json() };
  } catch (error) {
    return { refused: String(error) };
  }
};

/** apollo asks a document and gives the answer and what its cache then has. */
window.apollo = async ({ url, headers, text, variables, http = {} }) => {
  const client = new ApolloClient({
    cache: new InMemoryCache(), clientAwareness: { name: 'page', version: '1.0.0' },
    link: new HttpLink({ uri: url, headers, ...http }),
  });
  const query = gql(text);
  try {
    const { data } = await client.query({ query, variables });
    return { data, cached: client.readQuery({ query, variables }) };
  } catch (error) {
    return { refused: String(error), errors: error.errors };
  }
};
