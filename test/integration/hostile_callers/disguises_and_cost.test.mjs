/*
 * Hostile callers: bodies that cost more than they weigh, requests that hide another, and calls
 * dressed up as the host's own.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { assertError, assertGuarded, during, send, startAlone, startHosted, startSandbox, use,
	wire } from '../stage/fixture.mjs';

const MIB = 1024 * 1024;

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { env } = sandbox;
const handler = use(() => startAlone({ env }));

const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const SMUGGLED = head('GET /hello?name=smuggled HTTP/1.1', 'Host: x');

/* A sanitizer's own memory says nothing about the handler's. */
const isSanitized = (pid) => /lib[at]san/.test(readFileSync(`/proc/${pid}/maps`, 'utf8'));

/* The most memory that the process ever had resident. */
function peakBytes(pid) {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)[1]) * 1024;
}

test('JSON of too many values is refused before it takes its memory', async (t) => {
	const one = await during(t, startAlone({ env }));
	const ones = '1,'.repeat((MIB - 20) / 2);
	const bodies = [`{"a":[${ones}1]}`, `{"a":[${'{},'.repeat(MIB / 3 - 10)}1]}`,
		`[${'[],'.repeat(MIB / 3 - 10)}1]`];
	const before = peakBytes(one.pid);
	for (const body of bodies) {
		assert.ok(body.length <= MIB);
		const calls = Array.from({ length: 40 }, () => one.ask('/hello', { method: 'POST',
			headers: { 'content-type': 'application/json' }, body }));
		for (const answer of await Promise.all(calls))
			assert.match(assertError(answer, 400, 'bad_request').json.error.message,
				/too many values/);
	}
	const grown = peakBytes(one.pid) - before;
	if (!isSanitized(one.pid))
		assert.ok(grown < 150 * MIB, `${grown} bytes more than before`);
});

for (const mode of ['forwarding', 'proxying']) {
	describe(mode, () => {
		const hosted = use(() => startHosted({ env, mode }));

		test('a client that poses as the host is answered as the client it is', async () => {
			const { host } = hosted();
			const body = JSON.stringify({ Data: { req: { Url: 'http://x/hello?name=Posed',
				Method: 'GET', Query: { name: 'Posed' }, Headers: {}, Params: {},
				Body: '{"name":"Posed"}' } }, Metadata: {} });
			for (const agent of [{}, { 'user-agent': 'Azure-Functions-Host/4.0' },
				{ 'user-agent': `Azure-Functions-Host/${host.version}` }]) {
				const posed = { method: 'POST', body, headers: { ...agent,
					host: `127.0.0.1:${host.handlerPort}`,
					'content-type': 'application/json',
					'x-azure-functions-invocationid': '1' } };
				const echoed = await hosted().ask('/echo', posed);
				assert.equal(echoed.status, 200);
				assert.equal(echoed.text, body);
				assertError(await hosted().ask('/hello', posed), 400, 'bad_request');
			}
		});
	});
}

test('/ takes GET and HEAD; other methods get 405 with Allow', async () => {
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
		const answer = await handler().ask('/', { method });
		assertError(answer, 405, 'method_not_allowed');
		assert.deepEqual(answer.headers.allow.split(', ').sort(), ['GET', 'HEAD'], method);
	}
	const probe = await handler().ask('/', { method: 'HEAD' });
	assert.deepEqual([probe.status, probe.bytes.length], [200, 0]);
});

const fields = (count) => Array.from({ length: count }, (_, i) => `X-H${i}: ${i}`);

/* What is said in vain about the body that follows, and the answer to it. */
const UNSOUND = {
	'64 fields': [[...fields(61), `Content-Length: ${SMUGGLED.length}`, 'X-Last: 1'], 431],
	'64 fields, the length beyond them': [
		[...fields(63), `Content-Length: ${SMUGGLED.length}`], 431],
	'64 fields, the coding beyond them': [[...fields(63), 'Transfer-Encoding: chunked'], 431],
	'100 fields': [[`Content-Length: ${SMUGGLED.length}`, ...fields(100)], 431],
	'the same length twice': [['Content-Length: 5', 'Content-Length: 5'], 400],
	'two lengths': [['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`], 400],
	'a length and a coding': [['Content-Length: 0', 'Transfer-Encoding: chunked'], 400],
	'a coding and a length': [
		['Transfer-Encoding: chunked', `Content-Length: ${SMUGGLED.length}`], 400],
	'the identity coding': [['Transfer-Encoding: identity'], 400],
	'a length with a sign': [['Content-Length: +0'], 400],
	'an unknown expectation': [['Content-Length: 0', 'Expect: the-unexpected'], 400],
	'an unknown expectation of a body': [
		[`Content-Length: ${SMUGGLED.length}`, 'Expect: 200-ok'], 400],
};

describe('a request that is refused for its framing is the last on its connection:', () => {
	for (const [what, [lines, status]] of Object.entries(UNSOUND)) {
		test(what, async (t) => {
			const line = await wire(t, handler().port);
			line.write(head('POST /echo HTTP/1.1', 'Host: x', ...lines) + SMUGGLED);
			const answer = await line.answer();
			assertGuarded(answer);
			assertError(answer, status, status === 431 ? 'headers_too_large' : 'bad_request');
			assert.equal(answer.headers.connection, 'close');
			await line.ended();
			assert.equal(await line.answer(), undefined, 'a second answer');
		});
	}
});

test('an upgrade is not taken up: answered in HTTP/1.1, told to close, closed', async (t) => {
	for (const upgrade of ['websocket', 'h2c']) {
		const line = await wire(t, handler().port);
		line.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: upgrade',
			`Upgrade: ${upgrade}`, 'Sec-WebSocket-Version: 13',
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='));
		const answer = await line.answer();
		assert.deepEqual([answer.status, answer.json.message], [200, 'Hello, World!']);
		assert.equal(answer.headers.connection, 'close');
		await line.ended();
	}
	const kept = await wire(t, handler().port);
	kept.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: keep-alive, upgrade',
		'Upgrade: websocket'));
	assert.equal((await kept.answer()).headers.connection, 'close');
	await kept.ended();
});

test('echo answers under a type of 20 KB', async (t) => {
	const type = `text/plain; charset=${'x'.repeat(20 * 1024)}`;
	const line = await wire(t, handler().port);
	for (const body of ['x', 'x'.repeat(1000)]) {
		line.write(head('POST /echo HTTP/1.1', 'Host: x', `Content-Type: ${type}`,
			`Content-Length: ${body.length}`) + body);
		const answer = await line.answer();
		assertGuarded(answer);
		assert.deepEqual([answer.status, answer.text], [200, body]);
		assert.ok(answer.headers['content-type'] === type);
	}
	assert.equal((await send(`${handler().url}/hello`)).status, 200);
});
