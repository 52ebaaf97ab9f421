// The program under test: builds nothing, starts it on free ports, ends what it
// started by its process.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { within } from './report.mjs';

const binary = process.env.PROGRAM;
const running = new Set();

/** gateway runs a command of the program to its end and returns its standard output. */
export function gateway(...args) {
  return execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
}

/**
 * start starts "demo" or "serve" with flags and variables of the environment, waits
 * until it is ready and returns what it then says of itself: {graphql, tokens, …},
 * and stop. It throws with the program's last words if it ends before that.
 */
export async function start(command, flags = [], env = {}) {
  const child = spawn(binary, [command, '--json', '--listen', '127.0.0.1:0', ...flags], {
    env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let log = '';
  child.stderr.on('data', (data) => { log = (log + data).slice(-4000); });
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code;
  });
  const line = await within(120_000, Promise.race([once(createInterface(child.stdout), 'line').then(([text]) => text), ended]));
  if (typeof line !== 'string') {
    throw new Error(`gateway ${command} ended with ${line}: ${log.trim().split('\n').slice(-2).join(' | ')}`);
  }
  return {
    ...JSON.parse(line),
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** stopAll ends whatever is still running. */
export function stopAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** ask sends an operation as plain HTTP and returns {status, headers, body}. */
export async function ask(url, authorization, operation, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...(authorization && { authorization }), ...headers },
    body: JSON.stringify(operation),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
