/*
 * GET /me the whole way: client, gateway with the rendered policies, Functions host that insists on
 * its key, the real handler, Graph.  What the gateway refuses by itself, token by token and answer by
 * answer of Entra, is in policies_*.test.mjs; here is what needs the handler, and what clients see.
 */
import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { until, use } from '../stage/fixture.mjs';
import { METADATA, ORIGIN, SCOPE, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const proxied = use(() => startPolicies({ real: 'proxying' }));
const forwarded = use(() => startPolicies({ real: 'forwarding' }));
beforeEach(() => Promise.all([proxied().fresh(), forwarded().fresh()]));

for (const [mode, path] of [['proxying', proxied], ['forwarding', forwarded]]) {
	suite(`/me under a host that is ${mode}`, () => {
		test("answers each user with that user's profile, by a Graph token that only handler and Graph see", async () => {
			const { ask, entra, graph, backend } = path();
			for (const [name, { oid }] of ['adele', 'zoe'].map((user) => [user, entra.users[user]])) {
				const token = await entra.mintUserToken({ user: name });
				const answer = await ask('/me?$select=id,displayName', { token });
				assert.equal(answer.status, 200, answer.text);
				assertGuarded(answer);
				assert.deepEqual([answer.json.id, answer.json.displayName], [oid, entra.users[name].name]);
				const { headers } = graph.requests.at(-1);
				const graphToken = headers.authorization.replace(/^Bearer /, '');
				assert.notEqual(graphToken, token);
				assert.equal(headers['client-request-id'], answer.headers['x-request-id']);
				const shown = JSON.stringify([answer.headers, answer.text, backend.lines, path().lines]);
				for (const secret of [graphToken, token]) assert.ok(!shown.includes(secret.slice(-20)));
			}
			assert.equal(entra.counts.token, 2);
		});

		test('takes a scope among others, and a photo and manager besides', async () => {
			const { ask, entra } = path();
			entra.consentGraph(['User.Read.All']); /* the manager's */
			const answer = await ask('/me?include=photo,manager', { token: await entra.mintUserToken({ scp: 'other access_as_user' }) });
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual([answer.json.photo.data, answer.json.manager.id], [entra.users.adele.photo, entra.users.zoe.oid]);
		});

		/* [what Graph answers, status, code, Retry-After] */
		const GRAPH = [
			[{ kind: 'invalid_token' }, 401, 'invalid_token'],
			[{ kind: 'cae' }, 401, 'insufficient_claims'],
			[{ kind: 'forbidden' }, 403, 'graph_forbidden'],
			[{ kind: 'throttle', retryAfter: 40 }, 429, 'throttled', '40'],
			[{ kind: 'http_503', retryAfter: 50 }, 503, 'upstream_unavailable', '50'],
			[{ kind: 'http_500' }, 502, 'graph_error'],
			[{ kind: 'not_json' }, 502, 'graph_error'],
		];
		for (const [fault, status, code, wait] of GRAPH) {
			test(`"${fault.kind}" of Graph is ${status} ${code}, in the handler's words`, async () => {
				const { ask, entra, graph } = path();
				graph.fail({ times: Infinity, ...fault });
				const answer = await ask('/me', { token: await entra.mintUserToken() });
				const { upstream } = assertRefused(answer, status, code);
				assert.equal(upstream?.service, 'graph', answer.text);
				assert.equal(answer.headers['retry-after'], wait);
				assert.equal(answer.headers['www-authenticate'] === undefined, status !== 401);
			});
		}
	});
}

suite('/me', () => {
	const path = proxied;
	const calls = () => path().backend.host.invocations.length;

	test('one exchange serves fifty calls', async () => {
		const { ask, entra, graph } = path();
		const token = await entra.mintUserToken();
		for (let i = 0; i < 50; i++) {
			const answer = await ask('/me', { token });
			assert.equal(answer.status, 200, answer.text);
			assertGuarded(answer);
		}
		assert.equal(entra.counts.token, 1);
		assert.equal(new Set(graph.requests.map(({ headers }) => headers.authorization)).size, 1);
	});

	test('never mixes two users who call at once', async () => {
		const { ask, entra } = path();
		const users = ['adele', 'zoe'];
		const tokens = await Promise.all(users.map((user) => entra.mintUserToken({ user })));
		const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => ask('/me', { token: tokens[i % 2] })));
		answers.forEach((answer, i) => {
			assert.equal(answer.status, 200, answer.text);
			assert.equal(answer.json.id, entra.users[users[i % 2]].oid);
		});
	});

	test('a token that Graph no longer takes is exchanged anew by the call after the one that was told', async () => {
		const { ask, entra, graph } = path();
		const token = await entra.mintUserToken();
		const [other, otherToken] = ['zoe', await entra.mintUserToken({ user: 'zoe' })];
		await ask('/me', { token });
		entra.revokeGraphToken(graph.requests.at(-1).headers.authorization.replace(/^Bearer /, ''));
		await ask('/me', { token: otherToken });
		assertRefused(await ask('/me', { token }), 401, 'invalid_token');
		assert.equal((await ask('/me', { token })).status, 200);
		assert.equal((await ask('/me', { token: otherToken })).json.id, entra.users[other].oid);
		assert.equal(entra.counts.token, 3);
	});

	test('what the handler refuses for another reason costs no cached token', async () => {
		const { ask, entra, graph } = path();
		const token = await entra.mintUserToken();
		graph.fail({ kind: 'forbidden' });
		assertRefused(await ask('/me', { token }), 403, 'graph_forbidden');
		assert.equal((await ask('/me', { token })).status, 200);
		assert.equal(entra.counts.token, 1);
	});

	test('a bad token gets no further than the gateway', async () => {
		const { ask, entra, graph } = path();
		const before = calls();
		const tokens = [[undefined, 401, 'missing_token'], [await entra.mintHostile('bad-signature'), 401, 'invalid_token'],
			[await entra.mintHostile('expired'), 401, 'invalid_token'], [await entra.mintHostile('foreign-audience'), 401, 'invalid_token'],
			[await entra.mintHostile('wrong-tenant'), 401, 'invalid_token'],
			[await entra.mintUserToken({ claims: { azp: entra.clientId } }), 403, 'client_not_allowed'],
			[await entra.mintUserToken({ scp: 'access_as_user2 other' }), 403, 'insufficient_scope']];
		for (const [token, status, code] of tokens) assertRefused(await ask('/me', { token }), status, code);
		assert.deepEqual([calls() - before, entra.counts.token, graph.requests.length], [0, 0, 0]);
	});

	/* [what Entra answers, status, code, Retry-After]: as the sandbox words it, after the real one. */
	const ENTRA = [
		[{ kind: 'consent_required' }, 403, 'consent_required'],
		[{ kind: 'interaction_required' }, 401, 'insufficient_claims'],
		[{ kind: 'mfa_no_claims' }, 401, 'interaction_required'],
		[{ kind: 'access_blocked' }, 403, 'access_blocked'],
		[{ kind: 'assertion_expired' }, 401, 'invalid_token'],
		[{ kind: 'expired_secret' }, 500, 'server_configuration'],
		[{ kind: 'unknown_app' }, 500, 'server_configuration'],
		[{ kind: 'http_429', retryAfter: 21 }, 429, 'throttled', '21'],
		[{ kind: 'http_429', retryAfter: null }, 429, 'throttled', '60'],
		[{ kind: 'http_503' }, 503, 'upstream_unavailable', '5'],
		[{ kind: 'html_502' }, 503, 'upstream_unavailable', '5'],
		[{ kind: 'temporarily_unavailable' }, 503, 'upstream_unavailable', '5'],
		[{ kind: 'no_access_token' }, 503, 'upstream_unavailable', '5'],
		[{ kind: 'cut_body' }, 504, 'upstream_timeout'],
		[{ kind: 'close' }, 504, 'upstream_timeout'],
	];
	for (const [fault, status, code, wait] of ENTRA) {
		test(`"${fault.kind}" of Entra${fault.retryAfter ? ` with a wait` : ''} is ${status} ${code}, and nothing is passed on`, async () => {
			const { ask, entra } = path();
			const before = calls();
			entra.fail({ times: Infinity, ...fault });
			const answer = await ask('/me', { token: await entra.mintUserToken() });
			const error = assertRefused(answer, status, code);
			assert.deepEqual([error.upstream.service, Object.hasOwn(error, 'consentUrl')], ['entra', code === 'consent_required']);
			assert.equal(answer.headers['retry-after'], wait);
			assert.equal(answer.headers['www-authenticate'] === undefined, status !== 401);
			assert.equal(calls(), before);
		});
	}

	test('who has a token in the cache is served while Entra is down', async () => {
		const { ask, entra } = path();
		const token = await entra.mintUserToken();
		assert.equal((await ask('/me', { token })).status, 200);
		entra.fail({ kind: 'close', times: Infinity });
		assert.equal((await ask('/me', { token })).status, 200);
		assertRefused(await ask('/me', { token: await entra.mintUserToken() }), 504, 'upstream_timeout');
	});

	/* Asks while Entra is so slow, and the gateway's clock goes so many seconds on whenever it is asked. */
	async function askSlow({ seconds, times, ms }) {
		const { ask, advance, entra } = path();
		entra.fail({ kind: 'slow', ms, times: Infinity });
		const answer = ask('/me', { token: await entra.mintUserToken() });
		for (let i = 1; i <= times; i++) {
			await until(() => entra.counts.token >= i);
			await advance(seconds);
		}
		return answer;
	}

	test('an Entra that takes more than ten seconds, twice, is a 504', async () => {
		assertRefused(await askSlow({ seconds: 10.1, times: 2, ms: 60_000 }), 504, 'upstream_timeout');
		assert.equal(path().entra.counts.token, 2);
	});

	test('an Entra that takes some seconds is waited for', async () => {
		assert.equal((await askSlow({ seconds: 7, times: 1, ms: 200 })).status, 200);
	});

	test('who a client pretends to be makes no difference', async () => {
		const { ask, entra } = path();
		const principal = Buffer.from(JSON.stringify({ claims: [{ typ: 'oid', val: entra.users.zoe.oid }] })).toString('base64');
		const graphToken = await entra.mintGraphToken({ user: 'zoe' });
		const headers = { 'x-ms-client-principal': principal, 'x-ms-client-principal-id': entra.users.zoe.oid, 'x-user-oid': entra.users.zoe.oid,
			'x-ms-token-aad-access-token': graphToken, 'x-graph-token': graphToken, 'x-original-url': '/status', 'x-http-method-override': 'POST' };
		const answer = await ask('/me', { token: await entra.mintUserToken(), headers });
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.id, entra.users.adele.oid);
		assertRefused(await ask('/me', { headers }), 401, 'missing_token');
		assertRefused(await ask('/me', { token: graphToken }), 401, 'invalid_token');
	});

	test("Graph's refusal leads to a sign-in as the gateway's own does, and to the same metadata", async () => {
		const { ask, entra, graph } = path();
		graph.fail({ kind: 'invalid_token', times: Infinity });
		const byHandler = (await ask('/me', { token: await entra.mintUserToken() })).headers['www-authenticate'];
		const byGateway = (await ask('/me', { token: await entra.mintHostile('expired') })).headers['www-authenticate'];
		assert.equal(byGateway, `Bearer error="invalid_token", resource_metadata="${METADATA}", scope="${SCOPE}"`);
		for (const words of ['error="invalid_token"', `resource_metadata="${METADATA}"`]) assert.ok(byHandler.includes(words), byHandler);
	});

	test('a web page of an allowed origin reads refusals and answers, another origin neither', async () => {
		const { ask, entra } = path();
		const token = await entra.mintUserToken();
		for (const [origin, allowed] of [[ORIGIN, ORIGIN], ['https://evil.example', undefined]]) {
			for (const given of [token, undefined]) {
				const answer = await ask('/me', { token: given, headers: { origin } });
				assertGuarded(answer);
				assert.equal(answer.headers['access-control-allow-origin'], allowed);
			}
		}
	});
});
