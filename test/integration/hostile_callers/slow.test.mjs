/*
 * Callers that are slow: a request has a time for its head and again for its body, which what comes
 * extends; what can be said by the head is said before the body is awaited; and an answer waits for
 * its reader.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, describe, test } from 'node:test';
import { cpuMs } from '../stage/scarcity/process.mjs';
import { waitsWithoutThread } from '../../bench/measuring/flood.mjs';
import { assertError, assertGuarded, binary, during, sanitized, startAlone, startSandbox, until, use, wire } from '../stage/fixture.mjs';

const HELLO = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';
const BASE_MS = 3000;
const MS_A_MB = sanitized ? 600 : 60; /* of which most take a tenth */
/* The build that has a thread for each connection takes a fourth of what is set. */
const threads = !waitsWithoutThread(binary);
const sandbox = await startSandbox();
after(() => sandbox.stop());
const handler = use(() => startAlone({ env: { ...sandbox.env, REQUEST_TIMEOUT_MS: String(threads ? 4 * BASE_MS : BASE_MS) } }));
const open = (t) => wire(t, handler().port);
const post = (path, ...fields) => `${[`POST ${path} HTTP/1.1`, 'Host: x', ...fields].join('\r\n')}\r\n\r\n`;

async function assertTooSlow(line) {
	const answer = await line.answer();
	assertError(answer, 408, 'request_timeout');
	assertGuarded(answer);
	assert.equal(answer.headers.connection, 'close');
	await line.ended();
}

describe('a request that does not come', { concurrency: true }, () => {
	for (const [what, bytes] of [['a head', 'GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: '],
		['a body with a length', `${post('/echo', 'Content-Length: 100000')}slow`],
		['a body in chunks', `${post('/echo', 'Transfer-Encoding: chunked')}5\r\nslow!\r\n`],
		['a chunk', `${post('/echo', 'Transfer-Encoding: chunked')}100\r\nslow`]])
		test(`${what} is a 408, and its connection is closed`, { skip: threads && what === 'a head'
			&& 'this build cannot tell it from one that is malformed' }, async (t) => {
			const line = await open(t);
			line.write(bytes);
			await assertTooSlow(line);
		});

	for (const [what, head] of [['a length', ['Content-Length: 20000']], ['chunks', ['Transfer-Encoding: chunked']]])
		test(`a body with ${what} that comes a byte at a time is a 408 all the same`, async (t) => {
			const line = await open(t);
			line.write(post('/echo', ...head));
			if (what === 'chunks')
				line.write('4000\r\n');
			const drip = setInterval(() => line.write('x'), 50);
			t.after(() => clearInterval(drip));
			await assertTooSlow(line);
		});

	for (const [what, head, piece] of [['a length', ['Content-Length: 500000'], 'x'.repeat(16)],
		['chunks', ['Transfer-Encoding: chunked'], `${'1'.padStart(40, '0')}\r\nx\r\n`]])
		test(`so is one with ${what} that begins fast`, async (t) => {
			const line = await open(t);
			line.write(post('/echo', ...head) + piece.repeat(400_000 / piece.length));
			const drip = setInterval(() => line.write(what === 'chunks' ? '1\r\nx\r\n' : 'x'), 50);
			t.after(() => clearInterval(drip));
			await assertTooSlow(line);
		});

	test('one that comes by and by, fast enough, is waited for beyond that time', async (t) => {
		const line = await open(t);
		const piece = 'y'.repeat(2000);
		line.write(post('/echo', 'Content-Length: 20000'));
		for (let i = 0; i < 10; i++) {
			line.write(piece);
			await delay(BASE_MS / 6);
		}
		const answer = await line.answer();
		assert.deepEqual([answer.status, answer.text], [200, piece.repeat(10)]);
	});
});

describe('what the head alone says is said before the body is awaited', () => {
	for (const [what, bytes, status] of [['no token', post('/mcp', 'Content-Length: 100000'), 401],
		['no token, in chunks', post('/mcp', 'Transfer-Encoding: chunked'), 401],
		['a token that is none', post('/mcp', 'Content-Length: 100000', 'Authorization: Bearer x.y.z'), 401],
		['no such route', post('/nowhere', 'Content-Length: 100000'), 404],
		['a method that is not taken', post('/status', 'Content-Length: 100000'), 405],
		['a length beyond the limit', post('/echo', 'Content-Length: 99999999999'), 413]])
		for (const expect of [[], ['Expect: 100-continue']])
			test(`${what}${expect}: ${status}`, async (t) => {
				const line = await open(t);
				line.write(bytes.replace('Host: x', ['Host: x', ...expect].join('\r\n')));
				const answer = await line.answer();
				assert.deepEqual([answer.status, answer.headers.connection], [status, 'close']);
				assertGuarded(answer);
				await line.ended();
			});

	test('a body that is wanted is asked for where that is expected, once', async (t) => {
		const line = await open(t);
		for (const [path, fields] of [['/echo', []], ['/mcp', [`Authorization: Bearer ${await sandbox.entra.mintUserToken()}`,
			'Content-Type: application/json', 'Accept: application/json, text/event-stream']]]) {
			const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
			line.write(post(path, 'Expect: 100-continue', `Content-Length: ${body.length}`, ...fields));
			assert.equal((await line.answer()).status, 100);
			line.write(body);
			assert.equal((await line.answer()).status, 200);
		}
	});

	test('an expectation that is not known is a 400', async (t) => {
		const line = await open(t);
		line.write(post('/echo', 'Expect: the-unexpected', 'Content-Length: 9'));
		assertError(await line.answer(), 400, 'bad_request');
	});
});

test('a large body that comes at once costs little, whether it is read or passed over', async (t) => {
	const MB = 16;
	const large = await during(t, startAlone({ env: { ...sandbox.env, MAX_BODY_BYTES: String(MB << 20) } }));
	const body = 'x'.repeat(MB << 20);
	for (const [path, status] of [['/echo', 200], ['/mcp', 401]]) {
		for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
			const before = cpuMs(large.pid);
			const answer = await large.ask(path, { method: 'POST', body, headers });
			assert.equal(answer.status, status);
			assert.ok(status === 401 || answer.text === body);
			const cost = cpuMs(large.pid) - before;
			t.diagnostic(`${path}: ${cost} ms of a processor`);
			assert.ok(cost < MB * MS_A_MB, `${path}: ${cost} ms of a processor`);
		}
	}
});

test('an answer waits for a reader that is slow, and is whole', async (t) => {
	const line = await open(t);
	const body = 'z'.repeat(1048576);
	line.socket.pause();
	for (let i = 0; i < 12; i++)
		line.write(post('/echo', `Content-Length: ${body.length}`) + body);
	for (let i = 0; i < 20; i++)
		assert.equal((await handler().ask('/hello')).status, 200);
	line.socket.resume();
	for (let i = 0; i < 12; i++)
		assert.equal((await line.answer()).text, body);
});

test('the last answer is whole, though its reader is slow and has sent more than is read', { skip: threads
	&& 'this build closes on what is unread' }, async (t) => {
	const line = await open(t);
	const body = 'z'.repeat(1048576);
	line.socket.pause();
	line.write(post('/echo', 'Connection: close', `Content-Length: ${body.length}`) + body);
	for (let i = 0; i < 20; i++)
		assert.equal((await handler().ask('/hello')).status, 200);
	line.write(HELLO);
	await until(() => line.socket.writableLength === 0);
	line.socket.resume();
	assert.equal((await line.answer()).text, body);
	await line.ended();
});

test('a caller that has said all there is to say still gets its answers', async (t) => {
	const line = await open(t);
	line.socket.allowHalfOpen = true;
	line.socket.end(HELLO + HELLO);
	assert.equal((await line.answer()).status, 200);
	assert.equal((await line.answer()).status, 200);
	await line.ended();
});

test('where there are as many connections as there may be, the one whose time is up next makes room',
	{ skip: threads && 'this build has a thread a connection' }, async (t) => {
		const small = await during(t, startAlone({ env: { ...sandbox.env, CONNECTIONS_MAX: '16' } }));
		const lines = [];
		for (let i = 0; i < 40; i++) {
			const line = await wire(t, small.port);
			if (i % 2) {
				line.write(HELLO);
				assert.equal((await line.answer()).status, 200);
			}
			lines.push(line);
		}
		await until(() => lines.filter(({ gone }) => !gone).length <= 16);
		assert.equal((await small.ask('/')).status, 200);
		assert.equal((await small.ask('/status')).status, 200);
		const told = () => small.lines.filter(({ text }) => text.includes('event=no_room'));
		await until(() => told().length > 0);
		assert.ok(told().length < 10, 'not once a connection');
	});

test('whoever comes next is taken up, however fast others come in to stay', { skip: threads && 'this build has a thread a connection' },
	async (t) => {
		const small = await during(t, startAlone({ env: { ...sandbox.env, CONNECTIONS_MAX: '16' } }));
		for (let round = 0; round < 20; round++) {
			small.child.kill('SIGSTOP'); /* all of them are there at once */
			const lines = await Promise.all(Array.from({ length: 300 }, () => wire(t, small.port)));
			const last = await wire(t, small.port);
			last.write(HELLO);
			small.child.kill('SIGCONT');
			assert.equal((await last.answer())?.status, 200);
			lines.forEach(({ socket }) => socket.destroy());
		}
	});
