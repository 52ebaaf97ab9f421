// plain.cjs DUMP URI FOLDER: fills the peers' database with a plain copy of what
// `gateway dump` wrote, and writes into FOLDER what the queries draw from: every
// customer's id (ids), 200 at the top of the list by latest update (front), and names of
// people to search for (texts).
//
// The copy is what a careful author would keep for the same questions: every record
// whole, with instants as dates and money in minor units, beside it what the questions
// sort, filter and sum up by, and an index for each of them.
const fs = require('fs')
const { MongoClient } = require('mongodb')

const [dump, uri, folder] = process.argv.slice(2)

const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

// The demo has pounds alone, of a hundred pence.
const minor = amount => Math.round(Number(amount) * 100)

function plain(value) {
  if (typeof value === 'string') return instant.test(value) ? new Date(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  if (typeof value.amount === 'string' && value.currencyCode) return { minor: minor(value.amount), currencyCode: value.currencyCode }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

// Words to search for: in small letters and without diacritics, whole where they have a
// digit or are an address, cut at what is no letter and no digit else.
function tokens(exact, texts) {
  const key = text => text.normalize('NFKD').replace(/\p{Mn}/gu, '').normalize('NFKC').toLowerCase()
  const words = texts.flatMap(text => key(text).split(/\s+/).flatMap(word => [...word.split(/[^\p{L}\p{N}]+/u), ...(/\p{N}/u.test(word) ? [word] : [])]))
  return [...new Set([...exact.map(key), ...words])].filter(Boolean)
}

// What happened to an order or a ticket, with the ids that the graph gives the events.
function orderEvents(o) {
  const seen = {}
  const event = (kind, at) => {
    if (!at) return []
    let id = `${o._id}/${kind}` + (kind === 'ORDER_PLACED' || kind === 'ORDER_CANCELED' ? '' : `/${+at}`)
    seen[id] = (seen[id] ?? 0) + 1
    if (seen[id] > 1) id += `-${seen[id]}`
    return [{ id, kind, occurredAt: at }]
  }
  return [
    ...event('ORDER_PLACED', o.placedAt),
    ...(o.payments ?? []).filter(p => p.status === 'CAPTURED').flatMap(p => event('ORDER_PAID', p.occurredAt)),
    ...(o.shipments ?? []).flatMap(s => [...event('ORDER_SHIPPED', s.shippedAt), ...event('ORDER_DELIVERED', s.deliveredAt)]),
    ...(o.returns ?? []).flatMap(r => event('ORDER_RETURNED', r.requestedAt)),
    ...(o.refunds ?? []).flatMap(r => event('ORDER_REFUNDED', r.occurredAt)),
    ...event('ORDER_CANCELED', o.canceledAt),
  ]
}

function ticketEvents(t) {
  return [['TICKET_OPENED', t.createdAt], ['TICKET_ANSWERED', t.firstResponseAt], ['TICKET_RESOLVED', t.resolvedAt], ['TICKET_CLOSED', t.closedAt]]
    .filter(([, at]) => at).map(([kind, at]) => ({ id: `${t._id}/${kind}`, kind, occurredAt: at }))
}

// An entry for each customer in whose timeline an event stands; `event` is the id that is
// shown.
function entries(type, ref, events, ...customers) {
  const accounts = [...new Set(customers.filter(Boolean))]
  return accounts.flatMap((customer, i) => events.map(e => ({
    _id: i ? `${e.id}/${i + 1}` : e.id, event: e.id, type, kind: e.kind, occurredAt: e.occurredAt, customer, ref,
  })))
}

const timelineOf = {
  customer: c => [
    ...entries('ConsentChange', c._id, (c.consents ?? []).flatMap(consent => consent.history ?? []).map(h => ({ id: h.id, kind: 'CONSENT_CHANGED', occurredAt: h.occurredAt })), c._id),
    ...entries('ProfileChange', c._id, (c.changes ?? []).map(h => ({ id: h.id, kind: 'PROFILE_CHANGED', occurredAt: h.occurredAt })), c._id),
  ],
  order: o => entries('OrderEvent', o._id, orderEvents(o), o.customer, o.organization),
  ticket: t => entries('TicketEvent', t._id, ticketEvents(t), t.customer, t.requester),
  interaction: i => entries('Interaction', i._id, [{ id: i._id, kind: 'INTERACTION', occurredAt: i.occurredAt }], i.customer),
  note: n => entries('Note', n._id, [{ id: n._id, kind: 'NOTE', occurredAt: n.createdAt }], n.customer),
  need: n => entries('Need', n._id, [{ id: n._id, kind: 'NEED', occurredAt: n.statedAt }], n.customer),
}

// What is kept beside the record.
const beside = {
  customer: c => ({
    tokens: tokens(
      [...(c.emails ?? []).map(e => e.address), ...(c.phones ?? []).map(p => p.number), ...(c.externalIdentities ?? []).map(e => e.externalId)],
      [c.displayName, c.givenName, c.familyName, c.organizationName].filter(Boolean),
    ),
  }),
  order: o => ({ total: o.price.total, net: o.price.total.minor - (o.refunds ?? []).reduce((sum, r) => sum + r.amount.minor, 0) }),
  ticket: t => ({ open: !['RESOLVED', 'CLOSED', 'MERGED'].includes(t.status) }),
  product: p => ({ price: (p.variants ?? []).find(v => v.price)?.price }),
}

const collections = {
  team: 'teams', employee: 'employees', partnerApp: 'partnerApps', customer: 'customers', product: 'products', order: 'orders',
  ticket: 'tickets', article: 'articles', interaction: 'interactions', recommendation: 'recommendations', note: 'notes', need: 'needs',
}

// What orders are summed up by stands behind the order of their lists, so that no
// document is read for it.
const summed = { status: 1, 'total.currencyCode': 1, 'total.minor': 1, net: 1 }

const indexes = {
  customers: [{ updatedAt: -1, _id: -1 }, { tokens: 1, updatedAt: -1, _id: -1 }],
  orders: [{ customer: 1, placedAt: -1, _id: -1, ...summed }, { organization: 1, placedAt: -1, _id: -1, ...summed }, { placedAt: 1, _id: 1 }],
  tickets: [{ customer: 1, open: 1, createdAt: -1, _id: -1, requester: 1 }, { requester: 1, open: 1, createdAt: -1, _id: -1, customer: 1 }, { createdAt: -1, _id: -1 }],
  articles: [{ ticket: 1, createdAt: 1, _id: 1 }],
  recommendations: [{ customer: 1, score: -1, _id: -1 }],
  timeline: [{ customer: 1, occurredAt: -1, _id: -1 }],
}

async function main() {
  const client = await new MongoClient(uri).connect()
  const db = client.db()
  await db.dropDatabase()
  const rows = { timeline: [] }
  for (const name of Object.values(collections)) rows[name] = []
  for await (const text of require('readline').createInterface({ input: fs.createReadStream(dump) })) {
    const [kind, record] = Object.entries(JSON.parse(text))[0]
    if (!collections[kind]) continue
    const { id, ...rest } = plain(record)
    const row = { _id: id, ...rest }
    Object.assign(row, beside[kind]?.(row))
    rows[collections[kind]].push(row)
    for (const entry of timelineOf[kind]?.(row) ?? []) rows.timeline.push(entry)
  }
  for (const [name, list] of Object.entries(rows)) {
    if (!list.length) throw new Error(`the dump has no ${name}`)
    await db.collection(name).insertMany(list, { ordered: false })
    for (const index of indexes[name] ?? []) await db.collection(name).createIndex(index)
  }
  await client.close()

  const write = (name, lines) => fs.writeFileSync(`${folder}/${name}`, lines.join('\n') + '\n')
  const newest = [...rows.customers].sort((a, b) => b.updatedAt - a.updatedAt || (b._id < a._id ? -1 : 1)).filter(c => c.kind === 'PERSON')
  write('ids', rows.customers.map(c => c._id))
  write('front', newest.slice(0, 200).map(c => c._id))
  // Of names in plain letters, those that most people share.
  const shared = {}
  for (const c of newest) if (/^[A-Za-z]+ [A-Za-z]+$/.test(c.displayName)) shared[c.displayName] = (shared[c.displayName] ?? 0) + 1
  write('texts', Object.keys(shared).sort((a, b) => shared[b] - shared[a] || (a < b ? -1 : 1)).slice(0, 200))
}

main().catch(e => { console.error(e); process.exit(1) })
