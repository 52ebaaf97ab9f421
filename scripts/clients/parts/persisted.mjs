// Documents that are asked by their id, from the files that tools write of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { transformSync } from 'esbuild';
import { generate } from '@graphql-codegen/cli';
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists';
import { persistedExchange } from '@urql/exchange-persisted';
import { ask, start } from '../lib/gateway.mjs';
import { check, want, wantThat } from '../lib/report.mjs';
import { apollo } from '../lib/apollo.mjs';
import { urql } from '../lib/urql.mjs';
import { compile, modules, relayClient } from '../lib/relay.mjs';
import { run } from './sdl.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

export async function persistedPart({ demo, settings, schema, texts, journeys }) {
  const variables = { source: 'online-retail', externalId: '17850' };
  const wanted = (await ask(demo.graphql, demo.authorization.staff, { query: texts['partner/resolve'], variables })).body.data;
  const resolve = { text: texts['partner/resolve'], variables };
  const world = { demo, settings, schema, texts, journeys, variables, wanted, resolve };
  await codegenFiles(world);
  await apolloManifest(world);
  await relayFile(world);
  await automatic(world);
}

// served starts a gateway that takes the documents of a file alone.
async function served({ settings }, file, body) {
  const config = `${file}.config.json`;
  writeFileSync(config, JSON.stringify({ ...settings, documents: { manifest: `${process.cwd()}/${file}`, mode: 'require-id' } }));
  const server = await start('serve', ['--config', config, '--insecure-local']);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

// codegenFiles: {hash: text} of the client preset, whichever hash it was told to use.
async function codegenFiles({ settings, schema, journeys, variables, wanted, texts }) {
  for (const algorithm of ['sha256', 'sha1']) {
    const folder = `persisted-${algorithm}`;
    await check(`persisted graphql-codegen ${algorithm}: the gateway takes the file, and clients ask by its hashes`, async () => {
      await generate({
        silent: true, schema: 'schema.graphql', documents: [`${journeys}/**/*.graphql`],
        generates: { [`${folder}/`]: { preset: 'client', documentTransforms: [addTypenameSelectionDocumentTransform], presetConfig: { persistedDocuments: { hashAlgorithm: algorithm } } } },
      }, true);
      writeFileSync(`${folder}/graphql.mjs`, transformSync(readFileSync(`${folder}/graphql.ts`, 'utf8'), { loader: 'ts', format: 'esm' }).code);
      const { ResolveDocument } = await import(`${process.cwd()}/${folder}/graphql.mjs`);
      const hash = ResolveDocument.__meta__.hash;
      await served({ settings }, `${folder}/persisted-documents.json`, async (server) => {
        for (const body of [{ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }, { documentId: hash }]) {
          const answer = await ask(server.graphql, '', { ...body, variables });
          want(`by ${Object.keys(body)[0]}`, wanted, answer.body.data ?? answer.body);
        }
        const client = urql({ url: server.graphql, schema, exchanges: [persistedExchange({ enforcePersistedQueries: true, preferGetForPersistedQueries: false, generateHash: async () => hash })] });
        const { data, error } = await client.client.query(ResolveDocument, variables).toPromise();
        want('urql', wanted, data ?? String(error));
        const text = await ask(server.graphql, '', { query: texts['partner/resolve'], variables });
        wantThat(text.status >= 400 && !text.body.data, 'a text under require-id', 'a refusal', text.body);
      });
    });
  }
}

// apolloManifest: the file of generate-persisted-query-manifest.
async function apolloManifest({ settings, schema, journeys, wanted, resolve }) {
  await check('persisted apollo: the gateway takes the manifest, and the client asks by its ids', async () => {
    writeFileSync('manifest.config.json', JSON.stringify({ documents: [`${journeys}/**/*.graphql`], output: 'manifest.json' }));
    run('node_modules/.bin/generate-persisted-query-manifest', ['--config', 'manifest.config.json']);
    await served({ settings }, 'manifest.json', async (server) => {
      const sent = [];
      const client = apollo({
        url: server.graphql, schema, http: { fetch: recording(sent) },
        links: [createPersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest: async () => JSON.parse(readFileSync('manifest.json', 'utf8')) }))],
      });
      const { data, error } = await client.query(resolve);
      want('answer', wanted, data ?? String(error));
      want('cache', wanted, (await client.read(resolve)).data);
      wantThat(sent.length === 1 && !sent[0].includes('query Resolve'), 'requests', 'one without a text', sent);
      client.stop();
    });
  });
}

// relayFile: what relay-compiler's persistConfig writes.
async function relayFile({ settings, texts, wanted, resolve }) {
  await check('persisted relay: the gateway takes the file, and the client asks by its ids', async () => {
    writeFileSync('relay-persisted.json', '{}');
    compile('relay-persisted', 'schema.graphql', modules(Object.values(texts)), { persistConfig: { file: `${process.cwd()}/relay-persisted.json`, algorithm: 'SHA256' } });
    await served({ settings }, 'relay-persisted.json', async (server) => {
      const client = relayClient('relay-persisted', { url: server.graphql, body: (operation, variables) => ({ documentId: operation.id, variables }) });
      const { data, error } = await client.query(resolve);
      want('answer', wanted, data ?? String(error));
    });
  });
}

// automatic: the text is sent once, then its hash alone.
async function automatic({ demo, schema, wanted, resolve }) {
  const options = { url: demo.graphql, authorization: demo.authorization.staff, schema };
  for (const useGETForHashedQueries of [false, true]) {
    await check(`persisted apollo automatic${useGETForHashedQueries ? ', by GET' : ''}: a text once, then its hash`, async () => {
      const sent = [];
      const make = () => apollo({ ...options, http: { fetch: recording(sent) }, links: [createPersistedQueryLink({ sha256, useGETForHashedQueries })] });
      // A text that nobody has sent before.
      const own = { ...resolve, text: resolve.text.replace('Resolve', `Resolve_${Date.now()}_${useGETForHashedQueries}`) };
      for (const requests of [2, 3]) {
        const client = make();
        const { data, error } = await client.query(own);
        want('answer', wanted, data ?? String(error));
        want('requests', requests, sent.length);
        client.stop();
      }
      want('texts sent', 1, sent.filter((body) => body.includes('customerByIdentifier')).length);
    });
  }
  await check('persisted urql automatic: a text once, then its hash', async () => {
    const make = () => urql({ ...options, exchanges: [persistedExchange({ preferGetForPersistedQueries: true })] });
    for (let i = 0; i < 2; i += 1) {
      const { data, error } = await make().query(resolve);
      want('answer', wanted, data ?? String(error));
    }
  });
}

// recording is a fetch that keeps what was sent: the address of a GET, the body of a POST.
function recording(sent) {
  return (address, init) => {
    sent.push(init.method === 'GET' ? decodeURIComponent(String(address)) : init.body);
    return fetch(address, init);
  };
}
