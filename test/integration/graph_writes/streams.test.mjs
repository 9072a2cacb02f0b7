/*
 * A write over TLS and HTTP/2, where a connection is shared: streams that are refused, connections that take no more, deadlines.
 * The sandbox counts what was asked of it and what it did: never two.
 */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { assertError, during, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { startProxy } from '../stage/network/proxy.mjs';
import { WRITE_SETTINGS, unsureOf } from '../stage/graph_tools/writes.mjs';

const sandbox = await startSandbox({ tls: true });
after(() => sandbox.stop());
const { entra, graph } = sandbox;
function fresh() {
	sandbox.reset();
	entra.consentGraph('all');
}
beforeEach(fresh);
const env = { ...sandbox.env, ...WRITE_SETTINGS };
const handler = use(() => startAlone({ env, keeps: sandbox }));
const hasty = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '1500' }, keeps: sandbox }));
const token = await entra.mintUserToken();
const MAIL = { to: ['adele@contoso.example'], subject: 'Plan', body: 'Hello.' };
const send = (at = handler()) => callTool(at, 'send_mail', MAIL, { token });

/* What a mail comes to under a fault, on a connection that is kept or a new one; what was asked and done of it. */
async function spoiled(fault, { kept, at } = {}) {
	if (kept) {
		assert.equal((await send(at)).status, 200);
		fresh();
	}
	graph.fail(fault);
	const answer = await send(at);
	const [asked, sent] = [graph.requests.length, graph.sent.length];
	graph.clearFailures();
	return { answer, asked, sent };
}
const assertUnsure = (answer) =>
	assert.equal(assertError(answer, 502, 'outcome_unknown').json.error.message, unsureOf('send_mail'));

for (const kept of [false, true]) {
	describe(`on a connection that is ${kept ? 'kept' : 'new'}`, () => {
		for (const [what, fault, sent] of [
			['a stream that is refused', { kind: 'rst', code: 7 }, 0],
			['a stream that ends by an error', { kind: 'rst', code: 2 }, 0],
			['a stream that asks for HTTP/1.1', { kind: 'rst', code: 13 }, 0],
			['a connection that ends before anything is done', { kind: 'close' }, 0],
			['a connection that ends while it reads', { kind: 'close_reading' }, 0],
			['a connection that ends when all is done', { kind: 'close', taken: true }, 1],
			['a stream that ends when all is done', { kind: 'reset', taken: true }, 1],
			['a 503 without Retry-After when all is done', { kind: 'http_503', taken: true }, 1],
			['a 504 when all is done', { kind: 'http_504', taken: true }, 1],
		]) {
			test(`${what} is told as unknown, and nothing is sent twice`, async () => {
				const is = await spoiled({ times: 1, ...fault }, { kept });
				assertUnsure(is.answer);
				assert.deepEqual([is.asked, is.sent], [1, sent]);
			});
		}

		test('a connection that says goodbye and answers all the same has sent it', async () => {
			const { answer, asked, sent } = await spoiled({ kind: 'goaway', times: 1 }, { kept });
			assert.deepEqual([answer.status, asked, sent], [200, 1, 1]);
		});

		test('a deadline that ends before the answer is told as unknown', async () => {
			const { answer, asked } = await spoiled({ kind: 'slow', ms: 60_000, times: 1 }, { kept, at: hasty() });
			assertUnsure(answer);
			assert.equal(asked, 1);
		});
	});
}

test('a mail that Graph has not taken, as it says, is sent when it does, once', async () => {
	for (const fault of [{ kind: 'http_503', retryAfter: 1 }, { kind: 'throttle', retryAfter: 1 }]) {
		const { answer, asked, sent } = await spoiled({ times: 1, ...fault });
		assert.deepEqual([answer.status, asked, sent], [200, 2, 1], fault.kind);
		fresh();
	}
});

test('mails of many callers on one connection that dies arrive once at most, and each caller knows as much as can be known', async () => {
	await send();
	fresh();
	graph.fail({ kind: 'close', taken: true, times: 1 });
	const answers = await Promise.all(Array.from({ length: 12 }, (_, n) =>
		callTool(handler(), 'send_mail', { ...MAIL, subject: `${n}` }, { token })));
	const times = (n) => graph.sent.filter(({ subject }) => subject === `${n}`).length;
	answers.forEach((answer, n) => {
		if (answer.status === 200)
			assert.equal(times(n), 1);
		else if (answer.json.error.code === 'upstream_unavailable')
			assert.equal(times(n), 0);
		else
			assertUnsure(answer);
		assert.ok(times(n) <= 1);
	});
	assert.ok(answers.some(({ status }) => status !== 200));
});

for (const scheme of ['http', 'https']) {
	test(`a proxy by ${scheme} that refuses has nothing sent, and one that ends what it joined has it sent once`, async (t) => {
		const proxy = await during(t, startProxy(scheme));
		const at = await during(t, startAlone({ env: { ...env, https_proxy: proxy.url, no_proxy: '' }, keeps: sandbox }));
		assert.equal((await send(at)).status, 200);
		for (const kept of [true, false]) { /* the second time the first one's tunnel is gone */
			fresh();
			let release;
			graph.fail({ kind: 'held', until: new Promise((resolve) => { release = resolve; }), times: 1 });
			const call = send(at);
			await until(() => graph.requests.length === 1);
			proxy.cut();
			assertUnsure(await call);
			release();
			assert.equal(graph.requests.length, 1, `${kept}`);
		}
		fresh();
		proxy.refuses = true;
		assertError(await send(at), 503, 'upstream_unavailable');
		assert.equal(graph.requests.length, 0);
	});
}
