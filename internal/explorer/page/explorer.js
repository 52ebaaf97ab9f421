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

async function show(element) {
  const response = await fetch(element.dataset.examples);
  if (!response.ok) {
    throw new Error(`the examples answered ${response.status}`);
  }
  const examples = await response.json();
  const tabs = examples.map(({ query, variables }) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
  }));
  const explorer = React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    storage: new PageStorage(),
    defaultTabs: tabs,
    query: tabs[0].query,
    variables: tabs[0].variables,
    defaultEditorToolsVisibility: 'variables',
  });
  ReactDOM.createRoot(element).render(explorer);
}

const element = document.getElementById('graphiql');
show(element).catch((error) => {
  element.textContent = `The explorer could not be shown: ${error.message}`;
});
