/*
 * What becomes of each way Entra can refuse or fail an exchange: our status, code, challenge and
 * Retry-After.  Failures are ordered for good, so that retries do not change the outcome.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { GUID, assertError, assertKept, challengeOf, during, repo, send, startAlone, startSandbox,
	until, use } from '../stage/fixture.mjs';
import { DEFAULT_CHALLENGE } from '../../sandbox/entra/answers.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug' } }));
afterEach(() => sandbox.reset());

const sent = [];
const json = { 'content-type': 'application/json' };

/* /me under an ordered failure; Graph must not be asked. */
async function failed(fault) {
	entra.fail({ times: Infinity, ...fault });
	const token = await entra.mintUserToken();
	sent.push(token);
	const answer = await handler().ask('/me', { token });
	entra.clearFailures();
	assert.equal(graph.counts.me, 0);
	return answer;
}

/* Entra's error by number, error and suberror, as its body has them. */
const refusal = (number, error, more = {}) => ({ kind: 'raw', status: 400, headers: json,
	body: { error, error_description: `AADSTS${number}: sEcReT words`, error_codes: [number],
		timestamp: '2026-01-01 00:00:00Z', trace_id: '8f3c2a10-1111-4222-8333-444455556666',
		correlation_id: '8f3c2a10-7777-4888-8999-000011112222', ...more } });

function assertChallenge(answer, error, what) {
	const challenge = challengeOf(answer);
	assert.equal(challenge?.error, error, what);
	assert.equal(challenge?.claims, undefined, what);
}

/* [what Entra says, our status, our code]; a 401's challenge is invalid_token, a 429 says when. */
const REFUSALS = [
	[{ kind: 'mfa_no_claims' }, 401, 'interaction_required'],
	[refusal(50079, 'interaction_required'), 401, 'interaction_required'],
	[refusal(50158, 'invalid_grant', { suberror: 'basic_action' }), 401, 'interaction_required'],
	[{ kind: 'consent_required' }, 403, 'consent_required'],
	[{ kind: 'access_blocked' }, 403, 'access_blocked'],
	[refusal(53000, 'interaction_required'), 403, 'access_blocked'],
	[refusal(53001, 'access_denied'), 403, 'access_blocked'],
	[refusal(50105, 'invalid_grant'), 403, 'access_blocked'],
	[refusal(53011, 'invalid_grant'), 403, 'access_blocked'],
	[refusal(530032, 'interaction_required'), 403, 'access_blocked'],
	[refusal(530084, 'invalid_grant', { suberror: 'message_only' }), 403, 'access_blocked'],
	[refusal(424242, 'invalid_grant', { suberror: 'message_only' }), 403, 'access_blocked'],
	[refusal(90094, 'interaction_required'), 403, 'consent_required'],
	[{ kind: 'assertion_expired' }, 401, 'invalid_token'],
	[refusal(50013, 'invalid_grant'), 401, 'invalid_token'],
	[refusal(500131, 'invalid_grant'), 401, 'invalid_token'],
	[refusal(7000114, 'invalid_grant'), 403, 'app_only_token'],
	[{ kind: 'invalid_client' }, 500, 'server_configuration'],
	[{ kind: 'expired_secret' }, 500, 'server_configuration'],
	[{ kind: 'unknown_app' }, 500, 'server_configuration'],
	[refusal(700027, 'invalid_client'), 500, 'server_configuration'],
	[refusal(90002, 'invalid_request'), 500, 'server_configuration'],
	[refusal(65002, 'invalid_request'), 500, 'server_configuration'],
	[refusal(70011, 'invalid_scope'), 500, 'server_configuration'],
	[refusal(900144, 'invalid_request'), 500, 'server_configuration'],
	[refusal(9002313, 'invalid_request'), 500, 'server_configuration'],
	[refusal(9010010, 'invalid_target'), 500, 'server_configuration'],
	[refusal(90009, 'invalid_request'), 500, 'server_configuration'],
	[refusal(50196, 'invalid_grant'), 429, 'throttled'],
	[refusal(90055, 'invalid_request'), 429, 'throttled'],
	[refusal(424242, 'invalid_grant'), 401, 'invalid_token'],
	[refusal(424242, 'invalid_grant', { suberror: 'consent_required' }), 403,
		'consent_required'],
	[refusal(424242, 'interaction_required'), 401, 'interaction_required'],
	[refusal(424242, 'brand_new_error'), 500, 'server_configuration'],
	[refusal(424242, 'temporarily_unavailable'), 503, 'upstream_unavailable'],
	[refusal(0, 'server_error'), 503, 'upstream_unavailable'],
	[refusal('65001', 'invalid_grant'), 401, 'invalid_token'],
];

/* The numbers that the ordered kinds stand for. */
const NUMBERS = { mfa_no_claims: 50076, consent_required: 65001, access_blocked: 53003,
	assertion_expired: 500133, invalid_client: 7000215, expired_secret: 7000222,
	unknown_app: 700016 };

/* Entra's own name for a refusal: its number, or for want of one its word. */
function nameOf({ kind, body }) {
	const number = NUMBERS[kind] ?? body.error_codes[0];
	return Number.isInteger(number) && number ? `AADSTS${number}` : body.error;
}

for (const [fault, status, code] of REFUSALS) {
	const what = fault.body ? `AADSTS${fault.body.error_codes[0]} ${fault.body.error} `
		+ `${fault.body.suberror ?? ''}` : fault.kind;
	test(`${what}: ${status} ${code}`, async () => {
		const answer = assertError(await failed(fault), status, code);
		assertChallenge(answer, status === 401 ? 'invalid_token' : undefined, what);
		assert.ok(!answer.text.includes('sEcReT'), 'Entra\'s words are not for callers');
		assert.equal(answer.headers['retry-after'], status === 429 ? '60' : undefined);
		const { service, code: name, requestId } = answer.json.error.upstream;
		assert.deepEqual([service, name], ['entra', nameOf(fault)]);
		assert.match(requestId, GUID);
	});
}

/* [kind, our status, our code] of what is no refusal. */
const BREAKDOWNS = [
	['temporarily_unavailable', 503, 'upstream_unavailable'],
	['http_503', 503, 'upstream_unavailable'],
	['http_500_html', 503, 'upstream_unavailable'],
	['html_502', 503, 'upstream_unavailable'],
	['no_access_token', 503, 'upstream_unavailable'],
	['empty_body', 503, 'upstream_unavailable'],
	['not_json', 503, 'upstream_unavailable'],
	['huge', 503, 'upstream_unavailable'],
	['gzip', 503, 'upstream_unavailable'],
	['truncated_json', 503, 'upstream_unavailable'],
	['cut_body', 503, 'upstream_unavailable'],
	['close', 503, 'upstream_unavailable'],
	['reset', 503, 'upstream_unavailable'],
];

for (const [kind, status, code] of BREAKDOWNS) {
	test(`an exchange that ends in "${kind}" is ${status} ${code}`, async () => {
		const answer = assertError(await failed({ kind }), status, code);
		assert.equal(challengeOf(answer), undefined);
		assert.equal(answer.json.error.upstream.service, 'entra');
		const token = await entra.mintUserToken();
		await until(async () => (await handler().ask('/me', { token })).status === 200);
	});
}

test('strange successes are failures, and no part of them is passed on', async () => {
	const token = { token_type: 'Bearer', access_token: 'aaaaaaaa.bbbbbbbb.cccccccc' };
	for (const body of ['null', '[]', '"token"', '{}', { ...token }, { ...token, expires_in: 0 },
		{ ...token, expires_in: -5 }, { ...token, expires_in: '3599' },
		{ ...token, expires_in: 3599, access_token: '' },
		{ ...token, expires_in: 3599, access_token: 7 },
		{ ...token, expires_in: 3599, access_token: 'a'.repeat(66000) },
		{ ...token, expires_in: 3599, access_token: 'a\r\nX-Injected: b' }]) {
		const answer = await failed({ kind: 'raw', status: 200, headers: json, body });
		assertError(answer, 503, 'upstream_unavailable');
		assert.ok(!answer.text.includes('aaaaaaaa'));
	}
});

test('a claims challenge is passed on as base64 of exactly its bytes', async () => {
	for (const claims of [undefined, '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
		'{ "id_token" : null, "é" : "\\"" }']) {
		const answer = await failed({ kind: 'interaction_required', claims });
		assertError(answer, 401, 'insufficient_claims');
		const challenge = challengeOf(answer);
		assert.equal(challenge.error, 'insufficient_claims');
		assert.equal(challenge.realm, 'graph-mcp-handler');
		assert.equal(challenge.authorization_uri,
			`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`);
		const decoded = Buffer.from(challenge.claims, 'base64');
		assert.equal(decoded.toString(), claims ?? DEFAULT_CHALLENGE);
		assert.equal(decoded.toString('base64'), challenge.claims);
	}
});

test('claims decide before the number', async () => {
	const claims = '{"access_token":{"polids":{"essential":true,"values":["x"]}}}';
	for (const number of [53000, 53003, 50076, 50158, 424242]) {
		const answer = await failed(refusal(number, 'interaction_required', { claims }));
		assertError(answer, 401, 'insufficient_claims');
		assert.equal(challengeOf(answer).claims, Buffer.from(claims).toString('base64'));
	}
});

test('missing consent names the page where it is given', async () => {
	const { error } = (await failed({ kind: 'consent_required' })).json;
	const page = new URL(error.consentUrl);
	assert.equal(page.origin + page.pathname,
		`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`);
	assert.equal(page.searchParams.get('client_id'), entra.clientId);
	assert.equal(page.searchParams.get('scope'), env.GRAPH_SCOPE);
	assert.equal(page.searchParams.get('prompt'), 'consent');
});

test('Retry-After is passed on, within an hour, whatever Entra sends', async () => {
	for (const [kind, retryAfter, expected] of [['http_429', 60, '60'], ['http_503', 7, '7'],
		['http_429', 99_999, '3600'], ['temporarily_unavailable', 3, '3'],
		['http_429', null, '60'], ['http_429', 'soon', '60'], ['http_429', -5, '60'],
		['http_503', null, undefined], ['http_503', 'soon', undefined]]) {
		const answer = await failed({ kind, retryAfter });
		const [status, code] = kind === 'http_429' ? [429, 'throttled']
			: [503, 'upstream_unavailable'];
		assertError(answer, status, code);
		assert.equal(answer.headers['retry-after'], expected, `${retryAfter}`);
	}
});

test('a 429 is not answered with more requests', async () => {
	await failed({ kind: 'http_429' });
	assert.equal(entra.counts.token, 1);
});

test('a failure that is our own configuration\'s or Entra\'s is not remembered', async () => {
	for (const [kind, status] of [['unknown_app', 500], ['invalid_client', 500],
		['http_503', 503], ['no_access_token', 503]]) {
		const token = await entra.mintUserToken();
		entra.fail({ kind, times: 2 });
		assert.equal((await handler().ask('/me', { token })).status, status);
		entra.clearFailures();
		assert.equal((await handler().ask('/me', { token })).status, 200);
	}
});

test('the log names number and ids of a refusal, never its words', async () => {
	const answer = await failed(refusal(65001, 'invalid_grant'));
	const { detail } = await handler().logOf(answer);
	assert.match(detail, /65001.*8f3c2a10-1111-4222-8333-444455556666.*8f3c2a10-7777/);
	assert.ok(!handler().lines.some(({ text }) => text.includes('sEcReT')));
});

test('an exchange is given up after ENTRA_TIMEOUT_MS with 504', async (t) => {
	const hasty = await during(t, startAlone({ env: { ...env, ENTRA_TIMEOUT_MS: '700' } }));
	const token = await entra.mintUserToken();
	await until(async () => (await hasty.ask('/me', { token })).status === 200);
	for (const kind of ['slow', 'stall']) {
		entra.fail({ kind, ms: 60_000, times: Infinity });
		const other = await entra.mintUserToken();
		assertError(await hasty.ask('/me', { token: other }), 504, 'upstream_timeout');
		assert.equal((await hasty.ask('/me', { token })).status, 200);
		entra.clearFailures();
	}
});

test('what Entra sends instead of JSON is told as its being unavailable, not as JSON\'s fault',
	async (t) => {
		const table = readFileSync(join(repo, 'docs/errors.md'), 'utf8');
		const [, said] = /^\| `upstream_unavailable` \| 503 \| (.*) \|$/m.exec(table);
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

test('a kept connection that died unannounced costs no failure', async () => {
	const fresh = () => entra.mintUserToken();
	entra.fail({ kind: 'close_idle', ms: 1 });
	assert.equal((await handler().ask('/me', { token: await fresh() })).status, 200);
	for (let i = 0; i < 5; i++)
		assert.equal((await handler().ask('/me', { token: await fresh() })).status, 200);
});

test('failures put no token and no secret into a log line or an answer', () => {
	assertKept(handler(), [...sent, entra.clientSecret]);
});
