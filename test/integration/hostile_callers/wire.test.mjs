/*
 * HTTP/1.1 byte by byte: connections kept and closed as agreed, pipelining, many at once, and
 * hostile requests, each of which ends in a JSON error or a clean close and harms nobody else.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { assertError, assertGuarded, startAlone, startSandbox, until, use, wire } from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const handler = use(() => startAlone({ env: sandbox.env }));
afterEach(async () => { /* whatever a test did, the handler still serves */
	assert.equal((await handler().ask('/hello')).json.message, 'Hello, World!');
});

const HELLO = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';
const open = (t) => wire(t, handler().port);

/* A head with these lines, ended. */
const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;

/* Sends bytes; the answer, if any, is a sound error with one of the statuses; then the connection
 * is closed by the handler (unless the request was complete and merely unwelcome). */
async function assertRefused(t, bytes, statuses, { halfClose = false } = {}) {
	const line = await open(t);
	line.write(bytes);
	if (halfClose)
		line.socket.end();
	const answer = await line.answer();
	if (answer === undefined) {
		assert.ok(statuses.includes('close'), `closed without an answer: ${shown(bytes)}`);
		return;
	}
	assert.ok(statuses.includes(answer.status), `${answer.status}: ${shown(bytes)}`);
	assertGuarded(answer);
	assertError(answer, answer.status, answer.json.error.code);
	if (answer.status === 400 || answer.status === 431) {
		assert.equal(answer.headers.connection, 'close', shown(bytes));
		await line.ended();
		assert.equal(await line.answer(), undefined, `a second answer: ${shown(bytes)}`);
	}
}

const shown = (bytes) => JSON.stringify(bytes.toString('latin1').slice(0, 80));

test('a connection stays usable, and is not announced to close', async (t) => {
	const line = await open(t);
	for (let i = 0; i < 10; i++) {
		line.write(HELLO);
		const answer = await line.answer();
		assert.equal(answer.status, 200);
		assert.notEqual(answer.headers.connection?.toLowerCase(), 'close');
		assertGuarded(answer);
	}
	for (const [path, status] of [['/nowhere', 404], ['/me', 401], ['/hello?name=%00', 400]]) {
		line.write(head(`GET ${path} HTTP/1.1`, 'Host: x'));
		assert.equal((await line.answer()).status, status);
	}
	line.write(head('POST /echo HTTP/1.1', 'Host: x', 'Content-Length: 1048577')
		+ 'x'.repeat(1048577));
	const refused = await line.answer();
	assert.deepEqual([refused.status, refused.headers.connection], [413, 'close'], 'its body is not waited for');
});

test('Connection: close is honoured and announced', async (t) => {
	const line = await open(t);
	line.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: close'));
	const answer = await line.answer();
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.connection, 'close');
	await line.ended();
});

test('HTTP/1.0 is answered and closed', async (t) => {
	const line = await open(t);
	line.write('GET /hello HTTP/1.0\r\n\r\n');
	assert.equal((await line.answer()).status, 200);
	await line.ended();
});

test('HEAD and OPTIONS leave the connection in step', async (t) => {
	const line = await open(t);
	line.write(head('HEAD /hello HTTP/1.1', 'Host: x'));
	const answer = await line.answer({ head: true });
	assert.equal(answer.headers['content-length'], '27');
	line.write(head('OPTIONS /hello HTTP/1.1', 'Host: x'));
	const options = await line.answer();
	assert.deepEqual([options.status, options.headers['content-length']], [204, undefined]);
	line.write(HELLO);
	assert.equal((await line.answer()).json.message, 'Hello, World!');
});

test('pipelined requests are answered in order, bodies and all', async (t) => {
	const line = await open(t);
	const echo = (text) => head('POST /echo HTTP/1.1', 'Host: x', `Content-Length: ${text.length}`)
		+ text;
	const chunked = `${head('POST /echo HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked')}`
		+ '3\r\ntwo\r\n0\r\n\r\n';
	line.write(echo('one') + chunked + HELLO + echo('GET / HTTP/1.1\r\n\r\n') + echo('five'));
	const texts = [];
	for (let i = 0; i < 5; i++)
		texts.push((await line.answer()).text);
	assert.deepEqual(texts, ['one', 'two', '{"message":"Hello, World!"}',
		'GET / HTTP/1.1\r\n\r\n', 'five']);
});

test('150 connections at once are all served', async (t) => {
	const lines = await Promise.all(Array.from({ length: 150 }, () => open(t)));
	for (const line of lines)
		line.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: close'));
	const answers = await Promise.all(lines.map((line) => line.answer()));
	assert.ok(answers.every(({ status }) => status === 200));
});

test('120 kept connections serve call after call', async (t) => {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 120 });
	t.after(() => agent.destroy());
	for (let round = 0; round < 3; round++) {
		const calls = Array.from({ length: 120 }, (_, i) =>
			handler().ask(`/hello?name=${i}`, { agent }));
		const answers = await Promise.all(calls);
		assert.ok(answers.every(({ json }, i) => json.message === `Hello, ${i}!`));
	}
});

test('what is no HTTP is a 400 or a close', async (t) => {
	for (const bytes of ['garbage\r\n\r\n', '\r\n\r\n\r\n', '\0\0\0\0\r\n\r\n',
		'GET\r\n\r\n', 'GET /hello\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n',
		'GET /hello HTTP/9.9\r\n\r\n', 'GET /hello HTTX/1.1\r\n\r\n',
		'GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n', 'get /hello HTTP/1.1\r\nHost: x\r\n\r\n',
		'GET hello HTTP/1.1\r\nHost: x\r\n\r\n', `${'A'.repeat(3000)} / HTTP/1.1\r\n\r\n`,
		Buffer.from('16030100a5010000a10303', 'hex') /* a TLS client hello */])
		await assertRefused(t, bytes, [400, 405, 'close'], { halfClose: true });
});

test('a path is only ever a name: no file, no trick, reaches further', async (t) => {
	for (const path of ['/../../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc',
		'/hello%00.json', '/hello%00', '/%00', '/./hello', '/hello/../me', '//hello', '/\\hello',
		'/bin/handler', '/host.json', '/%68ello', '/hello//'])
		await assertRefused(t, head(`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close'),
			[400, 404]);
});

test('a NUL byte in the request is refused', async (t) => {
	for (const bytes of ['GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n',
		'GET /hello HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n'])
		await assertRefused(t, bytes, [400, 404, 'close'], { halfClose: true });
});

/* RFC 9112 §3.2.2 */
test('a target that is a whole URL is answered as its path, whatever host and port it names', async (t) => {
	for (const at of ['http://x', 'HTTP://x', 'https://gateway.example', `http://127.0.0.1:${handler().port}`,
		'http://gateway.example:99', 'http://[::1]:80']) {
		for (const name of ['A', 'a:b', 'a/b?c']) {
			const line = await open(t);
			line.write(head(`GET ${at}/hello?name=${name} HTTP/1.1`, 'Host: x') + HELLO);
			const answer = await line.answer();
			assert.deepEqual([answer.status, answer.json.message], [200, `Hello, ${name}!`], at);
			assertGuarded(answer);
			/* another request on it is answered, or was told that it would not be */
			assert.equal((await line.answer())?.json.message,
				answer.headers.connection === 'close' ? undefined : 'Hello, World!', at);
		}
		for (const framing of ['Content-Length: 5\r\n\r\nhello',
			'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n']) {
			const line = await open(t);
			line.write(`POST ${at}/echo HTTP/1.1\r\nHost: x\r\n${framing}`);
			assert.equal((await line.answer()).text, 'hello', at);
		}
	}
	for (const [target, status] of [['http://x', 200], ['http://x/nowhere', 404], ['http://x/me', 401]]) {
		const line = await open(t);
		line.write(head(`GET ${target} HTTP/1.1`, 'Host: x'));
		assert.equal((await line.answer()).status, status, target);
	}
});

/* RFC 9112 §3.2.4, RFC 9110 §9.3.7 */
test('OPTIONS * is answered for the server as a whole, and no other method may ask with *', async (t) => {
	const line = await open(t);
	line.write(head('OPTIONS * HTTP/1.1', 'Host: x'));
	const answer = await line.answer();
	assert.deepEqual([answer.status, answer.headers.allow, answer.headers.connection],
		[204, 'GET, HEAD, POST, PUT, OPTIONS', 'close']);
	assertGuarded(answer);
	for (const method of ['GET', 'POST'])
		await assertRefused(t, head(`${method} * HTTP/1.1`, 'Host: x', 'Content-Length: 0'), [400]);
});

test('a target that is neither path nor URL nor * is a 400, never silence', async (t) => {
	for (const target of ['CONNECT x:443', 'GET ftp://x/hello', 'GET x:80', 'GET ws://x/hello', 'GET wss://x/',
		'GET http:///hello', 'GET http://', 'GET http://:80/hello', 'GET http://me@x/hello', 'GET http://x:y/hello',
		'GET http://x:80:80/hello', 'GET http://[x]/hello', 'GET http://[::1/hello', 'GET ?a', 'GET **'])
		await assertRefused(t, head(`${target} HTTP/1.1`, 'Host: x'), [400]);
});

/* RFC 9112 §3.2 */
test('a request without a Host, with two or with one that is no host is a 400', async (t) => {
	for (const hosts of [[], ['Host: x', 'Host: x'], ['Host: x', 'host: y'], ['Host: x y'], ['Host: x/y'],
		['Host: me@x'], ['Host: x"y'], ['Host: http://x'], ['Host: x:y'], ['Host: [::1'],
		['Host: x:1:2'], ['Host: \u00e9']])
		for (const target of ['/hello', 'http://x/hello', '*'])
			await assertRefused(t, Buffer.from(head(`OPTIONS ${target} HTTP/1.1`, ...hosts), 'latin1'), [400]);
	await assertRefused(t, head('GET /hello HTTP/1.0', 'Host: x', 'Host: x'), [400]);
	const line = await open(t);
	for (const host of ['x', '127.0.0.1:8080', '[::1]', '[::1]:80', 'a_b.example:', '', 'x-1.azurewebsites.net ']) {
		line.write(head('GET /hello HTTP/1.1', `Host: ${host}`));
		assert.equal((await line.answer()).status, 200, host);
	}
});

/* RFC 9112 §7.1.1, §7.1.2.  Debian's civetweb takes neither: a handler with its library refuses the
 * one, and closes the connection behind the other; the zip's binary takes both (test/dist). */
test('a chunk extension or trailer is passed over or ends the connection, never is body or request', async (t) => {
	const post = head('POST /echo HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked');
	for (const [chunks, statuses] of [['3;a=b\r\nabc\r\n0\r\n\r\n', [200, 400]],
		['3\r\nabc\r\n0;a="\u00e9;\\""\r\n\r\n', [200, 400]], ['3\r\nabc\r\n0\r\nX-A: b\r\n\r\n', [200]],
		['3\r\nabc\r\n0\r\nContent-Length: 9\r\nX: y\r\n\r\n', [200]]]) {
		const line = await open(t);
		line.write(Buffer.from(post + chunks + HELLO, 'latin1'));
		const answer = await line.answer();
		assert.ok(statuses.includes(answer.status), `${answer.status}: ${shown(chunks)}`);
		if (answer.status === 200)
			assert.equal(answer.text, 'abc', shown(chunks));
		assert.ok([undefined, 'Hello, World!'].includes((await line.answer())?.json.message), shown(chunks));
	}
});

test('an ambiguous or impossible body length is a 400, and what follows is not run', async (t) => {
	const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
	for (const framing of [['Content-Length: 5', 'Transfer-Encoding: chunked'],
		['Transfer-Encoding: chunked', 'Content-Length: 5'],
		['Content-Length: 5', 'Content-Length: 6'], ['Content-Length: 5', 'Content-Length: 5'],
		['Content-Length: 5, 5'], ['Content-Length: -1'], ['Content-Length: +5'],
		['Content-Length: 0x5'], ['Content-Length: 5a'], ['Content-Length: 99999999999999999999'],
		['Content-Length: 18446744073709551621'], ['Content-Length: '],
		['Transfer-Encoding: gzip, chunked'], ['Transfer-Encoding: xchunked'],
		['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
		['Transfer-Encoding: chunked, chunked'], ['Transfer-Encoding: identity'],
		['Content-Length : 5'], ['Transfer-Encoding : chunked']]) {
		await assertRefused(t, head('POST /echo HTTP/1.1', 'Host: x', ...framing)
			+ `0\r\n\r\n${smuggled}`, [400, 'close'], { halfClose: true });
	}
	await assertRefused(t, head('POST /echo HTTP/1.0', 'Host: x', 'Transfer-Encoding: chunked') /* RFC 9112 §6.1 */
		+ `0\r\n\r\n${smuggled}`, [400]);
});

/* RFC 9112 §5.1 */
test('the space around a value is no part of it', async (t) => {
	const line = await open(t);
	line.write(head('POST /echo HTTP/1.1', 'Host:  x  ', 'Content-Length:  5  ', 'x-request-id: mine ') + 'hello');
	const answer = await line.answer();
	assert.deepEqual([answer.text, answer.headers['x-request-id']], ['hello', 'mine']);
});

test('a head that is not read to its blank line is a 400, and nothing behind it is run', async (t) => {
	const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
	const lines = [': y', ' : y', ' folded', '\tfolded', 'X : y', 'Content-Length : 5', '\u00e9: y', 'X\u00e9: y', ' X: y', '\rX: y', '\r',
		'X: y\rz', 'X\t: y', 'X y: z', 'X', '\x7f: y', 'X: y\nY: z', '\u0080'];
	for (const line of lines)
		for (const [before, after] of [[[], ['Host: x']], [['Host: x'], []],
			[['Host: x', 'Authorization: Bearer a'], ['Authorization: Bearer b']]]) {
			const fields = [...before, line, ...after, `Content-Length: ${smuggled.length}`];
			await assertRefused(t, Buffer.from(head('POST /echo HTTP/1.1', ...fields) + smuggled, 'latin1'),
				[400], { halfClose: true });
		}
	for (const bytes of ['POST /echo HTTP/1.1\n\n', 'POST /echo HTTP/1.1\r\n\n',
		'POST /echo HTTP/1.1\nHost: x\r\n\r\n', 'POST /echo HTTP/1.1\r\nHost: x\n\n',
		'POST /echo HTTP/1.1\r\nHost: x\r\n\n'])
		await assertRefused(t, bytes + smuggled, [400], { halfClose: true });
});

test('no blank lines before a request make its head its body, and its body a request', async (t) => {
	const smuggled = head('GET /smuggled HTTP/1.1', 'Host: x');
	for (const path of ['/echo', `/echo?${'q'.repeat(5000)}`]) {
		const request = head(`POST ${path} HTTP/1.1`, `X: ${'p'.repeat(60)}`, 'Content-Length: 9000');
		const body = 'z'.repeat(9000 - request.length) + smuggled.padStart(request.length, '\r\n');
		for (const blank of ['\r\n\r\n', '\n\n', '  \r\n\r\n', '\r\n\r\n\r\n'])
			await assertRefused(t, blank + request + body, [400], { halfClose: true });
	}
});

test('a head of the fewest fields is read whole', async (t) => {
	const line = await open(t);
	for (const fields of [['Host: x'], ['Host:'], ['X: \u00e9 y ', 'Host: ']]) {
		line.write(Buffer.from(head('GET /hello HTTP/1.1', ...fields), 'latin1'));
		assert.equal((await line.answer()).status, 200, fields);
	}
	line.write(head('GET /hello HTTP/1.0'));
	assert.equal((await line.answer()).status, 200);
});

test('a broken chunk is a 400', async (t) => {
	for (const chunks of ['zz\r\nabc\r\n0\r\n\r\n', '-1\r\nabc\r\n0\r\n\r\n',
		'ffffffffffffffffff\r\nabc\r\n0\r\n\r\n', '7fffffffffffffff\r\nabc\r\n0\r\n\r\n',
		'3\r\nabcd\r\n0\r\n\r\n', `${'1'.repeat(5000)}\r\nabc`, ' 3\r\nabc\r\n0\r\n\r\n',
		'0x3\r\nabc\r\n0\r\n\r\n'])
		await assertRefused(t, head('POST /echo HTTP/1.1', 'Host: x',
			'Transfer-Encoding: chunked') + chunks, [400, 'close'], { halfClose: true });
});

test('a body that ends early is a 400 or a close, never a call', async (t) => {
	for (const bytes of [head('POST /echo HTTP/1.1', 'Host: x', 'Content-Length: 10') + 'short',
		`${head('POST /echo HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked')}5\r\nsho`,
		head('POST /hello HTTP/1.1', 'Host: x', 'Content-Length: 10')])
		await assertRefused(t, bytes, [400, 'close'], { halfClose: true });
});

test('headers beyond the limits are refused', async (t) => {
	const many = Array.from({ length: 70 }, (_, i) => `X-H${i}: ${i}`);
	await assertRefused(t, head('GET /hello HTTP/1.1', 'Host: x', ...many), [431]);
	await assertRefused(t, head('GET /hello HTTP/1.1', `X-Big: ${'x'.repeat(200_000)}`),
		[400, 431, 'close']);
	await assertRefused(t, head(`GET /${'x'.repeat(200_000)} HTTP/1.1`, 'Host: x'),
		[400, 431, 'close']);
	await assertRefused(t, head('GET /hello HTTP/1.1', 'Host: x', 'no colon here'),
		[400, 'close'], { halfClose: true });
});

test('a body length that is one header too far down cannot hide a second request', async (t) => {
	for (const count of [61, 62, 63, 64, 65, 100]) {
		const many = Array.from({ length: count }, (_, i) => `X-H${i}: ${i}`);
		for (const framing of [`Content-Length: ${HELLO.length}`, 'Transfer-Encoding: chunked']) {
			const line = await open(t);
			line.write(head('POST /echo HTTP/1.1', 'Host: x', ...many, framing) + HELLO);
			const answer = await line.answer();
			const taken = answer.status === 200;
			assert.equal(taken ? answer.text : answer.json.error.code, taken ? HELLO
				: framing.startsWith('C') || count > 61 ? 'headers_too_large' : 'bad_request');
			line.socket.end();
			assert.equal(await line.answer(), undefined, `${count}: a second answer`);
		}
	}
});

test('headers that the host lets through are taken: 32 KB, 50 of them, a token of 16 KB',
	async (t) => {
		const line = await open(t);
		line.write(head('GET /hello HTTP/1.1', 'Host: x', `Cookie: ${'c'.repeat(32_000)}`));
		assert.equal((await line.answer()).status, 200);
		const many = Array.from({ length: 50 }, (_, i) => `X-H${i}: ${i}`);
		line.write(head('GET /hello HTTP/1.1', 'Host: x', ...many));
		assert.equal((await line.answer()).status, 200);
		const token = await sandbox.entra.mintUserToken({ claims: { pad: 'x'.repeat(11_000) } });
		assert.ok(token.length > 15_000);
		assert.equal((await handler().ask('/me', { token })).status, 200);
		line.write(head(`GET /hello?name=a&x=${'y'.repeat(7000)} HTTP/1.1`, 'Host: x'));
		assert.equal((await line.answer()).json.message, 'Hello, a!');
	});

test('header values cannot forge a log line or an answer\'s header', async (t) => {
	const line = await open(t);
	line.write(head('GET /nowhere HTTP/1.1', 'Host: x', 'x-request-id: a"b',
		'X-Azure-Functions-InvocationId: "x" event=forged é', 'Origin: https://"x'));
	const answer = await line.answer();
	assertError(answer, 404, 'not_found');
	await handler().logOf(answer);
	const mine = handler().lines.find(({ text }) => text.includes(answer.headers['x-request-id']));
	assert.match(mine.text, /invocation="\\"x\\" event=forged \\xc3\\xa9"/);
});

test('clients that stall or vanish hold up nobody', async (t) => {
	const stalled = await Promise.all(Array.from({ length: 40 }, () => open(t)));
	stalled.forEach((line, i) => line.write(i % 2 ? 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Le'
		: head('POST /echo HTTP/1.1', 'Host: x', 'Content-Length: 100') + 'x'));
	assert.equal((await handler().ask('/hello')).status, 200);
	for (const line of stalled)
		line.socket.resetAndDestroy();
	for (let i = 0; i < 20; i++) {
		const line = await open(t);
		line.write(head('GET /tools HTTP/1.1', 'Host: x'));
		line.socket.resetAndDestroy();
	}
	const agent = new http.Agent({ keepAlive: true });
	t.after(() => agent.destroy());
	const answers = await Promise.all(Array.from({ length: 100 }, () =>
		handler().ask('/hello', { agent })));
	assert.ok(answers.every(({ status }) => status === 200));
});

test('a client that reads slowly gets all of a large answer', async (t) => {
	const line = await open(t);
	line.socket.pause();
	const body = 'x'.repeat(1024 * 1024);
	line.write(head('POST /echo HTTP/1.1', 'Host: x', `Content-Length: ${body.length}`) + body);
	const drained = once(line.socket, 'drain').catch(() => {});
	await Promise.race([drained, until(() => line.socket.writableLength === 0)]);
	assert.equal((await handler().ask('/hello')).status, 200);
	line.socket.resume();
	assert.ok((await line.answer()).text === body);
});
