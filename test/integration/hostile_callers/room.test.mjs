/*
 * There is room for so many bytes of unfinished requests: callers that fill it, and stay, leave it to others.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitsWithoutThread } from '../../bench/measuring/flood.mjs';
import { binary, during, startAlone, until, wire } from '../stage/fixture.mjs';

const threads = !waitsWithoutThread(binary);
const MAX_BODY_BYTES = 1024; /* so that there is as little room as can be */
const TOKEN = 6000; /* more than a connection's first buffer */
const LARGEST = 65000;

const hello = (bytes) => `GET /hello HTTP/1.1\r\nHost: x\r\nX-Filler: ${'x'.repeat(bytes)}`;

/* So many connections with a head each that lacks its end, all of it read. */
async function fill(t, handler, connections, bytes) {
	const lines = [];
	for (let i = 0; i < connections; i++) {
		const line = await wire(t, handler.port);
		line.write(hello(bytes));
		lines.push(line);
	}
	await until(() => lines.every(({ gone, socket }) => gone || socket.writableLength === 0));
	for (let i = 0; i < 20; i++)
		assert.equal((await handler.ask('/')).status, 200);
}

describe('a request with a token is answered beside', { skip: threads && 'this build has a thread a connection' }, () => {
	for (const [what, connections, bytes, sizes] of [['nobody', 0, 0, [TOKEN, LARGEST]],
		['1,000 heads of the smallest size', 1000, 10, [TOKEN, LARGEST]], ['500 heads of its own size', 500, TOKEN, [TOKEN]],
		['150 heads of the largest size', 150, LARGEST, [TOKEN, LARGEST]]])
		test(what, async (t) => {
			const handler = await during(t, startAlone({ env: { MAX_BODY_BYTES: String(MAX_BODY_BYTES) } }));
			await fill(t, handler, connections, bytes);
			for (const size of sizes) {
				const line = await wire(t, handler.port);
				line.write(`${hello(size)}\r\n\r\n`);
				assert.equal((await line.answer()).status, 200, `${size} bytes`);
			}
		});
});
