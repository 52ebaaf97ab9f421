// A page of another origin, in a real browser: what cors.allowed_origins alone lets
// it send, and what it can read.
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { ask } from '../lib/gateway.mjs';
import { check, want, wantThat } from '../lib/report.mjs';

// What tracing (W3C Trace Context and Baggage, Sentry) and Apollo Client add to every
// request of a page.
const headers = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1', baggage: 'sentry-release=1', 'sentry-trace': '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1',
  'apollographql-client-name': 'page', 'apollographql-client-version': '1', 'x-apollo-operation-name': 'Home', 'apollo-require-preflight': 'true', 'x-request-id': 'page-1', accept: 'application/graphql-response+json',
};

/** pages serves the page on a free port and gives its origins: one that the gateway is told of, and one that it is not. */
export async function pages() {
  const { outputFiles } = await build({ entryPoints: ['testdata/page/page.js'], bundle: true, format: 'iife', write: false, define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'silent' });
  const server = createServer((request, response) => {
    const script = request.url === '/page.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? outputFiles[0].text : '<!doctype html><title>page</title><script src="/page.js"></script>');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  return { allowed: `http://127.0.0.1:${port}`, other: `http://localhost:${port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}

export async function browserPart({ own, tight, origins, texts }) {
  const profile = mkdtempSync(`${tmpdir()}/clients-browser-`);
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM_BIN, headless: true, userDataDir: profile, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--host-resolver-rules=MAP localhost 127.0.0.1'] });
  try {
    const page = await open(browser, origins.allowed);
    await headersPass(page, own);
    await apolloRuns(page, own, texts);
    await refusalsAreRead(page, own, tight);
    await othersMayNot(await open(browser, origins.other), own);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function open(browser, origin) {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction('window.apollo !== undefined');
  return page;
}

const plain = (page, ...words) => page.evaluate((...given) => window.plain(...given), ...words);

async function headersPass(page, own) {
  const authorization = own.authorization.staff;
  for (const [name, value] of Object.entries(headers)) {
    await check(`browser sends ${name}`, async () => {
      const got = await plain(page, own.graphql, { authorization, [name]: value }, { query: '{ __typename }' });
      want('answer', 'Query', got.body?.data?.__typename ?? got.refused);
    });
  }
  await check('browser sends no header that nobody has allowed', async () => {
    const got = await plain(page, own.graphql, { authorization, 'x-something-else': '1' }, { query: '{ __typename }' });
    wantThat(got.refused, 'answer', 'a refusal by the browser', got);
  });
}

async function apolloRuns(page, own, texts) {
  const asked = { 'dashboard/customers': ['staff', {}], 'portal/home': ['portal', { orders: 3 }] };
  for (const [name, [caller, variables]] of Object.entries(asked)) {
    for (const [how, http] of [['POST', {}], ['GET', { useGETForQueries: true }]]) {
      await check(`browser apollo ${name} by ${how}, with tracing`, async () => {
        const authorization = own.authorization[caller];
        const { body } = await ask(own.graphql, authorization, { query: texts[name], variables });
        const { traceparent, tracestate, baggage } = headers;
        const got = await page.evaluate((given) => window.apollo(given), { url: own.graphql, headers: { authorization, traceparent, tracestate, baggage, 'sentry-trace': headers['sentry-trace'] }, text: texts[name], variables, http });
        want('answer', undefined, got.refused);
        want('answer', body.data, got.data);
        want('cache', body.data, got.cached);
      });
    }
  }
}

async function refusalsAreRead(page, own, tight) {
  await check('browser reads 401', async () => {
    const got = await plain(page, own.graphql, {}, { query: '{ __typename }' });
    want('answer', [401, 'UNAUTHENTICATED'], [got.status, got.body?.errors?.[0]?.extensions?.code ?? got.refused]);
    wantThat(got.headers['www-authenticate'] && got.headers['x-request-id'], 'headers', 'WWW-Authenticate and X-Request-Id', got.headers);
  });
  await check('browser reads 429 and Retry-After', async () => {
    const send = () => plain(page, tight.graphql, { authorization: tight.authorization.staff }, { query: '{ __typename }' });
    const late = (await Promise.all(Array.from({ length: 8 }, send))).find(({ status }) => status === 429);
    wantThat(late, 'of 8 requests at once', '429', 'none');
    wantThat(/^[1-9]\d*$/.test(late.headers['retry-after'] ?? '') && late.headers.ratelimit, 'headers', 'Retry-After and RateLimit', late.headers);
  });
}

async function othersMayNot(page, own) {
  await check('browser lets no page of another origin read an answer', async () => {
    const got = await plain(page, own.graphql, { authorization: own.authorization.staff }, { query: '{ __typename }' });
    wantThat(got.refused, 'answer', 'a refusal by the browser', got);
  });
}
