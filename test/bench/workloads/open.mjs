/* B1 to B6: what needs nobody upstream, or only its signing keys. */
import { join } from 'node:path';
import { SCRATCH, load, measure, startUpstream, wrk } from '../measuring/machine.mjs';
import { median, rounds } from '../measuring/rounds.mjs';
import { callHello, discover, echo, hello, initialize, listTools, shotsFile } from '../measuring/shots.mjs';
import { CLIENT_ID, TENANT_ID, startCeilings, startHandler, startPeers, subject } from '../measuring/subjects.mjs';

const ECHO_BYTES = 65_536;
const TOKENS = 64; /* more than the small cache below holds, so that it never has the next one */

/* Starts, measures, and stops whatever happens. */
export async function withServers(start, use) {
	const servers = [];
	const keep = async (starting) => {
		const server = await starting;
		servers.push(server);
		return server;
	};
	try {
		return await use(await start(keep));
	} finally {
		await Promise.all(servers.map((server) => server.stop()));
	}
}

/* The handler, its ceiling and its floor, and the peers, asked the same. */
async function against(bench, { id, shot, connections, workload, more = [], bare = ['civetweb', 'floor'] }) {
	await withServers(async (keep) => {
		const handler = await keep(startHandler());
		const ceilings = await startCeilings(handler, shot, bare);
		for (const server of ceilings)
			await keep(server);
		const own = [handler, ...ceilings].map((server) => subject(server, shot));
		for (const { name, asked = shot, ...how } of more)
			own.push(subject(await keep(startHandler(how)), asked, name));
		const peers = workload ? await startPeers(bench, workload) : [];
		for (const { server } of peers)
			await keep(server);
		return { own, peers };
	}, async ({ own, peers }) => {
		for (const c of connections) {
			/* The others say little more at other numbers of callers. */
			const others = peers.filter(() => c === 32)
				.map(({ server, shot: theirs }) => subject(server, theirs));
			await rounds(bench, { id, variant: `c=${c}`, connections: c,
				subjects: [...own.slice(0, c === 32 ? own.length : own.length - more.length), ...others] });
		}
	});
}

const callers = (bench, all) => (bench.quick ? [32] : all);

export async function B1(bench) {
	await against(bench, { id: 'B1', shot: hello(), connections: callers(bench, [1, 32, 256]),
		workload: 'hello', more: bench.quick ? [] : [
			{ name: 'handler, log read from a pipe', log: 'pipe' },
			{ name: 'handler, LOG_LEVEL=warn', env: { LOG_LEVEL: 'warn' } }] });
	if (!bench.quick)
		await wrkCheck(bench);
}

/* Whether our load generator sees what wrk sees: the same server, one after the other. */
async function wrkCheck(bench) {
	await withServers((keep) => keep(startHandler()), async (handler) => {
		const pairs = [];
		for (let round = 0; round <= bench.runs; round++) {
			const ours = await load({ port: handler.port, connections: 32, seconds: bench.seconds,
				file: shotsFile(hello()) });
			pairs.push(ours.rps / await wrk(handler.port, '/hello?name=Adele', 32, bench.seconds));
		}
		bench.facts.load_to_wrk = median(pairs.slice(1));
		bench.say(`the load sees ${(bench.facts.load_to_wrk * 100).toFixed(0)} % of wrk's rate`);
	});
}

export async function B2(bench) {
	/* No floor: a request of several segments is more than one to it. */
	await against(bench, { id: 'B2', shot: echo(ECHO_BYTES), connections: [32], bare: ['civetweb'] });
}

export async function B3(bench) {
	for (const [variant, shot] of [['initialize', initialize()], ['server/discover', discover()]]) {
		await withServers((keep) => keep(startHandler()), (handler) => rounds(bench, { id: 'B3',
			variant: `${variant}, c=32`, connections: 32, subjects: [subject(handler, shot)] }));
	}
}

export async function B4(bench) {
	await against(bench, { id: 'B4', shot: listTools(), connections: callers(bench, [1, 32]),
		workload: 'list', more: [{ name: 'handler, tools/call', asked: callHello() }] });
}

export async function B5(bench) {
	await against(bench, { id: 'B5', shot: callHello(), connections: callers(bench, [1, 32, 256]),
		workload: 'call', more: bench.quick ? [] : [
			{ name: 'handler, LOG_LEVEL=warn', env: { LOG_LEVEL: 'warn' } }] });
}

/* Beside each other: no token, tokens that were checked before, and tokens that never were. */
export async function B6(bench) {
	const folder = join(SCRATCH, 'upstream-b6');
	await withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder, users: TOKENS,
			clientId: CLIENT_ID, tenantId: TENANT_ID }));
		const start = (entries, more) => keep(startHandler({ upstream,
			env: { MCP_AUTH: 'required', TOKEN_CACHE_ENTRIES: String(entries), ...more } }));
		const shots = upstream.tokens.map((token) => callHello({ token }));
		const cached = await start(4096);
		const uncached = await start(16);
		const open = await start(4096, { MCP_AUTH: 'optional' });
		/* The keys are fetched before anything is measured. */
		for (const { port } of [cached, uncached])
			await measure('load', ['--port', port, '--file', shotsFile(shots), '--count', TOKENS]);
		return [subject(open, callHello(), 'no token'), subject(cached, shots, 'token, checked before'),
			subject(uncached, shots, 'token, never seen')];
	}, (subjects) => rounds(bench, { id: 'B6', variant: 'c=32', connections: 32, subjects }));
}
