/* B11 to B14: the cache alone, starting, patience, and time. */
import { execFile } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../sandbox/host/client.mjs';
import { ROOT, SCRATCH, load, measure, serverCore, sleep, startUpstream, tool } from '../measuring/machine.mjs';
import { median } from '../measuring/rounds.mjs';
import { callHello, discover, echo, hello, initialize, listTools, me, request, shotsFile } from '../measuring/shots.mjs';
import { CLIENT_ID, HANDLER, TENANT_ID, settings, startHandler } from '../measuring/subjects.mjs';
import { withServers } from './open.mjs';

const run = promisify(execFile);
const SOAK_S = Number(process.env.BENCH_SOAK_S ?? 60);
const WARM_UP_S = 15;
const LIGHT_RATE = 2000; /* well below what any machine can do, so that waits are the server's own */

/* What the unit test of the cache prints. */
export async function B11(bench) {
	const program = join(ROOT, 'build/release/unit/token_cache/lookup');
	if (!existsSync(program)) {
		bench.skipped.set('B11', 'build/release/unit/token_cache/lookup is not built');
		return;
	}
	const { stdout } = await run(program, { timeout: 120_000 });
	const line = /token cache at (\d+) users: look-up (\d+) ns, with its key's hash (\d+) ns/g;
	bench.facts.B11 = [...stdout.matchAll(line)].map(([, users, look_up_ns, hit_ns]) =>
		({ users: Number(users), look_up_ns: Number(look_up_ns), hit_ns: Number(hit_ns) }));
	bench.say(`B11: ${JSON.stringify(bench.facts.B11)}`);
}

async function startUp(bench, name, command, args, port, env = {}) {
	const { stdout } = await run('taskset', ['-c', serverCore === 0 ? '1' : '0', tool('startup'),
		String(bench.quick ? 10 : 21), String(serverCore), String(port), command, ...args],
	{ env: { PATH: process.env.PATH, ...env }, timeout: 120_000 });
	const { ms, rss_kb } = JSON.parse(stdout);
	const counted = ms.slice(1);
	bench.facts.B12[name] = { ms: median(counted), min: Math.min(...counted), max: Math.max(...counted),
		rss_mb: rss_kb / 1024 };
	bench.say(`B12 ${name}: ${JSON.stringify(bench.facts.B12[name])}`);
}

export async function B12(bench) {
	const port = await freePort();
	const zip = join(ROOT, 'dist/functions.zip');
	const threads = { SERVER_THREADS: '128' };
	bench.facts.B12 = {};
	await startUp(bench, 'handler', HANDLER, ['--port', port], port, settings(undefined, threads));
	const dynamic = join(ROOT, 'bin/handler');
	if (HANDLER !== dynamic && existsSync(dynamic))
		await startUp(bench, 'handler, shared libraries', dynamic, ['--port', port], port,
			settings(undefined, threads));
	const answer = join(SCRATCH, 'answer');
	writeFileSync(answer, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
	for (const count of ['32', '128', '512'])
		await startUp(bench, `civetweb, ${count} threads`, tool('civetweb_fixed'),
			[port, count, answer], port);
	await startUp(bench, 'epoll floor', tool('floor'), [port, answer], port);
	bench.facts.zip_mb = existsSync(zip) ? statSync(zip).size / 1e6 : undefined;
	bench.facts.binary_mb = statSync(HANDLER).size / 1e6;
}

/* hello at a steady rate, alone and beside 10,000 idle connections in turn and slow clients. */
export async function B13(bench) {
	const seconds = bench.quick ? 4 : 15;
	const in_all = bench.quick ? 2000 : 10_000;
	const file = shotsFile(hello());
	await withServers((keep) => keep(startHandler({ env: { SERVER_THREADS: '128' } })), async (handler) => {
		const steady = () => load({ port: handler.port, file, connections: 32, seconds,
			rate: LIGHT_RATE, warmup: 1 });
		const outcomes = [];
		for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
			const alone = await steady();
			const [beside, others] = await Promise.all([steady(),
				measure('idle', [handler.port, seconds + 1, in_all, 48, 24])]);
			outcomes.push({ ratio: beside.p99_us / alone.p99_us, alone_p99_us: alone.p99_us,
				beside_p99_us: beside.p99_us, bad: alone.bad + beside.bad,
				first_bad: alone.first_bad || beside.first_bad, ...others });
		}
		const middle = median(outcomes.map(({ ratio }) => ratio));
		bench.facts.B13 = { ...outcomes.find(({ ratio }) => ratio === middle), ratio: middle,
			ratios: outcomes.map(({ ratio }) => ratio), rss_mb: handler.usage().rss_kb / 1024,
			bad: outcomes.reduce((sum, { bad }) => sum + bad, 0) };
		bench.say(`B13: ${JSON.stringify(bench.facts.B13)}`);
	});
}

/* Least squares: how much y grows in one x. */
export function slope(points) {
	const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const x = mean(points.map(([one]) => one));
	const y = mean(points.map(([, one]) => one));
	const spread = points.reduce((sum, [one]) => sum + (one - x) ** 2, 0);
	return points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / (spread || 1);
}

const refused = (token) => request({ path: '/me', headers: { Authorization: `Bearer ${token}` } });

/* What is asked at once, and how often a second: all of it at a rate that leaves the machine room. */
function mixture(upstream) {
	const users = upstream.tokens.map((_, user) => user);
	const damaged = upstream.tokens.slice(0, 50).map((token) => `${token.slice(0, -8)}AAAAAAAA`);
	return [
		{ rate: 200, connections: 8, shots: [hello(), listTools(), callHello(), initialize(), discover()] },
		{ rate: 20, connections: 4, shots: [echo(65_536), echo(10)] },
		{ rate: 100, connections: 32, shots: users.map((user) => me(upstream.tokens, user)) },
		{ rate: 20, connections: 4, fails: true, shots: [...damaged.map(refused),
			request({ path: '/nowhere' }), request({ method: 'POST', path: '/mcp', body: '{' })] },
	];
}

export async function B14(bench) {
	const seconds = bench.quick ? 15 : SOAK_S;
	await withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder: join(SCRATCH, 'upstream'), users: 2000,
			clientId: CLIENT_ID, tenantId: TENANT_ID }));
		/* Fewer entries than users, so that the cache forgets and fetches all the time. */
		const handler = await keep(startHandler({ upstream,
			env: { SERVER_THREADS: '128', TOKEN_CACHE_ENTRIES: '256' } }));
		return { upstream, handler };
	}, async ({ upstream, handler }) => {
		/* As fast as it goes, so that every thread has been busy and every cache is full. */
		await Promise.all(mixture(upstream).map(({ shots, connections }) => load({ port: handler.port,
			file: shotsFile(shots), connections: connections * 2, seconds: WARM_UP_S })));
		const samples = [];
		let over = false;
		const watching = (async () => {
			const start = performance.now();
			while (!over) {
				samples.push({ at_s: (performance.now() - start) / 1000, ...handler.usage() });
				await sleep(500);
			}
		})();
		const loads = await Promise.all(mixture(upstream).map(({ shots, fails, ...how }) =>
			load({ port: handler.port, file: shotsFile(shots), seconds, ...how })
				.then((got) => ({ ...got, bad: fails ? got.broken + got.late : got.bad }))));
		over = true;
		await watching;
		bench.facts.B14 = soaked(samples, loads, seconds);
		bench.say(`B14: ${JSON.stringify({ ...bench.facts.B14, rss: undefined })}`);
	});
}

/* The first third settles; what grows after it is a leak. */
function soaked(samples, loads, seconds) {
	const settled = samples.filter(({ at_s }) => at_s > seconds / 3 && at_s < seconds);
	const first = settled[0];
	const last = settled.at(-1);
	const per_minute_kb = slope(settled.map(({ at_s, rss_kb }) => [at_s / 60, rss_kb]));
	const growth = per_minute_kb * (last.at_s - first.at_s) / 60 / first.rss_kb;
	return { seconds, answers: loads.reduce((sum, { answers }) => sum + answers, 0),
		bad: loads.reduce((sum, { bad }) => sum + bad, 0),
		first_bad: loads.find(({ bad, first_bad }) => bad && first_bad)?.first_bad,
		p99_ms: loads.map(({ p99_us }) => p99_us / 1000), rss_kb_per_minute: per_minute_kb, growth,
		rss_mb: [first.rss_kb / 1024, last.rss_kb / 1024], files: [first.files, last.files],
		files_max: Math.max(...settled.map(({ files }) => files)),
		threads: [first.threads, last.threads],
		rss: samples.map(({ at_s, rss_kb }) => [Math.round(at_s), rss_kb]) };
}
