// The part of Shopify's search syntax that the mock understands, by its
// documentation: terms field:value, field:>=value and bare phrases, quoted or not,
// joined by AND (or a blank) and OR, with brackets. Words are compared without
// case, a phrase as words in a row.
const words = (text) => String(text ?? '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

function tokens(query) {
  const found = [];
  const pattern = /\s*(\(|\)|(?:(\w+):\s*(>=|<=|>|<)?)?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s()]+)))/gy;
  let m;
  while ((m = pattern.exec(query))) {
    if (m[1] === '(' || m[1] === ')') found.push({ word: m[1] });
    else if (!m[2] && (m[6] === 'AND' || m[6] === 'OR')) found.push({ word: m[6] });
    else found.push({ field: m[2], op: m[3] ?? '=', value: (m[4] ?? m[5] ?? m[6]).replace(/\\(.)/g, '$1'), phrase: m[6] === undefined });
  }
  return found;
}

// parse gives a function that says whether a record matches.
function parse(query, fields) {
  const all = tokens(query ?? '');
  let at = 0;
  const term = () => {
    const t = all[at++];
    if (t.word === '(') { const inner = or(); at++; return inner; }
    return (record) => matches(record, t, fields);
  };
  const and = () => {
    const parts = [term()];
    while (at < all.length && all[at].word !== 'OR' && all[at].word !== ')') {
      if (all[at].word === 'AND') at++;
      parts.push(term());
    }
    return (record) => parts.every((p) => p(record));
  };
  const or = () => {
    const parts = [and()];
    while (at < all.length && all[at].word === 'OR') { at++; parts.push(and()); }
    return (record) => parts.some((p) => p(record));
  };
  return all.length === 0 ? () => true : or();
}

function matches(record, t, fields) {
  if (!t.field) return fields.default(record).some((text) => contains(words(text), words(t.value)));
  const read = fields[t.field];
  if (!read) return true; // Shopify ignores a filter that it does not know.
  const value = read(record);
  if (t.field.endsWith('_at')) return compare(Date.parse(value), t.op, Date.parse(t.value));
  if (t.field === 'id' || t.field === 'customer_id') return compare(Number(value), t.op, Number(t.value));
  if (t.phrase) return contains(words(value), words(t.value));
  return words(t.value).some((w) => words(value).includes(w));
}

const contains = (list, row) => row.length > 0 && list.some((_, i) => row.every((w, k) => list[i + k] === w));
const compare = (a, op, b) => ({ '=': a === b, '>=': a >= b, '<=': a <= b, '>': a > b, '<': a < b })[op];

module.exports = { parse };
