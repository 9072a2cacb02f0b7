/*
 * Connections that end at every moment, one after another in the place of the one before, take nothing
 * from those beside them.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { assertHealthy, startAlone } from '../stage/fixture.mjs';

const CALLERS = 32, ROUNDS = 40;
const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const HELLO = head('GET /hello HTTP/1.1', 'Host: x');
const ECHO = head('POST /echo HTTP/1.1', 'Host: x', 'Content-Length: 20000') + 'z'.repeat(20000);
const CHUNKED = head('POST /echo HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked') + '5\r\nhello\r\n0\r\n\r\n';
const BYTES = [HELLO, ECHO, CHUNKED, HELLO + CHUNKED + ECHO + HELLO, head('POST /mcp HTTP/1.1', 'Host: x', 'Content-Length: 9')];
/* How it ends, once the first answer is here or before: with a reset, a goodbye, or half of one. */
const ENDS = [(socket) => socket.resetAndDestroy(), (socket) => socket.destroy(), (socket) => socket.end()];

/* n says what is sent, up to where, and how it ends. */
async function comeAndGo(port, n) {
	const bytes = BYTES[n % BYTES.length];
	const socket = net.connect(port, '127.0.0.1');
	const closed = new Promise((resolve) => { socket.on('close', resolve); });
	socket.on('error', () => {});
	await Promise.race([once(socket, 'connect').catch(() => {}), closed]);
	const cut = n % 3 === 0 ? n * 7919 % bytes.length : bytes.length;
	socket.write(bytes.slice(0, cut));
	if (n % 2 && cut === bytes.length)
		await Promise.race([once(socket, 'data').catch(() => {}), closed]);
	socket.resume();
	ENDS[n % ENDS.length](socket);
	await closed;
}

for (const [what, env] of [['as many as may be', { CONNECTIONS_MAX: '16' }], ['few of many', {}]])
	test(what, async (t) => {
		const handler = await startAlone({ env: { ...env, REQUEST_TIMEOUT_MS: '2000' } });
		t.after(() => handler.stop());
		await Promise.all(Array.from({ length: CALLERS }, async (_, caller) => {
			for (let round = 0; round < ROUNDS; round++)
				await comeAndGo(handler.port, caller * ROUNDS + round);
		}));
		for (const path of ['/', '/status', '/hello'])
			assert.equal((await handler.ask(path)).status, 200);
		assertHealthy(handler.lines);
	});
