/*
 * SIGTERM while calls come on many connections: whoever was heard is answered, and told that it was the last;
 * whoever is not taken any more is refused at once.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { assertHealthy, answersAt, during, spawnHandler, startAlone, startSandbox, until, wire } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';

const CALLERS = 24; /* below the threads of the build that needs one for each connection */

/* Well below the time that is given to what is under way, and beyond what an end takes without it. */
const STAYS_MS = 600;

/* Asks over and over on one connection until it is told to be the last or the connection ends:
 * {answers, told, cut: bytes of an unfinished answer, pending: requests not answered whole, gone}. */
function startCaller(port, request) {
	const socket = net.connect(port, '127.0.0.1');
	const caller = { answers: 0, told: false, cut: 0, pending: 0 };
	let held = '';
	const ask = () => {
		caller.pending++;
		socket.write(request);
	};
	socket.setEncoding('latin1');
	socket.on('connect', ask);
	socket.on('error', () => {});
	socket.on('data', (text) => {
		held += text;
		const end = held.indexOf('\r\n\r\n');
		const length = Number(/^content-length: (\d+)/mi.exec(held.slice(0, end))?.[1]);
		if (end < 0 || held.length < end + 4 + length)
			return;
		assert.match(held, /^HTTP\/1\.1 200 /);
		caller.told = /^connection: close/mi.test(held.slice(0, end));
		held = held.slice(end + 4 + length);
		caller.answers++;
		caller.pending--;
		if (caller.told)
			socket.end();
		else
			ask();
	});
	caller.gone = once(socket, 'close').then(() => { caller.cut = held.length; });
	return caller;
}

/* Each had an answer to all it sent, whole, and the last one said that it was. */
function assertAllToldSo(callers) {
	const lost = callers.filter(({ told, cut, pending }) => !told || cut || pending);
	assert.equal(lost.length, 0, `${lost.length} of ${callers.length}, such as ${JSON.stringify(lost[0])}`);
}

const HELLO = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

describe('SIGTERM under load', { concurrency: 2 }, () => {
	test('no call that had come before is lost, and every connection is told that it is the last', async (t) => {
		const { entra, graph, env } = await during(t, startSandbox());
		const handler = await startAlone({ env });
		const token = await entra.mintUserToken();
		graph.latencyMs = 100;
		const me = `GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
		const callers = Array.from({ length: CALLERS }, () => startCaller(handler.port, me));
		await until(() => callers.every(({ answers }) => answers > 1));
		graph.resetCounts();
		await until(() => graph.counts.me >= CALLERS); /* each has a call under way, begun before the signal */
		handler.child.kill('SIGTERM');
		await until(async () => !await answersAt(handler.port));
		await Promise.all(callers.map(({ gone }) => gone));
		assert.deepEqual(await handler.ending(), { code: 143, signal: null });
		assertAllToldSo(callers);
		assertHealthy(handler.lines);
	});

	/* What a client sent on the word of the answer before may lie unread when the signal comes. */
	test('nor is one that had come on a kept connection and was not begun yet', async () => {
		const handler = await startAlone();
		const callers = Array.from({ length: CALLERS }, () => startCaller(handler.port, HELLO));
		await until(() => callers.every(({ answers }) => answers > 20));
		handler.child.kill('SIGTERM');
		await Promise.all(callers.map(({ gone }) => gone));
		assert.deepEqual(await handler.ending(), { code: 143, signal: null });
		assertAllToldSo(callers);
		assertHealthy(handler.lines);
	});

	test('nor is one whose body is still on its way', async (t) => {
		const handler = await startAlone();
		const line = await wire(t, handler.port);
		line.write('POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n');
		assert.equal((await line.answer()).status, 100);
		handler.child.kill('SIGTERM');
		await until(async () => !await answersAt(handler.port));
		await delay(STAYS_MS);
		line.write('0123456789');
		const answer = await line.answer();
		assert.deepEqual([answer?.text, answer?.headers.connection], ['0123456789', 'close']);
		assert.deepEqual(await handler.ending(), { code: 143, signal: null });
	});

	test('nor is one on a connection that had been made and was not taken up yet', async (t) => {
		const handler = await startAlone();
		handler.child.kill('SIGSTOP');
		const lines = await Promise.all(Array.from({ length: CALLERS }, () => wire(t, handler.port)));
		for (const line of lines)
			line.write(HELLO);
		await until(() => lines.every(({ socket }) => socket.writableLength === 0));
		handler.child.kill('SIGTERM');
		handler.child.kill('SIGCONT');
		const answers = await Promise.all(lines.map((line) => line.answer()));
		assert.deepEqual(answers.map((answer) => answer?.status), lines.map(() => 200));
		assert.deepEqual(await handler.ending(), { code: 143, signal: null });
	});

	test('a second one ends it at once', async (t) => {
		const { entra, graph, env } = await during(t, startSandbox());
		const handler = await startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '200000' } });
		graph.latencyMs = 150_000;
		const caller = startCaller(handler.port,
			`GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await entra.mintUserToken()}\r\n\r\n`);
		await until(() => graph.counts.me === 1);
		handler.child.kill('SIGTERM');
		await until(async () => !await answersAt(handler.port));
		handler.child.kill('SIGTERM');
		assert.deepEqual(await handler.ending(), { code: null, signal: 'SIGTERM' });
		await caller.gone;
		assert.deepEqual([caller.answers, caller.cut], [0, 0]);
	});
});

describe('SIGTERM while it starts', () => {
	/* From the moment of exec on: whenever it comes, it is an end by that signal, within and without. */
	test('ends it with 143 or by the signal, and nothing listens', async () => {
		for (let afterMs = 0; afterMs < 20; afterMs++) {
			const port = await freePort();
			const { child, lines, ending } = spawnHandler({ args: ['--port', String(port)] });
			await once(child, 'spawn');
			const begun = performance.now();
			while (performance.now() - begun < afterMs);
			child.kill('SIGTERM');
			const { code, signal } = await ending();
			assert.ok(code === 143 || signal === 'SIGTERM', `${code} ${signal}`);
			assert.equal(await answersAt(port), false);
			assertHealthy(lines);
		}
	});
});
