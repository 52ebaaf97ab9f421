// What a run finds: one line a check, "ok" or "FAIL", on standard output.

/** Failure is what a check found: each problem is "path: want X, got Y". */
export class Failure extends Error {
  constructor(problems) {
    super(problems[0]);
    this.problems = problems;
  }
}

const shown = 4;
const patience = 120_000; // milliseconds for one check
const counts = { ok: 0, failed: 0 };

/** check runs one check. It fails if body throws, or returns a list with problems. */
export async function check(name, body) {
  let problems;
  try {
    problems = (await within(patience, body())) ?? [];
  } catch (error) {
    problems = error instanceof Failure ? error.problems : [error?.stack?.split('\n').slice(0, 3).join(' | ') ?? String(error)];
  }
  if (problems.length === 0) {
    counts.ok += 1;
    console.log(`ok   ${name}`);
    return true;
  }
  counts.failed += 1;
  console.log(`FAIL ${name}: ${problems[0]}`);
  for (const problem of problems.slice(1, shown)) console.log(`     ${problem}`);
  if (problems.length > shown) console.log(`     and ${problems.length - shown} more`);
  return false;
}

/** within gives what a promise does, or fails after some milliseconds. */
export async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Failure([`want an end, got none in ${milliseconds / 1000} s`])), milliseconds); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** want fails unless got is what is wanted: equal as JSON. */
export function want(path, wanted, got) {
  const problems = differences(wanted, got, path);
  if (problems.length > 0) throw new Failure(problems);
}

/** wantThat fails with "what: want wanted, got got" unless holds. */
export function wantThat(holds, path, wanted, got) {
  if (!holds) throw new Failure([`${path}: want ${wanted}, got ${short(got)}`]);
}

/** summary prints how many checks held and returns whether all did, of at least some. */
export function summary(seconds) {
  console.log(`${counts.ok} ok, ${counts.failed} failed, ${seconds} s`);
  return counts.failed === 0 && counts.ok > 0;
}

/** short is a value on one line, cut where it gets long. */
export function short(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value) ?? String(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/**
 * differences lists where got is not what is wanted, each as "path: want X, got Y".
 * What a client adds (__typename, Relay's own __id and the like) does not count; a
 * member that is not there is not the same as null.
 */
export function differences(wanted, got, path = '') {
  if (Array.isArray(wanted) && Array.isArray(got)) {
    const problems = [];
    for (let i = 0; i < Math.max(wanted.length, got.length); i += 1) {
      problems.push(...differences(wanted[i], got[i], `${path}[${i}]`));
    }
    return problems;
  }
  if (isObject(wanted) && isObject(got)) {
    const names = new Set([...Object.keys(wanted), ...Object.keys(got).filter((name) => !name.startsWith('__'))]);
    return [...names].flatMap((name) => differences(wanted[name], got[name], path ? `${path}.${name}` : name));
  }
  return Object.is(wanted, got) ? [] : [`${path}: want ${short(wanted)}, got ${short(got)}`];
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
