/*
 * `make bench`: measures the handler beside its peers and says whether the targets are met.
 *
 *   node test/bench/bench.mjs [--quick] [--only B1,B5] [--no-docs]
 *
 * Environment: HANDLER (the binary), BENCH_RUNS, BENCH_SECONDS, BENCH_SOAK_S.  Writes
 * build/bench/results.json and, unless it is quick or partial, docs/performance.md and its charts.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCharts } from './results/charts.mjs';
import { BUILT, ROOT, describeMachine, processorTimes } from './measuring/machine.mjs';
import { table, verdictsText, writeDocs } from './results/report.mjs';
import { HANDLER, installPeers } from './measuring/subjects.mjs';
import { judge } from './results/targets.mjs';
import * as long from './workloads/long.mjs';
import * as me from './workloads/me.mjs';
import * as open from './workloads/open.mjs';
import * as tools from './workloads/tools.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false },
	only: { type: 'string' }, 'no-docs': { type: 'boolean', default: false } } });

const started = performance.now();
const { quick } = options;
const bench = { quick, entries: [], facts: {}, skipped: new Map(), failed: [],
	runs: Number(process.env.BENCH_RUNS ?? (quick ? 2 : 5)),
	seconds: Number(process.env.BENCH_SECONDS ?? (quick ? 1 : 3)),
	say: (text) => console.log(`[${((performance.now() - started) / 1000).toFixed(0)}s] ${text}`) };

const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
const all = { ...open, ...me, ...long, ...tools };
const QUICK = ['B1', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B12'];
const every = Array.from({ length: 15 }, (_, i) => `B${i + 1}`);
const wanted = options.only?.split(',') ?? (quick ? QUICK : every);

bench.machine = describeMachine();
bench.commit = git('rev-parse', '--short', 'HEAD');
bench.handler = HANDLER.replace(ROOT, '');
bench.when = new Date().toISOString();
if (bench.machine.load_before > 0.5)
	bench.say(`this machine is not quiet (load ${bench.machine.load_before.toFixed(1)}): compare`
		+ ' ratios, not figures');
await installPeers(bench);
const before = processorTimes();
for (const id of wanted) {
	bench.say(`--- ${id}`);
	await all[id](bench).catch((error) => {
		bench.failed.push(id);
		bench.skipped.set(id, error.message);
		console.error(error);
	});
}
const after = processorTimes();
const total = after.busy - before.busy + after.idle - before.idle + after.steal - before.steal;
bench.machine.steal_percent = (after.steal - before.steal) / total * 100;
bench.took_s = (performance.now() - started) / 1000;
bench.verdicts = judge(bench);

const { say, skipped, ...rest } = bench;
const results = { ...rest, skipped: Object.fromEntries(skipped) };
writeFileSync(join(BUILT, quick ? 'results-quick.json' : 'results.json'),
	JSON.stringify(results, null, '\t'));
console.log(`\n${table(results)}\n\n${verdictsText(results)}`);
if (!quick && !options.only && !options['no-docs']) {
	writeDocs(results);
	writeCharts(results);
}
const missed = bench.verdicts.filter(({ met }) => met === false).length;
console.log(`\nbench: ${bench.verdicts.filter(({ met }) => met).length} targets met, ${missed} missed,`
	+ ` ${bench.verdicts.filter(({ met }) => met === undefined).length} not measured,`
	+ ` in ${Math.round(bench.took_s)} s`);
process.exit(bench.failed.length ? 1 : 0);
