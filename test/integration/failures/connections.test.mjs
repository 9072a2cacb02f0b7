/*
 * What the connections to Entra and Graph do on a bad day, and what of it the caller may notice.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertError, atSomeScale, during, startAlone, startSandbox, use } from '../stage/fixture.mjs';

for (const tls of [false, true]) {
	describe(tls ? 'over TLS and HTTP/2' : 'over plain HTTP', async () => {
		const sandbox = await startSandbox({ tls });
		after(() => sandbox.stop());
		const { entra, graph, env } = sandbox;
		const handler = use(() => startAlone({ env, keeps: sandbox }));
		afterEach(() => sandbox.reset());

		const me = async (given, query = '') => handler().ask(`/me${query}`,
			{ token: given ?? await entra.mintUserToken() });

		test('one 5xx of Entra is made good unseen, two are a 503', async () => {
			for (const kind of ['http_503', 'http_500_html', 'html_502', 'temporarily_unavailable',
				'close', 'reset', 'cut_body']) {
				await me(); /* a kept connection */
				sandbox.reset();
				entra.fail({ kind });
				assert.equal((await me()).status, 200, kind);
				assert.equal(graph.counts.me, 1);
			}
			for (const kind of ['http_503', 'http_500_html', 'html_502',
				'temporarily_unavailable']) {
				sandbox.reset();
				entra.fail({ kind, times: 2 });
				const answer = assertError(await me(), 503, 'upstream_unavailable');
				assert.equal(answer.json.error.upstream.service, 'entra');
				assert.equal(entra.counts.token, 2, kind);
			}
		});

		test('a 5xx of Entra that says when to come back is passed on at once', async () => {
			const date = new Date(Date.now() + 30_000).toUTCString();
			for (const [retryAfter, expected] of [[7, /^7$/], [date, /^(2[5-9]|3[01])$/]]) {
				sandbox.reset();
				entra.fail({ kind: 'temporarily_unavailable', retryAfter });
				const token = await entra.mintUserToken();
				const answer = assertError(await me(token), 503, 'upstream_unavailable');
				assert.match(answer.headers['retry-after'], expected);
				assert.equal(answer.json.error.upstream.code, 'AADSTS90033');
				assert.equal(entra.counts.token, 1);
				assertError(await me(token), 503, 'upstream_unavailable');
				assert.equal(entra.counts.token, 1, 'the same assertion is held until then');
				const other = await entra.mintUserToken();
				assert.equal((await me(other)).status, 200, 'and nobody else is held up by it');
			}
		});

		test('a 4xx of Entra is never repeated', async () => {
			for (const kind of ['invalid_client', 'consent_required', 'http_429', 'unknown_app']) {
				sandbox.reset();
				entra.fail({ kind });
				assert.ok((await me()).status >= 400);
				assert.equal(entra.counts.token, 1, kind);
			}
		});

		test('after a 503 of Graph a fresh connection is taken, after a 429 not', async () => {
			for (const query of ['', '?include=photo']) {
				for (const [kind, connections] of [['http_503', 1], ['throttle', 0]]) {
					const token = await entra.mintUserToken();
					assert.equal((await me(token, query)).status, 200);
					sandbox.reset();
					graph.fail({ kind });
					assert.equal((await me(token, query)).status, 200);
					assert.equal(graph.counts.me + graph.counts.batch, 2, kind);
					assert.equal(graph.counts.connections, connections, kind);
				}
			}
		});

		test('a Retry-After of Graph may be a date', async () => {
			const token = await entra.mintUserToken();
			await me(token);
			const date = new Date(Date.now() + 2000).toUTCString();
			graph.fail({ kind: 'throttle', retryAfter: date });
			assert.equal((await me(token)).status, 200);
			assert.ok(Date.now() >= Date.parse(date) - 50, 'it was waited for');
		});

		test('a connection that died idle costs nothing, whosever it is', async () => {
			const token = await entra.mintUserToken();
			for (const ms of [0, 20, 60]) {
				entra.fail({ kind: 'close_idle', ms });
				graph.fail({ kind: 'close_idle', ms });
				assert.equal((await me()).status, 200);
				await delay(30); /* dead, dying or about to */
				assert.equal((await me()).status, 200);
				assert.equal((await me(token, '?include=manager')).status, 200);
			}
		});

		test('a kept connection that dies under a request is replaced, once', async (t) => {
			/* one that keeps no others, dying since an earlier test */
			const fresh = await during(t, startAlone({ env, keeps: sandbox }));
			const token = await entra.mintUserToken();
			const ask = (query = '') => fresh.ask(`/me${query}`, { token });
			for (const query of ['', '?include=manager']) {
				assert.equal((await ask(query)).status, 200);
				graph.fail({ kind: 'close' });
				assert.equal((await ask(query)).status, 200, query);
			}
			graph.fail({ kind: 'close', times: Infinity });
			const answer = assertError(await ask(), 503, 'upstream_unavailable');
			assert.equal(answer.json.error.upstream.service, 'graph');
		});
	});
}

/* libcurl gives a transfer that had to wait for a connection all its time once more. */
test('a call that waited for another one\'s connection ends at its deadline', (t) => atSomeScale(async (scale) => {
	const deadlineMs = 1000 * scale;
	const sandbox = await startSandbox({ tls: true });
	t.after(() => sandbox.stop());
	const { port } = new URL(sandbox.graph.url);
	const relay = net.createServer({ pauseOnConnect: true }, async (client) => {
		const onward = net.connect(Number(port), '127.0.0.1');
		for (const socket of [client, onward]) {
			socket.on('error', () => {});
			t.after(() => socket.destroy());
		}
		await delay(0.7 * deadlineMs); /* so long the handshake takes, and who comes meanwhile waits for it */
		client.pipe(onward).pipe(client);
	}).listen(0, '127.0.0.1');
	t.after(() => relay.close());
	await once(relay, 'listening');
	const handler = await during(t, startAlone({ keeps: sandbox, env: { ...sandbox.env,
		GRAPH_DEADLINE_MS: String(deadlineMs), GRAPH_BASE_URL: sandbox.graph.url.replace(port, relay.address().port) } }));
	sandbox.graph.fail({ kind: 'stall', times: 2 });
	const token = await sandbox.entra.mintUserToken();
	const answers = await Promise.all(Array.from({ length: 5 }, async () => {
		const started = performance.now();
		const { status } = await handler.ask('/me', { token });
		return { status, took: performance.now() - started };
	}));
	assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 504, 504]);
	for (const { status, took } of answers)
		assert.ok(took < 1.5 * deadlineMs, `${status} after ${took} ms`);
}, [1, 2, 2, 2])); /* at more a silent connection is given up before */

test('a retry with little time left costs nobody else a connection', (t) => atSomeScale(async (scale) => {
	const sandbox = await startSandbox({ tls: true });
	t.after(() => sandbox.stop());
	const { entra, graph } = sandbox;
	const handler = await during(t, startAlone({ keeps: sandbox,
		env: { ...sandbox.env, GRAPH_DEADLINE_MS: String(1200 * scale) } }));
	const token = await entra.mintUserToken();
	const other = await entra.mintUserToken({ user: 'zoe' });
	for (const one of [token, other])
		assert.equal((await handler.ask('/me', { token: one })).status, 200);
	graph.fail({ kind: 'throttle', retryAfter: scale, user: 'adele' });
	graph.fail({ kind: 'stall', user: 'adele' });
	graph.fail({ kind: 'halting', ms: 800 * scale, user: 'zoe' });
	const late = handler.ask('/me', { token });
	await delay(700 * scale);
	const patient = handler.ask('/me', { token: other });
	assertError(await late, 504, 'upstream_timeout');
	assert.equal((await patient).status, 200);
}, [1, 2, 2, 2]));
