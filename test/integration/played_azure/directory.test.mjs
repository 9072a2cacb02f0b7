/*
 * The directory of the played Azure: objects, who may change them, and how late they are known.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { assertRefused, directory, found, ourScope, quoted } from '../stage/azure/directory.mjs';

const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const NOT_THERE = /^Resource '.*' does not exist or one of its queried reference-property objects are not present\.$/;
const DENIED = [403, 'Authorization_RequestDenied', /^Insufficient privileges/];

test('an application is found by its object id, its client id, its name and its identifier URI', async (t) => {
	const { ask, register } = await directory(t);
	const { id, appId } = await register();
	await register({ displayName: 'graph-mcp-clients' });
	await ask('PATCH', `/applications/${id}`, { identifierUris: [`api://${appId}`] });
	for (const path of [`/applications/${id}`, `/applications(appId='${appId}')`])
		assert.equal((await ask('GET', path)).body.displayName, 'graph-mcp');
	for (const filter of ['displayName eq \'graph-mcp\'', `appId eq '${appId}'`, `identifierUris/any(s:s eq 'api://${appId}')`, `displayName eq 'graph-mcp' and appId eq '${appId}'`])
		assert.deepEqual(found(await ask('GET', `/applications${quoted(filter)}`)), ['graph-mcp'], filter);
	assert.deepEqual(found(await ask('GET', `/applications${quoted('startswith(displayName,\'graph-mcp\')')}`)), ['graph-mcp', 'graph-mcp-clients']);
	assertRefused(await ask('GET', `/applications/${appId}`), 404, 'Request_ResourceNotFound', NOT_THERE);
	assertRefused(await ask('GET', `/applications${quoted('notes eq \'x\'')}`), 400, 'Request_UnsupportedQuery', /notes/);
	assertRefused(await ask('GET', '/applications?$orderby=x'), 400, 'BadRequest', /\$orderby/);
});

test('a name with a quotation mark and an "and" is one value of a filter', async (t) => {
	const { ask, register } = await directory(t);
	await register({ displayName: 'Rosie\'s and mine' });
	assert.deepEqual(found(await ask('GET', `/applications${quoted('displayName eq \'Rosie\'\'s and mine\'')}`)), ['Rosie\'s and mine']);
});

test('$select leaves the rest out, and a long list comes in pages', async (t) => {
	const { azure, ask, register } = await directory(t);
	for (const displayName of ['a', 'b', 'c']) await register({ displayName });
	const first = await ask('GET', '/applications?$select=displayName&$top=2');
	assert.deepEqual(first.body.value, [{ displayName: 'a' }, { displayName: 'b' }]);
	const rest = await askAs(azure, asUser(azure), 'GET', first.body['@odata.nextLink']);
	assert.deepEqual(rest.body.value, [{ displayName: 'c' }]);
	assert.equal(rest.body['@odata.nextLink'], undefined);
});

test('a service principal needs an application, and there is one of it', async (t) => {
	const { azure, ask, register } = await directory(t);
	const { appId } = await register();
	assertRefused(await ask('POST', '/servicePrincipals', { appId: '11111111-2222-4333-8444-555555555555' }), 400, 'Request_BadRequest', /does not reference a valid application object/);
	const { status, body } = await ask('POST', '/servicePrincipals', { appId });
	assert.equal(status, 201);
	assert.equal(azure.principals.get(body.id), 'ServicePrincipal');
	assertRefused(await ask('POST', '/servicePrincipals', { appId }), 409, 'Request_MultipleObjectsWithSameKeyValue', /already in use/);
	assert.deepEqual(found(await ask('GET', `/servicePrincipals${quoted(`servicePrincipalNames/any(c:c eq '${appId}')`)}`)), ['graph-mcp']);
});

test('Microsoft Graph and managed identities are service principals too', async (t) => {
	const { azure, ask } = await directory(t);
	const { body } = await ask('GET', `/servicePrincipals(appId='${GRAPH_APP_ID}')`);
	assert.equal(body.oauth2PermissionScopes.find(({ value }) => value === 'User.Read').id, 'e1fe6dd8-ba31-4d61-89e7-88639da4683d');
	azure.principals.set('0f0e0d0c-1111-4222-8333-444444444444', 'ServicePrincipal');
	assert.equal((await ask('GET', '/servicePrincipals/0f0e0d0c-1111-4222-8333-444444444444')).body.servicePrincipalType, 'ManagedIdentity');
	assert.equal((await ask('GET', `/servicePrincipals(appId='${azure.client.id}')`)).body.id, azure.client.oid);
});

test('a new object is in lists at once, and elsewhere after slowDirectory questions', async (t) => {
	const { ask, register } = await directory(t, { slowDirectory: 2 });
	const { id, appId } = await register();
	assert.deepEqual(found(await ask('GET', '/applications')), ['graph-mcp']);
	assertRefused(await ask('POST', '/servicePrincipals', { appId }), 400, 'Request_BadRequest', /does not reference/);
	assertRefused(await ask('PATCH', `/applications/${id}`, { notes: 'x' }), 404, 'Request_ResourceNotFound', NOT_THERE);
	assert.equal((await ask('PATCH', `/applications/${id}`, { notes: 'x' })).status, 204);
	const client = (await ask('POST', '/servicePrincipals', { appId })).body.id;
	const resourceId = (await ask('GET', `/servicePrincipals(appId='${GRAPH_APP_ID}')`)).body.id;
	const consent = () => ask('POST', '/oauth2PermissionGrants', { clientId: client, consentType: 'AllPrincipals', resourceId, scope: 'User.Read' });
	assertRefused(await consent(), 404, 'Request_ResourceNotFound', NOT_THERE);
	assertRefused(await consent(), 404, 'Request_ResourceNotFound', NOT_THERE);
	assert.equal((await consent()).status, 201);
});

test('consent is for permissions that there are, once for each pair, and can be widened', async (t) => {
	const { ask, register } = await directory(t);
	const { id, appId } = await register({ api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [ourScope()] } });
	const resourceId = (await ask('POST', '/servicePrincipals', { appId })).body.id;
	const clientId = (await ask('POST', '/servicePrincipals', { appId: (await register({ displayName: 'client' })).appId })).body.id;
	const grant = { clientId, consentType: 'AllPrincipals', resourceId, scope: 'access_as_user' };
	assertRefused(await ask('POST', '/oauth2PermissionGrants', { ...grant, scope: 'access_as_nobody' }), 400, 'Request_BadRequest', /access_as_nobody/);
	assertRefused(await ask('POST', '/oauth2PermissionGrants', { ...grant, consentType: 'Principal' }), 400, 'Request_BadRequest', /principalId/);
	const made = (await ask('POST', '/oauth2PermissionGrants', { ...grant, scope: '' })).body;
	assertRefused(await ask('POST', '/oauth2PermissionGrants', grant), 409, 'Request_MultipleObjectsWithSameKeyValue', /^Permission entry already exists\.$/);
	assert.equal((await ask('PATCH', `/oauth2PermissionGrants/${made.id}`, { scope: 'access_as_user' })).status, 204);
	const listed = () => ask('GET', `/oauth2PermissionGrants${quoted(`clientId eq '${clientId}' and consentType eq 'AllPrincipals'`)}`);
	assert.deepEqual((await listed()).body.value.map(({ scope }) => scope), ['access_as_user']);
	await ask('DELETE', `/applications/${id}`);
	assert.deepEqual((await listed()).body.value, [], 'the resource is gone, and consent to it');
});

test('a deleted application is kept apart, and can be restored or purged', async (t) => {
	const { azure, ask, register } = await directory(t);
	const { id, appId } = await register();
	const principal = (await ask('POST', '/servicePrincipals', { appId })).body.id;
	assert.equal((await ask('DELETE', `/applications/${id}`)).status, 204);
	assert.equal(azure.principals.has(principal), false);
	assertRefused(await ask('GET', `/servicePrincipals/${principal}`), 404, 'Request_ResourceNotFound', NOT_THERE);
	assert.deepEqual(found(await ask('GET', '/directory/deletedItems/microsoft.graph.application')), ['graph-mcp']);
	assert.equal((await ask('POST', `/directory/deletedItems/${id}/restore`)).status, 200);
	assert.deepEqual(found(await ask('GET', '/applications')), ['graph-mcp']);
	await ask('DELETE', `/applications/${id}`);
	assert.equal((await ask('DELETE', `/directory/deletedItems/${id}`)).status, 204);
	assertRefused(await ask('POST', `/directory/deletedItems/${id}/restore`), 404, 'Request_ResourceNotFound', NOT_THERE);
});

test('a developer registers and changes what is theirs, and consents to nothing', async (t) => {
	const { azure, ask, register } = await directory(t, { directoryRights: 'developer' });
	const { id, appId } = await register();
	const clientId = (await ask('POST', '/servicePrincipals', { appId })).body.id;
	assertRefused(await ask('POST', '/oauth2PermissionGrants', { clientId, consentType: 'AllPrincipals', resourceId: clientId, scope: '' }), ...DENIED);
	azure.directory.applications.get(id).owner = 'somebody else';
	for (const [method, path] of [['PATCH', ''], ['DELETE', ''], ['POST', '/addPassword']])
		assertRefused(await ask(method, `/applications/${id}${path}`, {}), ...DENIED);
	assert.equal((await ask('GET', '/oauth2PermissionGrants')).status, 200);
});

test('an application of a developer\'s rights reads no consents, and one without rights nothing', async (t) => {
	const developer = await directory(t, { as: 'app', directoryRights: 'developer' });
	assertRefused(await developer.ask('GET', '/oauth2PermissionGrants'), ...DENIED);
	assert.equal((await developer.ask('GET', '/applications')).status, 200);
	const { ask } = await directory(t, { as: 'app', directoryRights: 'none' });
	for (const path of ['/applications', '/servicePrincipals', '/organization']) assertRefused(await ask('GET', path), ...DENIED);
});

test('a user without rights reads and registers nothing', async (t) => {
	const { ask } = await directory(t, { directoryRights: 'none' });
	assert.equal((await ask('GET', '/applications')).status, 200);
	assertRefused(await ask('POST', '/applications', { displayName: 'x' }), ...DENIED);
});

test('/me is for users', async (t) => {
	const { azure, ask } = await directory(t);
	assert.equal((await ask('GET', '/me')).body.id, azure.userId);
	const application = await directory(t, { as: 'app' });
	assertRefused(await application.ask('GET', '/me'), 400, 'BadRequest', /delegated/);
});
