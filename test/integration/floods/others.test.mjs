/*
 * Callers who are slow, idle or greedy, by the hundred: the others are all served, and nobody's waiting
 * costs a thread or much memory.  What is counted is who was answered what, never how fast; that is for
 * `make floods`.
 *
 * Where a connection costs a thread, the rules hold for as many as there are threads.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { startFlood, total, waitsWithoutThread } from '../../bench/measuring/flood.mjs';
import http from '../../sandbox/common/http.mjs';
import { binary, sanitized, startAlone, startSandbox, until } from '../stage/fixture.mjs';

const free = waitsWithoutThread(binary);
const MANY = free ? 150 : 20;
const FEW = free ? 70 : 10;
/* Fewer than the connections of any flood, more than the calls of the honest. */
const SERVER_THREADS = free ? '64' : undefined;
const ALL = { idle: MANY, silent: MANY, head: MANY, body: MANY, chunked: MANY };
const ONE_BY_ONE = [{ idle: MANY }, { silent: MANY }, { head: MANY }, { body: MANY, chunked: MANY }];
/* A sanitizer has seen all of the code that a flood reaches in one round, and in ALL that of its kinds. */
const ROUNDS = sanitized ? 1 : 3;
const FLOODS = [...(sanitized ? [] : ONE_BY_ONE), { mcp: MANY, mcp_chunked: MANY }, { hoard: MANY }, { deaf: FEW, sips: FEW },
	{ pipeline: FEW }, { churn: 5 }, ALL];
const KB_A_CONNECTION = 16;
const LONG = 'x'.repeat(20_000);
const HONEST_AT_ONCE = 55; /* calls, each of which may have a thread */
const THREADS = 'each connection has a thread in this build';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const token = await sandbox.entra.mintUserToken();

const statusOf = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm')
	.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const use = ({ pid }) => ({ threads: statusOf(pid, 'Threads'), rss_kb: statusOf(pid, 'VmRSS') });

/* The statuses of everything that callers ask who do no harm: on connections kept and new, with and
 * without a token, and of the probes. */
async function honest(handler) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
	const times = (count, call) => Array.from({ length: count }, call);
	const answers = await Promise.all([...times(48, () => handler.ask('/hello', { agent })),
		...times(16, () => handler.ask('/hello')),
		...times(4, () => handler.ask('/echo', { method: 'POST', body: LONG })), ...times(16, () => handler.ask('/me', { token })),
		...['/', '/status', '/status?ready=1'].map((path) => handler.ask(path))]);
	agent.destroy();
	return new Set(answers.map(({ status }) => status));
}

/* Those that churn are seldom seen open, and those that are refused at once never long. */
async function stands(flood, kinds) {
	await until(() => Object.entries(kinds).every(([kind, count]) => flood.counts[kind].opened >= count));
	await until(() => !kinds.idle || flood.counts.idle.status['200'] >= kinds.idle);
	await flood.turn();
}

async function flooded(t, kinds, env = {}) {
	const handler = await startAlone({ env: { ...sandbox.env, SERVER_THREADS, ...env } });
	let flood;
	t.after(async () => {
		await flood?.stop();
		await handler.stop();
	});
	await honest(handler);
	const before = use(handler);
	flood = await startFlood(handler.port, kinds);
	await stands(flood, kinds);
	return { handler, flood, before };
}

for (const kinds of FLOODS) {
	const connections = Object.values(kinds).reduce((sum, count) => sum + count, 0);

	test(`${connections} connections (${Object.keys(kinds)}) cost the others no answer${free ? ', and no thread each' : ''}`, async (t) => {
		const { handler, flood, before } = await flooded(t, kinds);
		for (let round = 0; round < ROUNDS; round++)
			assert.deepEqual(await honest(handler), new Set([200]));
		const beside = use(handler);
		t.diagnostic(JSON.stringify({ before, beside, counts: flood.counts }));
		assert.equal(total(flood.counts, 'refused'), 0);
		if (free)
			assert.ok(beside.threads - before.threads <= HONEST_AT_ONCE + connections / 10, `${beside.threads} threads`);
	});
}

test('a connection that waits costs a few kilobytes', { skip: sanitized || !free && THREADS }, async (t) => {
	const { handler, flood, before } = await flooded(t, ALL);
	const grown_kb = use(handler).rss_kb - before.rss_kb;
	const held = total(flood.counts, 'held');
	assert.ok(grown_kb <= held * KB_A_CONNECTION, `${grown_kb} KB for ${held} connections`);
});

/* Nothing but this status, by all that are closed; the latest may have it and not be closed yet. */
function assertAnswered(status, only, closed, kind) {
	assert.deepEqual(Object.keys(status), [`${only}`], kind);
	assert.ok(status[only] >= closed, `${kind}: ${status[only]} answered, ${closed} closed`);
}

test('a head or body that does not come is answered 408, and never closed in silence', { skip: !free && THREADS }, async (t) => {
	const { flood } = await flooded(t, { head: FEW, body: FEW, chunked: FEW }, { REQUEST_TIMEOUT_MS: '5000' });
	await until(() => Object.values(flood.counts).every(({ closed }) => closed >= FEW));
	for (const [kind, { closed, unanswered, status }] of Object.entries(flood.counts)) {
		assert.equal(unanswered, 0, kind);
		assertAnswered(status, 408, closed, kind);
	}
});

test('without a token, what needs one is refused before its body has come', { skip: !free && THREADS }, async (t) => {
	const { flood } = await flooded(t, { mcp: FEW, mcp_chunked: FEW });
	await until(() => Object.values(flood.counts).every(({ closed }) => closed >= FEW));
	for (const [kind, { closed, status }] of Object.entries(flood.counts))
		assertAnswered(status, 401, closed, kind);
});

test('with as many connections open as may be, the probes are answered', { skip: !free && THREADS }, async (t) => {
	const { handler, flood } = await flooded(t, { silent: 2 * MANY }, { CONNECTIONS_MAX: String(MANY) });
	await until(() => flood.counts.silent.closed + flood.counts.silent.refused > 0);
	for (const path of ['/', '/status', '/status?ready=1'])
		assert.equal((await handler.ask(path)).status, 200, path);
});
