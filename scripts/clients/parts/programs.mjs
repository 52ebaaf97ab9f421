// Clients in Go and Python, which have no cache: what they make of the answers.
import { mkdirSync, readFileSync, writeFileSync, copyFileSync } from 'node:fs';
import { ask } from '../lib/gateway.mjs';
import { check, differences, want, wantThat } from '../lib/report.mjs';
import { run } from './sdl.mjs';

export async function programsPart({ demo, texts, journeys }) {
  const env = {
    ...process.env, GATEWAY_URL: demo.graphql, CUSTOMER: demo.customer, JOURNEYS: journeys, NOBODY: '',
    GATEWAY_STAFF: demo.authorization.staff, GATEWAY_PARTNER: demo.authorization.partner, GATEWAY_PORTAL: demo.authorization.portal,
  };
  const asked = {
    'dashboard/search': ['staff', { text: 'an' }], 'dashboard/customer-360': ['staff', { id: demo.customer, orders: 20 }],
    'partner/changed': ['partner', { since: '2000-01-01T00:00:00Z' }], 'partner/resolve': ['partner', { source: 'online-retail', externalId: '17850' }],
    'portal/home': ['portal', { orders: 20 }], 'probe/node': ['portal', { id: demo.customer }],
  };
  const truths = {};
  for (const [name, [caller, variables]] of Object.entries(asked)) {
    truths[name] = (await ask(demo.graphql, demo.authorization[caller], { query: texts[name], variables })).body.data;
  }
  await program('genqlient', truths, () => { generate(journeys); return run('go', ['run', '.'], { cwd: 'genqlient', env }); });
  await program('python gql', truths, () => run(process.env.PYTHON, ['testdata/client.py'], { env }));
}

// generate makes a module of its own with the versions of the gateway's.
function generate(journeys) {
  mkdirSync('genqlient', { recursive: true });
  writeFileSync('genqlient/go.mod', readFileSync(`${process.env.REPOSITORY}/go.mod`, 'utf8').replace(/^module .*/m, 'module genqlient'));
  copyFileSync(`${process.env.REPOSITORY}/go.sum`, 'genqlient/go.sum');
  copyFileSync('testdata/genqlient/main.go', 'genqlient/main.go');
  writeFileSync('genqlient/genqlient.yaml', JSON.stringify({
    schema: '../schema.graphql', operations: [`${journeys}/*/*.graphql`], generated: 'generated.go', package: 'main', optional: 'pointer',
    bindings: { DateTime: { type: 'time.Time' }, Date: { type: 'string' }, Decimal: { type: 'string' }, CurrencyCode: { type: 'string' }, JSON: { type: 'encoding/json.RawMessage' } },
  }));
  run('go', ['tool', 'genqlient'], { cwd: 'genqlient' });
}

async function program(name, truths, start) {
  let answers;
  if (!await check(`${name} makes a client of the schema and asks`, () => { answers = JSON.parse(start()); })) return;
  for (const [document, wanted] of Object.entries(truths)) {
    await check(`${name} ${document}`, () => differences(instants(wanted), instants(plain(answers[document]))));
  }
  await check(`${name} shows a denied field`, () => { want('denied', ['FORBIDDEN', ['customerByIdentifier']], [answers.denied?.failed?.code, answers.denied?.failed?.path]); });
  await check(`${name} shows 401`, () => { 
    const { status, code } = answers.unauthenticated?.failed ?? {};
    wantThat(status === 401 || code === 'UNAUTHENTICATED', 'refusal', '401 or UNAUTHENTICATED', answers.unauthenticated);
  });
}

// plain leaves out what a client adds.
function plain(value) {
  return JSON.parse(JSON.stringify(value ?? null));
}

// instants writes every instant in one way: Go leaves out zeros.
function instants(value) {
  return JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(v) ? new Date(v).toISOString() : v));
}
