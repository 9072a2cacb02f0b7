/*
 * What Graph and Entra do to one user's call, and what another user's, on the same connection, sees of
 * it: nothing.
 */
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { readdirSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertError, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';

const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;
const LIMIT_MS = 1000;
const CALLS = 20;
const sandbox = await startSandbox({ tls: true });
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '60000', ENTRA_TIMEOUT_MS: '60000' }, keeps: sandbox }));
const hasty = use(() => startAlone({ env: { ...env, GRAPH_DEADLINE_MS: String(2 * LIMIT_MS), ENTRA_TIMEOUT_MS: String(LIMIT_MS) },
	keeps: sandbox }));
afterEach(() => sandbox.reset());

const tokens = Object.fromEntries(await Promise.all(['adele', 'zoe'].map(async (user) => [user, await entra.mintUserToken({ user })])));

/* A call of a user's that asks the service. */
const SERVICES = {
	'Graph': { service: graph, asked: () => graph.counts.me, connections: () => graph.counts.connections,
		me: (at, user) => at.ask('/me', { token: tokens[user] }) },
	'Graph, in a batch': { service: graph, asked: () => graph.counts.batch, connections: () => graph.counts.connections,
		me: (at, user) => at.ask('/me?include=manager', { token: tokens[user] }) },
	'Entra': { service: entra, asked: () => entra.counts.token, connections: () => entra.connections,
		me: async (at, user) => at.ask('/me', { token: await entra.mintUserToken({ user }) }) },
};

const FAILED = [503, 'upstream_unavailable'];
/* What of Graph's is no answer that can be used is its error; of Entra's, its being unavailable. */
const UNUSABLE = [502, 'graph_error'];
/* [what, the fault, what Graph's becomes] */
const STREAM_FAULTS = [
	['resets the stream', { kind: 'rst', code: NGHTTP2_INTERNAL_ERROR }, FAILED],
	['cancels the stream', { kind: 'rst', code: NGHTTP2_CANCEL }, FAILED],
	['calls for calm', { kind: 'rst', code: NGHTTP2_ENHANCE_YOUR_CALM }, FAILED],
	['finds the stream against the protocol', { kind: 'rst', code: NGHTTP2_PROTOCOL_ERROR }, FAILED],
	['resets the stream within the answer', { kind: 'rst_midway', code: NGHTTP2_INTERNAL_ERROR }, FAILED],
	['cuts the answer short', { kind: 'truncated_json' }, UNUSABLE],
	['answers without end', { kind: 'endless' }, UNUSABLE],
	['sends a head beyond all measure', { kind: 'raw', status: 200, headers: { 'x-long': 'a'.repeat(70_000) }, body: '{}' }, FAILED],
];
const CONNECTION_FAULTS = [
	['closes the connection', { kind: 'close' }],
	['closes the connection within the answer', { kind: 'cut_body' }],
	['says goodbye within the answer and closes', { kind: 'goaway_midway', code: 0 }],
	['says goodbye for a storm and closes', { kind: 'goaway_midway', code: NGHTTP2_ENHANCE_YOUR_CALM }],
	['says goodbye', { kind: 'goaway' }],
	['refuses the stream', { kind: 'rst', code: NGHTTP2_REFUSED_STREAM }],
];

const descriptors = () => readdirSync(`/proc/${handler().pid}/fd`).length;

for (const [name, { service, asked, connections, me }] of Object.entries(SERVICES)) {
	describe(name, () => {
		let open;
		before(async () => {
			for (const at of [handler(), hasty()])
				await until(async () => (await me(at, 'zoe')).status === 200 && (await me(at, 'adele')).status === 200);
			sandbox.reset();
			open = descriptors();
		});

		/* A call of zoe's waits for its answer while the rule about adele's is tried. */
		async function besideZoe(rule) {
			const held = Promise.withResolvers();
			service.fail({ kind: 'held', until: held.promise, user: 'zoe' });
			const waiting = me(handler(), 'zoe');
			await until(() => asked() === 1);
			await rule().finally(held.resolve);
			assert.equal((await waiting).status, 200, 'who waited has been answered');
		}

		async function recovered() {
			for (const user of ['adele', 'zoe'])
				assert.equal((await me(handler(), user)).status, 200);
		}

		for (const [what, fault, becomes] of STREAM_FAULTS) {
			test(`${what}: only the call itself fails, and the connection stays`, async () => {
				await besideZoe(async () => {
					service.fail({ ...fault, user: 'adele', times: Infinity });
					assertError(await me(handler(), 'adele'), ...service === entra ? FAILED : becomes);
					assert.equal((await me(handler(), 'zoe')).status, 200);
					service.clearFailures();
				});
				await recovered();
				assert.equal(connections(), service === entra && fault.kind.startsWith('r') ? 1 : 0, 'Entra is asked again on a new one');
			});
		}

		for (const [what, fault] of CONNECTION_FAULTS) {
			test(`${what}: who shared the connection is answered on another`, async () => {
				await besideZoe(async () => {
					service.fail({ ...fault, user: 'adele' });
					await me(handler(), 'adele');
					assert.equal((await me(handler(), 'zoe')).status, 200);
				});
				await recovered();
				assert.ok(connections() <= 3, `${connections()} connections`);
			});
		}

		test('floods the connection with pings: both are answered, and the connection stays', async () => {
			await besideZoe(async () => {
				service.fail({ kind: 'pings', pings: 1000, user: 'adele' });
				assert.equal((await me(handler(), 'adele')).status, 200);
			});
			assert.equal(connections(), 0);
		});

		test('refuses every stream: a call is sent three times, no more, and then it is over', async () => {
			await besideZoe(async () => {
				service.fail({ kind: 'rst', code: NGHTTP2_REFUSED_STREAM, user: 'adele', times: Infinity });
				const before = asked();
				assertError(await me(handler(), 'adele'), ...FAILED);
				assert.equal(asked() - before, service === entra ? 6 : 3, 'an exchange is tried twice');
				assert.equal((await me(handler(), 'zoe')).status, 200);
				service.clearFailures();
			});
			await recovered();
		});

		for (const [what, fault] of [['stops within the answer', { kind: 'stall' }], ['gives a byte at a time', { kind: 'drip', ms: 100 }],
			['says nothing', { kind: 'slow', ms: 600_000 }]]) {
			test(`${what}: the calls end at their deadline, and others are served meanwhile`, async () => {
				service.fail({ ...fault, user: 'adele', times: Infinity });
				const slow = Promise.all(Array.from({ length: CALLS }, () => me(hasty(), 'adele')));
				for (let i = 0; i < CALLS; i++)
					assert.equal((await me(hasty(), 'zoe')).status, 200);
				for (const answer of await slow)
					assertError(answer, 504, 'upstream_timeout');
				service.clearFailures();
				for (const user of ['adele', 'zoe'])
					assert.equal((await me(hasty(), user)).status, 200);
			});
		}

		test('and after all this no connection is left over', async () => {
			await until(() => descriptors() <= open + 1);
		});
	});
}
