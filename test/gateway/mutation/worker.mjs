/*
 * Runs the gateway's tests against mutants, in a copy of the project that is its own.  Told over IPC:
 * {files, measure or costs} once, then {file, text} per mutant.  Says {failures, costs, tests} and
 * {killed, by, why, late}.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../../..');
const LIKELY = 5;
const url = (path) => pathToFileURL(join(ROOT, path)).href;
const STAND_INS = { 'node:test': url('test/gateway/mutation/tests.mjs'), '../stage/policies_stage.mjs': url('test/gateway/mutation/stage.mjs') };

registerHooks({ resolve(specifier, context, next) {
	const ours = context.parentURL?.startsWith(url('test/integration/')) || context.parentURL?.startsWith(url('test/lint/'));
	return next(ours && STAND_INS[specifier] || specifier, context);
} });
process.on('unhandledRejection', () => {}); /* of a test that was given up */

const { chainOf, finish, load, registered, run } = await import('./tests.mjs');
const { stopAll, stopGateways } = await import('./stage.mjs');

/* The linter as one more test, over either variant of the policies. */
async function lint() {
	const { PROGRAM, renderPolicies } = await import(url('test/sandbox/gateway/gateway.mjs'));
	const settings = JSON.parse(readFileSync(join(ROOT, 'apim/settings.example.json'), 'utf8'));
	for (const OBO_CREDENTIAL of ['secret', 'managed-identity']) {
		const out = mkdtempSync(join(tmpdir(), 'lint-'));
		try {
			renderPolicies({ settings: { ...settings, OBO_CREDENTIAL }, clients: [settings.CLIENT_ID], out });
			await promisify(execFile)('mono', [PROGRAM, 'lint', '--apim', out, '--placeholders']).catch(({ stdout }) => {
				throw new Error(stdout.split('\n')[0]);
			});
		} finally {
			rmSync(out, { recursive: true });
		}
	}
}

/* How many gateways each needs; and what each has killed, of which file. */
let costs = {};
const kills = new Map();

/* The likely ones first: those that killed most of the same file; then what needs few gateways. */
function order(file) {
	const score = (one) => kills.get(`${file} ${one.name}`) ?? 0;
	const likely = registered.filter(score).sort((a, b) => score(b) - score(a)).slice(0, LIKELY);
	const cost = (one) => costs[one.name] ?? 0;
	return [...likely, ...registered.filter((one) => !likely.includes(one)).sort((a, b) => cost(a) - cost(b) || score(b) - score(a))];
}

const count = (name) => kills.set(name, (kills.get(name) ?? 0) + 1);

async function runAll(file) {
	try {
		for (const one of order(file)) {
			try {
				await run(one);
			} catch (error) {
				count(`${file} ${one.name}`);
				return { killed: true, by: one.name, why: String(error.message).split('\n')[0].slice(0, 200), late: error.late };
			}
		}
		return { killed: false };
	} finally {
		await end();
	}
}

/* All of them against the policies as they are, in order and then in the order that mutants will
 * get: a failure here would kill every mutant. */
async function measure() {
	const failures = [];
	const failed = (one) => (error) => failures.push(`${one.name}: ${error.message}`);
	for (const one of registered) {
		await run(one).catch(failed(one));
		costs[one.name] = new Set(chainOf(one.suite).flatMap(({ needs }) => [...needs])).size;
	}
	await end();
	for (const one of order('')) await run(one).catch(failed(one));
	await end();
	return failures;
}

async function end() {
	await finish();
	await stopGateways();
}

async function prepare(plan) {
	for (const file of plan.files) await load(url(file), file);
	registered.push({ name: 'gateway.exe lint', fn: lint });
	costs = plan.costs ?? {};
	return { failures: plan.measure ? await measure() : [], costs, tests: registered.length };
}

async function judge({ file, text }) {
	const path = join(ROOT, 'apim', file);
	const original = readFileSync(path);
	writeFileSync(path, text);
	try {
		return await runAll(file);
	} finally {
		writeFileSync(path, original);
	}
}

/* Also when the one who gave the orders is gone; the copy goes too. */
async function leave() {
	setTimeout(() => process.exit(1), 8_000).unref();
	await stopAll();
	rmSync(ROOT, { recursive: true, force: true });
	process.exit(0);
}

process.on('message', async (message) => {
	if (message.end) await leave();
	else process.send(await (message.files ? prepare(message) : judge(message)));
});
process.on('disconnect', leave);
