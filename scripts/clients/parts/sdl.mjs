// The printed schema is accepted by what apps build on it, and what they generate
// compiles.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buildSchema, parse, printSchema, buildClientSchema, getIntrospectionQuery, lexicographicSortSchema } from 'graphql';
import { composeServices } from '@theguild/federation-composition';
import { ask } from '../lib/gateway.mjs';
import { check, want, wantThat } from '../lib/report.mjs';
import { compile, modules } from '../lib/relay.mjs';

const require = createRequire(import.meta.url);

/** run runs a tool and throws with the first lines of what it says if it fails. */
export function run(command, args, options = {}) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, ...options });
  } catch (error) {
    const lines = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.replaceAll(/\x1b\[\d*m/g, '').split('\n').filter((line) => line.trim());
    throw new Error(`${command.split('/').pop()}: ${lines.slice(0, 6).join(' | ') || error.message}`);
  }
}

/** codegen runs graphql-codegen's client preset over documents and returns the folder's name. */
export function codegen(folder, documents, preset = {}) {
  writeFileSync(`${folder}.codegen.json`, JSON.stringify({
    schema: 'schema.graphql', documents,
    generates: { [`${folder}/`]: { preset: 'client', presetConfig: preset, config: { scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', CurrencyCode: 'string', JSON: 'unknown' }, enumsAsTypes: true, useTypeImports: true } } },
  }));
  run('node_modules/.bin/graphql-codegen', ['--config', `${folder}.codegen.json`]);
  return folder;
}

export async function sdlPart({ sdl, texts, journeys, demo }) {
  for (const name of ['graphql', 'graphql-16.8']) {
    await check(`sdl ${name} ${require(`${name}/package.json`).version} buildSchema`, () => { require(name).buildSchema(sdl); });
  }
  await check('sdl is the schema that introspection tells', async () => {
    const { body } = await ask(demo.graphql, demo.authorization.staff, { query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true }) });
    const told = printSchema(lexicographicSortSchema(buildClientSchema(body.data)));
    const printed = printSchema(lexicographicSortSchema(buildSchema(sdl)));
    const lines = (text) => text.split('\n').filter((line) => !line.startsWith('directive @'));
    want('line', withoutDirectives(lines(printed)), withoutDirectives(lines(told)));
  });
  for (const [name, extra] of [['1', ''], ['2', '\nextend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\nextend type Customer @key(fields: "id")\n']]) {
    await check(`sdl composes as a subgraph of federation ${name}`, () => {
      const { errors, supergraphSdl } = composeServices([{ name: 'customer360', url: demo.graphql, typeDefs: parse(sdl + extra) }]);
      want('errors', [], (errors ?? []).map((error) => error.message));
      wantThat(supergraphSdl?.includes('type Customer'), 'supergraph', 'type Customer', supergraphSdl?.slice(0, 100));
    });
  }
  await check('sdl relay-compiler takes every journey', () => { compile('relay-journeys', 'schema.graphql', modules(Object.values(texts))); });
  await check('sdl graphql-codegen client preset, tsc --noEmit', () => {
    codegen('codegen', [`${journeys}/**/*.graphql`]);
    mkdirSync('tsc', { recursive: true });
    writeFileSync('tsc/app.ts', typescript);
    run('node_modules/.bin/tsc', ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'preserve', '--moduleResolution', 'bundler', 'tsc/app.ts']);
  });
}

// withoutDirectives leaves out directives that stand before definitions with their
// descriptions and arguments: introspection tells none of their uses.
function withoutDirectives(lines) {
  return lines.slice(lines.findIndex((line) => /^(type|interface|union|enum|input|scalar|schema)\b/.test(line)));
}

// An app that uses the types of what it gets.
const typescript = `import { HomeDocument, ChangedDocument, type HomeQuery } from '../codegen/graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

declare function ask<D, V>(document: TypedDocumentNode<D, V>, variables: V): Promise<D>;

export async function app(): Promise<number> {
  const home: HomeQuery = await ask(HomeDocument, { orders: 3 });
  const changed = await ask(ChangedDocument, { since: '2024-01-01T00:00:00Z' });
  const amounts: string[] = (home.viewer?.customer?.orders?.nodes ?? []).map((order) => order.total.amount);
  // @ts-expect-error There is no such field: what was generated would not say so if it were loose.
  home.viewer?.customer?.displayNam;
  return amounts.length + (home.viewer?.customer?.displayName.length ?? 0) + (changed.customers?.nodes.length ?? 0);
}
`;
