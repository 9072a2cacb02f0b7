/*
 * The gateway emulator: validate-azure-ad-token and validate-jwt against the sandbox Entra.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startEntra } from '../../sandbox/entra/entra.mjs';
import { DEFAULT_CALLER } from '../../sandbox/entra/user_tokens.mjs';
import { use } from '../stage/fixture.mjs';
import { respond, startGateway } from '../stage/gateway_fixture.mjs';

const told = respond('@(context.Response.StatusCode)',
	'@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.Variables.ContainsKey("jwt"))');

const shown = respond(200, '@{ var jwt = (Jwt)context.Variables["jwt"];'
	+ ' return jwt.Claims.GetValueOrDefault("oid", "") + "|" + jwt.Issuer + "|" + jwt.Audiences.First() + "|"'
	+ ' + jwt.Algorithm + "|" + jwt.Type + "|" + (jwt.ExpirationTime &gt; DateTime.UtcNow) + "|"'
	+ ' + jwt.Claims.GetValueOrDefault("none", "-"); }');

const audiences = '<audiences><audience>{{CLIENT_ID}}</audience><audience>api://{{CLIENT_ID}}</audience></audiences>';
const client = (id) => `<client-application-ids><application-id>${id}</application-id></client-application-ids>`;
const claim = (name, match, separator, ...values) => `<required-claims><claim name="${name}" match="${match}" ${separator
	&& `separator="${separator}"`}>${values.map((value) => `<value>${value}</value>`).join('')}</claim></required-claims>`;

const entraPolicy = ({ attributes = '', clients = client(DEFAULT_CALLER), claims = '', after = shown } = {}) => ({
	inbound: `<validate-azure-ad-token tenant-id="{{TENANT_ID}}" output-token-variable-name="jwt" ${attributes}>
		${clients}${audiences}${claims}</validate-azure-ad-token>${after}`, onError: told });

const jwtPolicy = (attributes, inner = '') => ({ onError: told,
	inbound: `<validate-jwt output-token-variable-name="jwt" ${attributes}>
		<openid-config url="{{LOGIN}}/{{TENANT_ID}}/v2.0/.well-known/openid-configuration" />
		${audiences}${inner}</validate-jwt>${shown}` });

const operations = {
	token: entraPolicy(),
	header: entraPolicy({ attributes: 'header-name="x-token"' }),
	query: entraPolicy({ attributes: 'query-parameter-name="token"' }),
	value: entraPolicy({ attributes: 'token-value=\'@(context.Request.Headers.GetValueOrDefault("x-any", ""))\'' }),
	client: entraPolicy({ clients: client('11111111-2222-3333-4444-555555555555') }),
	scope: entraPolicy({ claims: claim('scp', 'any', ' ', 'access_as_user', 'other') }),
	'scope-whole': entraPolicy({ claims: claim('scp', 'any', '', 'access_as_user') }),
	'scope-all': entraPolicy({ claims: claim('scp', 'all', ' ', 'access_as_user', 'other') }),
	status: entraPolicy({ attributes: 'failed-validation-httpcode="403" failed-validation-error-message="No."' }),
	bare: { ...entraPolicy({ attributes: 'failed-validation-error-message="No entry."' }), onError: '' },
	nowhere: { inbound: `<validate-azure-ad-token tenant-id="99999999-2222-3333-4444-555555555555">
		${audiences}</validate-azure-ad-token>`, onError: told },
	jwt: jwtPolicy('header-name="Authorization" require-scheme="Bearer" clock-skew="60"'),
	'jwt-issuer': jwtPolicy('header-name="Authorization" require-scheme="Bearer"',
		'<issuers><issuer>https://other.example</issuer></issuers>'),
};

async function start() {
	const entra = await startEntra();
	const values = [{ name: 'TENANT_ID', value: entra.tenantId }, { name: 'CLIENT_ID', value: entra.clientId },
		{ name: 'LOGIN', value: entra.url }];
	const gateway = await startGateway({ operations, values, args: ['--login', entra.url] });
	return { ...gateway, entra, async stop() {
		await gateway.stop().finally(() => entra.close());
	} };
}

const gateway = use(start);
const entra = () => gateway().entra;
const ask = (path, token) => gateway().ask(path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });

/* The Reason for which a token is refused; undefined when it passes. */
async function reason(path, token) {
	const answer = await ask(path, token);
	if (answer.status === 200)
		return undefined;
	const [source, why, kept] = answer.text.split('|');
	assert.match(source, /^validate-(azure-ad-token|jwt)$/);
	assert.equal(kept, 'False', 'no variable holds a token that was refused');
	return why;
}

describe('validate-azure-ad-token', () => {
	test('tokens of both versions pass, and the variable tells of them', async () => {
		const { oid } = entra().users.adele;
		const second = (await ask('/token', await entra().mintUserToken())).text.split('|');
		assert.deepEqual(second, [oid, `${entra().url}/${entra().tenantId}/v2.0`, entra().clientId,
			'RS256', 'JWT', 'True', '-']);
		const first = (await ask('/token', await entra().mintUserToken({ version: 1 }))).text.split('|');
		assert.deepEqual(first.slice(0, 3), [oid, `https://sts.windows.net/${entra().tenantId}/`,
			`api://${entra().clientId}`]);
	});

	/* What each kind of bad token is refused for; those not here are none of this policy's business. */
	const REASONS = {
		'alg-none': 'TokenSignatureInvalid', 'alg-none-mixed-case': 'TokenSignatureInvalid',
		'no-signature': 'TokenSignatureInvalid', 'hs256-with-public-key': 'TokenSignatureInvalid',
		rs512: 'TokenSignatureInvalid', ps256: 'TokenSignatureInvalid', 'ps256-called-rs256': 'TokenSignatureInvalid',
		'bad-signature': 'TokenSignatureInvalid', 'tampered-payload': 'TokenSignatureInvalid',
		'wrong-kid': 'TokenSignatureKeyNotFound', 'no-kid': 'TokenSignatureKeyNotFound',
		'jwk-header': 'TokenSignatureKeyNotFound', 'jku-header': 'TokenSignatureKeyNotFound',
		'foreign-cloud-key': 'TokenSignatureKeyNotFound', 'tenant-bound-key': 'TokenSignatureKeyNotFound',
		garbage: 'JwtInvalid', 'two-parts': 'JwtInvalid', 'five-parts': 'JwtInvalid',
		'padded-base64': 'JwtInvalid', 'array-payload': 'JwtInvalid',
		expired: 'TokenExpired', 'not-yet-valid': 'JwtInvalid', 'no-exp': 'JwtInvalid',
		'foreign-audience': 'TokenAudienceNotAllowed', 'graph-audience': 'TokenAudienceNotAllowed',
		'no-audience': 'TokenAudienceNotAllowed', 'nul-audience': 'TokenAudienceNotAllowed',
		'wrong-issuer': 'TokenIssuerNotAllowed', 'issuer-prefix': 'TokenIssuerNotAllowed',
		'wrong-tenant': 'TokenIssuerNotAllowed', 'nul-issuer': 'TokenIssuerNotAllowed',
	};
	for (const [kind, why] of Object.entries(REASONS))
		test(`a token of kind ${kind} is refused: ${why}`, async () => {
			assert.ok(entra().hostileKinds.includes(kind), `no such kind: ${entra().hostileKinds}`);
			assert.equal(await reason('/token', await entra().mintHostile(kind)), why);
		});

	test('no token is TokenNotFound, and so is another scheme', async () => {
		assert.equal(await reason('/token'), 'TokenNotFound');
		const answer = await gateway().ask('/token', { headers: { Authorization: 'Basic eDp5' } });
		assert.equal(answer.text.split('|')[1], 'TokenNotFound');
	});
	test('outside Authorization a token comes without Bearer', async () => {
		const token = await entra().mintUserToken();
		const by = async (path, headers = {}) => (await gateway().ask(path, { headers })).text;
		assert.match(await by('/header', { 'X-Token': token }), /RS256/);
		assert.match(await by('/header', { 'X-Token': `Bearer ${token}` }), /JwtInvalid/);
		assert.match(await by(`/query?token=${token}`), /RS256/);
		assert.match(await by('/value', { 'X-Any': token }), /RS256/);
	});
	test('another audience, issuer or client application is refused, each by its name', async () => {
		const minted = (claims) => entra().mintUserToken({ claims });
		assert.equal(await reason('/token', await minted({ aud: 'https://graph.microsoft.com' })),
			'TokenAudienceNotAllowed');
		const other = `${entra().url}/99999999-2222-3333-4444-555555555555/v2.0`;
		assert.equal(await reason('/token', await minted({ iss: other, tid: '99999999-2222-3333-4444-555555555555' })),
			'TokenIssuerNotAllowed');
		assert.equal(await reason('/client', await minted({})), 'TokenClaimValueNotAllowed');
		assert.equal(await reason('/client', await entra().mintUserToken({ version: 1 })), 'TokenClaimValueNotAllowed');
	});
	test('a claim with a separator is split, without one compared whole', async () => {
		const both = await entra().mintUserToken({ scp: 'access_as_user more' });
		assert.equal(await reason('/scope', both), undefined);
		assert.equal(await reason('/scope-whole', both), 'TokenClaimValueNotAllowed');
		assert.equal(await reason('/scope-all', both), 'TokenClaimValueNotAllowed');
		assert.equal(await reason('/scope-all', await entra().mintUserToken({ scp: 'other access_as_user' })), undefined);
		assert.equal(await reason('/scope', await entra().mintUserToken({ claims: { scp: undefined } })),
			'TokenClaimNotFound');
	});
	test('the status is the configured one, and without on-error so is the message', async () => {
		assert.equal((await ask('/status')).status, 403);
		assert.deepEqual((await ask('/bare')).json, { statusCode: 401, message: 'No entry.' });
	});
	test('a tenant without metadata refuses every token', async () => {
		assert.equal(await reason('/nowhere', await entra().mintUserToken()), 'JwtInvalid');
	});
	test('keys are fetched once an hour, for an unknown one again after five minutes', async () => {
		await gateway().forget('keys');
		entra().resetCounts();
		await reason('/token', await entra().mintUserToken());
		await reason('/token', await entra().mintUserToken());
		assert.equal(entra().counts.keys, 2, 'one set for each version of tokens');
		await entra().rotateKeys();
		const fresh = await entra().mintUserToken();
		assert.equal(await reason('/token', fresh), 'TokenSignatureKeyNotFound');
		await gateway().advance(301);
		assert.equal(await reason('/token', fresh), undefined);
		assert.equal(entra().counts.keys, 4);
	});
});

describe('validate-jwt', () => {
	test('it takes issuer and keys from the metadata it is told', async () => {
		assert.equal(await reason('/jwt', await entra().mintUserToken()), undefined);
		assert.equal(await reason('/jwt', await entra().mintUserToken({ version: 1 })), 'TokenSignatureKeyNotFound');
	});
	test('the clock may differ by the skew', async () => {
		const now = Math.floor(Date.now() / 1000) + (await gateway().seen()).clock_added_s;
		const dated = (exp) => entra().mintUserToken({ claims: { exp: Math.round(exp) } });
		assert.equal(await reason('/jwt', await dated(now - 30)), undefined);
		assert.equal(await reason('/jwt', await dated(now - 90)), 'TokenExpired');
		assert.equal(await reason('/token', await dated(now - 2)), 'TokenExpired');
	});
	test('issuers that are listed replace the published one', async () => {
		assert.equal(await reason('/jwt-issuer', await entra().mintUserToken()), 'TokenIssuerNotAllowed');
	});
});
