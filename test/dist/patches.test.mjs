/*
 * What our changes to Debian's libcurl and civetweb (packaging/patches) are for, and that they do no
 * harm; of the zip's binary alone, since a handler with Debian's own libraries has not got them.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startAlone, startSandbox, use, wire } from '../integration/fixture.mjs';

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
