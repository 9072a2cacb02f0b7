#!/usr/bin/env node
/*
 * Proves that the gateway's tests notice: changes one thing in the policies' sources after another,
 * runs the tests against each such mutant, and names those that no test minds.  Such a survivor is a
 * test that is missing, or is listed with a reason in mutation/accepted.json.
 *
 *   node test/gateway/mutate.mjs [--only REGEX] [--sample N] [--files A,B] [--parallel N] [--accepted FILE] [--verbose]
 *     --only     mutants whose name matches
 *     --sample   that many of them, evenly spread
 *     --files    test files, the first ones first (default: all of the gateway's); without a first run
 *                of all on the policies as they are
 *
 * Exit status: 1, a survivor that is not accepted, or an accepted one that is not one any more.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutantsOf } from './mutation/mutants.mjs';

const ROOT = join(import.meta.dirname, '../..');
const LINKED = ['bin', 'build'];
const LEFT_OUT = [...LINKED, '.git', 'node_modules'];
const ACCEPTED = join(import.meta.dirname, 'mutation/accepted.json');
const FILES = ['policies_routes', 'policies_tools', 'policies_sign_in', 'policies_exchange', 'policies_refusals', 'path_me', 'path_open', 'path_mcp', 'path_sign_in']
	.map((name) => `test/integration/gateway/${name}.test.mjs`).concat('test/lint/gateway.test.mjs');
const MANY = 150; /* mutants, after which a worker has grown large */
const MUTANT_MS = 300_000; /* a worker that says nothing for so long hangs */

function copyOfProject() {
	const root = mkdtempSync(join(tmpdir(), 'mutate-'));
	for (const name of readdirSync(ROOT).filter((one) => !LEFT_OUT.includes(one)))
		cpSync(join(ROOT, name), join(root, name), { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
	for (const name of [...LINKED, 'test/node_modules']) symlinkSync(join(ROOT, name), join(root, name));
	mkdirSync(join(root, 'tmp'));
	return root;
}

/* A worker in a copy of its own.  tell(what) gives what it says to that. */
async function startWorker(plan) {
	const root = copyOfProject();
	const child = fork(join(root, 'test/gateway/mutation/worker.mjs'), { cwd: root,
		env: { ...process.env, NODE_TEST_CONTEXT: undefined, TMPDIR: join(root, 'tmp') } });
	const ended = once(child, 'exit');
	async function tell(what) {
		const said = once(child, 'message').then(([message]) => message);
		child.send(what);
		const { promise: late, resolve } = Promise.withResolvers();
		const timer = setTimeout(resolve, MUTANT_MS, { killed: true, by: 'nobody', why: 'it hangs', late: true });
		const gone = ended.then(() => ({ killed: true, by: 'nobody', why: 'the tests crash', late: true }));
		return Promise.race([said, late, gone]).finally(() => clearTimeout(timer));
	}
	async function stop() {
		if (child.connected) child.send({ end: true });
		const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
		await ended.finally(() => clearTimeout(timer));
		rmSync(root, { recursive: true, force: true }); /* where it could not */
	}
	return { tell, stop, first: await tell(plan) };
}

function allMutants({ only = '', sample }) {
	const wanted = new RegExp(only);
	const all = globSync('{policies,fragments}/**/*.xml', { cwd: join(ROOT, 'apim') }).sort()
		.flatMap((file) => mutantsOf(file, readFileSync(join(ROOT, 'apim', file), 'utf8')))
		.filter(({ name }) => wanted.test(name));
	const step = sample ? Math.max(1, all.length / Number(sample)) : 1;
	return Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)]);
}

/* Takes mutants off the list until it is empty.  A worker that hung, or has judged many, is replaced;
 * what it hung on is judged once more, as that may have been the machine's fault. */
async function work(list, plan, verdicts, first) {
	let worker = first ?? await startWorker(plan);
	const renew = async () => {
		await worker.stop();
		worker = await startWorker(plan);
	};
	for (let mutant, n = 1; (mutant = list.shift()); n++) {
		const started = performance.now();
		let verdict = await worker.tell(mutant);
		if (verdict.late) {
			await renew();
			verdict = await worker.tell(mutant);
		}
		Object.assign(mutant, verdict, { ms: Math.round(performance.now() - started) });
		verdicts.push(mutant);
		verdicts.told(mutant, list.length);
		if (verdict.late || n % MANY === 0) await renew();
	}
	await worker.stop();
}

/* The first worker, with the tests measured unless only some are wanted: {worker, plan for the others}. */
async function begin(files) {
	const worker = await startWorker({ files: files ?? FILES, measure: !files });
	const { failures, costs, tests, why } = worker.first;
	if (!failures || failures.length) {
		await worker.stop();
		throw new Error(`the tests fail without a mutant:\n${failures?.join('\n') ?? why}`);
	}
	return { worker, tests, plan: { files: files ?? FILES, costs } };
}

function tell({ name, line, killed, by, why, ms }, left, { accepted, verbose }) {
	if (verbose) console.log(`${killed ? `killed in ${ms} ms by ${by}` : `survived ${ms} ms`}: ${name}\n\t${why ?? ''}`);
	else if (!killed && !accepted.has(name)) console.log(`survived: line ${line} of ${name}`);
	if (left % 50 === 0) console.error(`${left} to go`);
}

function report(verdicts, { accepted, tests, whole }) {
	const survivors = verdicts.filter(({ killed }) => !killed);
	const wrong = survivors.filter(({ name }) => !accepted.has(name));
	const gone = whole ? [...accepted].filter((name) => !survivors.some((one) => one.name === name)) : [];
	for (const name of gone) console.log(`accepted, but not a survivor: ${name}`);
	const late = verdicts.filter(({ late: isLate }) => isLate).length;
	console.log(`mutate: ${verdicts.length} mutants, ${verdicts.length - survivors.length} killed${late ? ` (${late} by hanging)` : ''}, ${
		survivors.length - wrong.length} accepted, ${wrong.length} survived; ${tests} tests`);
	return wrong.length + gone.length ? 1 : 0;
}

async function main() {
	const { values } = parseArgs({ options: { only: { type: 'string' }, sample: { type: 'string' }, files: { type: 'string' },
		parallel: { type: 'string', default: '2' }, accepted: { type: 'string', default: ACCEPTED }, verbose: { type: 'boolean' } } });
	const list = allMutants(values);
	const accepted = new Set(JSON.parse(readFileSync(values.accepted, 'utf8')).flatMap(({ mutants }) => mutants));
	const verdicts = Object.assign([], { told: (mutant, left) => tell(mutant, left, { accepted, verbose: values.verbose }) });
	const { worker, plan, tests } = await begin(values.files?.split(','));
	await Promise.all(Array.from({ length: Math.min(Number(values.parallel), list.length) },
		(_, i) => work(list, plan, verdicts, i ? undefined : worker)));
	process.exitCode = report(verdicts, { accepted, tests, whole: !values.only && !values.sample && !values.files });
}

await main();
