/*
 * Stands in for node:test where test files run again and again in one process: keeps what they
 * register, in suites, and runs it on order.  What a suite starts before its tests is started when
 * the first of them runs, and stopped by `finish`.
 */
import { HANGS_MS } from '../../sandbox/common/until.mjs';

let current;

/* starting: the suite that is being started; what it needs it is told by those who start it. */
export const state = { starting: undefined };

const makeSuite = (name, parent) => ({ name, parent, before: [], after: [], beforeEach: [], afterEach: [], started: false, needs: new Set() });
/* From the file's suite to the innermost. */
export const chainOf = (suite) => (suite ? [...chainOf(suite.parent), suite] : []);

/* What was registered: {name, file, suite, fn}. */
export const registered = [];

/* Imports a test file; what it registers is in a suite of its own. */
export async function load(url, name) {
	current = makeSuite(name);
	await import(url);
}

export function suite(name, fn) {
	const outer = current;
	current = makeSuite(name, outer);
	fn();
	current = outer;
}

export function test(name, ...rest) {
	const names = [...chainOf(current).map((one) => one.name), name];
	registered.push({ name: names.join(' > '), suite: current, fn: rest.at(-1) });
}

const hook = (kind) => (fn) => { current[kind].push(fn); };
export const before = hook('before');
export const after = hook('after');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');
export { suite as describe, test as it };
export default test;

const running = new Set(); /* suites */

async function start(one) {
	running.add(one);
	if (one.started) return;
	one.started = true;
	state.starting = one;
	for (const fn of one.before) await fn();
}

async function runBody({ suite: inner, fn, name }) {
	const chain = chainOf(inner);
	for (const one of chain) await start(one);
	const cleanUp = [];
	const t = { name, after: (later) => cleanUp.push(later), diagnostic() {} };
	try {
		for (const one of chain) for (const each of one.beforeEach) await each();
		await fn(t);
		for (const one of chain) for (const each of one.afterEach) await each();
	} finally {
		for (const later of cleanUp.reverse()) await later();
	}
}

/* Runs one; throws as it does, or late when it hangs. */
export async function run(one) {
	const { promise: late, reject } = Promise.withResolvers();
	const timer = setTimeout(() => reject(Object.assign(new Error(`took longer than ${HANGS_MS} ms`), { late: true })), HANGS_MS);
	try {
		await Promise.race([runBody(one), late]);
	} finally {
		clearTimeout(timer);
	}
}

/* Stops what suites started, so that the next run starts it anew. */
export async function finish() {
	for (const one of [...running].reverse()) {
		for (const fn of one.after) await Promise.resolve(fn()).catch(() => {});
		one.started = false;
	}
	running.clear();
}
