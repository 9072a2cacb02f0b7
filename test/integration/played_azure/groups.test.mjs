/*
 * Subscriptions, namespaces, groups and what every id must refer to, as Azure Resource Manager has them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { played } from '../stage/azure_client.mjs';

const GROUPS = 'api-version=2021-04-01';
const STORAGE = 'api-version=2023-05-01';
const ACCOUNT = { location: 'westeurope', sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: { allowSharedKeyAccess: false } };

function refused({ status, body }, wanted, code) {
	assert.deepEqual([status, body.error?.code], [wanted, code], JSON.stringify(body));
}

test('a namespace is registered first, which takes a while; until then its resources are refused', async (t) => {
	const { ask, azure, P } = await played(t, { registered: [], slowStates: 2 });
	const namespace = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Storage`;
	const state = async (method, path) => (await ask(method, `${path}?${GROUPS}`)).body.registrationState;
	const create = () => ask('PUT', `${P}/Microsoft.Storage/storageAccounts/account1?${STORAGE}`, ACCOUNT);
	assert.equal(await state('GET', namespace), 'NotRegistered');
	refused(await create(), 409, 'MissingSubscriptionRegistration');
	assert.deepEqual([await state('POST', `${namespace}/register`), await state('GET', namespace), await state('GET', namespace)], ['Registering', 'Registering', 'Registered']);
	assert.equal((await create()).status, 202);
	refused(await ask('POST', `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Nothing/register?${GROUPS}`), 404, 'InvalidResourceNamespace');
});

test('a resource needs its subscription, its group, its parent and an api-version that there is', async (t) => {
	const { ask, G, P } = await played(t);
	const account = '/Microsoft.Storage/storageAccounts/account1';
	refused(await ask('PUT', `${P}${account}/blobServices/default/containers/packages?${STORAGE}`, {}), 404, 'ParentResourceNotFound');
	refused(await ask('PUT', `${G}-other/providers${account}?${STORAGE}`, ACCOUNT), 404, 'ResourceGroupNotFound');
	refused(await ask('PUT', `${G.replace(/[0-9a-f]{12}/, '000000000000')}?${GROUPS}`, { location: 'westeurope' }), 404, 'SubscriptionNotFound');
	refused(await ask('PUT', `${P}${account}`, ACCOUNT), 400, 'MissingApiVersionParameter');
	refused(await ask('PUT', `${P}${account}?api-version=2001-01-01`, ACCOUNT), 400, 'NoRegisteredProviderFound');
	refused(await ask('PUT', `${P}${account}?${STORAGE}`, { ...ACCOUNT, colour: 'blue' }), 400, 'InvalidRequestContent');
});

test('a group has a location that there is and keeps it; its tags can change', async (t) => {
	const { ask, G } = await played(t);
	refused(await ask('PUT', `${G}2?${GROUPS}`, { location: 'atlantis' }), 400, 'LocationNotAvailableForResourceGroup');
	refused(await ask('PUT', `${G}?${GROUPS}`, { location: 'northeurope' }), 409, 'InvalidResourceGroupLocation');
	const changed = await ask('PUT', `${G}?${GROUPS}`, { location: 'westeurope', tags: { 'made-by': 'x' } });
	assert.deepEqual([changed.status, changed.body.tags], [200, { 'made-by': 'x' }]);
});

test('a group is deleted with all in it, after a while', async (t) => {
	const { azure, ask, G, P } = await played(t);
	const account = `${P}/Microsoft.Storage/storageAccounts/account1?${STORAGE}`;
	await ask('PUT', account, ACCOUNT);
	assert.deepEqual((await ask('GET', `${G}/resources?${GROUPS}`)).body.value.map(({ name }) => name), ['account1']);
	azure.slowStates = 2;
	const { status, headers } = await ask('DELETE', `${G}?${GROUPS}`);
	assert.equal(status, 202);
	refused(await ask('GET', headers.location.replace(/op-\d+/, 'op-99')), 404, 'NotFound');
	assert.equal((await ask('GET', headers.location)).status, 202);
	assert.equal((await ask('GET', account)).status, 200);
	assert.equal((await ask('GET', headers.location)).status, 202);
	assert.equal((await ask('GET', headers.location)).status, 200);
	refused(await ask('GET', `${G}?${GROUPS}`), 404, 'ResourceGroupNotFound');
	await ask('PUT', `${G}?${GROUPS}`, { location: 'westeurope' });
	refused(await ask('GET', account), 404, 'ResourceNotFound');
});

test('failures that a test orders are answered as often as it says, and change nothing', async (t) => {
	const { azure, ask, G } = await played(t);
	azure.fail(/^PUT .*\/resourceGroups\/rg2\?/, { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '0' } }, 2);
	const put = () => ask('PUT', `${G}2?${GROUPS}`, { location: 'westeurope' });
	const first = await put();
	refused(first, 429, 'TooManyRequests');
	assert.equal(first.headers['retry-after'], '0');
	refused(await put(), 429, 'TooManyRequests');
	refused(await ask('GET', `${G}2?${GROUPS}`), 404, 'ResourceGroupNotFound');
	assert.equal((await put()).status, 201);
});

test('a broken connection is broken before the work is done, or after it', async (t) => {
	const { azure, ask, G } = await played(t);
	const put = () => ask('PUT', `${G}2?${GROUPS}`, { location: 'westeurope' });
	azure.fail(/\/rg2\?/, { cut: 'before' });
	assert.ok((await put()).cut);
	refused(await ask('GET', `${G}2?${GROUPS}`), 404, 'ResourceGroupNotFound');
	azure.fail(/\/rg2\?/, { cut: 'after' });
	assert.ok((await put()).cut);
	assert.equal((await ask('GET', `${G}2?${GROUPS}`)).status, 200);
});

test('writes are counted, also those that were refused; reads and POSTs that only read are not', async (t) => {
	const { azure, ask, G, P } = await played(t);
	const account = `${P}/Microsoft.Storage/storageAccounts/account1`;
	await ask('PUT', `${account}?${STORAGE}`, { ...ACCOUNT, properties: {} });
	await ask('PUT', `${account}?${STORAGE}`, { nothing: 1 });
	await ask('POST', `${account}/listKeys?${STORAGE}`);
	await ask('GET', `${G}?${GROUPS}`);
	assert.deepEqual(azure.writes.map(({ method, status }) => [method, status]), [['PUT', 200], ['PUT', 400]]);
	assert.equal(azure.calls.length, 4);
});
