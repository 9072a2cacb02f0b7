/*
 * What our changes to Debian's libcurl and civetweb (packaging/patches) are for, and that they do no
 * harm; of the zip's binary alone, since a handler with Debian's own libraries has not got them.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertError, startAlone, startSandbox, use, wire } from '../integration/stage/fixture.mjs';

const sandbox = await startSandbox({ tls: true });
after(() => sandbox.stop());
const handler = use(() => startAlone({ env: sandbox.env, keeps: sandbox }));

/* Node's HTTP/2 is nghttp2's: it closes a connection of whose streams a thousand were reset. */
test('1,200 calls to Graph go over one connection, since no ended stream is reset', async () => {
	const token = await sandbox.entra.mintUserToken();
	const calls = 1200;
	let left = calls;
	await Promise.all(Array.from({ length: 20 }, async () => {
		while (left-- > 0)
			assert.equal((await handler().ask('/me', { token })).status, 200);
	}));
	assert.equal(sandbox.graph.counts.me, calls);
	assert.equal(sandbox.graph.counts.connections, 1);
});

test('what came of an answer before its server broke the protocol is not taken for the whole', async () => {
	const token = await sandbox.entra.mintUserToken();
	assert.equal((await handler().ask('/me', { token })).status, 200);
	sandbox.graph.fail({ kind: 'unsound' });
	assertError(await handler().ask('/me', { token }), 503, 'upstream_unavailable');
	assert.equal((await handler().ask('/me', { token })).status, 200);
});

/* The head is looked at eight bytes at a time: no place in a word may be different. */
test('every byte that may not stand in a head is seen, wherever it stands', async (t) => {
	const may = (byte) => byte >= 0x20 && byte !== 0x7f;
	for (const byte of [0, 1, 8, 9, 0x0b, 0x0c, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x9f, 0xff]) {
		for (let place = 0; place < 9; place++) {
			const line = await wire(t, handler().port);
			line.write(Buffer.concat([
				Buffer.from(`GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: a${'b'.repeat(place)}`),
				Buffer.from([byte]), Buffer.from('c\r\n\r\n')]));
			assert.equal((await line.answer()).status, may(byte) ? 200 : 400, `${byte} at ${place}`);
			await line.ended();
		}
	}
});

test('a head that comes byte by byte is taken, wherever its lines end', async (t) => {
	for (let place = 0; place < 9; place++) {
		const line = await wire(t, handler().port);
		for (const byte of `GET /hello HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(place)}\r\n\r\n`)
			line.write(byte);
		assert.equal((await line.answer()).status, 200);
		line.write('GET /hello HTTP/1.1\nHost: x\n\n'); /* which is a head to civetweb, not to us */
		assert.equal((await line.answer()).status, 400);
	}
});

test('blank lines are no head, and what stands behind them is not read twice', async (t) => {
	for (const blank of ['\r\n\r\n', '\n\n', '  \r\n\r\n', '\r\n\r\n\r\n']) {
		const line = await wire(t, handler().port);
		line.write(`${blank}POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`);
		assert.equal((await line.answer()).status, 400);
		assert.equal(await line.answer(), undefined);
	}
	const line = await wire(t, handler().port);
	line.write('\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello');
	assert.equal((await line.answer()).text, 'hello');
});

/* RFC 9112 §7.1.1, §7.1.2 */
test('chunk extensions and trailers are passed over, and the next request is answered', async (t) => {
	const line = await wire(t, handler().port);
	const post = 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
	for (const chunks of ['3;a=b\r\nabc\r\n0\r\n\r\n', '3 ; a="b;\\"c"\t;d\r\nabc\r\n0;e\r\n\r\n',
		'003\r\nabc\r\n00\r\nX-A: b\r\nContent-Length: 9\r\n\r\n', '3\r\nabc\r\n0\r\nX: \u00e9\ty\r\n\r\n',
		`1;${'x'.repeat(4000)}\r\na\r\n2;${'x'.repeat(4000)}\r\nbc\r\n0\r\nX: ${'y'.repeat(4000)}\r\n\r\n`]) {
		line.write(Buffer.from(post + chunks, 'latin1'));
		assert.equal((await line.answer()).text, 'abc', chunks.slice(0, 40));
	}
	for (const byte of `${post}3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n`)
		line.write(byte);
	assert.equal((await line.answer()).text, 'abc');
});

test('a chunk line or trailer that has no end, or two, is a 400', async (t) => {
	const post = 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
	for (const chunks of ['3;a\nb\r\nabc\r\n0\r\n\r\n', '3;a\rb\r\nabc\r\n0\r\n\r\n', '3;a\r\r\nabc\r\n0\r\n\r\n',
		'3\nabc\r\n0\r\n\r\n', '3;\0\r\nabc\r\n0\r\n\r\n', '3 \r\nabc\r\n0\r\n\r\n', '3 a\r\nabc\r\n0\r\n\r\n',
		';a\r\nabc\r\n0\r\n\r\n', '\r\n3\r\nabc\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nX: y\nZ: z\r\n\r\n',
		'3\r\nabc\r\n0\r\nX: y\rz\r\n\r\n', `3;${'x'.repeat(5000)}\r\nabc\r\n0\r\n\r\n`,
		`3\r\nabc\r\n0\r\nX: ${'y'.repeat(5000)}\r\n\r\n`, `3\r\nabc\r\n0\r\n${'X: y\r\n'.repeat(6000)}\r\n`]) {
		const line = await wire(t, handler().port);
		line.write(`${post}${chunks}GET /hello HTTP/1.1\r\nHost: x\r\n\r\n`);
		assert.equal((await line.answer()).status, 400, JSON.stringify(chunks.slice(0, 40)));
		assert.equal(await line.answer(), undefined, JSON.stringify(chunks.slice(0, 40)));
	}
});
