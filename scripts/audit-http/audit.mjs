// audit.mjs URL AUTHORIZATION: asks a server what graphql-http's audits ask, prints
// each audit that is not ok, and how many are. A warning counts as a failure.
import { serverAudits } from 'graphql-http';

const [url, authorization] = process.argv.slice(2);
const expected = 61;

const audits = serverAudits({
  url,
  fetchFn: (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (authorization) headers.set('authorization', authorization);
    return fetch(input, { ...init, headers });
  },
});

let ok = 0;
for (const { fn } of audits) {
  const result = await fn();
  if (result.status === 'ok') {
    ok += 1;
    continue;
  }
  console.log(`${result.status}: ${result.id} ${result.name}: ${result.reason}`);
  console.log(`  ${result.response.status} ${await result.response.text().catch(() => '')}`);
}
console.log(`${ok} ok`);
if (ok !== expected || audits.length !== expected) {
  console.log(`${audits.length} audits ran, ${expected} must be ok`);
  process.exitCode = 1;
}
