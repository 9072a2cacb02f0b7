/* The results as text, and as the generated part of docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../measuring/machine.mjs';

const PAGE = join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- written by make bench -->';
const END = '<!-- end of what make bench writes -->';

export const number = (value) => Math.round(value).toLocaleString('en-US');
const us = (value) => (value >= 10_000 ? `${(value / 1000).toFixed(1)} ms` : `${number(value)} us`);

const HEAD = ['workload', 'server', 'rps', 'min-max', 'p50', 'p99', 'p99.9', 'CPU a request',
	'answer', 'RSS', 'errors'];

function row(entry) {
	return [`${entry.id} ${entry.variant}`, entry.subject, number(entry.rps.median),
		`${number(entry.rps.min)}-${number(entry.rps.max)}`, us(entry.p50_us), us(entry.p99_us),
		us(entry.p999_us), `${entry.cpu_us.toFixed(1)} us`, `${number(entry.bytes)} B`,
		`${entry.rss_mb.toFixed(0)} MB`, String(entry.bad)];
}

export function aligned(rows) {
	const widths = rows[0].map((_, i) => Math.max(...rows.map((cells) => cells[i].length)));
	return rows.map((cells) => cells.map((cell, i) =>
		(i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

function markdown(rows, left = 2) {
	const rule = rows[0].map((_, i) => (i < left ? '---' : '---:'));
	return [rows[0], rule, ...rows.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const MARKS = new Map([[true, 'met'], [false, 'MISSED'], [undefined, '-']]);
const verdictRows = ({ verdicts }) => [['target of', '', 'measured', 'verdict'],
	...verdicts.map(({ id, target, figure, met }) => [id, target, figure, MARKS.get(met)])];

export const table = (results) => aligned([HEAD, ...results.entries.map(row)]);
export const verdictsText = (results) => aligned(verdictRows(results));

function burstLine(name, burst) {
	return burst && [name, number(burst.users), number(burst.exchanges), number(burst.exchanges_again),
		`${number(burst.first_p99_ms)} ms`, `${number(burst.second_p99_ms)} ms`,
		String(burst.entra_connections), String(burst.graph_connections),
		`${number(burst.rss_mb)} MB`, String(burst.bad)];
}

function bursts({ facts: { B8, B8_http1 } }) {
	const rows = [burstLine('HTTP/2', B8), burstLine('HTTP/1.1', B8_http1)].filter(Boolean);
	return rows.length ? ['', 'B8, new users all at once (Entra 80 ms, Graph 50 ms), by what Entra speaks:', '',
		markdown([['Entra', 'users', 'exchanges', 'then', 'p99', 'p99 then', 'to Entra', 'to Graph',
			'RSS', 'errors'], ...rows], 1)] : [];
}

function starts({ facts }) {
	const rows = Object.entries(facts.B12 ?? {}).map(([name, { ms, min, max, rss_mb }]) =>
		[name, `${ms.toFixed(1)} ms`, `${min.toFixed(1)}-${max.toFixed(1)} ms`, `${rss_mb.toFixed(1)} MB`]);
	return rows.length ? ['', 'B12, exec to the first 200, and memory while idle:', '',
		markdown([['server', 'median', 'min-max', 'RSS'], ...rows], 1), '',
		`The binary has ${facts.binary_mb.toFixed(1)} MB${facts.zip_mb
			? `, functions.zip ${facts.zip_mb.toFixed(1)} MB` : ''}${facts.rss_after_b7_mb
			? `; after B7 the handler used ${facts.rss_after_b7_mb.toFixed(0)} MB` : ''}.`] : [];
}

function single({ facts }) {
	const lines = [];
	const { B9, B10, B11, B13, B14, B15, graph_connections, load_to_wrk,
		upstream_rps_per_core } = facts;
	if (upstream_rps_per_core)
		lines.push(`* The fake upstream can answer ${number(upstream_rps_per_core)} /me a second on a core`
			+ ' (HTTP/2 over TLS, from its CPU time).');
	if (load_to_wrk)
		lines.push(`* Our load generator sees ${(load_to_wrk * 100).toFixed(0)} % of the rate that wrk sees of`
			+ ' B1 at 32 callers, checking answers as it does.');
	if (graph_connections)
		lines.push(`* B7, connections a cold handler opened to Graph, by callers: ${Object.entries(
			graph_connections).map(([c, n]) => `${c}: ${n}`).join(', ')}.`);
	if (B9)
		lines.push(`* B9, 100 parallel calls of one new user: ${B9.exchanges} exchange, p99`
			+ ` ${number(B9.p99_ms)} ms, ${B9.bad} errors.`);
	if (B10)
		lines.push(`* B10, Entra refuses one user: others' p99 ${number(B10.p99_ms)} ms`
			+ ` (${number(B10.undisturbed_p99_ms)} ms when it does not), ${B10.bad} errors of theirs.`);
	if (B11)
		lines.push(`* B11, a hit in the token cache, key's hash included: ${B11.map(({ users, hit_ns }) =>
			`${(hit_ns / 1000).toFixed(2)} us at ${number(users)}`).join(', ')} users.`);
	if (B13)
		lines.push(`* B13, hello at a steady rate: p99 ${number(B13.alone_p99_us)} us alone,`
			+ ` ${number(B13.beside_p99_us)} us beside ${number(B13.opened)} idle connections in turn and`
			+ ` 24 slow clients; RSS ${B13.rss_mb.toFixed(1)} MB.`);
	if (B14)
		lines.push(`* B14, ${number(B14.seconds)} s of everything: ${number(B14.answers)} answers,`
			+ ` ${B14.bad} errors, RSS ${B14.rss_mb.map((mb) => mb.toFixed(1)).join(' to ')} MB,`
			+ ` ${B14.files.join(' to ')} open files, ${B14.threads.join(' to ')} threads.`);
	if (B15)
		lines.push(`* B15, ${B15.users} users of ${B15.tools} tools, ${number(B15.answers)} calls: ${number(B15.rps)} a second,`
			+ ` p99 ${number(B15.p99_ms)} ms, ${B15.exchanges} exchanges, ${B15.bad} errors; RSS ${B15.rss_mb.toFixed(1)} MB.`);
	return lines.length ? ['', ...lines] : [];
}

function generated(results) {
	const { machine, skipped } = results;
	const out = [BEGIN, '',
		`Commit ${results.commit}, ${results.handler}, ${results.when.slice(0, 10)}: ${machine.cpu},`
			+ ` ${machine.cores} cores, kernel ${machine.kernel}. Each figure is the median of`
			+ ` ${results.runs} runs of ${results.seconds} s after one thrown away. Load average before:`
			+ ` ${machine.load_before.toFixed(2)}; stolen by the hypervisor: ${machine.steal_percent.toFixed(1)} %.`,
		'', '### Targets', '', markdown(verdictRows(results), 4), '', '### Charts', '',
		'![small tools/call, requests a second](bench-call.svg)', '',
		'![GET /me as a share of the ideal](bench-me.svg)', '',
		'![exec to the first answer, and memory](bench-start.svg)', '',
		'### Rates and waits', '', markdown([HEAD, ...results.entries.map(row)]),
		...bursts(results), ...starts(results), ...single(results)];
	if (Object.keys(skipped).length)
		out.push('', 'Left out:', '', ...Object.entries(skipped).map(([name, why]) => `* ${name}: ${why}`));
	return [...out, '', END].join('\n');
}

export function writeDocs(results) {
	const page = readFileSync(PAGE, 'utf8');
	const from = page.indexOf(BEGIN);
	const to = page.indexOf(END);
	if (from < 0 || to < from)
		throw new Error(`${PAGE} has no place for the results`);
	writeFileSync(PAGE, page.slice(0, from) + generated(results) + page.slice(to + END.length));
}
