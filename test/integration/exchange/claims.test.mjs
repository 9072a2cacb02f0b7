/*
 * Continuous access evaluation: Graph or Entra ask for more than a token holds, and what they ask
 * for becomes either a new exchange or the client's to answer.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, challengeOf, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { DEFAULT_CHALLENGE } from '../../sandbox/entra/answers.mjs';

const CP1 = { values: ['cp1'] };
const base64 = (text) => Buffer.from(text).toString('base64');

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug' }, keeps: sandbox }));
afterEach(() => sandbox.reset());

const me = (token, query = '') => handler().ask(`/me${query}`, { token });
const claimsSent = () => entra.requests.filter(({ form }) => form)
	.map(({ form }) => JSON.parse(form.claims));

/* A user token whose Graph token is in the cache. */
async function cached() {
	sandbox.reset();
	const token = await entra.mintUserToken();
	assert.equal((await me(token)).status, 200);
	sandbox.reset();
	return token;
}

/* The client is challenged with exactly these claims, by an Entra it can go to. */
function assertChallenged(answer, claims) {
	assertError(answer, 401, 'insufficient_claims');
	const { error, realm, authorization_uri, claims: passed } = challengeOf(answer);
	assert.deepEqual([error, realm, authorization_uri], ['insufficient_claims', 'graph-mcp-handler',
		`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`]);
	assert.equal(passed, claims);
}

/* Graph's answer to every token, whatever it was minted with. */
const refuseAll = (status, claims) => graph.fail({ kind: 'raw', times: Infinity, status,
	headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer realm="", '
		+ `error="insufficient_claims", claims="${claims}"` },
	body: { error: { code: 'InvalidAuthenticationToken' } } });

describe('a challenge of Graph', () => {
	for (const status of [401, 403]) {
		for (const query of ['', '?include=photo,manager']) {
			test(`(${status}) becomes one new exchange with its claims, /me${query}`, async () => {
				const token = await cached();
				const asked = { access_token: { nbf: { essential: true, value: '1700000001' } } };
				graph.fail({ kind: 'cae', status, claims: asked });
				const answer = await me(token, query);
				assert.equal(answer.status, 200);
				assert.equal((await handler().logOf(answer)).token, 'exchange');
				assert.deepEqual(claimsSent(),
					[{ access_token: { ...asked.access_token, xms_cc: CP1 } }]);
				assert.equal(graph.counts.me + graph.counts.batch, 2);
				const [old, fresh] = graph.requests.map(({ headers }) => headers.authorization);
				assert.notEqual(old, fresh);
				assert.equal((await me(token, query)).status, 200);
				assert.equal(entra.counts.token, 1, 'the new token is the one that is kept');
			});
		}
	}

	test('keeps whatever else it holds, but for the capability, which is ours', async () => {
		const token = await cached();
		graph.fail({ kind: 'cae', claims: { id_token: { x: null }, access_token: {
			acrs: { essential: true, value: 'c1' }, 'ü "': { values: ['é\\'] } } } });
		assert.equal((await me(token)).status, 200);
		assert.deepEqual(claimsSent()[0], { id_token: { x: null }, access_token: {
			acrs: { essential: true, value: 'c1' }, 'ü "': { values: ['é\\'] }, xms_cc: CP1 } });
		const other = await cached();
		refuseAll(401, base64('{"access_token":{"xms_cc":{"values":["cp9"]}}}'));
		await me(other);
		assert.deepEqual(claimsSent(), [{ access_token: { xms_cc: CP1 } }]);
	});

	test('on a token never cached is answered in the same way', async () => {
		graph.fail({ kind: 'cae' });
		assert.equal((await me(await entra.mintUserToken())).status, 200);
		const [plain, merged] = claimsSent();
		assert.deepEqual(plain, { access_token: { xms_cc: CP1 } });
		assert.deepEqual(Object.keys(merged.access_token), ['nbf', 'xms_cc']);
		assert.deepEqual([entra.counts.token, graph.counts.me], [2, 2]);
	});

	for (const status of [401, 403]) {
		test(`(${status}) that it repeats is the client's, its claims unchanged`, async () => {
			for (const text of ['{"access_token":{"nbf":{"essential":true,"value":"1"}}}',
				'{ "access_token" : {"a" : "\\u00e9 \\"" } }  ']) {
				const token = await cached();
				refuseAll(status, base64(text));
				assertChallenged(await me(token), base64(text));
				assert.deepEqual([entra.counts.token, graph.counts.me], [1, 2]);
			}
		});
	}

	test('that holds no JSON object costs one plain exchange', async () => {
		for (const text of ['[1]', 'null', 'no json', '{"access_token":"x"}']) {
			const token = await cached();
			refuseAll(401, base64(text));
			assertChallenged(await me(token), base64(text));
			assert.deepEqual(claimsSent(), [{ access_token: { xms_cc: CP1 } }]);
		}
	});

	test('by many calls of one user at once leaves all of them served', async () => {
		const token = await cached();
		graph.fail({ kind: 'cae' });
		const answers = await Promise.all(Array.from({ length: 30 }, () => me(token)));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.ok(entra.counts.token <= 30);
		graph.resetCounts();
		assert.equal((await me(token)).status, 200);
		assert.equal(graph.counts.me, 1);
	});

	test('to a token of the gateway is the client\'s: we cannot exchange for it', async () => {
		const claims = base64('{"access_token":{"acrs":{"value":"c1"}}}');
		const token = await entra.mintGraphToken();
		refuseAll(401, claims);
		assertChallenged(await me(token), claims);
		assert.deepEqual([entra.counts.token, graph.counts.me], [0, 1]);
	});
});

describe('a challenge of Entra', () => {
	test('to the exchange is the client\'s', async () => {
		entra.fail({ kind: 'interaction_required' });
		const token = await entra.mintUserToken();
		const answer = await me(token);
		assertChallenged(answer, base64(DEFAULT_CHALLENGE));
		assert.equal(answer.json.error.upstream.code, 'AADSTS50076');
		assert.equal(graph.counts.me, 0);
	});

	test('to the exchange that Graph\'s challenge caused goes before Graph\'s', async () => {
		const token = await cached();
		const claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}';
		graph.fail({ kind: 'cae' });
		entra.fail({ kind: 'interaction_required', claims });
		assertChallenged(await me(token), base64(claims));
		assert.deepEqual([entra.counts.token, graph.counts.me], [1, 1]);
		/* Remembered, in place of the token that Graph refused. */
		assertChallenged(await me(token), base64(claims));
		assert.deepEqual([entra.counts.token, graph.counts.me], [1, 1]);
	});

	test('answered by a new user token is over', async () => {
		entra.fail({ kind: 'interaction_required' });
		assert.equal((await me(await entra.mintUserToken())).status, 401);
		assert.equal((await me(await entra.mintUserToken())).status, 200);
	});
});
