/*
 * An upstream that lets a shared connection take no more calls, while one of them is still waited for:
 * the others take another connection at once.
 */
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { after, afterEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertError, atSomeScale, during, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';

const { NGHTTP2_REFUSED_STREAM } = http2.constants;
const CALLS = 20;
const sandbox = await startSandbox({ tls: true });
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '60000' }, keeps: sandbox }));
afterEach(() => sandbox.reset());

const [adele, zoe] = await Promise.all(['adele', 'zoe'].map((user) => entra.mintUserToken({ user })));
const me = (token) => handler().ask('/me', { token });

/* Calls of adele's that Graph answers when the rule about the others has been seen to hold. */
async function besideSlowCalls(rule) {
	for (const token of [adele, zoe])
		assert.equal((await me(token)).status, 200);
	graph.resetCounts();
	const held = Promise.withResolvers();
	const slow = [];
	await rule(async () => {
		graph.fail({ kind: 'held', until: held.promise, user: 'adele' });
		slow.push(me(adele));
		await until(() => graph.counts.byUser[entra.users.adele.oid] === slow.length);
	}).finally(held.resolve);
	assert.deepEqual((await Promise.all(slow)).map(({ status }) => status), slow.map(() => 200));
}

async function allServed(calls) {
	const answers = await Promise.all(Array.from({ length: calls }, () => me(zoe)));
	assert.deepEqual(answers.map(({ status }) => status), Array(calls).fill(200));
}

/* Of so many calls, which would have as many if each opened its own.  Mostly it is one; calls that have waited for it for some
 * time, as on a busy machine, are given another. */
const assertFew = (connections) => assert.ok(connections >= 1 && connections <= CALLS / 2, `${connections} connections`);

test('a stream that is refused is asked again on another connection, and others follow it', () => besideSlowCalls(async (slow) => {
	await slow();
	graph.fail({ kind: 'rst', code: NGHTTP2_REFUSED_STREAM, user: 'zoe' });
	await allServed(CALLS);
	assertFew(graph.counts.connections);
}));

test('so do all of a storm of refusals', () => besideSlowCalls(async (slow) => {
	await slow();
	graph.fail({ kind: 'rst', code: NGHTTP2_REFUSED_STREAM, user: 'zoe', times: CALLS, met: new Set() });
	await allServed(CALLS);
	assertFew(graph.counts.connections);
}));

test('a connection that says goodbye answers what it has, and the next calls go to another', () => besideSlowCalls(async (slow) => {
	await slow();
	for (let i = 0; i < 5; i++) {
		graph.fail({ kind: 'goaway', user: 'zoe' });
		await allServed(1);
		await allServed(CALLS);
	}
}));

test('so it is where each of several connections that say goodbye is held by a slow call', () => besideSlowCalls(async (slow) => {
	for (let i = 0; i < 5; i++) {
		await slow();
		graph.fail({ kind: 'goaway', user: 'zoe' });
		await allServed(1);
	}
	await allServed(CALLS);
	assert.ok(graph.counts.connections <= 8, `${graph.counts.connections} connections`);
}));

test('a server that lets no two calls share a connection gets more of them', async (t) => {
	const narrow = await startSandbox({ tls: { streams: 1 } });
	t.after(() => narrow.stop());
	const other = await during(t, startAlone({ env: { ...narrow.env, GRAPH_DEADLINE_MS: '60000' }, keeps: narrow }));
	const token = await narrow.entra.mintUserToken();
	/* The first calls may send streams before they are told how few there may be. */
	await until(async () => (await other.ask('/me', { token })).status === 200);
	const held = Promise.withResolvers();
	narrow.graph.fail({ kind: 'held', until: held.promise, times: 3 });
	narrow.graph.resetCounts();
	const slow = Array.from({ length: 3 }, () => other.ask('/me', { token }));
	await until(() => narrow.graph.counts.me === 3);
	assert.equal((await other.ask('/me', { token })).status, 200);
	held.resolve();
	assert.deepEqual((await Promise.all(slow)).map(({ status }) => status), [200, 200, 200]);
});

test('who opened the connection that another one\'s call has closed is answered on another', async (t) => {
	const other = await during(t, startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '60000' }, keeps: sandbox }));
	const held = Promise.withResolvers();
	graph.fail({ kind: 'held', until: held.promise, user: 'zoe' });
	const first = other.ask('/me', { token: zoe });
	await until(() => graph.counts.me === 1);
	graph.fail({ kind: 'close', user: 'adele' });
	assert.equal((await other.ask('/me', { token: adele })).status, 200);
	held.resolve();
	assert.equal((await first).status, 200);
});

test('an answer that is still coming is not lost when another call on its connection is given up', (t) => atSomeScale(async (scale) => {
	const other = await during(t, startAlone({ env: { ...env, GRAPH_DEADLINE_MS: String(3300 * scale) }, keeps: sandbox }));
	for (const token of [adele, zoe])
		assert.equal((await other.ask('/me', { token })).status, 200);
	sandbox.reset();
	graph.fail({ kind: 'slow', ms: 600_000, user: 'adele' });
	const late = other.ask('/me', { token: adele });
	await delay(1500 * scale);
	const given = Promise.withResolvers();
	graph.fail({ kind: 'drip', ms: 100, until: given.promise, user: 'zoe' });
	const coming = other.ask('/me', { token: zoe });
	assertError(await late, 504, 'upstream_timeout');
	given.resolve();
	assert.equal((await coming).status, 200);
	assert.equal(graph.counts.connections, 0);
}, [1, 2, 4]));
