/*
 * Who gets in: every way a token can be wrong is refused with its own status, code and challenge,
 * right tokens of every shape are taken, and no token is seen anywhere but where it belongs.
 */
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, afterEach, test } from 'node:test';
import { assertError, assertKept, challengeOf, startAlone, startSandbox, use }
	from '../stage/fixture.mjs';
import { DEFAULT_CALLER } from '../../sandbox/entra/user_tokens.mjs';
import { OTHER_TENANT, PERSONAL_TENANT } from '../../sandbox/entra/users.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
afterEach(() => sandbox.reset());

const handler = use(() => startAlone({ env: { ...env, ACCEPT_GRAPH_TOKENS: 'false',
	LOG_LEVEL: 'debug' } }));
const shown = []; /* every token that was sent */

async function me(token, headers = {}) {
	if (token !== undefined)
		shown.push(token);
	return handler().ask('/me', { token, headers });
}

/* Refused with this status and code and the challenge that goes with them, by /me; by /status
 * named for what it is; and neither Entra's exchange nor Graph was bothered. */
async function assertRefused(token, status, code, what) {
	const answer = assertError(await me(token), status, code);
	const challenge = challengeOf(answer);
	if (status === 401) {
		assert.equal(challenge.error, 'invalid_token', what);
		assert.equal(challenge.authorization_uri,
			`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`);
		assert.equal(challenge.error_description, answer.json.error.message);
	} else if (code === 'insufficient_scope') {
		assert.equal(challenge.error, 'insufficient_scope', what);
		assert.equal(challenge.scope, `api://${entra.clientId}/access_as_user`);
	} else {
		assert.equal(challenge, undefined, what);
	}
	assert.equal(answer.headers['retry-after'], undefined);
	const { authentication } = (await handler().ask('/status', { token })).json;
	assert.equal(authentication.state, 'invalid', what);
	assert.equal(authentication.code, code, what);
	assert.ok(authentication.reason.length > 10);
	assert.equal(authentication.user, undefined);
	assert.equal(entra.counts.token + graph.counts.me, 0, what);
}

/* Kinds that are refused for another reason than "invalid". */
const OTHER_REFUSALS = {
	'app-only': [403, 'app_only_token'],
	'app-with-scp': [403, 'app_only_token'],
	'partial-scope': [403, 'insufficient_scope'],
};

for (const kind of entra.hostileKinds) {
	const [status, code] = OTHER_REFUSALS[kind] ?? [401, 'invalid_token'];
	test(`a token that is "${kind}" is refused with ${status} ${code}`, async () => {
		await assertRefused(await entra.mintHostile(kind), status, code, kind);
	});
}

test('the same wrongs are refused in a version 1.0 token', async () => {
	for (const kind of ['app-with-scp', 'partial-scope', 'expired', 'foreign-audience',
		'alg-none', 'hs256-with-public-key', 'bad-signature', 'tampered-payload', 'wrong-issuer',
		'tenant-bound-key', 'id-token', 'graph-audience']) {
		const [status, code] = OTHER_REFUSALS[kind] ?? [401, 'invalid_token'];
		await assertRefused(await entra.mintHostile(kind, { version: 1 }), status, code, kind);
	}
});

test('without a token the challenge carries no error', async () => {
	for (const headers of [{}, { authorization: '' }, { authorization: 'Basic YTpi' },
		{ authorization: 'Bearerx abc' }, { cookie: 'token=abc' }]) {
		const answer = assertError(await me(undefined, headers), 401, 'missing_token');
		const challenge = challengeOf(answer);
		assert.deepEqual(Object.keys(challenge).filter((name) => name.startsWith('error')), []);
		assert.ok(challenge.authorization_uri.endsWith('/oauth2/v2.0/authorize'));
	}
	const inQuery = await handler().ask(`/me?access_token=${await entra.mintUserToken()}`);
	assertError(inQuery, 401, 'missing_token');
});

test('a malformed Authorization header is a 400 invalid_request', async () => {
	const token = await entra.mintUserToken();
	for (const authorization of ['Bearer', 'Bearer ', 'Bearer a b', `Bearer ${token} x`,
		`Bearer ${token}, Bearer ${token}`, 'Bearer {token}', `Bearer "${token}"`]) {
		const answer = assertError(await me(undefined, { authorization }), 400,
			'invalid_request');
		assert.equal(challengeOf(answer).error, 'invalid_request');
	}
	shown.push(token);
});

test('two Authorization headers are refused, whichever is good', async () => {
	const authorization = [`Bearer ${await entra.mintUserToken()}`, 'Bearer other'];
	for (const both of [authorization, authorization.toReversed()])
		assertError(await me(undefined, { authorization: both }), 400, 'invalid_request');
});

test('the scheme is "bearer" in any case', async () => {
	const token = await entra.mintUserToken();
	for (const scheme of ['bearer', 'BEARER', 'Bearer  ']) {
		const authorization = `${scheme} ${token}`;
		assert.equal((await me(undefined, { authorization })).status, 200);
	}
});

test('versions 1.0 and 2.0 are both taken, with either audience and either typ', async () => {
	const { clientId } = entra;
	for (const options of [{ version: 1 }, { version: 2 },
		{ version: 1, claims: { aud: clientId } },
		{ version: 2, claims: { aud: `api://${clientId}` } },
		{ header: { typ: 'at+jwt' } }, { scp: 'openid access_as_user User.Read' },
		{ header: { jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/', x5c: ['x'] } }])
		assert.equal((await me(await entra.mintUserToken(options))).status, 200);
});

test('the required scope must be a whole word', async () => {
	for (const scp of ['access_as_user2', 'xaccess_as_user', 'ACCESS_AS_USER', 'User.Read',
		'access_as_user,other', 'access\\u005fas_user'])
		await assertRefused(await entra.mintUserToken({ scp }), 403, 'insufficient_scope', scp);
});

test('a clock may be five minutes off, no more', async () => {
	const now = Math.floor(Date.now() / 1000);
	const at = (claims) => entra.mintUserToken({ claims });
	const state = async (claims) => {
		const token = await at(claims);
		return (await handler().ask('/status', { token })).json.authentication.state;
	};
	assert.equal(await state({ exp: now - 240 }), 'authenticated');
	assert.equal(await state({ nbf: now + 240 }), 'authenticated');
	assert.equal(await state({ nbf: undefined }), 'authenticated');
	assert.equal(await state({ exp: now - 301 }), 'invalid');
	assert.equal(await state({ nbf: now + 420 }), 'invalid');
	for (const exp of [-1, 0, 1e300, null, true, '9999999999'])
		assert.equal(await state({ exp }), 'invalid');
});

test('users of other tenants are refused though the sandbox signs for them', async () => {
	for (const user of ['fabrikam', 'personal']) {
		const token = await entra.mintUserToken({ user });
		await assertRefused(token, 401, 'invalid_token', user);
	}
	for (const tid of [OTHER_TENANT, PERSONAL_TENANT, 'common', '', null, 7])
		await assertRefused(await entra.mintUserToken({ claims: { tid } }), 401,
			'invalid_token', tid);
});

test('a guest is served by the tenant it is a guest of', async () => {
	const token = await entra.mintUserToken({ user: 'guest' });
	const answer = await me(token);
	assert.equal(answer.json.userPrincipalName, entra.users.guest.username);
	const { path } = entra.requests.find((request) => request.path.endsWith('/token'));
	assert.equal(path, `/${entra.tenantId}/oauth2/v2.0/token`);
});

test('claims of the wrong type are refused, not misread', async () => {
	for (const claims of [{ iss: [] }, { aud: 7 }, { aud: {} }, { oid: 7 }, { oid: 'not-a-guid' },
		{ ver: 2 }, { ver: '3.0' }, { scp: 7 }, { scp: null }, { iss: null }])
		await assertRefused(await entra.mintUserToken({ claims }), 401, 'invalid_token',
			JSON.stringify(claims));
	for (const header of [{ kid: 7 }, { alg: ['RS256'] }, { alg: 'rs256' }, { alg: null },
		{ typ: undefined }, { crit: ['exp'], exp: 1 }, { kid: '' }, { kid: 'a'.repeat(5000) }])
		await assertRefused(await entra.mintUserToken({ header }), 401, 'invalid_token',
			JSON.stringify(header).slice(0, 40));
});

test('a token signed by hand with a published key\'s bytes as HMAC secret is refused', async () => {
	const token = await entra.mintUserToken();
	const keys = await fetch(`${entra.url}/${entra.tenantId}/discovery/v2.0/keys`);
	const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
	const { n } = (await keys.json()).keys.find((key) => key.kid === kid);
	const head = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'HS256', kid }));
	const text = `${head.toString('base64url')}.${token.split('.')[1]}`;
	for (const secret of [n, Buffer.from(n, 'base64url'), '']) {
		const mac = createHmac('sha256', secret).update(text).digest('base64url');
		await assertRefused(`${text}.${mac}`, 401, 'invalid_token', 'hmac');
	}
});

test('junk before the first dot never reaches Entra', async () => {
	sandbox.reset();
	for (const token of ['.', '..', '...', 'a', 'a.b.c', '====', `${'a'.repeat(17000)}.b.c`,
		'e30.e30.e30', 'bnVsbA.bnVsbA.', 'eyJhbGciOiJSUzI1NiJ9..', '-._~+/='])
		await assertRefused(token, 401, 'invalid_token', token.slice(0, 20));
	assert.equal(entra.counts.keys + entra.counts.metadata, 0);
});

test('no token and no secret is in any log line, header or body', async () => {
	const random = randomUUID(); /* proves that what is sent does reach the logs */
	await handler().logOf(await me(undefined, { 'x-request-id': random }));
	assert.ok(handler().lines.some(({ text }) => text.includes(random)));
	assert.ok(shown.length > entra.hostileKinds.length);
	const long = shown.filter((token) => token.length > 60);
	assertKept(handler(), [...long, entra.clientSecret]);
	for (const { text } of handler().lines)
		assert.ok(!text.includes('eyJ') && !/bearer \S{20}/i.test(text), text);
});

test('ALLOWED_CLIENT_IDS lets only those applications in, of either version', async (t) => {
	const other = randomUUID();
	const strict = await startAlone({ env: { ...env,
		ALLOWED_CLIENT_IDS: ` ${other.toUpperCase()} , ${DEFAULT_CALLER}` } });
	t.after(() => strict.stop());
	const ask = async (options) => strict.ask('/me', { token: await entra.mintUserToken(options) });
	for (const version of [1, 2]) {
		const claim = version === 1 ? 'appid' : 'azp';
		assert.equal((await ask({ version })).status, 200);
		assert.equal((await ask({ version, claims: { [claim]: other } })).status, 200);
		for (const value of [randomUUID(), undefined, '', DEFAULT_CALLER.slice(0, -1)]) {
			const answer = await ask({ version, claims: { [claim]: value } });
			assertError(answer, 403, 'client_not_allowed');
		}
	}
});
