/*
 * A connection to an upstream that died without a word: its callers share it, and none hears that it
 * is gone.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { assertError, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

/* Relays TCP connections to a port.  mute(): those there are now stay open and carry nothing any
 * more, as behind a gateway that forgot them; later ones are relayed. */
async function startRelay(port) {
	const sockets = new Set();
	const keep = (socket) => {
		sockets.add(socket);
		socket.on('error', () => {}).on('close', () => sockets.delete(socket));
		return socket;
	};
	let connections = 0;
	const server = net.createServer((socket) => {
		const near = keep(socket);
		const far = keep(net.connect(port, '127.0.0.1'));
		connections++;
		near.pipe(far).pipe(near);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { port: server.address().port, get connections() { return connections; },
		mute() {
			for (const socket of sockets) {
				socket.unpipe();
				socket.pause();
			}
		},
		stop() {
			server.close();
			sockets.forEach((socket) => socket.destroy());
		} };
}

test('a shared connection that was silent for some seconds is given up, and a new one is made',
	async (t) => {
		const { entra, graph, env, stop } = await startSandbox({ tls: true });
		t.after(stop);
		const relay = await during(t, startRelay(new URL(graph.url).port));
		const handler = await during(t, startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '3200',
			GRAPH_BASE_URL: `https://127.0.0.1:${relay.port}` } }));
		const token = await entra.mintUserToken();
		const me = () => handler.ask('/me', { token });
		await until(async () => (await me()).status === 200); /* the exchange may be slow */
		assert.equal((await me()).status, 200);
		const { connections } = relay;
		relay.mute();
		assertError(await me(), 504, 'upstream_timeout');
		assert.deepEqual([(await me()).status, (await me()).status], [200, 200]);
		assert.equal(relay.connections, connections + 1);
		assert.equal(graph.counts.http1, 0);
	});

test('and under load: calls that keep coming do not keep a dead connection alive', async (t) => {
	const { entra, graph, env, stop } = await startSandbox({ tls: true });
	t.after(stop);
	const relay = await during(t, startRelay(new URL(graph.url).port));
	const handler = await during(t, startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '1000',
		GRAPH_BASE_URL: `https://127.0.0.1:${relay.port}` } }));
	const token = await entra.mintUserToken();
	const me = () => handler.ask('/me', { token });
	await until(async () => (await me()).status === 200);
	relay.mute();
	const calls = [];
	await until(() => {
		calls.push(me().then((answer) => { me.last = answer.status; }));
		return me.last === 200;
	});
	await Promise.all(calls);
	assert.equal((await me()).status, 200);
});
