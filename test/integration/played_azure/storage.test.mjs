/*
 * Storage accounts, their keys, containers and blobs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAs, played } from '../stage/azure_client.mjs';

const V = 'api-version=2023-05-01';
const BODY = { location: 'westeurope', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' };
const SHARED_KEY = { authorization: `SharedKey account1:${'A'.repeat(43)}=` };

function refused({ status, body }, wanted, code) {
	assert.deepEqual([status, body.error?.code ?? /<Code>(.*)<\/Code>/.exec(body)?.[1]], [wanted, code], JSON.stringify(body));
}

async function accountOf(t, options, properties = {}) {
	const it = await played(t, options);
	const account = `${it.P}/Microsoft.Storage/storageAccounts/account1`;
	const put = (more = {}) => it.ask('PUT', `${account}?${V}`, { ...BODY, ...more, properties: { ...properties, ...more.properties } });
	return { ...it, account, put };
}

test('an account is made after a while: it is asked for at the Location, and not there before', async (t) => {
	const { ask, account, put } = await accountOf(t, { slowStates: 1 });
	const { status, headers } = await put();
	assert.equal(status, 202);
	refused(await ask('GET', `${account}?${V}`), 404, 'ResourceNotFound');
	assert.equal((await ask('GET', headers.location)).status, 202);
	assert.equal((await ask('GET', headers.location)).body.name, 'account1');
	const { body } = await ask('GET', `${account}?${V}`);
	assert.equal(body.properties.primaryEndpoints.blob, 'https://account1.blob.core.windows.net/');
	assert.ok(!JSON.stringify(body).includes('SECRET-'));
});

test('its name is of small letters and digits, and nobody else\'s', async (t) => {
	const { azure, ask, P } = await accountOf(t);
	const named = (name) => ask('PUT', `${P}/Microsoft.Storage/storageAccounts/${name}?${V}`, BODY);
	refused(await named('graph-mcp'), 400, 'AccountNameInvalid');
	azure.taken.push('taken1');
	refused(await named('taken1'), 409, 'StorageAccountAlreadyTaken');
});

test('a second PUT keeps what it does not say; PATCH changes a part', async (t) => {
	const { ask, account, put } = await accountOf(t, {}, { minimumTlsVersion: 'TLS1_2' });
	await put({ tags: { a: 'b' } });
	const { body: patched } = await ask('PATCH', `${account}?${V}`, { properties: { allowSharedKeyAccess: false } });
	assert.deepEqual([patched.properties.minimumTlsVersion, patched.properties.allowSharedKeyAccess, patched.tags], ['TLS1_2', false, { a: 'b' }]);
	refused(await put({ location: 'northeurope' }), 409, 'InvalidResourceLocation');
});

test('keys are given unless the account has shared keys turned off', async (t) => {
	const { ask, account, put } = await accountOf(t);
	await put();
	const { body } = await ask('POST', `${account}/listKeys?${V}`);
	assert.match(body.keys[0].value, /^SECRET-/);
	await put({ properties: { allowSharedKeyAccess: false } });
	refused(await ask('POST', `${account}/listKeys?${V}`), 403, 'KeyBasedAuthenticationNotPermitted');
});

test('a policy of the tenant refuses accounts with shared keys, also where nothing is said of them', async (t) => {
	const { put } = await accountOf(t, { forbidSharedKeys: true });
	refused(await put(), 403, 'RequestDisallowedByPolicy');
	refused(await put({ properties: { allowSharedKeyAccess: true } }), 403, 'RequestDisallowedByPolicy');
	assert.equal((await put({ properties: { allowSharedKeyAccess: false } })).status, 200);
});

test('a container is made once, with a name that there can be', async (t) => {
	const { ask, account, put } = await accountOf(t);
	await put();
	const container = (method, name, body) => ask(method, `${account}/blobServices/default/containers/${name}?${V}`, body);
	refused(await container('GET', 'packages'), 404, 'ContainerNotFound');
	assert.deepEqual([(await container('PUT', 'packages', {})).status, (await container('PUT', 'packages', {})).status, (await container('GET', 'packages')).body.name], [201, 200, 'packages']);
	refused(await container('PUT', 'Packages', {}), 400, 'ContainerOperationFailure');
});

test('a blob is put with the account\'s key into a container that is there, and read with a signed address', async (t) => {
	const { azure, put } = await accountOf(t);
	await put();
	const at = (method, path, headers, body) => askAs(azure, null, method, `https://account1.blob.core.windows.net${path}`, { headers, body });
	const blob = { ...SHARED_KEY, 'x-ms-blob-type': 'BlockBlob' };
	refused(await at('PUT', '/function-releases/a.zip', blob, 'zip'), 404, 'ContainerNotFound');
	refused(await at('PUT', '/function-releases', SHARED_KEY), 400, 'InvalidQueryParameterValue');
	assert.equal((await at('PUT', '/function-releases?restype=container', SHARED_KEY)).status, 201);
	refused(await at('PUT', '/function-releases?restype=container', SHARED_KEY), 409, 'ContainerAlreadyExists');
	refused(await at('PUT', '/function-releases/a.zip', SHARED_KEY, 'zip'), 400, 'InvalidHeaderValue');
	refused(await at('PUT', '/function-releases/a.zip', { 'x-ms-blob-type': 'BlockBlob' }, 'zip'), 403, 'AuthenticationFailed');
	refused(await at('PUT', '/function-releases/a.zip', { ...blob, 'content-md5': 'wrong' }, 'zip'), 400, 'Md5Mismatch');
	assert.equal((await at('PUT', '/function-releases/a.zip', blob, 'zip')).status, 201);
	assert.deepEqual(azure.writes.at(-1).path, '/function-releases/a.zip');
	refused(await at('GET', '/function-releases/a.zip'), 403, 'AuthenticationFailed');
	assert.equal((await at('GET', '/function-releases/a.zip?sig=x')).body.toString(), 'zip');
	refused(await at('GET', '/function-releases/b.zip?sig=x'), 404, 'BlobNotFound');
	assert.match((await askAs(azure, null, 'GET', 'https://account2.blob.core.windows.net/a/b?sig=x')).body, /no such host/);
	await put({ properties: { allowSharedKeyAccess: false } });
	refused(await at('GET', '/function-releases/a.zip?sig=x'), 403, 'KeyBasedAuthenticationNotPermitted');
});
