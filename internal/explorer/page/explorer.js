// Shows GraphiQL with the example queries as tabs.
'use strict';

async function show() {
  const response = await fetch('/explorer/examples.json');
  if (!response.ok) {
    throw new Error(`the examples answered ${response.status}`);
  }
  const examples = await response.json();
  const explorer = React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    defaultTabs: examples.map(({ query, variables }) => ({
      query,
      variables: JSON.stringify(variables, null, 2),
    })),
    defaultEditorToolsVisibility: 'variables',
  });
  ReactDOM.createRoot(document.getElementById('graphiql')).render(explorer);
}

show().catch((error) => {
  document.getElementById('graphiql').textContent = `The explorer could not be shown: ${error.message}`;
});
