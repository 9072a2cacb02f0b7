/*
 * Through a proxy that the environment names an answer is its request's just the same.  A proxy over
 * TLS is trusted by the same file as everybody else; what waits behind its TLS cannot be seen, so
 * that no connection of HTTP/1.1 through it is used twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { during, startAlone, startSandbox } from '../stage/fixture.mjs';
import { startProxy } from '../stage/network/proxy.mjs';
import { startRelay } from '../stage/network/relay.mjs';

const LATER_MS = 20;
const USERS = ['adele', 'zoe', 'guest'];

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
