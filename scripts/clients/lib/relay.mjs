// Relay's compiler and runtime, without React.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Kind, parse, print, visit } from 'graphql';
import { operationName } from './documents.mjs';

const require = createRequire(import.meta.url);
const relay = require('relay-runtime');
const { Environment, Network, Observable, RecordSource, Store, createOperationDescriptor, fetchQuery } = relay;

// Relay warns of what is wrong with an answer, such as two objects with one id, and of
// documents, on the console.
const warnings = [];
const toConsole = console.error;
console.error = (...words) => (String(words[0]).startsWith('Warning: ') ? warnings.push(words.join(' ')) : toConsole(...words));

/** compile gives relay-compiler modules, by their names a text or a list of texts, and returns its output; it throws with that. */
export function compile(folder, schemaFile, modules, config = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, '{"type": "commonjs"}');
  for (const [name, text] of Object.entries(modules)) {
    writeFileSync(`${folder}/${name}.js`, `import { graphql } from 'relay-runtime';\n${[text].flat().map((t) => `graphql\`\n${t}\n\`;\n`).join('')}`);
  }
  writeFileSync(`${folder}.config.json`, JSON.stringify({ src: folder, schema: schemaFile, language: 'javascript', eagerEsModules: false, ...config }));
  try {
    return execFileSync('node_modules/.bin/relay-compiler', [`${folder}.config.json`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const lines = `${error.stdout}\n${error.stderr}`.replaceAll(/\x1b\[\d*m/g, '').split('\n').filter((line) => line.trim() && !line.includes('[INFO]'));
    throw new Error(`relay-compiler: ${lines.slice(0, 4).join(' | ')}`);
  }
}

/** modules names documents as Relay wants it: an operation X is XQuery, in a module of that name. */
export function modules(texts) {
  const list = {};
  for (const text of texts) {
    const name = `${operationName(text)}Query`;
    list[name] = print(visit(parse(text), { OperationDefinition: (node) => ({ ...node, name: { kind: Kind.NAME, value: name } }) }));
  }
  return list;
}

/** artifact is what the compiler has made of a module. */
export function artifact(folder, name) {
  const file = `${process.cwd()}/${folder}/__generated__/${name}.graphql.js`;
  return require(file);
}

/** environment asks a gateway; body(operation, variables) is what is sent. */
export function environment({ url, authorization, headers = {}, body = (operation, variables) => ({ query: operation.text, variables }) }) {
  const network = Network.create((operation, variables) => Observable.from((async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }), ...headers },
      body: JSON.stringify(body(operation, variables)),
    });
    return response.json();
  })()));
  return new Environment({ network, store: new Store(new RecordSource(), { gcReleaseBufferSize: 1000 }) });
}

/** relayClient is the client as the other parts ask every client; its documents must have been compiled into folder. */
export function relayClient(folder, options) {
  warnings.length = 0;
  const env = environment(options);
  const described = ({ text, variables }) => {
    const node = artifact(folder, `${operationName(text)}Query`);
    return { node, operation: createOperationDescriptor(node, variables) };
  };
  return {
    name: 'relay',
    env,
    /** warnings are those since this client was made. */
    warnings,
    async query(document) {
      const { node, operation } = described(document);
      env.retain(operation);
      try {
        const data = await fetchQuery(env, node, document.variables, { networkCacheConfig: { force: true } }).toPromise();
        // Relay keeps what was wrong with a field beside it, by which @catch finds it.
        return { data, errors: (env.lookup(operation.fragment).fieldErrors ?? []).map(({ error }) => error) };
      } catch (error) {
        return { data: undefined, errors: error.source?.errors ?? [], error };
      }
    },
    async read(document) {
      const { operation } = described(document);
      const { status } = env.check(operation);
      const snapshot = env.lookup(operation.fragment);
      return { data: snapshot.data, complete: status === 'available' && !snapshot.isMissingData, missing: status };
    },
    stop() {},
  };
}

export { relay };
