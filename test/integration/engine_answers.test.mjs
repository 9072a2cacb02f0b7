/*
 * An answer belongs to its request, and what is said of a user is about this user: whatever an
 * upstream says beside what it was asked.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../sandbox/host_client.mjs';
import { during, startAlone, startSandbox } from './fixture.mjs';
import { startRelay } from './relay.mjs';

const LATER_MS = 20;
const whole = ({ head, body }) => Buffer.concat([Buffer.from(head, 'latin1'), body]);
const chunked = ({ head, body }) => Buffer.concat([
	Buffer.from(head.replace(/^content-length: \d+\r$/im, 'transfer-encoding: chunked\r'), 'latin1'),
	Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
const PADDING = Buffer.alloc(10_000, ' ');
const TIMEOUT = Buffer.from('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
const EMPTY = Buffer.from('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n');
const NO_CONTENT = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');

/* What an upstream may do to an answer; the first caller's own may suffer, nobody else's. */
const SAYS_MORE = {
	'twice at once': (client, answer) => client.write(Buffer.concat([whole(answer), whole(answer)])),
	'twice, in chunks': (client, answer) =>
		client.write(Buffer.concat([chunked(answer), chunked(answer)])),
	'twice, in chunks, more than is read at once': (client, answer) => {
		const large = chunked({ ...answer, body: Buffer.concat([answer.body, PADDING]) });
		return client.write(Buffer.concat([large, large]));
	},
	'in chunks, then once more with a length': (client, answer) =>
		client.write(Buffer.concat([chunked(answer), whole(answer)])),
	'behind an answer without a body': (client, answer) =>
		client.write(Buffer.concat([EMPTY, whole(answer)])),
	'behind one that cannot have a body': (client, answer) =>
		client.write(Buffer.concat([NO_CONTENT, whole(answer)])),
	'twice, the second a moment later': async (client, answer) => {
		client.write(whole(answer));
		await delay(LATER_MS);
		client.write(whole(answer));
	},
	'in chunks, the second a moment later': async (client, answer) => {
		client.write(chunked(answer));
		await delay(LATER_MS);
		client.write(chunked(answer));
	},
	'and then that the connection was idle too long': async (client, answer) => {
		client.write(whole(answer));
		await delay(LATER_MS);
		client.write(TIMEOUT);
	},
};

for (const tls of [false, true]) {
	describe(`an answer is its request's, over ${tls ? 'TLS' : 'plain TCP'}`, async () => {
		const port = await freePort();
		const before = await startRelay({ tls, port });
		const sandbox = await startSandbox({ tls, port, url: before.url });
		after(() => sandbox.stop());
		const { entra, graph } = sandbox;
		const relays = { entra: before,
			graph: await startRelay({ tls, port: Number(new URL(graph.url).port) }) };
		after(() => Promise.all(Object.values(relays).map((relay) => relay.stop())));
		const env = { ...sandbox.env, GRAPH_BASE_URL: relays.graph.url };
		const faithful = relays.graph.mangle;
		afterEach(() => Object.values(relays).forEach((relay) => { relay.mangle = faithful; }));

		for (const service of ['entra', 'graph']) {
			for (const [how, mangle] of Object.entries(SAYS_MORE)) {
				test(`where ${service} gives it ${how}`, async (t) => {
					const handler = await during(t, startAlone({ env, keeps: sandbox }));
					const ask = async (user) => handler.ask('/me',
						{ token: await entra.mintUserToken({ user }) });
					assert.equal((await ask('bare')).status, 200); /* the keys are there */
					relays[service].mangle = mangle;
					await ask('adele');
					await relays[service].silence();
					relays[service].mangle = faithful;
					for (const user of ['zoe', 'guest', 'adele', 'zoe']) {
						const answer = await ask(user);
						assert.equal(answer.status, 200, `${user}: ${answer.text}`);
						assert.equal(answer.json.id, entra.users[user].oid, user);
					}
				});
			}
		}

		test('a kept connection that says nothing more is used again', async (t) => {
			const handler = await during(t, startAlone({ env, keeps: sandbox }));
			const token = await entra.mintUserToken();
			for (const how of [faithful, (client, answer) => client.write(chunked(answer))]) {
				relays.graph.mangle = how;
				relays.graph.connections = 0;
				for (let i = 0; i < 5; i++)
					assert.equal((await handler.ask('/me', { token })).status, 200);
				assert.equal(relays.graph.connections, how === faithful ? 1 : 0);
			}
		});
	});
}
