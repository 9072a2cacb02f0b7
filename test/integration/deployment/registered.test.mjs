/*
 * The Entra that serves what was deployed knows the registrations of the directory as they are, and nothing else.
 */
import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { startAzure } from '../../sandbox/azure/azure.mjs';
import { startIdentity } from '../../sandbox/entra/federation.mjs';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { startRegistered } from '../stage/azure/registrations.mjs';

const GRAPH = 'https://graph.microsoft.com/v1.0';
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const USER_READ = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';
const VS_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const SCOPE_ID = '5c0b1a7e-2f64-4d7a-9a3f-8d4e6b1c9f20';
const scope = (fields) => ({ id: SCOPE_ID, value: 'access_as_user', type: 'User', isEnabled: true, adminConsentDisplayName: 'Call it', adminConsentDescription: 'Call it.', ...fields });

let azure;
before(async () => { azure = await startAzure({ slowDirectory: 0 }); });
after(() => azure.close());

async function ask(method, path, body) {
	const answer = await askAs(azure, asUser(azure), method, GRAPH + path, { body });
	assert.ok(answer.status < 300, JSON.stringify(answer.body));
	return answer.body;
}

/* An application in the tenant: {id, appId, principal}. */
async function application(fields, { principal = true } = {}) {
	const made = await ask('POST', '/applications', { displayName: 'an application', ...fields });
	return { ...made, principal: principal && (await ask('POST', '/servicePrincipals', { appId: made.appId })).id };
}

const api = () => application({ api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [scope(), scope({ id: VS_CODE, value: 'old', isEnabled: false })] },
	requiredResourceAccess: [{ resourceAppId: GRAPH_APP_ID, resourceAccess: [{ id: USER_READ, type: 'Scope' }] }] });

async function registered(t, clientId) {
	const entra = await startRegistered(azure, clientId);
	t.after(() => entra.close());
	return entra;
}

test('identifier URIs, enabled scopes, redirect URIs by platform and pre-authorized clients are those that are stored', async (t) => {
	const { id, appId } = await api();
	await ask('PATCH', `/applications/${id}`, { identifierUris: [`api://${appId}`], web: { redirectUris: ['https://client.example/web'] }, publicClient: { redirectUris: ['http://localhost/callback'] },
		api: { preAuthorizedApplications: [{ appId: VS_CODE, delegatedPermissionIds: [SCOPE_ID] }] } });
	const { directory } = await registered(t, appId);
	const known = directory.resource(`api://${appId}`);
	assert.equal(known, directory.api);
	assert.deepEqual([known.scopes, known.tokenVersion, known.preAuthorized, known.permissions], [['access_as_user'], 2, { [VS_CODE]: ['access_as_user'] }, { [GRAPH_APP_ID]: ['User.Read'] }]);
	assert.deepEqual(['https://client.example/web', 'http://localhost/callback', 'https://client.example/other'].map((uri) => directory.platformOf(known, uri)), ['web', 'publicClient', undefined]);
});

test('the sandbox\'s own applications are not there, nor one without a service principal', async (t) => {
	const { appId } = await api();
	const other = await application({ displayName: 'elsewhere' }, { principal: false });
	const entra = await registered(t, appId);
	assert.equal(entra.directory.find(other.appId), undefined);
	assert.equal(entra.directory.find('7d0f4a1e-52c3-4b86-9e0d-c3a8b1f26e94'), undefined);
	await assert.rejects(startRegistered(azure, other.appId), /no application/);
});

test('consent is that of the tenant: to the client for the API, to the API for Graph', async (t) => {
	const [{ appId, principal }, client] = [await api(), await application({ displayName: 'client' })];
	const unconsented = await registered(t, appId);
	const wanted = [{ resource: unconsented.directory.api, name: 'access_as_user' }];
	assert.deepEqual(unconsented.delegated, []);
	assert.equal(unconsented.directory.missing(unconsented.directory.find(client.appId), wanted, unconsented.users.adele).length, 1);
	const graph = (await ask('GET', `/servicePrincipals(appId='${GRAPH_APP_ID}')`)).id;
	await ask('POST', '/oauth2PermissionGrants', { clientId: client.principal, consentType: 'AllPrincipals', resourceId: principal, scope: 'access_as_user' });
	await ask('POST', '/oauth2PermissionGrants', { clientId: principal, consentType: 'AllPrincipals', resourceId: graph, scope: 'User.Read' });
	const { directory, delegated, users } = await registered(t, appId);
	assert.deepEqual(delegated, ['User.Read']);
	assert.deepEqual(directory.missing(directory.find(client.appId), [{ resource: directory.api, name: 'access_as_user' }], users.adele), []);
});

/* An exchange by that proof: the numbers of what refused it, or none. */
async function exchanged(entra, proof) {
	const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', requested_token_use: 'on_behalf_of', client_id: entra.clientId, scope: `${entra.graphAudience}/User.Read`,
		assertion: await entra.mintUserToken(), ...proof };
	const answer = await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
	return (await answer.json()).error_codes ?? [];
}

/* A grant for the API's exchange. */
async function mayExchange({ principal }) {
	const graph = (await ask('GET', `/servicePrincipals(appId='${GRAPH_APP_ID}')`)).id;
	await ask('POST', '/oauth2PermissionGrants', { clientId: principal, consentType: 'AllPrincipals', resourceId: graph, scope: 'User.Read' });
}

test('the exchange is proved by the secret that is stored, and by no other', async (t) => {
	const app = await api();
	await mayExchange(app);
	assert.deepEqual(await exchanged(await registered(t, app.appId), { client_secret: 'undefined' }), [7000215]);
	const { secretText } = await ask('POST', `/applications/${app.id}/addPassword`, {});
	assert.deepEqual(await exchanged(await registered(t, app.appId), { client_secret: secretText }), []);
});

test('or by a managed identity that is trusted, and by no other', async (t) => {
	const app = await api();
	await mayExchange(app);
	const principalId = '0f0e0d0c-1111-4222-8333-444444444444';
	await ask('POST', `/applications/${app.id}/federatedIdentityCredentials`, { name: 'functions', issuer: `https://login.microsoftonline.com/${azure.tenantId}/v2.0`, subject: principalId, audiences: ['api://AzureADTokenExchange'] });
	const entra = await registered(t, app.appId);
	const identity = await startIdentity({ entra });
	t.after(() => identity.close());
	const proof = async () => {
		const answer = await fetch(`${identity.url}?api-version=2019-08-01&resource=api://AzureADTokenExchange`, { headers: { 'x-identity-header': identity.header } });
		return { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: (await answer.json()).access_token };
	};
	assert.deepEqual(await exchanged(entra, await proof()), [700213]);
	identity.principalId = principalId;
	assert.deepEqual(await exchanged(entra, await proof()), []);
});
