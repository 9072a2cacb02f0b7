/* B7 to B10: GET /me through a fake Entra and Graph. */
import { join } from 'node:path';
import { SCRATCH, load, startUpstream } from '../measuring/machine.mjs';
import { rounds } from '../measuring/rounds.mjs';
import { me, request, shotsFile } from '../measuring/shots.mjs';
import { CLIENT_ID, TENANT_ID, startHandler, startPeers } from '../measuring/subjects.mjs';
import { withServers } from './open.mjs';

const GRAPH_MS = 50;
const USERS = 3000;
const THREADS = { SERVER_THREADS: '1100', TOKEN_CACHE_ENTRIES: '4096' };
const ENDS = { seconds: 60 }; /* of loads with a count: they end when all are answered */

const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);

/* A handler and an upstream that know nobody yet. */
function fresh(bench, use, { http1 = false } = {}) {
	return withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder: join(SCRATCH, 'upstream'), users: USERS,
			clientId: CLIENT_ID, tenantId: TENANT_ID, http1 }));
		const handler = await keep(startHandler({ upstream, env: THREADS }));
		return { upstream, handler };
	}, use);
}

const shotsOf = (upstream, users) => shotsFile(users.map((user) => me(upstream.tokens, user)));

/* Every user once, each on a connection of its own. */
const onceEach = ({ upstream, handler }, users) => load({ port: handler.port, count: users.length,
	file: shotsOf(upstream, users), connections: users.length, ...ENDS });

/* The upstream's own ceiling: asked directly over HTTP/1.1 and TLS-less would flatter it, so the Go
 * peer, which does little else, asks it without delay. */
async function ceiling(bench, upstream) {
	const [go] = (await startPeers(bench, 'me', { env: { GRAPH_URL: upstream.graphUrl,
		CA_FILE: upstream.ca, NODE_EXTRA_CA_CERTS: upstream.ca } })).filter(({ folder }) => folder === 'go');
	if (!go)
		return undefined;
	await upstream.control('/delay?graph=0');
	const before = upstream.usage();
	const got = await load({ port: go.server.port, connections: 64, seconds: 2, file: passedOn(64) });
	const after = upstream.usage();
	await upstream.control(`/delay?graph=${GRAPH_MS}`);
	await go.server.stop();
	return got.answers / (after.cpu_s - before.cpu_s);
}

/* The peers get Graph tokens and only pass them on. */
const passedOn = (count) => shotsFile(range(0, count).map((user) => request({ path: '/me',
	headers: { Authorization: `Bearer g.${user}.${'x'.repeat(1490)}` },
	expected: `"id":"00000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}"` })));

export async function B7(bench) {
	await fresh(bench, async ({ upstream, handler }) => {
		const peers = await startPeers(bench, 'me', { env: { GRAPH_URL: upstream.graphUrl,
			CA_FILE: upstream.ca, NODE_EXTRA_CA_CERTS: upstream.ca } });
		try {
			bench.facts.upstream_rps_per_core = await ceiling(bench, upstream);
			await onceEach({ upstream, handler }, range(0, 256));
			for (const c of bench.quick ? [32] : [1, 32, 256, 1000]) {
				const subjects = [{ name: 'handler', server: handler,
					file: shotsOf(upstream, range(0, c)) },
				...peers.map(({ name, server }) => ({ name, server, file: passedOn(c) }))];
				/* Few callers make few answers: a longer run counts them finer. */
				await rounds(bench, { id: 'B7', variant: `c=${c}`, connections: c, subjects,
					seconds: c === 1 ? bench.seconds * 2 : bench.seconds });
			}
			bench.facts.rss_after_b7_mb = handler.usage().rss_kb / 1024;
		} finally {
			await Promise.all(peers.map(({ server }) => server.stop()));
		}
	});
	await connections(bench);
}

/* How many connections to Graph a cold handler opens, by number of callers. */
async function connections(bench) {
	bench.facts.graph_connections = {};
	for (const c of bench.quick ? [32] : [1, 32, 256, 1000]) {
		await fresh(bench, async (both) => {
			await onceEach(both, range(0, c));
			await load({ port: both.handler.port, connections: c, seconds: bench.seconds,
				file: shotsOf(both.upstream, range(0, c)) });
			const seen = await both.upstream.control('/counters');
			bench.facts.graph_connections[c] = seen.graph_connections;
			bench.say(`B7 c=${c}, cold: ${seen.graph_connections} connections to Graph,`
				+ ` ${seen.entra_connections} to Entra`);
		});
	}
}

async function burst(bench, name, options) {
	const users = range(1000, bench.quick ? 200 : 1000);
	await fresh(bench, async (both) => {
		const first = await onceEach(both, users);
		const seen = await both.upstream.control('/counters');
		await both.upstream.control('/reset');
		const second = await onceEach(both, users);
		const again = await both.upstream.control('/counters');
		const rss_mb = both.handler.usage().rss_kb / 1024;
		bench.facts[name] = { users: users.length, exchanges: seen.exchanges,
			most_of_one: seen.most_of_one, exchanges_again: again.exchanges, bad: first.bad + second.bad,
			first_p99_ms: first.p99_us / 1000, second_p99_ms: second.p99_us / 1000, rss_mb,
			entra_connections: seen.entra_connections, graph_connections: seen.graph_connections,
			first_bad: first.first_bad || second.first_bad };
		bench.say(`${name}: ${JSON.stringify(bench.facts[name])}`);
	}, options);
}

export async function B8(bench) {
	await burst(bench, 'B8', {});
	if (!bench.quick)
		await burst(bench, 'B8_http1', { http1: true });
}

export async function B9(bench) {
	await fresh(bench, async (both) => {
		const got = await load({ port: both.handler.port, count: 100, connections: 100, ...ENDS,
			file: shotsOf(both.upstream, [2000]) });
		const { exchanges } = await both.upstream.control('/counters');
		bench.facts.B9 = { exchanges, bad: got.bad, p99_ms: got.p99_us / 1000,
			first_bad: got.first_bad };
		bench.say(`B9: ${JSON.stringify(bench.facts.B9)}`);
	});
}

/* 31 callers, each time with a user who has to be exchanged, beside one whom Entra refuses. */
export async function B10(bench) {
	const outcomes = [];
	for (const failing of [-1, 2000]) {
		await fresh(bench, async ({ upstream, handler }) => {
			const others = shotsOf(upstream, range(2001, 620));
			await upstream.control(`/fail?user=${failing}`);
			const [good, refused] = await Promise.all([
				load({ port: handler.port, count: 620, connections: 31, file: others, ...ENDS }),
				load({ port: handler.port, connections: 1, seconds: 3,
					file: shotsOf(upstream, [2000]) })]);
			outcomes.push({ p99_ms: good.p99_us / 1000, p50_ms: good.p50_us / 1000, bad: good.bad,
				refused_answers: refused.answers, refused_bad: refused.bad,
				first_bad: good.first_bad });
		});
	}
	const [undisturbed, disturbed] = outcomes;
	bench.facts.B10 = { ...disturbed, undisturbed_p99_ms: undisturbed.p99_ms,
		undisturbed_bad: undisturbed.bad };
	bench.say(`B10: ${JSON.stringify(bench.facts.B10)}`);
}

