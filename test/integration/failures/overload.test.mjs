/* More calls at once than the handler has places for: who is served, who waits, and who is told to come back. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { assertError, during, send, startAlone, startSandbox, until } from '../stage/fixture.mjs';
import { clientOf } from '../stage/mcp.mjs';

const PLACES = 8;
const WAITING = 4;
/* A call waits for its turn a tenth of its time. */
const PATIENT = { GRAPH_DEADLINE_MS: '200000', SERVER_THREADS: String(PLACES), CALLS_WAITING_MAX: String(WAITING) };
const ALL_OF_ONE = { CALLS_PER_CALLER_MAX: '8192' };

/* Until open() an answer is held back that waits for `opened`. */
function gate() {
	const { promise: opened, resolve: open } = Promise.withResolvers();
	return { opened, open };
}

/* A handler with these settings whose users' Graph tokens are there, and how full it is. */
async function crowded(t, env, users = ['adele']) {
	const sandbox = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...sandbox.env, ...PATIENT, ...env } }));
	const tokens = {};
	for (const user of users) {
		tokens[user] = await sandbox.entra.mintUserToken({ user });
		await until(async () => (await handler.ask('/me', { token: tokens[user] })).status === 200);
	}
	sandbox.graph.resetCounts();
	const calls = async () => (await handler.ask('/status')).json.counters.calls;
	return { ...sandbox, handler, tokens, calls };
}

/* Refused, and to come back in a second. */
function assertShed(answer, status, code) {
	assertError(answer, status, code);
	assert.equal(answer.headers['retry-after'], '1');
}

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));

test('those at a place are served, so many wait for their turn, and all others are told at once', async (t) => {
	const { entra, graph, handler, tokens, calls } = await crowded(t, ALL_OF_ONE);
	const token = tokens.adele;
	const gates = times(PLACES + WAITING, gate);
	gates.forEach(({ opened }) => graph.fail({ kind: 'held', until: opened }));
	const me = (id) => handler.ask('/me', { token, headers: { 'x-request-id': id } });
	const served = times(PLACES, () => me(randomUUID()));
	await until(() => graph.counts.me === PLACES);
	const ids = times(WAITING, () => randomUUID());
	const waiting = [];
	for (const id of ids) {
		waiting.push(me(id));
		await until(async () => (await calls()).waiting === waiting.length);
	}

	for (const answer of await Promise.all(times(10, () => handler.ask('/me', { token }))))
		assertShed(answer, 503, 'overloaded');
	assertShed(await handler.ask('/hello'), 503, 'overloaded');
	const client = clientOf(handler, { token });
	for (const answer of [await client.call('me'), await client.legacyCall('me'), await client.legacy('ping')])
		assertShed(answer, 503, 'overloaded');
	assert.equal(graph.counts.me, PLACES, 'nobody upstream was asked for them');

	for (const path of ['/', '/status', '/status?ready=1'])
		assert.equal((await handler.ask(path, { token })).status, 200, path);
	for (const answer of [await client.call('status'), await client.legacyCall('status')]) {
		const { counters, authentication } = answer.json.result.structuredContent;
		assert.equal(authentication.state, 'authenticated');
		assert.deepEqual(counters.calls, { underWay: PLACES, waiting: WAITING, overloaded: 14, tooManyRequests: 0 });
	}
	assertError(await handler.ask('/me'), 401, 'missing_token');
	assertError(await handler.ask('/me', { token: await entra.mintHostile('expired') }), 401, 'invalid_token');

	for (let i = 0; i < WAITING; i++) {
		gates[i].open();
		await until(() => graph.counts.me === PLACES + i + 1);
	}
	assert.deepEqual(graph.requests.slice(PLACES).map(({ headers }) => headers['client-request-id']), ids, 'first come first served');
	gates.forEach(({ open }) => open());
	for (const answer of await Promise.all([...served, ...waiting]))
		assert.equal(answer.status, 200);
	assert.equal((await calls()).underWay, 0);
});

test('whose turn does not come in time is told so', async (t) => {
	const { graph, handler, tokens: { adele: token } } = await crowded(t, { ...ALL_OF_ONE, GRAPH_DEADLINE_MS: '20000' });
	const { opened, open } = gate();
	graph.fail({ kind: 'held', until: opened, times: Infinity });
	const served = times(PLACES, () => handler.ask('/me', { token }));
	await until(() => graph.counts.me === PLACES);
	assertShed(await handler.ask('/me', { token }), 503, 'overloaded');
	open();
	for (const answer of await Promise.all(served))
		assert.equal(answer.status, 200);
});

test('one caller with a hundred calls has its share and no more; another is served', async (t) => {
	const SHARE = 4;
	const { graph, handler, tokens, calls } = await crowded(t, { CALLS_PER_CALLER_MAX: String(SHARE) }, ['adele', 'zoe']);
	const { opened, open } = gate();
	graph.fail({ kind: 'held', until: opened, user: 'adele', times: Infinity });
	const refused = [];
	const greedy = times(100, async () => {
		const answer = await handler.ask('/me', { token: tokens.adele });
		if (answer.status !== 200)
			refused.push(answer);
		return answer.status;
	});
	for (let i = 0; i < 20; i++)
		assert.equal((await handler.ask('/me', { token: tokens.zoe })).status, 200);
	await until(() => refused.length === 100 - SHARE);
	refused.forEach((answer) => assertShed(answer, 429, 'too_many_requests'));
	const client = clientOf(handler, { token: tokens.adele });
	for (const answer of [await client.call('me'), await client.legacyCall('me')])
		assertShed(answer, 429, 'too_many_requests');
	assert.equal((await client.legacyCall('status')).status, 200);
	const { underWay, tooManyRequests } = await calls();
	assert.deepEqual([underWay, tooManyRequests], [SHARE, 98]);
	open();
	assert.equal((await Promise.all(greedy)).filter((status) => status === 200).length, SHARE);
});

test('however calls end, every place comes back', async (t) => {
	const { entra, graph, handler, tokens, calls } = await crowded(t, { ...ALL_OF_ONE, GRAPH_DEADLINE_MS: '20000' });
	const token = tokens.adele;
	const agent = new http.Agent({ keepAlive: true, maxSockets: PLACES });
	t.after(() => agent.destroy());
	const expired = await entra.mintHostile('expired');
	const ask = (path, options) => send(handler.url + path, { agent, ...options });
	const statuses = new Set();
	await Promise.all(times(1500, async (i) => {
		const answer = await [() => ask('/me'), () => ask('/hello?name=%00'), () => ask('/mcp', { method: 'POST', body: '{' }),
			() => ask('/me', { headers: { authorization: `Bearer ${expired}` } }),
			() => ask('/echo', { method: 'POST', body: 'x'.repeat(70_000) })][i % 5]();
		statuses.add(answer.status);
	}));
	assert.deepEqual([...statuses].sort(), [200, 400, 401]);

	graph.fail({ kind: 'http_500', times: 20 });
	for (let i = 0; i < 20; i++)
		assertError(await handler.ask('/me', { token }), 502, 'graph_error');
	graph.resetCounts();
	const { opened, open } = gate();
	graph.fail({ kind: 'held', until: opened, times: PLACES });
	times(PLACES, () => net.connect(handler.port, '127.0.0.1')).forEach((socket, i) => {
		socket.on('error', () => {});
		socket.write(`GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
		until(() => graph.counts.me > i).then(() => socket.destroy());
	});
	await until(() => graph.counts.me === PLACES);
	open();
	await until(async () => (await calls()).underWay === 0);

	graph.resetCounts();
	const again = gate();
	graph.fail({ kind: 'held', until: again.opened, times: PLACES });
	const all = times(PLACES, () => handler.ask('/me', { token }));
	await until(() => graph.counts.me === PLACES);
	again.open();
	for (const answer of await Promise.all(all))
		assert.equal(answer.status, 200);
});

test('a call that ran out of time has given its place back', async (t) => {
	const { graph, handler, tokens: { adele: token }, calls } = await crowded(t, { ...ALL_OF_ONE, GRAPH_DEADLINE_MS: '1000' });
	graph.fail({ kind: 'stall', times: PLACES });
	for (const answer of await Promise.all(times(PLACES, () => handler.ask('/me', { token }))))
		assertError(answer, 504, 'upstream_timeout');
	const { underWay, waiting } = await calls();
	assert.deepEqual([underWay, waiting], [0, 0]);
});

test('calls that wait for signing keys have places too, and status does not wait for one', async (t) => {
	const { entra, env } = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...env, ...PATIENT, ...ALL_OF_ONE, ENTRA_TIMEOUT_MS: '60000' } }));
	const { opened, open } = gate();
	entra.fail({ on: 'keys', kind: 'held', until: opened });
	const token = await entra.mintUserToken();
	const calls = async () => (await handler.ask('/status')).json.counters.calls;
	const early = [];
	const arrive = async (count, name) => {
		early.push(...times(count, () => handler.ask('/me', { token })));
		await until(async () => (await calls())[name] === count);
	};
	await arrive(PLACES, 'underWay');
	await arrive(WAITING, 'waiting');
	assertShed(await handler.ask('/me', { token }), 503, 'overloaded');
	const { authentication } = (await handler.ask('/status', { token })).json;
	assert.equal(authentication.code, 'upstream_timeout');
	assertError(await handler.ask('/me'), 401, 'missing_token');
	open();
	for (const answer of await Promise.all(early))
		assert.equal(answer.status, 200);
	assert.equal((await handler.ask('/status', { token })).json.authentication.state, 'authenticated');
});

test('one client that asks for status with tokens that wait for keys takes no more than its share', async (t) => {
	const SHARE = 3;
	const { entra, env } = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...env, ...PATIENT, ENTRA_TIMEOUT_MS: '60000', WEBSITE_SITE_NAME: 'x',
		CALLS_PER_CALLER_MAX: String(SHARE) } }));
	const { opened, open } = gate();
	entra.fail({ on: 'keys', kind: 'held', until: opened });
	const token = await entra.mintUserToken();
	const from = (address) => ({ 'client-ip': `${address}:1` });
	let told = 0;
	const greedy = times(3 * PLACES, async () => {
		const { json } = await handler.ask('/status', { token, headers: from('203.0.113.7') });
		told++;
		return json.authentication.code ?? json.authentication.state;
	});
	await until(() => told === 3 * PLACES - SHARE);
	assert.equal((await handler.ask('/status')).json.counters.calls.underWay, SHARE);
	assert.equal((await handler.ask('/hello', { headers: from('203.0.113.8') })).status, 200);
	open();
	const states = await Promise.all(greedy);
	assert.equal(states.filter((state) => state === 'authenticated').length, SHARE);
	assert.equal(states.filter((state) => state === 'upstream_timeout').length, 3 * PLACES - SHARE);
});

test('a call whose body is still to come has no place, though its token had to wait for one', async (t) => {
	const { entra, env } = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...env, ...PATIENT, ENTRA_TIMEOUT_MS: '60000' } }));
	const { opened, open } = gate();
	entra.fail({ on: 'keys', kind: 'held', until: opened });
	const token = await entra.mintUserToken();
	const underWay = async () => (await handler.ask('/status')).json.counters.calls.underWay;
	const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
	const socket = net.connect(handler.port, '127.0.0.1');
	let came = '';
	socket.on('data', (bytes) => { came += bytes; });
	socket.write(`POST /mcp HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n`
		+ `Content-Length: ${body.length}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
	await until(async () => await underWay() === 1);
	open();
	await until(() => came.startsWith('HTTP/1.1 100 '));
	assert.equal(await underWay(), 0);
	socket.write(body);
	await until(() => /^HTTP\/1\.1 200 /m.test(came));
	await until(async () => await underWay() === 0);
});

test('a flood of refusals is a line a second in the log, and the counts are whole', async (t) => {
	const { graph, handler, tokens: { adele: token } } = await crowded(t, { CALLS_PER_CALLER_MAX: '1' });
	const { opened, open } = gate();
	graph.fail({ kind: 'held', until: opened });
	const served = handler.ask('/me', { token });
	await until(() => graph.counts.me === 1);
	const start = performance.now();
	const agent = new http.Agent({ keepAlive: true, maxSockets: PLACES });
	const FLOOD = 1000;
	const headers = { authorization: `Bearer ${token}` };
	for (const { status } of await Promise.all(times(FLOOD, () => send(`${handler.url}/me`, { agent, headers }))))
		assert.equal(status, 429);
	agent.destroy();
	open();
	await served;
	await handler.stop();
	const lines = handler.lines.map(({ text }) => text);
	const shed = lines.filter((text) => text.includes(' event=shed '));
	const sum = shed.reduce((all, text) => all + Number(/ reason=caller count=(\d+)$/.exec(text)[1]), 0);
	assert.equal(sum, FLOOD);
	assert.ok(shed.length <= 2 + (performance.now() - start) / 1000, shed.join('\n')); /* the first, and one at the end */
	assert.deepEqual(lines.filter((text) => text.includes('too_many_requests')), []);
});
