/*
 * An answer belongs to its request, and what is said of a user is about this user: whatever an
 * upstream says beside what it was asked.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../sandbox/host/client.mjs';
import { assertError, during, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { startRelay } from '../stage/network/relay.mjs';

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

const DATA = 0, HEADERS = 1, PUSH_PROMISE = 5; /* RFC 9113 §6 */
const END_STREAM = 1, END_HEADERS = 4;
const STATUS_200 = Buffer.from([0x88]); /* RFC 7541, appendix A: index 8 */
/* :method GET, :scheme https, :path /, and a literal :authority */
const REQUEST = Buffer.from([0x82, 0x87, 0x84, 0x01, 0x01, 0x78]);

function frame(type, flags, stream, payload) {
	const head = Buffer.alloc(9);
	head.writeUIntBE(payload.length, 0, 3);
	head.set([type, flags], 3);
	head.writeUInt32BE(stream, 5);
	return Buffer.concat([head, payload]);
}

const secondAnswer = (stream, body) => Buffer.concat([
	frame(HEADERS, END_HEADERS, stream, STATUS_200), frame(DATA, END_STREAM, stream, body)]);

/* What may follow the answer on a stream, by its number and body. */
const FRAMES = {
	'a second body': (stream, body) => frame(DATA, END_STREAM, stream, body),
	'a second answer': secondAnswer,
	'the answer of the next stream': (stream, body) => secondAnswer(stream + 2, body),
	'a push': (stream, body) => Buffer.concat([frame(PUSH_PROMISE, END_HEADERS, stream,
		Buffer.concat([Buffer.from([0, 0, 0, 2]), REQUEST])), secondAnswer(2, body)]),
};

describe('over HTTP/2 an answer is its stream\'s', async () => {
	const sandbox = await startSandbox({ tls: true });
	after(() => sandbox.stop());
	const { entra, graph } = sandbox;
	const relay = await startRelay({ tls: true, h2: true, port: Number(new URL(graph.url).port) });
	after(() => relay.stop());
	const faithful = relay.mangle;

	for (const [what, more] of Object.entries(FRAMES)) {
		test(`where Graph adds ${what}`, async (t) => {
			const handler = await during(t, startAlone({ keeps: sandbox,
				env: { ...sandbox.env, GRAPH_BASE_URL: relay.url } }));
			const ask = async (user) => handler.ask('/me',
				{ token: await entra.mintUserToken({ user }) });
			const bodies = [];
			assert.equal((await ask('bare')).status, 200);
			relay.mangle = async (client, { type, flags, stream, payload, bytes }) => {
				client.write(bytes);
				if (type !== DATA)
					return;
				bodies.push(payload);
				if (flags & END_STREAM) {
					await delay(LATER_MS);
					client.write(more(stream, Buffer.concat(bodies)));
				}
			};
			await ask('adele');
			await relay.silence();
			relay.mangle = faithful;
			assert.ok(bodies.length > 0);
			for (const user of ['zoe', 'guest', 'adele', 'zoe']) {
				const answer = await ask(user);
				assert.equal(answer.status, 200, `${user}: ${answer.text}`);
				assert.equal(answer.json.id, entra.users[user].oid, user);
			}
		});
	}
});

describe('what is said of a user is about this user', async () => {
	const sandbox = await startSandbox({ tls: true });
	after(() => sandbox.stop());
	const { entra, graph } = sandbox;
	afterEach(() => sandbox.reset());
	const handler = use(() => startAlone({ env: sandbox.env, keeps: sandbox }));
	const jsonType = { 'content-type': 'application/json' };
	const zoe = entra.users.zoe;
	const zoes = { '': { id: zoe.oid, displayName: zoe.name },
		'?$select=displayName': { id: zoe.oid, displayName: zoe.name },
		'?include=photo': { responses: [{ id: 'me', status: 200,
			body: { id: zoe.oid, displayName: zoe.name } }] } };
	const told = () => handler().lines.filter(({ text }) => / event=anothers_answer /.test(text)).length;

	for (const [query, body] of Object.entries(zoes)) {
		test(`another's profile is never shown (/me${query})`, async () => {
			const token = await entra.mintUserToken({ user: 'adele' });
			const before = told();
			graph.fail({ kind: 'raw', status: 200, headers: jsonType, body });
			const healed = await handler().ask(`/me${query}`, { token });
			assert.equal(healed.status, 200, healed.text);
			assert.equal(healed.json.displayName, 'Adele Vance');
			assert.equal('id' in healed.json, !query.includes('$select'));
			assert.equal(entra.counts.exchanges, 2, 'the token may be another\'s too');
			graph.fail({ kind: 'raw', status: 200, headers: jsonType, body, times: 2 });
			assertError(await handler().ask(`/me${query}`, { token }), 502, 'graph_error');
			await until(() => told() === before + 3);
			graph.resetCounts();
			assert.equal((await handler().ask(`/me${query}`, { token })).status, 200);
			assert.equal(graph.counts.connections, 1, 'on a connection of its own');
		});
	}

	test('a Graph token of another user or tenant is neither used nor kept', async () => {
		for (const user of ['zoe', 'fabrikam']) {
			const token = await entra.mintUserToken({ user: 'adele' });
			const wrong = { access_token: await entra.mintGraphToken({ user }), expires_in: 3599 };
			entra.fail({ kind: 'raw', status: 200, headers: jsonType, body: wrong });
			const answer = await handler().ask('/me', { token });
			assert.equal(answer.json.displayName, 'Adele Vance', answer.text);
			const other = await entra.mintUserToken({ user: 'adele' });
			entra.fail({ kind: 'raw', status: 200, headers: jsonType, body: wrong, times: 2 });
			assertError(await handler().ask('/me', { token: other }), 503, 'upstream_unavailable');
			assert.equal((await handler().ask('/me', { token: other })).json.displayName,
				'Adele Vance');
		}
	});

	test('a Graph token that is passed on shows nobody else either', async () => {
		const token = await entra.mintGraphToken({ user: 'adele' });
		graph.fail({ kind: 'raw', status: 200, headers: jsonType, body: zoes[''] });
		assertError(await handler().ask('/me', { token }), 502, 'graph_error');
		assert.equal((await handler().ask('/me', { token })).json.displayName, 'Adele Vance');
	});
});
