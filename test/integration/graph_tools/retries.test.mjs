/*
 * What becomes of a Graph tool's call when Graph refuses or fails, or the way to it does: the answer, and how often Graph
 * was asked.  A tool that reads is asked for again as /me is, whatever its method; what one that writes may have done is
 * never asked for twice.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, challengeOf, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { answering, folderOf, tool } from '../stage/graph_tools/definitions.mjs';

const result = { list: 'value', as: 'found', pick: { name: 'name' } };
const TOOLS = [
	tool('look', { request: { path: '/me/things' }, result }),
	tool('ask', { request: { method: 'POST', path: '/me/things/query', body: { all: true } }, result }),
	tool('write', { writes: { destructive: false, idempotent: false }, unsure: 'Look at the things.', confirm: 'Do it?', request: { method: 'POST', path: '/me/things', body: { a: 1 } },
		result: { say: 'Written.' } }),
	tool('put', { writes: { destructive: true, idempotent: true }, unsure: 'Look at the things.', confirm: 'Do it?', request: { method: 'PUT', path: '/me/things/1', body: { a: 1 } },
		result: { say: 'Put.' } }),
];
const REQUESTS = Object.fromEntries(TOOLS.map(({ name, request }) => [name, request]));
const READS = ['look', 'ask'];
const WRITES = ['write', 'put'];
const DONE = { look: { found: [{ name: 'One' }] }, ask: { found: [{ name: 'One' }] }, write: { done: 'Written.' }, put: { done: 'Put.' } };
const ALL = Object.keys(DONE);
const GOOD = answering({ value: [{ name: 'One' }] });
const settings = { GRAPH_TOOLS: 'things', GRAPH_TOOLS_WRITE: 'true', GRAPH_TOOLS_DIR: folderOf({ 'things.json': { set: 'things', tools: TOOLS } }) };
const said = (status, code, headers) => ({ ...answering({ error: { code, message: 'sEcReT words' } }, status),
	headers: { 'content-type': 'application/json', ...headers } });

/* What both ways to Graph stand on; the tests of it begin in the state of a fresh sandbox. */
async function stage(options) {
	const sandbox = await startSandbox(options);
	after(() => sandbox.stop());
	afterEach(() => sandbox.reset());
	const { entra, graph } = sandbox;
	const env = { ...sandbox.env, ...settings };
	const handler = use(() => startAlone({ env, keeps: sandbox }));
	const hasty = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '1500' }, keeps: sandbox }));
	const token = await entra.mintUserToken();
	const call = (name, at = handler()) => callTool(at, name, {}, { token });
	const done = async (name, at) => assertDone(name, await call(name, at));

	/* With a connection that is kept and a token that is cached. */
	async function warm(name, at) {
		graph.fail(GOOD);
		await done(name, at);
		sandbox.reset();
	}

	/* Calls of which every try meets the fault, at the same time: [tool, answer, how often it was asked for]. */
	async function failed(fault, { names = ALL, at } = {}) {
		await warm(names[0], at);
		graph.fail({ ...fault, times: Infinity });
		const answers = await Promise.all(names.map((name) => call(name, at)));
		graph.clearFailures();
		assert.ok(answers.every(({ text }) => !/sEcReT/.test(text)));
		return names.map((name, i) => [name, answers[i], graph.requests.filter(({ method, url }) =>
			method === (REQUESTS[name].method ?? 'GET') && url === `/v1.0${REQUESTS[name].path}`).length]);
	}
	return { entra, graph, hasty, call, done, warm, failed, asked: () => graph.requests.length };
}

function assertDone(name, { status, text, json }) {
	assert.equal(status, 200, `${name}: ${text}`);
	assert.deepEqual(json, DONE[name]);
}

/* Of a write: that it may have been done, and where to look. */
const assertUnsure = (answer) => assert.equal(assertError(answer, 502, 'outcome_unknown').json.error.message, 'Look at the things.');

describe('what Graph says', async () => {
	const { entra, graph, done, warm, failed, asked } = await stage();

	/* [what it is, our status and code, how often a read and a write are asked for, whether a write may have been done] */
	for (const [what, fault, status, code, reads, writes, unsure] of [
		['a 403', { kind: 'forbidden' }, 403, 'graph_forbidden', 1, 1],
		['a 404', { kind: 'not_found' }, 404, 'not_found', 1, 1],
		['a 409', said(409, 'ErrorIrresolvableConflict'), 502, 'graph_error', 1, 1],
		['a 500', { kind: 'http_500' }, 502, 'graph_error', 1, 1, true],
		['a 502', { kind: 'html_502' }, 502, 'graph_error', 1, 1, true],
		['a 503', { kind: 'http_503' }, 503, 'upstream_unavailable', 3, 1, true],
		['a 503 that says when to come back', { kind: 'http_503', retryAfter: 1 }, 503, 'upstream_unavailable', 3, 3],
		['a 504', { kind: 'http_504' }, 504, 'upstream_timeout', 3, 1, true],
		['a 429', { kind: 'http_429', retryAfter: null }, 429, 'throttled', 3, 3],
		['a 429 that asks for more time than there is', { kind: 'throttle', retryAfter: 40 }, 429, 'throttled', 1, 1],
		['a 503 that asks for more time than there is', { kind: 'http_503', retryAfter: 40 }, 503, 'upstream_unavailable', 1, 1],
		['a redirect', { kind: 'redirect' }, 502, 'graph_error', 1, 1],
	]) {
		test(`${what} is ${status} ${code}; asked for by a read: ${reads}, by a write: ${writes}`
			+ (unsure ? ', which may have been done' : ''), async () => {
			for (const [name, answer, times] of await failed(fault)) {
				if (unsure && WRITES.includes(name))
					assertUnsure(answer);
				else
					assertError(answer, status, code);
				assert.equal(times, READS.includes(name) ? reads : writes, name);
				if (fault.retryAfter)
					assert.equal(answer.headers['retry-after'], `${fault.retryAfter}`);
			}
			assert.equal(entra.counts.token, 0, 'the token is kept');
		});
	}

	test('a 429 of a moment is not seen, by a read or a write: the same is asked for again', async () => {
		for (const name of ALL) {
			await warm(name);
			graph.fail({ kind: 'throttle', retryAfter: null });
			graph.fail(GOOD);
			await done(name);
			const [first, second, ...more] = graph.requests.map(({ method, url, body }) => ({ method, url, body }));
			assert.deepEqual([second, more], [first, []]);
		}
	});

	test('a 503 that says when to come back is not seen by a write: the same is asked for again', async () => {
		for (const name of WRITES) {
			await warm(name);
			graph.fail({ kind: 'http_503', times: 1, retryAfter: 1 });
			graph.fail(GOOD);
			await done(name);
			assert.equal(asked(), 2);
		}
	});

	test('a 503 and a 504 of a moment are not seen by a read', async () => {
		for (const name of READS) {
			await warm(name);
			for (const fault of [{ kind: 'http_503' }, { kind: 'http_504' }, GOOD])
				graph.fail({ times: 1, ...fault });
			await done(name);
			assert.equal(asked(), 3);
		}
	});

	test('a 401 has the token replaced once, for a write too: nothing was done', async () => {
		for (const name of ALL) {
			await warm(name);
			graph.fail({ kind: 'invalid_token' });
			graph.fail(GOOD);
			await done(name);
			assert.deepEqual([asked(), entra.counts.token], [2, 1], name);
			const bearers = graph.requests.map(({ headers }) => headers.authorization);
			assert.notEqual(bearers[0], bearers[1]);
			const [[, answer]] = await failed({ kind: 'invalid_token' }, { names: [name] });
			assert.equal(challengeOf(assertError(answer, 401, 'invalid_token')).error, 'invalid_token');
			assert.deepEqual([asked(), entra.counts.token], [2, 1], name);
		}
	});

	test('a claims challenge that a new token does not meet is the client\'s, with its claims', async () => {
		const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
		const challenge = { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${claims}"` };
		for (const name of ALL) {
			const [[, answer]] = await failed(said(401, 'InvalidAuthenticationToken', challenge), { names: [name] });
			const told = challengeOf(assertError(answer, 401, 'insufficient_claims'));
			assert.deepEqual([told.error, told.claims], ['insufficient_claims', claims]);
			assert.deepEqual([asked(), entra.counts.token], [2, 1], name);
		}
	});

	test('what is no answer is 502 to a read, asked for once; a write reads none', async () => {
		for (const fault of [{ kind: 'empty_body' }, { kind: 'not_json' }, answering([]), answering({ value: {} }), answering({ other: [] })]) {
			for (const [name, answer, times] of await failed(fault)) {
				if (READS.includes(name))
					assertError(answer, 502, 'graph_error');
				else
					assertDone(name, answer);
				assert.equal(times, 1);
			}
		}
		for (const [, answer, times] of await failed({ kind: 'huge' }, { names: READS })) {
			assertError(answer, 502, 'graph_error');
			assert.equal(times, 1);
		}
	});
});

for (const tls of [false, true]) {
	describe(`the way to Graph, ${tls ? 'over TLS and HTTP/2' : 'over plain HTTP'}`, async () => {
		const { graph, hasty, call, done, warm, failed, asked } = await stage({ tls });

		test('that dies once under a read is replaced', async () => {
			for (const name of READS) {
				await warm(name);
				graph.fail({ kind: 'close' });
				graph.fail(GOOD);
				await done(name);
				assert.equal(asked(), 2);
			}
		});

		test('that dies once under a write ends its call, which has arrived', async () => {
			for (const kind of ['close', 'reset']) {
				for (const name of WRITES) {
					await warm(name);
					graph.fail({ kind });
					assertUnsure(await call(name));
					assert.equal(asked(), 1, `${name}, ${kind}`);
				}
			}
		});

		test('that dies every time is 503, and a write, which arrives once, may have been done', async () => {
			for (const kind of ['close', 'reset', 'cut_body']) {
				for (const [name, answer, times] of await failed({ kind })) {
					if (WRITES.includes(name) && times)
						assertUnsure(answer);
					else if (READS.includes(name))
						assertError(answer, 503, 'upstream_unavailable');
					else /* it may have been on its way when another's end took the connection */
						assert.match(answer.json.error.code, /^(outcome_unknown|upstream_unavailable)$/);
					assert.ok(READS.includes(name) || times <= 1, `${name}, ${kind}: ${times}`);
				}
			}
		});

		test('that died idle costs a read nothing, and a write at most its call', async () => {
			for (const name of [...ALL, ...ALL, ...ALL]) {
				graph.fail({ kind: 'close_idle', ms: 1 });
				await call('look'); /* whose connection then dies */
				graph.fail(GOOD);
				const before = asked();
				const { status } = await call(name);
				const times = asked() - before;
				/* 503 says that it has not arrived, 502 that it may have. */
				assert.ok(status === 200 || (WRITES.includes(name) && (status === 502 || (status === 503 && times === 0))), `${name}: ${status}, ${times}`);
				assert.ok(READS.includes(name) || times <= 1);
				graph.clearFailures();
			}
		});

		test('that is slower than GRAPH_DEADLINE_MS is 504, nothing is asked for twice, and a write may have been done', async () => {
			for (const kind of ['slow', 'stall']) {
				for (const [name, answer, times] of await failed({ kind, ms: 60_000 }, { at: hasty() })) {
					if (WRITES.includes(name))
						assertUnsure(answer);
					else
						assertError(answer, 504, 'upstream_timeout');
					assert.equal(times, 1, `${name}, ${kind}`);
				}
			}
		});
	});
}
