// Documents that select every field, made from the schema, so that a value of a kind
// that no journey asks for is compared too, and a new field as soon as it is there.
import { Kind, TypeInfo, getNamedType, isAbstractType, isLeafType, isListType, isObjectType, isRequiredArgument, parse, print, visit, visitWithTypeInfo } from 'graphql';

/** hasID says whether objects of a type have an id, by which caches keep them. */
export function hasID(type) {
  return isObjectType(type) && 'id' in type.getFields();
}

/**
 * withIDs selects the id of every object that has one, as Relay's compiler does and as
 * the other caches ask of their documents. Operation X becomes XWithIDs.
 */
export function withIDs(schema, text) {
  const info = new TypeInfo(schema);
  const id = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } };
  return print(visit(parse(text), visitWithTypeInfo(info, {
    OperationDefinition: (node) => ({ ...node, name: { kind: Kind.NAME, value: `${node.name.value}WithIDs` } }),
    SelectionSet(node) {
      const type = info.getParentType();
      const has = node.selections.some((s) => s.kind === Kind.FIELD && s.name.value === 'id');
      if (has || !type.getFields?.().id) return undefined;
      return { ...node, selections: [id, ...node.selections] };
    },
  })));
}

/**
 * everything returns documents for a list at the root: one with all leaves of its
 * entries, and one for each other field of theirs. Of records below, embedded
 * objects are there too, and of further records ids alone.
 */
export function everything(schema, root, { entries = 10 } = {}) {
  const connection = getNamedType(schema.getQueryType().getFields()[root].type);
  const type = getNamedType(connection.getFields().nodes.type);
  const documents = {};
  for (const [field, text] of Object.entries(parts(schema, type))) {
    const name = `Every${capital(root)}${capital(field)}`;
    documents[name] = `query ${name} { ${root}(first: ${entries}) { nodes { __typename id ${text} } pageInfo { hasNextPage endCursor } } }`;
  }
  return documents;
}

/** parts returns what can be selected of a type: its leaves together, every other field by its name. */
export function parts(schema, type) {
  const list = { leaves: leaves(type).join(' ') };
  for (const field of Object.values(type.getFields())) {
    if (isLeafType(getNamedType(field.type)) || field.args.some(isRequiredArgument)) continue;
    list[field.name] = member(schema, field, field.name, 1, [type]);
  }
  return list;
}

function leaves(type) {
  return Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument)).map((field) => field.name);
}

// selection selects all of a type. depth counts the records with an id around it,
// around are the types of which it is a part.
function selection(schema, type, depth, around) {
  if (!isAbstractType(type)) return `{ ${members(schema, type, depth, around, () => '').join(' ')} }`;
  const possible = schema.getPossibleTypes(type);
  const types = {};
  for (const field of possible.flatMap((t) => Object.values(t.getFields()))) (types[field.name] ??= new Set()).add(String(field.type));
  // Fields of one name and several types, side by side, need names of their own.
  const alias = (t) => (field) => (types[field.name].size > 1 || field.args.length > 0 ? `${t.name}_${field.name}: ` : '');
  return `{ __typename ${possible.map((t) => `... on ${t.name} { ${members(schema, t, depth, around, alias(t)).join(' ')} }`).join(' ')} }`;
}

function members(schema, type, depth, around, alias) {
  const list = [];
  for (const field of Object.values(type.getFields())) {
    if (field.args.some(isRequiredArgument)) continue;
    const named = getNamedType(field.type);
    if (isLeafType(named)) list.push(alias(field) + field.name);
    else if (!around.includes(named)) list.push(member(schema, field, alias(field) + field.name, depth + (hasID(type) ? 1 : 0), [...around, type]));
  }
  return list.filter(Boolean);
}

// member selects a field that is no leaf; "" for what would lead too far.
function member(schema, field, start, depth, around) {
  const named = getNamedType(field.type);
  const records = isAbstractType(named) ? schema.getPossibleTypes(named).every(hasID) : hasID(named);
  if (depth > 1 && field.args.length > 0) return '';
  if (depth > 1 && records) {
    if (isListType(field.type)) return '';
    return `${start} { __typename ${isAbstractType(named) ? schema.getPossibleTypes(named).map((t) => `... on ${t.name} { id }`).join(' ') : 'id'} }`;
  }
  const size = field.args.some((arg) => arg.name === 'first') ? '(first: 3)' : '';
  return `${start}${size} ${selection(schema, named, depth, around)}`;
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
