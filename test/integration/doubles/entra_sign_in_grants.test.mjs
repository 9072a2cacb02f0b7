/*
 * Proves what the sandbox Entra says of scopes and resources, codes, verifiers and refresh tokens:
 * the requests of real clients, each with the number it is refused by.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { tokenPath } from '../../sandbox/common/sandbox_client.mjs';
import { EntraClient, assertAadsts, assertToldBack } from '../stage/entra_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const API = `api://${entra.clientId}`;
const FULL = `${API}/access_as_user`;
const HOST = 'https://host.example/mcp';
const GRAPH = 'https://graph.microsoft.com';
const client = () => new EntraClient(entra);
const told = async (fields, code, error) => assertToldBack(await client().signIn(fields), code, error);

/* One of everything that a token request can be refused by. */
async function refusedEverywhere(fields, code, error) {
	const one = client();
	assertAadsts(await one.redeem(await one.code(), fields), code, error);
	const { refresh_token } = await one.tokens();
	assertAadsts(await one.refresh(refresh_token, fields), code, error);
}

describe('a resource', () => {
	test('that is the server\'s address does not match the full scope', async () => {
		await told({ resource: HOST, scope: FULL }, 9010010, 'invalid_target');
		await refusedEverywhere({ resource: HOST, scope: FULL }, 9010010, 'invalid_target');
		await refusedEverywhere({ resource: HOST }, 9010010, 'invalid_target');
	});

	test('never matches a bare scope, even when it is the identifier URI', async () => {
		for (const resource of [API, HOST]) {
			await told({ resource, scope: 'access_as_user' }, 9010010, 'invalid_target');
			await refusedEverywhere({ resource, scope: 'access_as_user' }, 9010010, 'invalid_target');
		}
	});

	test('is the scope\'s own to the byte: a slash at its end is another', async () => {
		entra.directory.api.identifierUris.push(HOST);
		const scope = `${HOST}/access_as_user`;
		assert.equal((await client().tokens({ resource: HOST, scope })).scope, scope);
		await told({ resource: `${HOST}/`, scope }, 9010010, 'invalid_target');
		await told({ resource: API, scope }, 9010010, 'invalid_target');
	});

	test('left out, a full scope works', async () => {
		assert.equal((await client().tokens({ scope: FULL })).scope, FULL);
		assert.equal((await client().tokens({ scope: `${entra.clientId}/access_as_user` })).scope,
			`${entra.clientId}/access_as_user`);
	});

	test('has identifier URIs without a slash at the end, on https only for tokens of version 2', () => {
		const { directory } = entra;
		assert.throws(() => directory.register({ identifierUris: [`${HOST}/`] }), /slash/);
		assert.throws(() => directory.register({ identifierUris: [HOST], tokenVersion: 1 }), /version 2/);
		assert.ok(directory.register({ identifierUris: [HOST] }));
	});
});

describe('a scope', () => {
	test('without a prefix is looked for on Microsoft Graph', async () => {
		await told({ scope: 'access_as_user' }, 650053, 'invalid_scope');
		await refusedEverywhere({ scope: 'access_as_user' }, 650053, 'invalid_scope');
		const { scope, access_token } = await client().tokens({ scope: 'openid User.Read' });
		assert.equal(scope, `${GRAPH}/User.Read openid`);
		assert.deepEqual(entra.introspectGraphToken(access_token).scopes, ['User.Read']);
	});

	test('unknown to its resource, or of an unknown resource', async () => {
		await told({ scope: `${API}/other` }, 650053, 'invalid_scope');
		await told({ scope: 'api://unknown/access_as_user' }, 500011, 'invalid_resource');
		await told({ scope: `${HOST}/access_as_user` }, 500011, 'invalid_resource');
		await refusedEverywhere({ scope: `${API}/other` }, 650053, 'invalid_scope');
		await refusedEverywhere({ scope: 'api://unknown/x' }, 500011, 'invalid_resource');
	});

	test('of none is refused at authorize', async () => {
		for (const scope of [undefined, '', ' '])
			await told({ scope }, 900144, 'invalid_request');
	});

	test('of none, where it is taken at authorize, must come with the code', async () => {
		entra.directory.set('withoutScope', 'taken');
		entra.directory.consentForAll();
		const one = client();
		const code = await one.code({ scope: undefined });
		assertAadsts(await one.redeem(code), 70011, 'invalid_scope');
		assert.equal((await one.redeem(code, { scope: FULL })).status, 200);
	});

	test('of two resources: authorize takes it, the token is for the first, a token request is refused', async () => {
		const both = `${FULL} ${GRAPH}/User.Read`;
		assert.equal((await client().tokens({ scope: both })).scope, FULL);
		assert.equal((await client().tokens({ scope: `${GRAPH}/User.Read ${FULL}` })).scope, `${GRAPH}/User.Read`);
		await refusedEverywhere({ scope: both }, 28000, 'invalid_request');
	});

	test('.default stands for what is registered for the application, and stands alone', async () => {
		const { access_token } = await client().tokens({ scope: `${API}/.default offline_access` });
		assert.equal(jose.decodeJwt(access_token).scp, 'access_as_user');
		await told({ scope: `${API}/.default ${FULL}` }, 70011, 'invalid_scope');
		await told({ scope: `${GRAPH}/.default` }, 650057, 'invalid_resource');
	});

	test('at a token request goes no further than the consent', async () => {
		await refusedEverywhere({ scope: `${GRAPH}/Mail.Read` }, 65001, 'invalid_grant');
	});

	test('left out at a refresh is refused where client and API are one application', async () => {
		const { api } = entra.directory;
		api.addRedirectUri('publicClient', 'http://localhost/callback');
		const one = new EntraClient(entra, { clientId: api.clientId });
		const { refresh_token } = await one.tokens();
		assertAadsts(await one.refresh(refresh_token), 90009, 'invalid_request');
		assert.equal((await one.refresh(refresh_token, { scope: `${api.clientId}/access_as_user` })).status, 200);
	});
});

describe('a code', () => {
	test('is good once, for ten minutes', async () => {
		const one = client();
		const code = await one.code();
		assert.equal((await one.redeem(code)).status, 200);
		assertAadsts(await one.redeem(code), 54005, 'invalid_grant');
		const old = await one.code();
		entra.ageGrants(601);
		assertAadsts(await one.redeem(old), 70008, 'invalid_grant');
		assertAadsts(await one.redeem('invented'), 70000, 'invalid_grant');
		assertAadsts(await one.redeem(undefined), 900144, 'invalid_request');
	});

	test('wants the verifier of its challenge', async () => {
		const one = client();
		const code = await one.code();
		assertAadsts(await one.redeem(code, { code_verifier: undefined }), 50148, 'invalid_grant');
		assertAadsts(await one.redeem(code, { code_verifier: client().verifier }), 501481, 'invalid_grant');
		assert.equal((await one.redeem(code)).status, 200);
	});

	test('wants none without a challenge, and the challenge itself where it was plain', async () => {
		const one = client();
		const bare = await one.code({ code_challenge: undefined, code_challenge_method: undefined });
		assert.equal((await one.redeem(bare, { code_verifier: undefined })).status, 200);
		const plain = await one.code({ code_challenge: one.verifier, code_challenge_method: 'plain' });
		assert.equal((await one.redeem(plain)).status, 200);
	});
});

describe('a refresh token', () => {
	test('ends after 90 days, and when it is revoked', async () => {
		const one = client();
		const { refresh_token } = await one.tokens();
		entra.ageGrants(89 * 86_400);
		const { body } = await one.refresh(refresh_token);
		entra.ageGrants(2 * 86_400);
		assertAadsts(await one.refresh(refresh_token), 700082, 'invalid_grant');
		entra.revokeGrants('zoe');
		assert.equal((await one.refresh(body.refresh_token)).status, 200);
		entra.revokeGrants('adele');
		assertAadsts(await one.refresh(body.refresh_token), 50173, 'invalid_grant');
		assertAadsts(await one.refresh('invented'), 70000, 'invalid_grant');
		assert.ok((await one.tokens()).refresh_token);
	});
});

describe('the token endpoint', () => {
	test('takes a form in a POST, and only the grants there are', async () => {
		const url = entra.url + tokenPath(entra.tenantId);
		const body = JSON.stringify({ grant_type: 'authorization_code' });
		const json = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
		assertAadsts({ status: json.status, body: await json.json() }, 900144, 'invalid_request');
		const got = await fetch(`${url}?grant_type=authorization_code`);
		assertAadsts({ status: got.status, body: await got.json() }, 900561, 'invalid_request');
		assertAadsts(await client().token({ grant_type: 'password' }), 70003, 'unsupported_grant_type');
		assertAadsts(await client().redeem('x', { client_id: HOST }), 700016, 'unauthorized_client');
	});

	test('an error has Entra\'s members', async () => {
		const { headers, body } = await client().redeem('invented');
		assert.match(headers.get('content-type'), /^application\/json/);
		assert.deepEqual(Object.keys(body).sort(), ['correlation_id', 'error', 'error_codes', 'error_description',
			'error_uri', 'timestamp', 'trace_id']);
	});

	test('failures on order meet a person\'s token requests too, by user', async () => {
		const one = client();
		const code = await one.code();
		entra.fail({ kind: 'temporarily_unavailable', user: 'adele' });
		assert.equal((await one.redeem(code)).status, 503);
		assert.equal((await one.redeem(code)).status, 200);
		entra.fail({ on: 'authorize', kind: 'http_503' });
		assert.equal((await one.signIn()).status, 503);
	});
});

describe('Entra has no', () => {
	test('registration endpoint, nor a document at the address of RFC 8414', async () => {
		const { url, tenantId } = entra;
		const document = await (await fetch(`${url}/${tenantId}/v2.0/.well-known/openid-configuration`)).json();
		assert.deepEqual([document.registration_endpoint, document.code_challenge_methods_supported], [undefined, undefined]);
		for (const path of [`/.well-known/oauth-authorization-server/${tenantId}/v2.0`,
			`/${tenantId}/v2.0/.well-known/oauth-authorization-server`, '/.well-known/oauth-authorization-server'])
			assert.equal((await fetch(url + path)).status, 404, path);
	});
});
