// What a query costs. Shopify documents the principle (an object 1, a single value
// 0, a connection 2 and its size times its nodes); the details are this mock's, and
// dearer than the real thing, where large connections have discounts.
const { valueFromAST, getNamedType } = require('graphql');

function cost(schema, selectionSet, type, variables, fragments) {
  let sum = 0;
  for (const s of selectionSet.selections) {
    if (s.kind === 'FragmentSpread') { sum += cost(schema, fragments[s.name.value].selectionSet, type, variables, fragments); continue; }
    if (s.kind === 'InlineFragment') {
      const on = s.typeCondition ? schema.getType(s.typeCondition.name.value) : type;
      sum += cost(schema, s.selectionSet, on, variables, fragments);
      continue;
    }
    const field = type.getFields?.()[s.name.value];
    if (!field || !s.selectionSet) continue;
    const inner = getNamedType(field.type);
    const args = Object.fromEntries(s.arguments.map((a) => [a.name.value, valueFromAST(a.value, field.args.find((d) => d.name === a.name.value).type, variables)]));
    const size = args.first ?? args.last ?? (args.ids ? args.ids.length : 1);
    const children = () => cost(schema, s.selectionSet, inner, variables, fragments);
    if (inner.name.endsWith('Connection')) sum += 2 + size * children();
    else if (type.name?.endsWith('Connection') && s.name.value === 'pageInfo') continue;
    else if (type.name?.endsWith('Connection') && s.name.value === 'edges') sum += children();
    else sum += (type.name?.endsWith('Connection') ? 1 : size) * (1 + children());
  }
  return sum;
}

// actual counts the objects of an answer.
function actual(value) {
  if (Array.isArray(value)) return value.reduce((n, v) => n + actual(v), 0);
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Object.entries(value).reduce((n, [name, v]) => n + (name === 'pageInfo' ? 0 : actual(v)), 0);
}

module.exports = { cost, actual: (data) => Math.max(1, actual(data) - 1) };
