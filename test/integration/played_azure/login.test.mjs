/*
 * The sign-in of the played Azure refuses what Microsoft Entra refuses, with its numbers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAs, played } from '../stage/azure_client.mjs';
import { claimsOf } from '../../sandbox/azure/tokens.mjs';

const ARM = 'https://management.core.windows.net//.default';
const LOGIN = 'https://login.microsoftonline.com';

async function login(t) {
	const { azure, ask } = await played(t);
	const post = (path, fields) => askAs(azure, null, 'POST', `${LOGIN}/${azure.tenantId}/oauth2/v2.0/${path}`, { body: new URLSearchParams(fields) });
	const byClient = (fields) => post('token', { grant_type: 'client_credentials', client_id: azure.client.id, scope: ARM, ...fields });
	return { azure, ask, post, byClient };
}

function refused({ status, body }, wanted, number) {
	assert.equal(status, wanted, JSON.stringify(body));
	assert.ok(body.error_description.startsWith(`AADSTS${number}:`), body.error_description);
	assert.deepEqual(body.error_codes, [number]);
}

async function signedIn({ azure, post }, scope = `${ARM} offline_access openid profile`) {
	const { body: { device_code } } = await post('devicecode', { client_id: azure.azureCli, scope });
	const redeem = () => post('token', { grant_type: 'device_code', client_id: azure.azureCli, device_code });
	return { pending: await redeem(), answer: await redeem(), again: await redeem() };
}

test('a device code is pending, then gives a token for what it was asked for, once', async (t) => {
	const it = await login(t);
	const { pending, answer, again } = await signedIn(it);
	refused(pending, 400, 70016);
	assert.equal(claimsOf(answer.body.access_token).aud, 'https://management.core.windows.net/');
	assert.equal(claimsOf(answer.body.access_token).oid, it.azure.userId);
	refused(again, 400, 70000);
});

test('a refresh token gives tokens for other resources; one that was never given does not', async (t) => {
	const it = await login(t);
	const { answer: { body: { refresh_token } } } = await signedIn(it);
	const refresh = (fields) => it.post('token', { grant_type: 'refresh_token', client_id: it.azure.azureCli, refresh_token, scope: 'https://vault.azure.net/.default', ...fields });
	assert.equal(claimsOf((await refresh({})).body.access_token).aud, 'https://vault.azure.net');
	refused(await refresh({ refresh_token: 'SECRET-refresh-made-up' }), 400, 9002313);
	refused(await refresh({ scope: 'User.Read' }), 400, 70011);
	refused(await refresh({ scope: `${ARM} https://vault.azure.net/.default` }), 400, 28000);
});

test('a resource that the tenant does not know has no token, until a test mints its own', async (t) => {
	const it = await login(t);
	const { answer: { body: { refresh_token } } } = await signedIn(it);
	const refresh = () => it.post('token', { grant_type: 'refresh_token', client_id: it.azure.azureCli, refresh_token, scope: 'api://an-app/access_as_user openid' });
	refused(await refresh(), 400, 500011);
	const seen = [];
	it.azure.mintUserToken = (wanted) => { seen.push(wanted); return 'a.token.SECRET'; };
	assert.equal((await refresh()).body.access_token, 'a.token.SECRET');
	assert.deepEqual(seen, [{ resource: 'api://an-app', names: ['access_as_user'], client: it.azure.azureCli }]);
});

test('a service principal signs in with its secret, for one resource\'s .default alone', async (t) => {
	const { azure, byClient } = await login(t);
	const { body } = await byClient({ client_secret: azure.client.secret });
	assert.equal(claimsOf(body.access_token).oid, azure.client.oid);
	assert.equal(body.refresh_token, undefined);
	refused(await byClient({ client_secret: 'wrong' }), 401, 7000215);
	refused(await byClient({}), 401, 7000215);
	refused(await byClient({ client_id: 'another' }), 400, 700016);
	refused(await byClient({ client_secret: azure.client.secret, scope: 'https://graph.microsoft.com/User.Read' }), 400, 1002012);
});

test('a federated token is taken from the issuer and for the subject that are trusted, while it lives', async (t) => {
	const { azure, byClient } = await login(t);
	const present = (claims) => byClient({ client_assertion: azure.federatedToken(claims), client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
	assert.equal((await present({})).status, 200);
	refused(await present({ iss: 'https://elsewhere.example' }), 401, 700211);
	refused(await present({ sub: 'repo:somebody/else:ref:refs/heads/main' }), 401, 700213);
	refused(await present({ aud: 'https://github.com/contoso' }), 401, 700212);
	refused(await present({ exp: 1 }), 401, 700024);
	refused(await byClient({ client_assertion: 'no token' }), 401, 50027);
});

test('a tenant or a kind of grant that is not there is refused', async (t) => {
	const { azure, post } = await login(t);
	const configuration = (tenant) => askAs(azure, null, 'GET', `${LOGIN}/${tenant}/v2.0/.well-known/openid-configuration`);
	assert.equal((await configuration('organizations')).status, 200);
	refused(await configuration('elsewhere.example'), 400, 90002);
	refused(await post('token', { grant_type: 'password' }), 400, 70003);
});

test('a service of Azure refuses whoever shows no token, or one for another service', async (t) => {
	const { azure } = await played(t);
	const nobody = await askAs(azure, null, 'GET', '/subscriptions?api-version=2022-12-01');
	assert.deepEqual([nobody.status, nobody.body.error.code], [401, 'AuthenticationFailed']);
	const { body: { access_token } } = await askAs(azure, null, 'POST', `${LOGIN}/${azure.tenantId}/oauth2/v2.0/token`,
		{ body: new URLSearchParams({ grant_type: 'client_credentials', client_id: azure.client.id, client_secret: azure.client.secret, scope: 'https://graph.microsoft.com/.default' }) });
	const wrong = await askAs(azure, null, 'GET', '/subscriptions?api-version=2022-12-01', { headers: { authorization: `Bearer ${access_token}` } });
	assert.deepEqual([wrong.status, wrong.body.error.code], [401, 'InvalidAuthenticationTokenAudience']);
});
