/*
 * Vaults, their secrets, and the roles that open them.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { asApplication, asUser, askAs, played } from '../stage/azure_client.mjs';

const V = 'api-version=2023-07-01';
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const READER = '4633458b-17de-408a-b874-0445c86b69e6';

function refused({ status, body }, wanted, code) {
	assert.deepEqual([status, body.error?.code], [wanted, code], JSON.stringify(body));
}

async function vaultOf(t, options) {
	const it = await played(t, options);
	const { azure, ask, P, G } = it;
	const vault = `${P}/Microsoft.KeyVault/vaults/vault-1`;
	const deleted = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/vault-1`;
	const put = (properties) => ask('PUT', `${vault}?${V}`, { location: 'westeurope', properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true, ...properties } });
	const secret = (method, path, body, who = asUser(azure)) => askAs(azure, who, method, `https://vault-1.vault.azure.net/secrets${path}?api-version=7.4`, { body });
	const assign = (role, principalId, { scope = vault, name = randomUUID(), ...more } = {}) => ask('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
		{ properties: { roleDefinitionId: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`, principalId, ...more } });
	return { ...it, vault, deleted, put, secret, assign, G };
}

test('a vault is made and its name is spread for a while', async (t) => {
	const { ask, vault, put } = await vaultOf(t, { slowStates: 1 });
	const { status, body } = await put();
	assert.deepEqual([status, body.properties.provisioningState, body.properties.vaultUri], [201, 'RegisteringDns', 'https://vault-1.vault.azure.net/']);
	const states = [(await ask('GET', `${vault}?${V}`)), (await ask('GET', `${vault}?${V}`))].map((one) => one.body.properties.provisioningState);
	assert.deepEqual(states, ['RegisteringDns', 'Succeeded']);
});

test('a vault needs the tenant, roles or policies, and a name of its own', async (t) => {
	const { azure, ask, vault, put } = await vaultOf(t, { taken: ['vault-1'] });
	refused(await put(), 409, 'VaultAlreadyExists');
	azure.taken.length = 0;
	refused(await put({ tenantId: randomUUID() }), 400, 'BadRequest');
	refused(await put({ enableRbacAuthorization: false }), 400, 'BadRequest');
	refused(await put({ enablePurgeProtection: false }), 400, 'BadRequest');
	refused(await put({ enableSoftDelete: false }), 400, 'BadRequest');
	for (const days of [6, 91]) refused(await put({ softDeleteRetentionInDays: days }), 400, 'BadRequest');
	refused(await put({ colour: 'blue' }), 400, 'InvalidRequestContent');
	const body = { location: 'westeurope', properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true } };
	refused(await ask('PUT', `${vault}--2?${V}`, body), 400, 'VaultNameNotValid');
	refused(await ask('GET', `${vault}?${V}`), 404, 'ResourceNotFound');
});

test('a deleted vault holds its name, keeps its secrets and is recovered, in its own place alone', async (t) => {
	const { azure, ask, vault, deleted, put, secret, assign } = await vaultOf(t);
	await put();
	await assign(OFFICER, azure.userId);
	await secret('PUT', '/kept', { value: 'SECRET-kept' });
	await ask('DELETE', `${vault}?${V}`);
	assert.equal((await ask('GET', `${deleted}?${V}`)).body.properties.vaultId, vault);
	refused(await put(), 409, 'ConflictError');
	refused(await ask('GET', `${deleted.replace('westeurope', 'northeurope')}?${V}`), 404, 'DeletedVaultNotFound');
	assert.equal((await put({ createMode: 'recover' })).status, 200);
	refused(await ask('GET', `${deleted}?${V}`), 404, 'DeletedVaultNotFound');
	refused(await secret('GET', '/kept'), 403, 'Forbidden'); /* the roles went with it */
	await assign(OFFICER, azure.userId);
	assert.equal((await secret('GET', '/kept')).body.value, 'SECRET-kept');
});

test('a vault of a deleted group is soft-deleted, again and again; one that is protected cannot be purged', async (t) => {
	const { ask, G, deleted, put } = await vaultOf(t);
	const group = `${G}?api-version=2021-04-01`;
	await put({ enablePurgeProtection: true });
	await ask('DELETE', group);
	refused(await ask('POST', `${deleted}/purge?${V}`), 400, 'MethodNotAllowed');
	await ask('PUT', group, { location: 'westeurope' });
	await put({ createMode: 'recover' });
	await ask('DELETE', group);
	assert.equal((await ask('GET', `${deleted}?${V}`)).status, 200);
});

test('a purged vault\'s name is free', async (t) => {
	const { ask, vault, deleted, put } = await vaultOf(t);
	await put();
	await ask('DELETE', `${vault}?${V}`);
	assert.equal((await ask('POST', `${deleted}/purge?${V}`)).status, 200);
	refused(await put({ createMode: 'recover' }), 404, 'DeletedVaultNotFound');
	assert.equal((await put()).status, 201);
});

test('secrets are for those whose role the vault knows: a new one is not believed at once', async (t) => {
	const { azure, put, secret, assign } = await vaultOf(t, { slowRoles: 2 });
	await put();
	refused(await secret('PUT', '/a', { value: 'x' }), 403, 'Forbidden');
	await assign(OFFICER, azure.userId);
	const statuses = [];
	for (const value of ['1', '2', '3']) statuses.push((await secret('PUT', '/a', { value })).status);
	assert.deepEqual(statuses, [403, 403, 200]);
	const { body: { value: [listed] } } = await secret('GET', '');
	assert.deepEqual([listed.id, listed.value], ['https://vault-1.vault.azure.net/secrets/a', undefined]);
});

test('who may read secrets may not write them, and reads the newest', async (t) => {
	const { azure, put, secret, assign, G } = await vaultOf(t);
	const app = azure.client.oid;
	await put();
	await assign(OFFICER, azure.userId, { scope: G });
	await assign(READER, app);
	await secret('PUT', '/a', { value: '1' });
	const { body: { id } } = await secret('PUT', '/a', { value: '2' });
	assert.equal((await secret('GET', '/a', undefined, asApplication(app))).body.value, '2');
	refused(await secret('PUT', '/a', { value: '3' }, asApplication(app)), 403, 'Forbidden');
	refused(await secret('GET', '/b'), 404, 'SecretNotFound');
	refused(await secret('PUT', '/a_b', { value: 'x' }), 400, 'BadParameter');
	assert.throws(() => azure.readSecret('https://vault-1.vault.azure.net/keys/a', app), { code: 'BadParameter' });
	assert.throws(() => azure.readSecret('https://vault-2.vault.azure.net/secrets/a', app), { message: /no such host/ });
	assert.equal(azure.readSecret(id, app).value, '2');
	assert.throws(() => azure.readSecret(id, randomUUID()), { code: 'Forbidden' });
});

test('a vault tells whoever brings no token where to get one, in its cloud', async (t) => {
	const { azure } = await vaultOf(t);
	for (const [domain, login] of [['azure.net', 'microsoftonline.com'], ['usgovcloudapi.net', 'microsoftonline.us'], ['azure.cn', 'chinacloudapi.cn']]) {
		const { status, headers } = await askAs(azure, null, 'GET', `https://vault-1.vault.${domain}/secrets?api-version=7.4`);
		assert.deepEqual([status, headers['www-authenticate']], [401, `Bearer authorization="https://login.${login}/${azure.tenantId}", resource="https://vault.${domain}"`]);
	}
});

test('a role is assigned to a principal that there is, by an owner, once', async (t) => {
	const { azure, put, assign, ask, vault } = await vaultOf(t);
	const name = randomUUID();
	refused(await assign(READER, azure.userId), 404, 'ResourceNotFound'); /* no vault yet */
	await put();
	refused(await assign(READER, randomUUID()), 400, 'PrincipalNotFound');
	refused(await assign(READER, azure.userId, { principalType: 'ServicePrincipal' }), 400, 'UnmatchedPrincipalType');
	refused(await assign(randomUUID(), azure.userId), 404, 'RoleDefinitionDoesNotExist');
	refused(await assign(READER, azure.userId, { name: 'no-guid' }), 400, 'InvalidRoleAssignmentId');
	assert.deepEqual([(await assign(READER, azure.userId, { name })).status, (await assign(READER, azure.userId, { name })).status], [201, 200]);
	refused(await assign(READER, azure.userId), 409, 'RoleAssignmentExists');
	refused(await assign(OFFICER, azure.userId, { name }), 400, 'RoleAssignmentUpdateNotPermitted');
	const { body } = await ask('GET', `${vault}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '${azure.userId}'`);
	assert.deepEqual(body.value.map((one) => one.name), [name]);
	const one = (method) => ask(method, `${vault}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`);
	assert.deepEqual([(await one('GET')).body.name, (await one('DELETE')).status, (await one('DELETE')).status], [name, 200, 204]);
	refused(await one('GET'), 404, 'RoleAssignmentNotFound');
	azure.mayAssignRoles = false;
	refused(await assign(OFFICER, azure.userId), 403, 'AuthorizationFailed');
});

test('whether a name is free is said before it is asked for, and changes nothing', async (t) => {
	const { azure, ask, put, vault } = await vaultOf(t, { taken: ['vault-9'] });
	const check = async (name) => (await ask('POST', `/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/checkNameAvailability?${V}`, { name, type: 'Microsoft.KeyVault/vaults' })).body;
	assert.deepEqual(await check('vault-1'), { nameAvailable: true });
	await put();
	await ask('DELETE', `${vault}?${V}`);
	const writes = azure.writes.length;
	for (const [name, reason] of [['vault-1', 'AlreadyExists'], ['vault-9', 'AlreadyExists'], ['-', 'AccountNameInvalid']]) assert.equal((await check(name)).reason, reason, name);
	assert.equal(azure.writes.length, writes);
});
