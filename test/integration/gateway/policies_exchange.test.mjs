/* The On-Behalf-Of exchange in the rendered policy of /me: what it sends, keeps, and answers when it fails. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { repo, use } from '../stage/fixture.mjs';
import { EXCHANGE_AUDIENCE, LOGIN, METADATA, SCOPE, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const stage = use(() => startPolicies());
beforeEach(() => stage().fresh());

/* GET /me with a new token of Adele, or the given one. */
async function askMe(options = {}) {
	const { ask, entra } = stage();
	return ask('/me', { token: options.token ?? await entra.mintUserToken(options) });
}

const lastForm = ({ entra }) => entra.requests.filter(({ form }) => form).at(-1).form;

suite('the exchange', () => {
	test("puts a Graph token in the place of the user's, which goes no further", async () => {
		const { entra, backend } = stage();
		const token = await entra.mintUserToken();
		const answer = await askMe({ token });
		assert.equal(answer.status, 200, answer.text);
		assertGuarded(answer);
		const [{ headers }] = backend.requests;
		const graphToken = headers.authorization.replace(/^Bearer /, '');
		assert.ok(entra.introspectGraphToken(graphToken).token ?? entra.introspectGraphToken(graphToken), 'one that Entra issued');
		assert.ok(!JSON.stringify(backend.requests).includes(token));
		assert.ok(!JSON.stringify(answer.headers).includes(graphToken) && !answer.text.includes(graphToken));
	});

	test('sends the fields of the On-Behalf-Of flow, each encoded, and our request id', async () => {
		const { entra } = stage();
		const token = await entra.mintUserToken();
		const answer = await askMe({ token });
		assert.deepEqual({ ...lastForm(stage()) }, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', requested_token_use: 'on_behalf_of',
			client_id: entra.clientId, client_secret: entra.clientSecret, scope: `${entra.graphAudience}/User.Read`, assertion: token,
			claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' });
		const { headers } = entra.requests.at(-1);
		assert.deepEqual({ type: headers['content-type'], accept: headers.accept, id: headers['client-request-id'], own: headers.authorization },
			{ type: 'application/x-www-form-urlencoded', accept: 'application/json', id: answer.headers['x-request-id'], own: undefined });
	});
});

suite('the exchange with a managed identity', () => {
	const secretless = use(() => startPolicies({ settings: { OBO_CREDENTIAL: 'managed-identity' } }));
	beforeEach(() => secretless().fresh());
	const ask = async () => secretless().ask('/me', { token: await secretless().entra.mintUserToken() });

	test('proves the gateway by a token of Entra and no secret', async () => {
		const answer = await ask();
		assert.equal(answer.status, 200, answer.text);
		const form = lastForm(secretless());
		assert.equal(form.client_secret, undefined);
		assert.equal(form.client_assertion_type, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
		const { searchParams } = new URL(secretless().identity.requests[0].url, 'http://identity');
		assert.equal(searchParams.get('resource'), EXCHANGE_AUDIENCE);
	});

	test('without an answer of the managed identity is our own fault', async () => {
		secretless().identity.fail({ kind: 'http_500_html', times: Infinity });
		assertRefused(await ask(), 500, 'server_configuration');
	});
});

for (const miss of ['unset', 'null']) {
	suite(`the cache, where a miss is ${miss}`, () => {
		const own = use(() => startPolicies({ miss }));
		const ask = async (token) => {
			const answer = await own().ask('/me', { token });
			assert.equal(answer.status, 200, answer.text);
			return own().backend.requests.at(-1).headers.authorization;
		};
		beforeEach(() => own().fresh());

		test('serves the same user token without a second exchange', async () => {
			const token = await own().entra.mintUserToken();
			assert.equal(await ask(token), await ask(token));
			assert.equal(own().entra.counts.exchanges, 1);
		});

		test('serves no other token of the same user, and no other user', async () => {
			const { entra } = own();
			const [adele, other] = Object.keys(entra.users);
			await ask(await entra.mintUserToken({ user: adele }));
			await ask(await entra.mintUserToken({ user: adele, claims: { acrs: ['c1'] } }));
			await ask(await entra.mintUserToken({ user: other }));
			assert.equal(entra.counts.exchanges, 3);
		});

		/* [seconds of Graph's token, of the user's, how long ours is kept]; the clock adds up. */
		for (const [graphS, userS, keptS, rule] of [[4000, 90_000, 3600, 'an hour at most'], [1000, 90_000, 700, "five minutes less than Graph's token"],
			[90_000, 1000, 940, "a minute less than the user's token"]]) {
			test(`keeps a Graph token ${rule}`, async () => {
				const fresh = own();
				fresh.entra.expiresIn = graphS;
				const { clock_added_s: added } = await fresh.seen();
				const token = await fresh.entra.mintUserToken({ expiresIn: userS + Math.ceil(added), claims: { nbf: 0 } });
				await ask(token);
				await fresh.advance(keptS - 5);
				await ask(token);
				assert.equal(fresh.entra.counts.exchanges, 1);
				await fresh.advance(10);
				await ask(token);
				assert.equal(fresh.entra.counts.exchanges, 2);
			});
		}

		test('keeps none that is nearly over', async () => {
			const { entra } = own();
			entra.expiresIn = 300;
			const { clock_added_s: added } = await own().seen();
			const token = await entra.mintUserToken({ expiresIn: 3600 + Math.ceil(added) });
			await ask(token);
			await ask(token);
			assert.equal(entra.counts.exchanges, 2);
		});

		test('keeps one for the last second that there is', async () => {
			const { entra, seen } = own();
			const stored = async () => (await seen()).counts['cache-store'] ?? 0;
			const before = await stored();
			entra.expiresIn = 301;
			await ask(await entra.mintUserToken({ claims: { exp: 4e9 } }));
			assert.equal(await stored() - before, 1);
		});

		test('keeps none that does not say how long it lives', async () => {
			const { entra } = own();
			for (const expires_in of [undefined, null, 'soon', 301.5, -2147483648, {}]) {
				await own().fresh();
				const token = await entra.mintUserToken({ claims: { exp: 4e9 } });
				for (let i = 1; i <= 2; i++) {
					entra.fail({ kind: 'raw', status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ access_token: 'x', expires_in }) });
					await ask(token);
					assert.equal(entra.counts.token, i, String(expires_in));
				}
			}
		});

		test("forgets a token that Graph refused, and passes the handler's challenge on unchanged", async () => {
			const { entra, backend } = own();
			const { clock_added_s: added } = await own().seen();
			const token = await entra.mintUserToken({ expiresIn: 3600 + Math.ceil(added) });
			await ask(token);
			const challenge = 'Bearer realm="graph-mcp-handler", error="insufficient_claims", claims="eyJhIjp7fX0="';
			backend.answer = () => ({ status: 401, headers: { 'www-authenticate': challenge }, body: '{"error":{"code":"insufficient_claims"}}' });
			const refused = await own().ask('/me', { token });
			assert.equal(refused.status, 401);
			assert.equal(refused.headers['www-authenticate'], challenge);
			assert.equal(refused.text, '{"error":{"code":"insufficient_claims"}}');
			backend.answer = () => ({});
			await ask(token);
			assert.equal(entra.counts.exchanges, 2);
		});
	});
}

/* Entra's answer in a 400 with this number. */
const number = (code, more = {}) => ({ kind: 'raw', status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify({
	error: 'invalid_grant', error_codes: [code], error_description: `AADSTS${code}: never shown`, trace_id: 'trace-1', ...more }) });
const raw = (status, body, headers = {}) => ({ kind: 'raw', status, headers: { 'content-type': 'application/json', ...headers },
	body: typeof body === 'string' ? body : JSON.stringify(body) });

const STATUS = new Map([...readFileSync(join(repo, 'docs/errors.md'), 'utf8').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)]
	.map(([, code, status]) => [code, Number(status)]));

suite('an exchange that Entra refuses', () => {
	test('is not tried again, tells who refused, and goes no further', async () => {
		const { entra, backend } = stage();
		entra.fail(number(53003));
		const error = assertRefused(await askMe(), 403, 'access_blocked');
		assert.deepEqual(error.upstream, { service: 'entra', code: 'AADSTS53003', requestId: 'trace-1' });
		assert.equal(entra.counts.token, 1);
		assert.deepEqual(backend.requests, []);
	});

	const WORDS = {
		'suberror consent_required': [{ error: 'invalid_grant', suberror: 'consent_required' }, 'consent_required'],
		'interaction_required': [{ error: 'interaction_required' }, 'interaction_required'],
		'login_required': [{ error: 'login_required' }, 'interaction_required'],
		'an unknown invalid_grant': [{ error: 'invalid_grant', error_codes: [1] }, 'invalid_token'],
		'temporarily_unavailable': [{ error: 'temporarily_unavailable' }, 'upstream_unavailable'],
		'server_error': [{ error: 'server_error' }, 'upstream_unavailable'],
		'unauthorized_client': [{ error: 'unauthorized_client' }, 'server_configuration'],
		'invalid_client, HTTP 401': [{ error: 'invalid_client' }, 'server_configuration', 401],
		'error_codes that are none': [{ error: 'invalid_grant', error_codes: 'x' }, 'invalid_token'],
		'members of the wrong type': [{ error: { a: 1 }, error_codes: [[1]], suberror: [], claims: {}, trace_id: {} }, 'upstream_unavailable'],
	};
	for (const [what, [body, expected, status = 400]] of Object.entries(WORDS)) {
		test(`${what}: ${expected}`, async () => {
			stage().entra.fail(raw(status, body));
			assertRefused(await askMe(), STATUS.get(expected), expected);
		});
	}

	const UNUSABLE = { 'not JSON': 'surprise', 'a list': '[]', 'nothing': '', 'a number': '5', 'null': 'null', 'cut JSON': '{"error":' };
	for (const [what, body] of Object.entries(UNUSABLE)) {
		for (const status of [200, 400]) {
			test(`with ${status} and ${what} is unavailable, with a wait`, async () => {
				stage().entra.fail(raw(status, body));
				const answer = await askMe();
				const { upstream } = assertRefused(answer, 503, 'upstream_unavailable');
				assert.deepEqual(upstream, { service: 'entra' });
				assert.equal(answer.headers['retry-after'], '5');
			});
		}
	}

	test('a 200 without an access token passes nothing on', async () => {
		for (const access_token of [undefined, null, '', {}, []]) {
			stage().entra.fail(raw(200, { token_type: 'Bearer', access_token }));
			assertRefused(await askMe(), 503, 'upstream_unavailable');
		}
		assert.deepEqual(stage().backend.requests, []);
	});

	test('a claims challenge reaches the client as base64 of exactly its bytes', async () => {
		const claims = '{"access_token":{"capolids":{"essential":true,"values":["c3d1c2a5-é-<&>\\""]}}}';
		stage().entra.fail(number(50076, { error: 'interaction_required', claims }));
		const answer = await askMe();
		assertRefused(answer, 401, 'insufficient_claims');
		const { entra } = stage();
		assert.equal(answer.headers['www-authenticate'], `Bearer realm="graph-mcp-handler", authorization_uri="${LOGIN}/${
			entra.tenantId}/oauth2/v2.0/authorize", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}", resource_metadata="${METADATA}"`);
	});

	test('other 401s ask for a new token of the right scope', async () => {
		stage().entra.fail(number(500133));
		assert.equal((await askMe()).headers['www-authenticate'], `Bearer error="invalid_token", resource_metadata="${METADATA}", scope="${SCOPE}"`);
	});

	test('consent comes with the page to give it on', async () => {
		const { entra } = stage();
		entra.fail(number(65001));
		const { consentUrl } = assertRefused(await askMe(), 403, 'consent_required');
		const url = new URL(consentUrl);
		assert.equal(url.origin + url.pathname, `${LOGIN}/${entra.tenantId}/oauth2/v2.0/authorize`);
		assert.deepEqual(Object.fromEntries(url.searchParams), { client_id: entra.clientId, response_type: 'code',
			scope: `${entra.graphAudience}/User.Read`, prompt: 'consent' });
	});

	test('a throttle comes with the longest wait that Entra gave, or a minute', async () => {
		for (const [given, expected] of [['17', '17'], [undefined, '60'], ['7', '7'], ['86400', '86400'], ['100000', '60'], ['Wed, 21 Oct 2026 07:28:00 GMT', '60'], ['-1', '60'], ['30,120', '120'], ['120, 30', '120'], ['soon, 7,', '7'],
			[['30', '120'], '120'], ['5 6', '60'], [',', '60'], ['0', '60'], ['0, 007', '7']]) {
			stage().entra.fail(raw(429, '', given ? { 'retry-after': given } : {}));
			const answer = await askMe();
			assertRefused(answer, 429, 'throttled');
			assert.equal(answer.headers['retry-after'], expected);
		}
	});

	test("Entra's number and id are shown where they are plainly such: up to 63 letters, digits, dots and dashes", async () => {
		for (const [given, shown] of [['a', 'a'], ['aZ09._-', 'aZ09._-'], ['a'.repeat(63), 'a'.repeat(63)], ['a'.repeat(64), undefined], ['a b', undefined]]) {
			stage().entra.fail(number(70011, { error: given, error_codes: undefined, trace_id: given }));
			const { upstream } = assertRefused(await askMe(), 500, 'server_configuration');
			assert.deepEqual(upstream, { service: 'entra', ...(shown ? { code: shown, requestId: shown } : {}) });
		}
	});

	test('what Entra says in words is never shown', async () => {
		stage().entra.fail(number(70011, { trace_id: 'a b<script>', error_codes: ['x y'] }));
		const answer = await askMe();
		assert.doesNotMatch(answer.text, /never shown|script|x y/);
	});
});

suite('an exchange that gets no answer', () => {
	test('of 5xx is tried once more after a second, and then succeeds', async () => {
		stage().entra.fail({ kind: 'http_503' });
		const clock = async () => (await stage().seen()).clock_added_s;
		const before = await clock();
		assert.equal((await askMe()).status, 200);
		assert.equal(stage().entra.counts.token, 2);
		assert.equal(Math.round(await clock() - before), 1);
	});

	test('of 5xx twice is unavailable, whatever its body says', async () => {
		stage().entra.fail({ ...number(65001), status: 502, times: Infinity });
		assertRefused(await askMe(), 503, 'upstream_unavailable');
	});

	test('of 5xx twice is unavailable, with the wait that Entra gave', async () => {
		stage().entra.fail({ kind: 'http_503', times: Infinity, retryAfter: 9 });
		const answer = await askMe();
		assertRefused(answer, 503, 'upstream_unavailable');
		assert.equal(answer.headers['retry-after'], '9');
		assert.equal(stage().entra.counts.token, 2);
	});

	test('because the connection dies is tried once more, and then is a timeout', async () => {
		stage().entra.fail({ kind: 'close' });
		assert.equal((await askMe()).status, 200);
		await stage().fresh();
		stage().entra.fail({ kind: 'close', times: Infinity });
		assertRefused(await askMe(), 504, 'upstream_timeout');
		/* One more where the first went over a kept connection: HTTP clients repeat such a request. */
		assert.ok([2, 3].includes(stage().entra.counts.token));
	});

	test('is not kept: the next call exchanges anew', async () => {
		const token = await stage().entra.mintUserToken();
		stage().entra.fail(number(65001));
		assertRefused(await askMe({ token }), 403, 'consent_required');
		assert.equal((await askMe({ token })).status, 200);
	});
});
