/*
 * Upstreams at their worst and the end of the process: connections that died unnoticed, keys that
 * cannot be had, users that are throttled, and what becomes of the calls under way.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { answersAt, assertError, assertHealthy, during, repo, send, startAlone, startSandbox, until }
	from '../stage/fixture.mjs';

/* A sandbox of the test's own and a handler before it. */
async function pair(t, more = {}) {
	const sandbox = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...sandbox.env, ...more } }));
	const me = (token) => handler.ask('/me', { token });
	return { ...sandbox, handler, me, mint: (options) => sandbox.entra.mintUserToken(options) };
}

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

describe('a call under way when SIGTERM comes', { concurrency: 2 }, () => {
	/* Ends the handler while Graph takes its time: the call's answer, and how long both took. */
	async function endDuringCall(t, latencyMs, meanwhile = () => {}) {
		const { entra, graph, env, stop } = await startSandbox();
		t.after(stop);
		const handler = await startAlone({ env });
		const token = await entra.mintUserToken();
		assert.equal((await handler.ask('/me', { token })).status, 200);
		graph.resetCounts();
		graph.latencyMs = latencyMs;
		const call = handler.ask('/me', { token });
		await until(() => graph.counts.me === 1);
		const begun = performance.now();
		handler.child.kill('SIGTERM');
		await meanwhile(handler, call);
		const answer = await call;
		const answeredMs = performance.now() - begun;
		const end = await handler.ending();
		assert.deepEqual(end, { code: 143, signal: null });
		assert.ok(performance.now() - begun < 5000, 'the process was gone in time');
		assertHealthy(handler.lines);
		return { answer, answeredMs };
	}

	test('is the last: no connection is taken any more, and its own is closed behind it', async (t) => {
		let answered = false;
		const { answer } = await endDuringCall(t, 20_000, async ({ port }, call) => {
			call.then(() => { answered = true; });
			await until(async () => !await answersAt(port));
			assert.equal(answered, false, 'connections were taken while it waited');
		});
		assert.equal(answer.headers.connection, 'close');
	});

	test('is finished when that takes a moment', async (t) => {
		const { answer } = await endDuringCall(t, 300);
		assert.equal(answer.status, 200);
		assert.equal(answer.json.givenName, 'Adele');
	});

	test('is cut short with a 503 in JSON when it would take long', async (t) => {
		const { answer, answeredMs } = await endDuringCall(t, 20_000);
		assertError(answer, 503, 'upstream_unavailable');
		assert.ok(answeredMs < 5000, `${answeredMs} ms`);
	});
});

test('throttled calls that wait leave threads to the others, and most do not wait', async (t) => {
	const THREADS = 64;
	const CALLS = 60;
	const { graph, handler, me, mint } = await pair(t, { SERVER_THREADS: String(THREADS),
		GRAPH_DEADLINE_MS: '8000' }); /* room for one wait of 5 s, not for two */
	const token = await mint();
	const other = await mint({ user: 'zoe' });
	for (const one of [token, other])
		assert.equal((await me(one)).status, 200);
	graph.resetCounts();
	graph.fail({ kind: 'throttle', retryAfter: 5, user: 'adele', times: Infinity });
	let answered = 0;
	const calls = Array.from({ length: CALLS }, async () => {
		const answer = await me(token);
		answered++;
		return answer;
	});
	await until(() => answered >= CALLS - THREADS / 8, { limitMs: 4500 }); /* before the 5 s */
	const begun = performance.now();
	for (const path of ['/', '/hello', '/']) {
		assert.equal((await handler.ask(path)).status, 200);
	}
	assert.equal((await me(other)).status, 200);
	assert.ok(performance.now() - begun < 2000, 'others are answered promptly');
	const waiting = CALLS - answered;
	assert.ok(waiting > 0, 'some did wait meanwhile');
	assert.equal(graph.counts.me, CALLS + 1, 'nobody was tried again yet');
	for (const answer of await Promise.all(calls)) {
		assertError(answer, 429, 'throttled');
		assert.equal(answer.headers['retry-after'], '5');
	}
	assert.equal(graph.counts.me, CALLS + 1 + waiting, 'who waited was tried again');
});

describe('beside each other', { concurrency: 4 }, () => {
	test('a key that could not be fetched after a rotation is a 503, not the caller\'s fault',
		async (t) => {
			const { entra, me, mint } = await pair(t);
			assert.equal((await me(await mint())).status, 200);
			await entra.rotateKeys();
			const fresh = await mint();
			entra.fail({ on: 'keys', kind: 'http_503' });
			assertError(await me(fresh), 503, 'upstream_unavailable');
			const failed = performance.now();
			assertError(await me(fresh), 503, 'upstream_unavailable');
			if (performance.now() - failed < 900) /* the pause is 2 s, counted in whole ones */
				assert.equal(entra.counts.keys, 2, 'asked again before the pause was over');
			await until(async () => {
				const answer = await me(fresh);
				return answer.status === 200
					|| !assertError(answer, 503, 'upstream_unavailable');
			}, { limitMs: 20_000, pauseMs: 50 });
			assert.equal(entra.counts.keys, 3);
		});

	test('a CA_BUNDLE_FILE that is no PEM is named and closes what is protected', async (t) => {
		const { entra, env, stop } = await startSandbox();
		t.after(stop);
		const dir = mkdtempSync(join(tmpdir(), 'no-pem-'));
		t.after(() => rmSync(dir, { recursive: true }));
		const token = await entra.mintUserToken();
		for (const text of ['', 'no certificate\n', '-----BEGIN PRIVATE KEY-----\nAAAA\n']) {
			const file = join(dir, 'ca.pem');
			writeFileSync(file, text);
			const handler = await during(t, startAlone({ env: { ...env, CA_BUNDLE_FILE: file } }));
			const warned = handler.lines.filter((line) => line.text.includes('event=setting '));
			assert.equal(warned.length, 1);
			assert.equal(warned[0].stream, 'stderr');
			assert.match(warned[0].text, / name=CA_BUNDLE_FILE detail=".*PEM/);
			const { configuration } = (await handler.ask('/status')).json;
			assert.equal(configuration.complete, false);
			assert.deepEqual(configuration.problems.map(({ setting }) => setting),
				['CA_BUNDLE_FILE']);
			assert.match(configuration.problems[0].problem, /PEM/);
			assert.equal((await handler.ask('/status?ready=1')).status, 503);
			for (const path of ['/', '/hello', '/echo', '/tools'])
				assert.equal((await handler.ask(path)).status, 200, path);
			assertError(await handler.ask('/me', { token }), 503, 'not_configured');
		}
	});

	test('an upstream that refuses a caller is not failing', async (t) => {
		const { entra, graph, handler, me, mint } = await pair(t);
		async function upstreams() {
			const status = await handler.ask('/status');
			return Object.fromEntries(Object.entries(status.json.upstreams)
				.map(([name, { state, failures }]) => [name, `${state} ${failures}`]));
		}
		assertError(await me(await entra.mintHostile('bad-signature')), 401, 'invalid_token');
		const foreign = await mint({ key: 'unpublished' });
		assertError(await me(foreign), 401, 'invalid_token');
		assert.deepEqual(await upstreams(), { entraKeys: 'ok 0', entraExchange: 'unused 0',
			graph: 'unused 0' });
		entra.fail({ kind: 'mfa_no_claims' });
		assertError(await me(await mint()), 401, 'interaction_required');
		assert.equal((await upstreams()).entraExchange, 'ok 0');
		for (const [kind, status] of [['forbidden', 403], ['not_found', 404],
			['invalid_token', 401]]) {
			graph.fail({ kind, times: 2 });
			assert.equal((await me(await mint())).status, status);
			graph.clearFailures();
			assert.equal((await upstreams()).graph, 'ok 0', kind);
		}
		assert.deepEqual(await upstreams(), { entraKeys: 'ok 0', entraExchange: 'ok 0',
			graph: 'ok 0' });
	});

	test('the name of a guest with a version 1.0 token is its unique_name', async (t) => {
		const { entra, handler, mint } = await pair(t);
		const token = await mint({ user: 'guest', version: 1 });
		const { user } = (await handler.ask('/status', { token })).json.authentication;
		assert.equal(user.username, entra.users.guest.mail);
	});

	test('what Entra sends instead of JSON is told as its being unavailable, not as JSON\'s fault',
		async (t) => {
			const table = readFileSync(join(repo, 'docs/errors.md'), 'utf8');
			const [, said] = /^\| `upstream_unavailable` \| 503 \| (.*) \|$/m.exec(table);
			const { entra, env, stop } = await startSandbox();
			t.after(stop);
			for (const on of ['metadata', 'keys', 'token']) {
				for (const kind of ['not_json', 'truncated_json', 'empty_body']) {
					const handler = await during(t, startAlone({ env }));
					entra.fail({ on, kind });
					const token = await entra.mintUserToken();
					const { status, json } = await send(`${handler.url}/me`, { headers: {
						authorization: `Bearer ${token}` } });
					assert.deepEqual([status, json.error.code, json.error.message],
						[503, 'upstream_unavailable', said], `${on} ${kind}`);
				}
			}
		});
});
