/*
 * Through a proxy that the environment names an answer is its request's just the same.  A proxy over
 * TLS is trusted by the same file as everybody else; what waits behind its TLS cannot be seen, so
 * that no connection of HTTP/1.1 through it is used twice.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sandboxCertificate } from '../../sandbox/common/tls.mjs';
import { during, startAlone, startSandbox } from '../stage/fixture.mjs';
import { startRelay } from '../stage/relay.mjs';

const LATER_MS = 20;
const USERS = ['adele', 'zoe', 'guest'];

/* It joins whom it is asked to join (RFC 9110 §9.3.6). */
async function startProxy(scheme) {
	const server = scheme === 'https' ? https.createServer(await sandboxCertificate()) : http.createServer();
	server.on('connect', ({ url }, client) => {
		const [host, port] = url.split(':');
		const upstream = net.connect(port, host, () => {
			client.write('HTTP/1.1 200 OK\r\n\r\n');
			client.pipe(upstream).pipe(client);
		});
		for (const [one, other] of [[client, upstream], [upstream, client]]) {
			one.on('error', () => {});
			one.on('close', () => other.destroy());
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { url: `${scheme}://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

for (const [scheme, kept] of [['http', true], ['https', false]]) {
	test(`by ${scheme} nobody gets another's answer, and a tunnel ${kept ? 'is' : 'is not'} kept`, async (t) => {
		const proxy = await during(t, startProxy(scheme));
		const sandbox = await during(t, startSandbox({ tls: true }));
		const { entra, graph } = sandbox;
		const relay = await during(t, startRelay({ tls: true, port: Number(new URL(graph.url).port) }));
		const handler = await during(t, startAlone({ keeps: sandbox, env: { ...sandbox.env,
			GRAPH_BASE_URL: relay.url, https_proxy: proxy.url, no_proxy: '' } }));
		const ask = async (user) => {
			const answer = await handler.ask('/me', { token: await entra.mintUserToken({ user }) });
			assert.equal(answer.status, 200, answer.text);
			assert.equal(answer.json.id, entra.users[user].oid);
		};
		for (const user of USERS)
			await ask(user);
		assert.equal(relay.connections, kept ? 1 : USERS.length);
		relay.connections = 0;
		relay.mangle = async (client, { head, body }) => {
			for (let i = 0; i < 2; i++, await delay(LATER_MS))
				client.write(Buffer.concat([Buffer.from(head), body]));
		};
		for (const user of USERS) {
			await ask(user);
			await relay.silence();
		}
		assert.equal(relay.connections, kept ? USERS.length - 1 : USERS.length);
	});
}
