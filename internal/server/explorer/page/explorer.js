// Shows GraphiQL with the example queries as tabs.
'use strict';

// GraphiQL keeps what is typed in its storage. The browser's own would hold
// customers' data on disk and show last week's example, so this one ends with
// the page.
class PageStorage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  clear() {
    this.#items.clear();
  }
}

// The page's address may say who asks: #authorization= and a whole Authorization
// header. A fragment is never sent to a server; it is taken out of the address at
// once, so that no bookmark, history or picture of the window keeps it.
function takeAuthorization() {
  const authorization = new URLSearchParams(location.hash.slice(1)).get('authorization');
  if (location.hash) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return authorization;
}

// The demo says itself whom to ask as, so that its plain address can be opened and
// loaded again.
async function demoAuthorization() {
  const response = await fetch('/explorer/authorization.json');
  return response.ok ? response.json() : null;
}

// Says how to get a token if the gateway wants one.
async function explainMissing() {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"query": "{ __typename }"}',
  });
  document.getElementById('notice').hidden = response.status !== 401;
}

async function show(element) {
  const authorization = takeAuthorization() ?? (await demoAuthorization());
  if (!authorization) {
    await explainMissing();
  }
  const headers = JSON.stringify({ Authorization: authorization ?? 'Bearer TOKEN' }, null, 2);
  const response = await fetch(element.dataset.examples);
  if (!response.ok) {
    throw new Error(`the examples answered ${response.status}`);
  }
  const examples = await response.json();
  const tabs = examples.map(({ query, variables }) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
    headers,
  }));
  const explorer = React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    storage: new PageStorage(),
    defaultTabs: tabs,
    defaultHeaders: headers,
    headers,
    shouldPersistHeaders: false,
    query: tabs[0].query,
    variables: tabs[0].variables,
    defaultEditorToolsVisibility: authorization ? 'variables' : 'headers',
  });
  ReactDOM.createRoot(element).render(explorer);
}

const element = document.getElementById('graphiql');
show(element).catch((error) => {
  element.textContent = `The explorer could not be shown: ${error.message}`;
});
