/*
 * `make floods`: what callers who are slow, idle or greedy cost the others.
 *
 *   node test/bench/floods/floods.mjs [--handler BINARY]... [--where alone,host] [--only all,idle]
 *                                     [--seconds N] [--runs N] [--size N]
 *
 * Prints a table for each binary, alone and behind the host's double, and writes build/bench/floods.json.
 * Ends with 1 where a target is missed, alone, by a binary that promises that waiting costs no thread.
 */
import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { waitsWithoutThread } from '../measuring/flood.mjs';
import { BUILT, ROOT, describeMachine } from '../measuring/machine.mjs';
import { rounds } from '../measuring/rounds.mjs';
import { hello } from '../measuring/shots.mjs';
import { startCeilings, startHandler, subject } from '../measuring/subjects.mjs';
import { withServers } from '../workloads/open.mjs';
import { scene } from './scene.mjs';
import { judge, table, verdictsText } from './table.mjs';

const { values: options } = parseArgs({ options: {
	handler: { type: 'string', multiple: true, default: ['build/static/handler', 'bin/handler'] },
	where: { type: 'string', default: 'alone,host' }, only: { type: 'string' },
	seconds: { type: 'string', default: '5' }, runs: { type: 'string', default: '5' },
	size: { type: 'string', default: '1000' } } });

const size = Number(options.size);
const FLOODS = { idle: { idle: size }, silent: { silent: size }, head: { head: size }, body: { body: size },
	chunked: { chunked: size }, mcp: { mcp: size / 2, mcp_chunked: size / 2 }, hoard: { hoard: size / 5 },
	deaf: { deaf: size / 5 }, sips: { sips: size / 5 }, pipeline: { pipeline: size / 5 }, churn: { churn: size / 100 },
	all: { idle: size, silent: size, head: size, body: size } };
/* Of what is judged: what disturbs the machine disturbs one of them. */
const ROUNDS = 3;
const names = options.only?.split(',') ?? [...Object.keys(FLOODS), 'small'];

const started = performance.now();
const say = (text) => console.error(`[${((performance.now() - started) / 1000).toFixed(0)}s] ${text}`);

/* The rate of small calls beside bare civetweb's, the same binary once more for each number of callers. */
async function small(binary) {
	const bench = { entries: [], runs: Number(options.runs), seconds: 2, say };
	await withServers(async (keep) => {
		const handler = await keep(startHandler({ command: binary, env: { SERVER_THREADS: undefined } }));
		const [civetweb] = await startCeilings(handler, hello(), ['civetweb']);
		return [handler, await keep(civetweb)].map((server) => subject(server, hello()));
	}, async (subjects) => {
		for (const connections of [32, 256])
			await rounds(bench, { id: 'small', variant: `c=${connections}`, connections, subjects });
	});
	return bench.entries;
}

async function measured(binary, where) {
	const floods = {};
	for (const name of names.filter((one) => one !== 'small')) {
		for (let round = 1; round <= (name === 'all' ? ROUNDS : 1); round++) {
			say(`${relative(ROOT, binary)}, ${where}: ${name}`);
			floods[round > 1 ? `${name}, ${round}` : name] =
				await scene({ binary, where, kinds: FLOODS[name], seconds: Number(options.seconds) });
		}
	}
	const result = { binary: relative(ROOT, binary), where, promises: waitsWithoutThread(binary), floods,
		small: where === 'alone' && names.includes('small') ? await small(binary) : [] };
	return { ...result, verdicts: judge(result) };
}

const results = [];
for (const binary of options.handler.map((path) => resolve(path))) {
	for (const where of options.where.split(','))
		results.push(await measured(binary, where));
}
for (const result of results)
	console.log([`\n${result.binary}, ${result.where}`, table(result), verdictsText(result)].filter(Boolean).join('\n\n'));
writeFileSync(join(BUILT, 'floods.json'), JSON.stringify({ machine: describeMachine(), results }, null, '\t'));
const missed = results.filter(({ promises }) => promises)
	.flatMap(({ verdicts }) => verdicts).filter(({ met }) => met === false);
console.log(`\nfloods: ${missed.length} targets missed, in ${Math.round((performance.now() - started) / 1000)} s`);
process.exit(missed.length ? 1 : 0);
