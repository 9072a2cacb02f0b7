/*
 * What becomes of each way Graph can refuse or fail: our status, code, challenge, Retry-After, and
 * how often it was asked.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { assertError, assertKept, challengeOf, during, startAlone, startSandbox, use }
	from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug' } }));
const hasty = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '1500' } }));
const token = await entra.mintUserToken();
const sent = new Set([token, entra.clientSecret]);

/* As sandbox.reset, with the tokens that Graph saw remembered. */
function reset() {
	for (const { headers } of graph.requests)
		sent.add(headers.authorization.slice('Bearer '.length));
	sandbox.reset();
}
afterEach(reset);

const json = { 'content-type': 'application/json' };
const me = (query = '') => handler().ask(`/me${query}`, { token });

async function failed(fault, query) {
	await me(); /* so that the token is cached and only Graph is looked at */
	reset();
	graph.fail({ times: Infinity, ...fault });
	const answer = await me(query);
	graph.clearFailures();
	return answer;
}

const said = (status, code, more) => ({ kind: 'raw', status, headers: json,
	body: { error: { code, message: 'sEcReT words', ...more } } });

/* [what Graph says, our status, our code, how often it is asked] */
const FAILURES = [
	[{ kind: 'forbidden' }, 403, 'graph_forbidden', 1],
	[said(403, 'accessDenied'), 403, 'graph_forbidden', 1],
	[said(403, '', { innererror: { code: 'x' } }), 403, 'graph_forbidden', 1],
	[{ kind: 'not_found' }, 404, 'not_found', 1],
	[said(404, 'itemNotFound'), 404, 'not_found', 1],
	[{ kind: 'http_500' }, 502, 'graph_error', 1],
	[{ kind: 'http_500_html' }, 502, 'graph_error', 1],
	[{ kind: 'html_502' }, 502, 'graph_error', 1],
	[{ kind: 'http_503' }, 503, 'upstream_unavailable', 3],
	[{ kind: 'http_504' }, 504, 'upstream_timeout', 3],
	[{ kind: 'http_429', retryAfter: null }, 429, 'throttled', 3],
	[said(400, 'BadRequest'), 502, 'graph_error', 1],
	[said(202, 'accepted'), 502, 'graph_error', 1],
	[said(204), 502, 'graph_error', 1],
	[said(418, 'teapot'), 502, 'graph_error', 1],
	[{ kind: 'empty_body' }, 502, 'graph_error', 1],
	[{ kind: 'not_json' }, 502, 'graph_error', 1],
	[{ kind: 'truncated_json' }, 502, 'graph_error', 1],
	[{ kind: 'huge' }, 502, 'graph_error', 1],
	[{ kind: 'gzip' }, 502, 'graph_error', 1],
	[{ kind: 'raw', status: 200, headers: json, body: '[]' }, 502, 'graph_error', 1],
	[{ kind: 'raw', status: 200, headers: json, body: 'null' }, 502, 'graph_error', 1],
	[{ kind: 'raw', status: 200, headers: json, body: `${'['.repeat(5000)}` }, 502,
		'graph_error', 1],
	[{ kind: 'cut_body' }, 503, 'upstream_unavailable'],
	[{ kind: 'close' }, 503, 'upstream_unavailable'],
	[{ kind: 'reset' }, 503, 'upstream_unavailable'],
	[{ kind: 'redirect' }, 502, 'graph_error', 1],
];

for (const [fault, status, code, asked] of FAILURES) {
	const what = fault.body ? `${fault.status} ${JSON.stringify(fault.body).slice(0, 40)}`
		: fault.kind;
	test(`"${what}" is ${status} ${code}`, async () => {
		const answer = assertError(await failed(fault), status, code);
		assert.equal(challengeOf(answer), undefined);
		assert.ok(!/sEcReT|<html/.test(answer.text), 'Graph\'s words are not for callers');
		if (asked)
			assert.equal(graph.counts.me, asked);
		assert.equal(entra.counts.token, 0);
		assert.equal((await me()).status, 200);
	});
}

test('a 400 to a $select is the caller\'s mistake', async () => {
	assertError(await failed(said(400, 'BadRequest'), '?$select=id'), 400, 'bad_request');
});

test('an empty 401 is refused as a bad token, after one new exchange', async () => {
	const answer = await failed({ kind: 'raw', status: 401, headers: {}, body: '' });
	assertError(answer, 401, 'invalid_token');
	assert.equal(challengeOf(answer).error, 'invalid_token');
	assert.deepEqual([graph.counts.me, entra.counts.token], [2, 1]);
});

test('a revoked Graph token is replaced by one new exchange, unseen by the caller', async () => {
	await me();
	reset();
	await me();
	const old = graph.requests[0].headers.authorization.replace('Bearer ', '');
	assert.ok(entra.revokeGraphToken(old));
	reset();
	assert.equal((await me()).status, 200);
	assert.deepEqual([graph.counts.me, entra.counts.token], [2, 1]);
	assert.equal((await me()).status, 200);
	assert.equal(entra.counts.token, 1);
});

test('a Graph that refuses every token is asked twice, not for ever', async () => {
	const answer = assertError(await failed({ kind: 'invalid_token' }), 401, 'invalid_token');
	assert.equal(challengeOf(answer).error, 'invalid_token');
	assert.deepEqual([graph.counts.me, entra.counts.token], [2, 1]);
});

test('a challenge that Graph repeats is passed on unchanged', async () => {
	const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}')
		.toString('base64');
	const head = 'Bearer realm="", authorization_uri="https://x/y", client_id="z"';
	for (const [status, challenge] of [
		[401, `${head}, error="insufficient_claims", claims="${claims}"`],
		[401, `Bearer claims="${claims}", error="insufficient_claims", realm=""`],
		[403, `${head}, error="insufficient_claims", claims="${claims}"`]]) {
		const headers = { ...json, 'www-authenticate': challenge };
		const answer = await failed({ ...said(status, 'InvalidAuthenticationToken'), headers });
		assertError(answer, 401, 'insufficient_claims');
		const { error, claims: passed, realm, authorization_uri } = challengeOf(answer);
		assert.deepEqual([error, passed, realm], ['insufficient_claims', claims, 'graph-mcp-handler']);
		assert.equal(authorization_uri, `${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`);
	}
});

test('the challenge is found in whichever header of several holds it', async () => {
	const answer = await failed({ kind: 'raw', status: 401, body: '', headers: {
		'www-authenticate': ['Negotiate', 'Bearer realm="x"',
			'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'] } });
	assertError(answer, 401, 'insufficient_claims');
	assert.equal(challengeOf(answer).claims, 'eyJhIjoxfQ==');
});

test('a challenge is understood however it is written', async () => {
	const claims = 'eyJhIjoi8J-YgMO_In0';
	for (const challenge of [`Bearer error = "insufficient_claims", claims = "${claims}"`,
		`bearer Claims="${claims}", ERROR=insufficient_claims`,
		`Negotiate YII=, Bearer realm="a, b", claims="${claims}=", error="insufficient_claims", Basic realm="x"`]) {
		const answer = await failed({ ...said(401, 'x'), headers: { ...json, 'www-authenticate': challenge } });
		assertError(answer, 401, 'insufficient_claims');
		assert.equal(challengeOf(answer).claims, 'eyJhIjoi8J+YgMO/In0=');
	}
});

test('claims that are not base64 are not passed on', async () => {
	for (const claims of ['<b>', 'a b', 'a\\"b', 'ab,c="d', '%7B', 'a'.repeat(7000), '']) {
		const answer = await failed({ ...said(401, 'x'), headers: { 'www-authenticate':
			`Bearer error="insufficient_claims", claims="${claims}"` } });
		assertError(answer, 401, 'invalid_token');
		assert.equal(challengeOf(answer).claims, undefined);
	}
});

test('a throttled call is tried again when Retry-After leaves time', async () => {
	await me();
	reset();
	graph.fail({ kind: 'throttle', retryAfter: 1 });
	const begun = performance.now();
	assert.equal((await me()).status, 200);
	assert.ok(performance.now() - begun >= 950, 'Retry-After was waited for');
	assert.equal(graph.counts.me, 2);
	graph.fail({ kind: 'http_503' });
	graph.fail({ kind: 'http_504' });
	assert.equal((await me()).status, 200);
	assert.equal(graph.counts.me, 5);
});

test('a Retry-After beyond the deadline is passed on at once, as seconds', async () => {
	const inAMinute = new Date(Date.now() + 60_000).toUTCString();
	for (const [retryAfter, expected] of [[40, /^40$/], ['33.2', /^34$/], [99999, /^3600$/],
		[inAMinute, /^(5[0-9]|60|61)$/]]) {
		const answer = await failed({ kind: 'throttle', retryAfter });
		assertError(answer, 429, 'throttled');
		assert.match(answer.headers['retry-after'], expected);
		assert.equal(graph.counts.me, 1);
		const busy = await failed({ kind: 'http_503', retryAfter });
		assertError(busy, 503, 'upstream_unavailable');
		assert.match(busy.headers['retry-after'], expected);
	}
});

test('of a Retry-After list, or of the field twice, the longest counts', async () => {
	for (const wait of ['30,120', ['30', '120'], `${new Date(Date.now() - 60_000).toUTCString()}, 120`]) {
		const answer = await failed({ kind: 'raw', status: 429, headers: { 'retry-after': wait }, body: '' });
		assertError(answer, 429, 'throttled');
		assert.equal(answer.headers['retry-after'], '120');
		assert.equal(graph.counts.me, 1, 'which is longer than the call may take');
	}
});

test('a throttle of which Graph does not say how long says so all the same', async () => {
	const fault = { kind: 'throttle', retryAfter: null };
	assert.equal((await failed(fault)).headers['retry-after'], '60');
	graph.fail({ ...fault, times: Infinity });
	const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'me' } });
	const { json: { result } } = await handler().ask('/mcp', { token, method: 'POST', body, headers: json });
	assert.match(result.content[0].text, / Try again in 60 seconds\.$/);
	assert.equal(JSON.parse(result.content[1].text).error.retryAfterSeconds, 60);
	graph.clearFailures();
	const { manager } = (await failed({ ...fault, part: 'manager' }, '?include=manager')).json;
	assert.equal(manager.error.retryAfterSeconds, 60);
});

test('a strange Retry-After counts as none', async () => {
	for (const retryAfter of ['soon', '-1', '1e3', 'Thu, 01 Jan 1970 00:00:00 GMT', '0']) {
		graph.fail({ kind: 'throttle', retryAfter });
		assert.equal((await me()).status, 200, retryAfter);
	}
});

test('waiting for one user\'s throttling holds up nobody else', async () => {
	const zoe = await entra.mintUserToken({ user: 'zoe' });
	const bare = await entra.mintUserToken({ user: 'bare' });
	graph.fail({ kind: 'throttle', retryAfter: 2, user: 'zoe' });
	let waited = false;
	const slow = handler().ask('/me', { token: zoe }).then((answer) => {
		waited = true;
		return answer;
	});
	for (let i = 0; i < 5; i++)
		assert.equal((await handler().ask('/me', { token: bare })).status, 200);
	assert.equal(waited, false);
	assert.equal((await slow).status, 200);
});

test('a slow Graph is given up after GRAPH_DEADLINE_MS with 504', async () => {
	assert.equal((await hasty().ask('/me', { token })).status, 200);
	for (const kind of ['slow', 'stall']) {
		graph.fail({ kind, ms: 60_000, times: Infinity });
		assertError(await hasty().ask('/me', { token }), 504, 'upstream_timeout');
		graph.clearFailures();
	}
	graph.fail({ kind: 'throttle', retryAfter: 2, times: Infinity });
	const answer = assertError(await hasty().ask('/me', { token }), 429, 'throttled');
	assert.equal(answer.headers['retry-after'], '2');
});

test('each call of a batch has GRAPH_DEADLINE_MS for itself', async () => {
	assert.equal((await hasty().ask('/me', { token })).status, 200);
	graph.fail({ kind: 'stall' });
	const body = JSON.stringify([1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'tools/call',
		params: { name: 'me' } })));
	const answer = await hasty().ask('/mcp', { token, method: 'POST', body,
		headers: { ...json, 'mcp-protocol-version': '2025-03-26' } });
	assert.deepEqual(answer.json.map(({ id, result }) => [id, result.isError]),
		[[1, true], [2, false]]);
	assert.match(answer.json[0].result.content[1].text, /"upstream_timeout"/);
});

test('a redirect is not followed, and the token goes nowhere else', async (t) => {
	let seen = 0;
	const thief = http.createServer((req, res) => { seen++; res.end('{}'); });
	thief.listen(0, '127.0.0.1');
	await once(thief, 'listening');
	t.after(() => thief.close());
	const location = `http://127.0.0.1:${thief.address().port}/v1.0/me`;
	for (const status of [301, 302, 303, 307, 308]) {
		const answer = await failed({ kind: 'raw', status, headers: { location }, body: '' });
		assertError(answer, 502, 'graph_error');
		assert.equal(answer.headers.location, undefined);
	}
	assert.equal(seen, 0);
});

test('a kept connection that died unannounced costs no failure', async () => {
	graph.fail({ kind: 'close_idle', ms: 1 });
	for (let i = 0; i < 6; i++)
		assert.equal((await me()).status, 200);
});

test('headers and body of a hostile Graph do not reach the caller', async () => {
	const headers = { ...json, 'set-cookie': 'a=b', 'x-injected': 'yes',
		'content-security-policy': 'none' };
	const body = { id: entra.users.adele.oid, displayName: '</script>\r\nX: y', deep: { a: [1.5, true, null] } };
	const answer = await failed({ kind: 'raw', status: 200, headers, body });
	assert.equal(answer.status, 200);
	assert.deepEqual(answer.json, body);
	assert.equal(answer.headers['set-cookie'] ?? answer.headers['x-injected'], undefined);
});

test('with Graph out of reach /me is a 503, and /status says which it was', async (t) => {
	const other = await startSandbox();
	t.after(() => other.stop());
	const lonely = await during(t, startAlone({ env: other.env }));
	const mine = await other.entra.mintUserToken();
	await other.graph.close();
	assertError(await lonely.ask('/me', { token: mine }), 503, 'upstream_unavailable');
	const { upstreams } = (await lonely.ask('/status')).json;
	assert.equal(upstreams.graph.state, 'failing');
	assert.equal(upstreams.graph.lastFailure, 'upstream_unavailable');
	assert.equal(upstreams.entraExchange.state, 'ok');
});

test('no token is in any log line or answer', () => {
	assert.ok(sent.size > 5);
	assertKept(handler(), [...sent]);
});
