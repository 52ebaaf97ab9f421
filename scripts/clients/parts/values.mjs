// Every value comes through each client's cache as the gateway sent it.
import { ask } from '../lib/gateway.mjs';
import { Failure, check, differences, short } from '../lib/report.mjs';

/** truth asks a document as plain HTTP. */
async function truth(server, document) {
  const { status, body } = await ask(server.graphql, server.authorization[document.caller], { query: document.text, variables: document.variables });
  if (status !== 200 || body.errors) throw new Failure([`${document.name}: want data, got ${status} ${short(body.errors)}`]);
  return body.data;
}

// stable leaves out problems at paths whose value differs from one plain asking to
// the next: nobody can say which is right.
async function stable(server, document, wanted, problems) {
  if (problems.length === 0) return problems;
  const pathOf = (line) => line.slice(0, line.indexOf(': want '));
  const changed = new Set(differences(wanted, await truth(server, document)).map(pathOf));
  return problems.filter((line) => !changed.has(pathOf(line)));
}

// cached gives what is wrong with what a client's cache has of a document.
async function cached(client, document, wanted) {
  const { data, complete, missing } = await client.read(document);
  const problems = differences(wanted, data ?? null);
  if (!complete && problems.length === 0) problems.push(`: want all of it in the cache, got it without ${missing}`);
  return problems;
}

/**
 * values checks each document of each session alone in an empty cache: as it is, and
 * with the id of every object that has one (withIDs), by which caches know objects
 * again. Then it checks all of a session in one cache, with ids: what Apollo holds of
 * an object without its id is replaced by the next document that asks for less of it.
 * clients are functions of a caller that give a fresh client.
 */
export async function values(server, sessions, withIDs, clients) {
  const truths = new Map();
  const asked = {};
  for (const [caller, documents] of Object.entries(sessions)) {
    const own = documents.filter((d) => !d.name.startsWith('every/'));
    asked[caller] = { own, identified: documents.map((d) => ({ ...d, text: withIDs(d.text), identified: true })) };
    for (const document of [...own, ...asked[caller].identified]) truths.set(document, await truth(server, document));
  }
  for (const [name, fresh] of Object.entries(clients)) {
    for (const [caller, { own, identified }] of Object.entries(asked)) {
      for (const document of own) await check(`${name} ${caller} ${document.name}`, () => alone(server, fresh(caller), document, truths));
      await check(`${name} ${caller} ${identified.length} documents with ids, each alone`, async () => {
        const found = [];
        for (const document of identified) found.push(...(await alone(server, fresh(caller), document, truths)).slice(0, 1).map((line) => `${document.name} ${line}`));
        return found;
      });
      await check(`${name} ${caller} ${identified.length} documents with ids in one cache`, () => together(server, fresh(caller), identified, truths));
    }
  }
}

// alone asks a document of a client with an empty cache.
async function alone(server, client, document, truths) {
  const wanted = truths.get(document);
  const { data, errors, error } = await client.query(document);
  const failed = error || errors.length > 0 ? [`: want no error, got ${error?.message ?? short(errors[0])}`] : [];
  const problems = [...failed, ...differences(wanted, data), ...await cached(client, document, wanted)];
  if (document.identified) problems.push(...(client.warnings ?? []).map((line) => `: want no warning, got ${line.split('\n')[0]}`));
  client.stop();
  return stable(server, document, wanted, [...new Set(problems)]);
}

// together asks documents of one client, and then reads each again from its cache.
async function together(server, client, documents, truths) {
  const found = [];
  for (const document of documents) await client.query(document);
  for (const document of documents) {
    const wanted = truths.get(document);
    const problems = await stable(server, document, wanted, await cached(client, document, wanted));
    found.push(...problems.slice(0, 1).map((line) => `${document.name} ${line}`));
  }
  client.stop();
  return found;
}
