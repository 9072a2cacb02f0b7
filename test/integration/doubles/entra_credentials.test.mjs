/*
 * Proves the sandbox's judgement of client assertions and its managed identity endpoint: a double
 * that is too kind would let the handler pass for the wrong reason.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SignJWT } from 'jose';
import { EXCHANGE_AUDIENCE } from '../../sandbox/entra/client_assertion.mjs';
import { startIdentity, startIssuer } from '../../sandbox/entra/federation.mjs';
import { makeClientCertificate } from '../../sandbox/common/tls.mjs';
import { nowSeconds } from '../../sandbox/entra/user_tokens.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const dir = mkdtempSync(join(tmpdir(), 'sandbox-credentials-'));
after(() => rmSync(dir, { recursive: true }));

const exchange = (client_assertion, more = {}) => sandbox.exchange({ client_secret: undefined,
	client_assertion_type: ASSERTION_TYPE, client_assertion, ...more });

async function assertRefused(code, assertion, more) {
	const { status, body } = await exchange(assertion, more);
	assert.deepEqual(body.error_codes, [code], body.error_description);
	if (body.error === 'invalid_client')
		assert.equal(status, 401);
}

describe('a certificate\'s assertion', () => {
	let known;
	let other;
	let thumbprints;
	before(async () => {
		known = await makeClientCertificate(dir, 'known');
		other = await makeClientCertificate(dir, 'other');
		thumbprints = entra.registerCertificate(known.pem);
	});

	function make({ claims = {}, header = {}, key = known.key } = {}) {
		const now = nowSeconds();
		const all = { aud: `${entra.url}/${entra.tenantId}/oauth2/v2.0/token`,
			iss: entra.clientId, sub: entra.clientId, jti: randomUUID(), nbf: now, iat: now,
			exp: now + 600, ...claims };
		return new SignJWT(all).setProtectedHeader({ alg: 'PS256', typ: 'JWT',
			'x5t#S256': thumbprints['x5t#S256'], ...header }).sign(createPrivateKey(key));
	}

	test('is taken in PS256 with x5t#S256 and in RS256 with x5t', async () => {
		assert.equal((await exchange(await make())).status, 200);
		assert.equal((await exchange(await make({ header: { alg: 'RS256',
			'x5t#S256': undefined, x5t: thumbprints.x5t } }))).status, 200);
	});

	test('is refused with any one thing wrong', async () => {
		await assertRefused(700027, await make({ header: { 'x5t#S256': 'unknown' } }));
		await assertRefused(700027, await make({ header: { 'x5t#S256': undefined } }));
		await assertRefused(700027, await make({ key: other.key }));
		await assertRefused(700027, await make({ claims: { jti: undefined } }));
		await assertRefused(700021, await make({ claims: { sub: randomUUID() } }));
		await assertRefused(700023, await make({ claims: { aud: entra.url } }));
		await assertRefused(700024, await make({ claims: { exp: nowSeconds() - 1 } }));
		await assertRefused(700024, await make({ claims: { exp: nowSeconds() + 86_400 } }));
		await assertRefused(700024, await make({ claims: { nbf: nowSeconds() + 3600 } }));
		await assertRefused(700211, await make({ claims: { iss: randomUUID() } }));
		await assertRefused(50027, 'not.a.jwt');
		await assertRefused(9002313, await make(), { client_assertion_type: 'saml' });
		await assertRefused(9002313, await make(), { client_secret: entra.clientSecret });
	});

	test('is taken once', async () => {
		const assertion = await make();
		assert.equal((await exchange(assertion)).status, 200);
		await assertRefused(700027, assertion);
	});
});

describe('a federated token', () => {
	test('is taken of the issuer, subject and audience that are trusted', async (t) => {
		const [issuer, stranger] = [await startIssuer(), await startIssuer()];
		t.after(() => Promise.all([issuer.close(), stranger.close()]));
		entra.trustFederation({ issuer: issuer.url, subject: 'me' });
		assert.equal((await exchange(await issuer.mint({ subject: 'me' }))).status, 200);
		await assertRefused(700211, await stranger.mint({ subject: 'me' }));
		await assertRefused(700027, await stranger.mint({ subject: 'me',
			claims: { iss: issuer.url } }));
		await assertRefused(700213, await issuer.mint({ subject: 'you' }));
		await assertRefused(700212, await issuer.mint({ subject: 'me', audience: 'api://x' }));
		await assertRefused(700024, await issuer.mint({ subject: 'me', expiresIn: -1 }));
	});

	test('comes from the managed identity endpoint for those who know its header', async (t) => {
		const identity = await startIdentity({ entra });
		t.after(() => identity.close());
		const assigned = identity.assign();
		const ask = async (query, header = identity.header) => {
			const all = new URLSearchParams({ 'api-version': '2019-08-01',
				resource: EXCHANGE_AUDIENCE, ...query });
			const response = await fetch(`${identity.url}?${all}`,
				{ headers: { 'x-identity-header': header } });
			return { status: response.status, body: await response.json() };
		};
		const { body } = await ask({});
		assert.match(body.expires_on, /^\d{10}$/);
		await assertRefused(700211, body.access_token);
		entra.trustFederation(identity.federation());
		assert.equal((await exchange(body.access_token)).status, 200);
		const second = (await ask({ client_id: assigned })).body.access_token;
		await assertRefused(700213, second);
		entra.trustFederation(identity.federation(assigned));
		assert.equal((await exchange(second)).status, 200);
		assert.equal((await ask({}, 'wrong')).status, 401);
		assert.equal((await ask({ 'api-version': '2018-02-01' })).status, 400);
		assert.equal((await ask({ client_id: randomUUID() })).status, 400);
		assert.deepEqual(identity.counts, { requests: 5, tokens: 2, rejected: 3 });
	});
});
