/* One binary, alone or behind the host's double, with honest callers beside a flood: what both see. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scriptRoot } from '../../integration/stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { startFlood, total } from '../measuring/flood.mjs';
import { ROOT, SCRATCH, family, load, pinned, sleep, startServer, startUpstream, usageOf } from '../measuring/machine.mjs';
import { hello, me, request, shotsFile } from '../measuring/shots.mjs';
import { CLIENT_ID, TENANT_ID, settings, startHandler } from '../measuring/subjects.mjs';
import { withServers } from '../workloads/open.mjs';

const USERS = 64;
const SAMPLE_MS = 200;
/* Turns of the flood, of a quarter of a second, in which it may come to stand. */
const TURNS_MAX = 24;
/* What anyone gets who sets nothing but what has to be set. */
const DEFAULTS = { SERVER_THREADS: undefined, MCP_AUTH: undefined };

const HOST = join(ROOT, 'test/sandbox/host/host.mjs');

async function startHosted({ binary, upstream }) {
	const port = await freePort();
	const root = scriptRoot(binary);
	const server = await startServer({ name: 'host', port, command: process.execPath,
		args: [HOST, '--root', root, '--port', String(port)], env: settings(upstream, DEFAULTS) });
	return { port, get pid() { return family(server.pid)[1]; },
		async stop() {
			await server.stop();
			rmSync(root, { recursive: true });
		} };
}

const start = { alone: ({ binary, upstream }) => startHandler({ command: binary, upstream, env: DEFAULTS }),
	host: startHosted };

/* Honest callers, each kind at a rate that leaves the machine, and the host's double, room: waits count from
 * when a call was due. */
function callers(upstream, where) {
	const users = upstream.tokens.map((_, user) => user);
	return {
		kept: { rate: where === 'host' ? 200 : 1000, connections: 32, shots: hello() },
		fresh: { rate: where === 'host' ? 50 : 100, connections: 64, fresh: 1, shots: hello() },
		probes: { rate: 12, connections: 12, fresh: 1,
			shots: ['/', '/status', '/status?ready=1'].map((path) => request({ path })) },
		me: { rate: where === 'host' ? 50 : 100, connections: 32, shots: users.map((user) => me(upstream.tokens, user)) },
	};
}

/* lost: calls that were due and had no good answer.  They have waited longer than any that had. */
async function call(port, { rate, shots, ...how }, seconds) {
	const got = await load({ port, file: shotsFile(shots), rate, seconds, ...how });
	const asked = rate * seconds;
	const lost = Math.max(asked - got.answers + got.bad_status + got.bad_body, 0);
	const within = (share, us) => (lost > asked * (1 - share) ? Infinity : us / 1000);
	return { asked, lost, p50_ms: within(0.5, got.p50_us), p99_ms: within(0.99, got.p99_us),
		max_ms: within(1, got.max_us), bad_status: got.bad_status, broken: got.broken, late: got.late,
		first_bad: got.first_bad };
}

async function callAll({ port, upstream, where }, seconds) {
	const all = Object.entries(callers(upstream, where));
	const figures = await Promise.all(all.map(([, how]) => call(port, how, seconds)));
	return Object.fromEntries(all.map(([name], i) => [name, figures[i]]));
}

/* What the kernel holds for all TCP sockets of this machine, in KB. */
const socketsKb = () => Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))[1]) * 4;
const sample = (pid) => ({ ...usageOf(pid), sockets_kb: socketsKb() });

/* What the handler uses while something goes on: most memory and threads, CPU as a share of a core. */
async function watched(pid, work) {
	const samples = [sample(pid)];
	const start_ms = performance.now();
	const timer = setInterval(() => samples.push(sample(pid)), SAMPLE_MS);
	const result = await work().finally(() => clearInterval(timer));
	const seconds = (performance.now() - start_ms) / 1000;
	samples.push(sample(pid));
	const most = (name) => Math.max(...samples.map((one) => one[name]));
	return { result, use: { rss_kb: most('rss_kb'), sockets_kb: most('sockets_kb'), threads: most('threads'),
		cpu: (samples.at(-1).cpu_s - samples[0].cpu_s) / seconds } };
}

/* Until every connection of the flood stands, as far as the server lets it. */
async function stands(flood) {
	for (let turn = 0; turn < TURNS_MAX && total(flood.counts, 'opening'); turn++)
		await flood.turn();
	await flood.turn();
}

/* The flood shares its core with the honest callers, who are not to wait for it there. */
const behind = (command, args) => pinned('load', 'nice', ['-n', '10', command, ...args]);

async function underFlood(stage, kinds, seconds) {
	const { port, server: { pid } } = stage;
	const flood = await startFlood(port, kinds, { pin: behind });
	try {
		await stands(flood);
		const { use: alone } = await watched(pid, () => sleep(seconds * 1000));
		const held = total(flood.counts, 'held');
		const { result: honest, use: beside } = await watched(pid, () => callAll(stage, seconds));
		return { honest, held, use: { alone, beside }, counts: flood.counts };
	} finally {
		await flood.stop();
	}
}

/* {quiet, flooded}: the honest callers' figures and the handler's use, before and beside a flood. */
export async function scene({ binary, where, kinds, seconds }) {
	return withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder: join(SCRATCH, 'upstream'), users: USERS,
			clientId: CLIENT_ID, tenantId: TENANT_ID }));
		const server = await keep(start[where]({ binary, upstream }));
		return { upstream, where, server, port: server.port };
	}, async (stage) => {
		await callAll(stage, 1);
		const { result: honest, use } = await watched(stage.server.pid, () => callAll(stage, seconds));
		const flood = await underFlood(stage, kinds, seconds);
		const connections = Object.values(kinds).reduce((sum, count) => sum + count, 0);
		return { quiet: { honest, use }, ...flood, connections,
			kb_a_connection: (flood.use.alone.rss_kb - use.rss_kb) / Math.max(flood.held, 1) };
	});
}
