/*
 * The played directory demands of an application what Entra demands.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCOPE_ID, VS_CODE, assertRefused, directory, ourScope } from '../stage/azure/directory.mjs';

const URI = 'https://graph-mcp-1a2b3c.azure-api.net/mcp';
const DOMAIN = [400, 'HostNameNotOnVerifiedDomain', /must use a verified domain/];

/* With patch(body) of one application, and now(): what it is. */
async function registered(t, options) {
	const it = await directory(t, options);
	const { id, appId } = await it.register();
	return { ...it, id, appId, patch: (body) => it.ask('PATCH', `/applications/${id}`, body), now: async () => (await it.ask('GET', `/applications/${id}`)).body };
}

const takes = async (answering) => {
	const { status, body } = await answering;
	assert.equal(status, 204, JSON.stringify(body));
};

test('no member that the specification does not know is taken, nor one of another kind', async (t) => {
	const { patch } = await registered(t);
	assertRefused(await patch({ colour: 'red' }), 400, 'Request_BadRequest', /colour/);
	assertRefused(await patch({ api: { preAuthorizedApplications: [{ appId: VS_CODE, permissionIds: [SCOPE_ID] }] } }), 400, 'Request_BadRequest', /permissionIds/);
	assertRefused(await patch({ identifierUris: 'api://x' }), 400, 'Request_BadRequest', /identifierUris/);
	assertRefused(await patch({ appId: VS_CODE }), 400, 'Request_BadRequest', /appId/);
});

test('a PATCH keeps what it does not name, and replaces lists whole', async (t) => {
	const { patch, now } = await registered(t);
	await takes(patch({ api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [ourScope()] }, publicClient: { redirectUris: ['http://localhost/a', 'http://localhost/b'] } }));
	await takes(patch({ api: { preAuthorizedApplications: [{ appId: VS_CODE, delegatedPermissionIds: [SCOPE_ID] }] }, publicClient: { redirectUris: ['http://localhost/c'] } }));
	const { api, publicClient } = await now();
	assert.equal(api.requestedAccessTokenVersion, 2);
	assert.equal(api.oauth2PermissionScopes[0].value, 'access_as_user');
	assert.deepEqual(publicClient.redirectUris, ['http://localhost/c']);
});

test('lists do not come back in the order they were sent in', async (t) => {
	const { patch, now } = await registered(t);
	await takes(patch({ publicClient: { redirectUris: ['http://localhost/a', 'http://localhost/b'] } }));
	assert.deepEqual((await now()).publicClient.redirectUris, ['http://localhost/b', 'http://localhost/a']);
});

test('a scope is disabled before it is removed or named anew', async (t) => {
	const { patch } = await registered(t);
	const scopes = (...oauth2PermissionScopes) => patch({ api: { oauth2PermissionScopes } });
	await takes(scopes(ourScope()));
	for (const now of [[], [ourScope({ value: 'other' })]])
		assertRefused(await scopes(...now), 400, 'CannotDeleteOrUpdateEnabledEntitlement', /unless disabled first/);
	await takes(scopes(ourScope({ isEnabled: false })));
	await takes(scopes());
});

test('a scope has a name, a text for administrators and an id of its own', async (t) => {
	const { patch } = await registered(t);
	const scopes = (...oauth2PermissionScopes) => patch({ api: { oauth2PermissionScopes } });
	assertRefused(await scopes(ourScope({ adminConsentDescription: undefined })), 400, 'InvalidValue', /adminConsentDescription/);
	assertRefused(await scopes(ourScope(), ourScope({ value: 'b' })), 400, 'DuplicateValue', /id twice/);
});

test('a client is pre-authorized for scopes that were there before the request', async (t) => {
	const { patch } = await registered(t);
	const preAuthorizedApplications = [{ appId: VS_CODE, delegatedPermissionIds: [SCOPE_ID] }];
	assertRefused(await patch({ api: { oauth2PermissionScopes: [ourScope()], preAuthorizedApplications } }), 400, 'InvalidValue', /Permission Id that cannot be found/);
	await takes(patch({ api: { oauth2PermissionScopes: [ourScope()] } }));
	await takes(patch({ api: { preAuthorizedApplications } }));
	assertRefused(await patch({ api: { preAuthorizedApplications: [...preAuthorizedApplications, ...preAuthorizedApplications] } }), 400, 'InvalidValue', /twice/);
});

test('an identifier URI is of the application, the tenant or its domains, and ends in no slash', async (t) => {
	const { azure, appId, patch } = await registered(t);
	for (const uri of [`api://${appId}`, `api://${azure.tenantId}/mcp`, 'https://mcp.contoso.example/mcp', 'api://contoso.example/mcp'])
		await takes(patch({ identifierUris: [uri] }));
	for (const uri of [URI, 'api://graph-mcp', 'https://contoso.example.evil.example/mcp', 'https://notcontoso.example/mcp'])
		assertRefused(await patch({ identifierUris: [uri] }), ...DOMAIN);
	assertRefused(await patch({ identifierUris: [`api://${appId}/`] }), 400, 'InvalidValue', /no URI/);
});

test('any other identifier URI wants tokens of version 2 from an earlier request', async (t) => {
	const { patch } = await registered(t);
	assertRefused(await patch({ api: { requestedAccessTokenVersion: 2 }, identifierUris: [URI] }), ...DOMAIN);
	await takes(patch({ api: { requestedAccessTokenVersion: 2 } }));
	await takes(patch({ identifierUris: [URI] }));
});

test('a tenant may refuse it all the same', async (t) => {
	const { appId, patch } = await registered(t, { refusesIdentifiers: true });
	await takes(patch({ api: { requestedAccessTokenVersion: 2 } }));
	assertRefused(await patch({ identifierUris: [`api://${appId}`, URI] }), ...DOMAIN);
	await takes(patch({ identifierUris: [`api://${appId}`] }));
});

test('an identifier URI is of one application', async (t) => {
	const { patch, register, ask } = await registered(t);
	const identifierUris = ['https://mcp.contoso.example/mcp'];
	await takes(patch({ identifierUris }));
	await takes(patch({ identifierUris }));
	const other = await register({ displayName: 'other' });
	assertRefused(await ask('PATCH', `/applications/${other.id}`, { identifierUris }), 400, 'ObjectConflict', /already exists/);
});

test('a redirect URI is of the form that its platform takes, and of one platform', async (t) => {
	const { patch } = await registered(t);
	const REFUSED = [400, 'InvalidValue', /redirect URI/];
	for (const platform of ['publicClient', 'web', 'spa'])
		await takes(patch({ [platform]: { redirectUris: [`https://client.example/${platform}`, `http://localhost/${platform}`, `http://127.0.0.1:8080/${platform}`] } }));
	await takes(patch({ publicClient: { redirectUris: ['cursor://anysphere.cursor-mcp/oauth/callback'] } }));
	for (const [platform, uri] of [['web', 'cursor://x/y'], ['spa', 'cursor://x/y'], ['publicClient', 'http://client.example/'], ['publicClient', 'http://[::1]/callback'],
		['publicClient', 'https://client.example/#x'], ['publicClient', 'http://localhost.evil.example/'], ['publicClient', `https://client.example/${'x'.repeat(256)}`],
		['publicClient', 'https://client.example/web']])
		assertRefused(await patch({ [platform]: { redirectUris: [uri] } }), ...REFUSED);
	const many = Array.from({ length: 257 }, (_, i) => `http://localhost/${i}`);
	assertRefused(await patch({ publicClient: { redirectUris: many } }), 400, 'InvalidValue', /at most 256/);
});

test('what an application asks for names each resource once', async (t) => {
	const { patch } = await registered(t);
	const one = { resourceAppId: VS_CODE, resourceAccess: [{ id: SCOPE_ID, type: 'Scope' }] };
	await takes(patch({ requiredResourceAccess: [one] }));
	assertRefused(await patch({ requiredResourceAccess: [one, one] }), 400, 'InvalidValue', /twice/);
	assertRefused(await patch({ requiredResourceAccess: [{ ...one, resourceAccess: [] }] }), 400, 'InvalidValue', /without permissions/);
});

test('a password is shown once', async (t) => {
	const { ask, id, now } = await registered(t);
	const { body } = await ask('POST', `/applications/${id}/addPassword`, { passwordCredential: { displayName: 'graph-mcp' } });
	assert.match(body.secretText, /^SECRET-\S{30,}$/);
	assert.ok(!JSON.stringify(await now()).includes(body.secretText));
	assert.deepEqual((await now()).passwordCredentials.map(({ displayName, secretText }) => [displayName, secretText]), [['graph-mcp', null]]);
	await takes(ask('POST', `/applications/${id}/removePassword`, { keyId: body.keyId }));
	assert.deepEqual((await now()).passwordCredentials, []);
	assertRefused(await ask('POST', `/applications/${id}/removePassword`, { keyId: body.keyId }), 400, 'Request_BadRequest', /No password/);
});

test('a federated credential is one of twenty, of its own name, issuer and subject, for one audience', async (t) => {
	const { ask, id } = await registered(t);
	const credential = (fields) => ({ name: 'functions', issuer: 'https://login.microsoftonline.com/x/v2.0', subject: 'one', audiences: ['api://AzureADTokenExchange'], ...fields });
	const add = (fields) => ask('POST', `/applications/${id}/federatedIdentityCredentials`, credential(fields));
	assert.equal((await add()).status, 201);
	assertRefused(await add({ subject: 'two' }), 409, 'Request_MultipleObjectsWithSameKeyValue', /name functions/);
	assertRefused(await add({ name: 'other' }), 409, 'Request_MultipleObjectsWithSameKeyValue', /same issuer and subject/);
	assertRefused(await add({ name: 'other', subject: 'two', audiences: ['a', 'b'] }), 400, 'Request_BadRequest', /single value/);
	assertRefused(await add({ name: 'other', subject: undefined }), 400, 'Request_BadRequest', /subject/);
	assertRefused(await add({ name: 'with space', subject: 'two' }), 400, 'Request_BadRequest', /name/);
	assert.equal((await ask('GET', `/applications/${id}/federatedIdentityCredentials/functions`)).body.subject, 'one');
	await takes(ask('PATCH', `/applications/${id}/federatedIdentityCredentials/functions`, { subject: 'anew' }));
	await takes(ask('DELETE', `/applications/${id}/federatedIdentityCredentials/functions`));
	for (let i = 0; i < 20; i++) assert.equal((await add({ name: `name-${i}`, subject: `${i}` })).status, 201);
	assertRefused(await add({ name: 'name-20', subject: '20' }), 400, 'Request_BadRequest', /at most 20/);
	assert.equal((await ask('GET', `/applications/${id}/federatedIdentityCredentials`)).body.value.length, 20);
});
