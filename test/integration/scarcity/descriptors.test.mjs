/*
 * No file descriptors left: what was taken is served, others get an answer or wait without cost, and once there
 * is room all is as before.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, test } from 'node:test';
import { assertError, during, send, startAlone, startSandbox, until, wire } from '../stage/fixture.mjs';
import { hasSharedLibraries, leaveOpen, limitedTo, openFiles, untilCalm } from '../stage/scarcity/process.mjs';

const CROWD = 200;

/* So many connections that send nothing, and stop() to end them. */
async function startCrowd(port, size = CROWD) {
	const sockets = Array.from({ length: size }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
	await Promise.all(sockets.map((socket) => once(socket, 'connect')));
	return { sockets, stop: () => sockets.forEach((socket) => socket.destroy()) };
}

/* Asks on a connection that is kept. */
async function askOn(connection, path, token) {
	connection.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`);
	return connection.answer();
}

const few = (options) => startAlone({ ...options, below: limitedTo({ nofile: '64:64' }) });

test('the limit that a process begins with is raised to what the system allows it', async (t) => {
	const { pid } = await during(t, startAlone({ below: limitedTo({ nofile: '100:3000' }) }));
	const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
	assert.deepEqual([soft, hard], ['3000', '3000']);
});

const waits = hasSharedLibraries && 'Debian\'s library lets it wait instead';

test('where no descriptor is left a new connection is told so, and when to come again', { skip: waits }, async (t) => {
	const handler = await during(t, few());
	let refused, giveBack = () => {};
	await until(async () => { /* those that the start was waited for with may just have gone */
		giveBack();
		giveBack = leaveOpen(handler.pid, 0);
		refused = await send(`${handler.url}/hello`);
		return refused.status === 503;
	});
	assert.match(refused.headers['retry-after'], /^[1-9]\d*$/);
	assert.equal(refused.headers.connection, 'close');
	assert.equal(refused.json.error.code, 'overloaded');
	giveBack();
	assert.equal((await send(`${handler.url}/hello`)).status, 200);
});

describe('with all 64 descriptors taken by connections that send nothing', { concurrency: 3 }, () => {
	test('nothing spins, and honest callers are answered as soon as there is room', async (t) => {
		const handler = await during(t, few());
		const crowd = await startCrowd(handler.port);
		t.after(crowd.stop);
		await untilCalm(handler.pid);
		crowd.stop();
		assert.equal((await handler.ask('/hello')).status, 200);
		await until(() => openFiles(handler.pid) < 32);
		await untilCalm(handler.pid);
	});

	test('a connection that was there before is served', async (t) => {
		const handler = await during(t, few());
		const kept = await wire(t, handler.port);
		assert.equal((await askOn(kept, '/hello')).status, 200);
		const crowd = await startCrowd(handler.port);
		t.after(crowd.stop);
		for (const path of ['/hello', '/', '/status', '/status?ready=1', '/hello']) {
			const answer = await askOn(kept, path);
			assert.ok([200, 503].includes(answer.status), path);
			if (hasSharedLibraries && answer.headers.connection === 'close')
				return; /* it makes room, and has said so */
		}
	});

	test('a new one is served: who sends nothing makes room', { skip: waits }, async (t) => {
		const handler = await during(t, few());
		const crowd = await startCrowd(handler.port);
		t.after(crowd.stop);
		for (const path of ['/hello', '/', '/status'])
			assert.equal((await send(`${handler.url}${path}`)).status, 200);
	});
});

/* What a call needs a descriptor for, one after the other: sockets to Entra and Graph, the file of
 * authorities. */
describe('with so many descriptors left', { concurrency: 3 }, () => {
	for (const left of [0, 1, 2, 3]) {
		test(`${left}: a call that needs more fails as an upstream does, and none once there is room`, async (t) => {
			const { entra, env } = await during(t, startSandbox({ tls: true }));
			const handler = await during(t, startAlone({ env }));
			const token = await entra.mintUserToken();
			const kept = await wire(t, handler.port);
			assert.equal((await askOn(kept, '/hello')).status, 200);
			const giveBack = leaveOpen(handler.pid, left);
			const answer = await askOn(kept, '/me', token);
			if (left === 0)
				assertError(answer, 503, 'upstream_unavailable');
			else
				assert.ok([200, 503].includes(answer.status), answer.text);
			assert.equal((await askOn(kept, '/status?ready=1')).status, 200);
			giveBack();
			await until(async () => (await askOn(kept, '/me', token)).status === 200);
		});
	}
});
