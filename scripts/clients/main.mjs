// Runs real clients against the built program and says what each gets. Its folder is
// a copy with node_modules; PROGRAM is the program, REPOSITORY the checkout. The
// arguments are names of parts; without any all of them run.
import { writeFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { ask, gateway, start, stopAll } from './lib/gateway.mjs';
import { check, summary } from './lib/report.mjs';
import { journeys as read, missing, sessions } from './lib/documents.mjs';
import { withIDs } from './lib/everything.mjs';
import { issuer } from './lib/issuer.mjs';
import { apollo } from './lib/apollo.mjs';
import { urql } from './lib/urql.mjs';
import { compile, modules, relayClient } from './lib/relay.mjs';
import { sdlPart } from './parts/sdl.mjs';
import { values } from './parts/values.mjs';
import { orderText, storePart } from './parts/store.mjs';
import { variablesPart, variablesText } from './parts/variables.mjs';
import { cardTexts, deniedText, dearText, errorsPart, maskedText } from './parts/errors.mjs';
import { persistedPart } from './parts/persisted.mjs';
import { pagedModules, pagingPart } from './parts/paging.mjs';
import { programsPart } from './parts/programs.mjs';
import { browserPart, pages } from './parts/browser.mjs';

const began = Date.now();
const only = process.argv.slice(2);
process.on('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const sdl = gateway('schema');
writeFileSync('schema.graphql', sdl);
const schema = buildSchema(sdl);
const journeys = `${process.env.REPOSITORY}/internal/test/schema/testdata/journeys`;
const texts = read(journeys);

// The demo with its three callers; beside it the demo's store served with tokens of
// the run's own, to pages of one other origin, and once more with a tight rate.
const store = `sqlite:${process.cwd()}/demo.db`;
const demo = await start('demo', ['--store', store]);
demo.authorization = demo.tokens;
const tokens = await issuer();
const origins = await pages();
const settings = { store: { url: store } };
const served = { ...settings, auth: { issuers: tokens.settings }, cors: { allowed_origins: [origins.allowed] } };
const authorization = {
  staff: tokens.token('staff', { roles: ['ADMIN'] }), analyst: tokens.token('staff', { roles: ['ANALYST'] }),
  unemployed: tokens.token('staff', { roles: [] }), portal: tokens.token('portal', { customer: demo.portalCustomer }),
};
const serve = async (name, config) => {
  writeFileSync(`${name}.json`, JSON.stringify(config));
  return { ...await start('serve', ['--config', `${name}.json`]), authorization };
};
const own = await serve('own', { ...served, limits: { requests_per_second: 500, address_requests_per_second: 2000 } });
const tight = await serve('tight', { ...served, limits: { requests_per_second: 1 } });

const { body } = await ask(demo.graphql, demo.tokens.staff, { query: '{ customers(first: 3, filter: {kind: [PERSON]}) { nodes { id } } }' });
const customers = [demo.customer, demo.portalCustomer, ...body.data.customers.nodes.map((node) => node.id)];
const all = sessions(texts, schema, { customers, portalCustomer: demo.portalCustomer });

// Each client as an app sets it up, for a caller of a server. urql asks by GET, for
// which somebody without a credential needs a header that shows a preflight.
const options = (caller, server) => {
  const authorization = server.authorization[caller];
  return { url: server.graphql, authorization, schema, headers: authorization ? {} : { 'apollo-require-preflight': 'true' } };
};
const clients = {
  apollo: (caller, server = demo) => apollo(options(caller, server)),
  urql: (caller, server = demo) => urql(options(caller, server)),
  relay: (caller, server = demo) => relayClient('relay', options(caller, server)),
};
const identified = (text) => withIDs(schema, text);
const asked = [...new Set(Object.values(all).flat().map((d) => d.text)), orderText];
await check('relay-compiler takes the documents of this run', () => {
  compile('relay', 'schema.graphql', modules([...asked, ...asked.map(identified), variablesText, deniedText, dearText, maskedText, cardTexts(schema).Customer]));
});

const parts = {
  sdl: () => sdlPart({ sdl, texts, journeys, demo }),
  programs: () => programsPart({ demo, texts, journeys }),
  async values() {
    await check('every journey is asked', () => missing(texts, all));
    await values(demo, all, identified, clients);
  },
  store: () => storePart({ schema, identified, clients }),
  variables: () => variablesPart(demo, clients),
  errors: () => errorsPart({ schema, demo, own, tight, clients }),
  persisted: () => persistedPart({ demo, settings, schema, texts, journeys }),
  async paging() {
    await check('relay-compiler takes pagination fragments', () => { compile('relay-paging', 'schema.graphql', pagedModules); });
    await pagingPart(demo, schema);
  },
  browser: () => browserPart({ own, tight, origins, texts }),
};
for (const [name, part] of Object.entries(parts)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const from = Date.now();
  console.log(`# ${name}`);
  await part().catch((error) => check(`${name} runs to its end`, () => { throw error; }));
  console.log(`# ${name}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
}
for (const server of [demo, own, tight]) await server.stop();
process.exit(summary(((Date.now() - began) / 1000).toFixed(1)) ? 0 : 1);
