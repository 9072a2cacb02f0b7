/*
 * Instances of the played API Management: what can be ordered, how long it takes, and what a deletion leaves.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SERVICE, VERSION, playedApim, playedInstance, refused, withVault } from '../stage/apim_stage.mjs';

const sku = (name, capacity = 1) => ({ ...SERVICE, sku: { name, capacity } });
const withProperties = (more) => ({ ...SERVICE, properties: { ...SERVICE.properties, ...more } });

test('an instance is created, is activated for a while, and then has its addresses', async (t) => {
	const { service } = await playedApim(t, { slowStates: 2 });
	const { status, body } = await service('PUT', SERVICE);
	assert.deepEqual([status, body.properties.provisioningState, body.properties.targetProvisioningState, body.properties.publicIPAddresses], [201, 'Created', 'Activating', null]);
	const states = [];
	for (let i = 0; i < 3; i++) states.push((await service('GET')).body.properties.provisioningState);
	assert.deepEqual(states, ['Activating', 'Activating', 'Succeeded']);
	const { body: { properties, identity, tags } } = await service('GET');
	assert.equal(properties.gatewayUrl, 'https://gateway-1.azure-api.net');
	assert.equal(properties.publicIPAddresses.length, 1);
	assert.match(identity.principalId, /^[0-9a-f-]{36}$/);
	assert.deepEqual(tags, SERVICE.tags);
});

test('nothing is put into one that is not active yet', async (t) => {
	const { ask, id, service } = await playedApim(t, { slowStates: 1 });
	await service('PUT', SERVICE);
	refused(await ask('PUT', `${id}/backends/b?${VERSION}`, { properties: { url: 'https://b.example', protocol: 'http' } }), 409, 'ServiceNotActive');
});

test('one may fail, and is there to be tried again', async (t) => {
	const { azure, service } = await playedApim(t);
	azure.apim.orders.push({ pattern: /service\/gateway-1$/, code: 'ActivationFailed', message: 'No capacity in the region.' });
	await service('PUT', SERVICE);
	assert.equal((await service('GET')).body.properties.provisioningState, 'Failed');
	assert.equal((await service('PUT', SERVICE)).body.properties.provisioningState, 'Succeeded');
});

test('only classic tiers have fixed addresses and the Echo API, which is in the way of /echo', async (t) => {
	for (const [tier, classic] of [['Developer', true], ['Basic', true], ['Consumption', false], ['StandardV2', false]]) {
		const { service, part, put } = await playedInstance(t, { tier });
		assert.equal(Boolean((await service('GET')).body.properties.publicIPAddresses), classic, tier);
		assert.deepEqual((await part('GET', 'apis')).body.value.map(({ name, properties }) => [name, properties.path]), classic ? [['echo-api', 'echo']] : [], tier);
		if (classic) refused(await put('apis/other', { displayName: 'Other', path: 'Echo' }), 400, 'ValidationError');
	}
});

suite('what cannot be ordered', () => {
	const ORDERS = { 'a tier that there is not': [sku('Gold'), 'ValidationError'], 'units of Consumption': [sku('Consumption', 1), 'InvalidParameters'], 'two units of Developer': [sku('Developer', 2), 'InvalidParameters'],
		'no publisher': [{ ...SERVICE, properties: {} }, 'InvalidRequestContent'], 'a member that there is not': [withProperties({ colour: 'blue' }), 'InvalidRequestContent'],
		'a network in a tier without': [{ ...withProperties({ virtualNetworkType: 'External', virtualNetworkConfiguration: { subnetResourceId: 'x' } }), sku: { name: 'Basic', capacity: 1 } }, 'InvalidParameters'] };
	for (const [what, [body, code]] of Object.entries(ORDERS)) {
		test(what, async (t) => {
			const { service } = await playedApim(t);
			refused(await service('PUT', body), 400, code);
		});
	}

	test('a newer tier by the api-version that az has', async (t) => {
		const { ask, id } = await playedApim(t);
		refused(await ask('PUT', `${id}?api-version=2022-08-01`, sku('StandardV2')), 400, 'InvalidParameters');
		assert.equal((await ask('PUT', `${id}?api-version=2022-08-01`, SERVICE)).status, 201);
		refused(await ask('GET', `${id}?api-version=2016-10-10`), 400, 'NoRegisteredProviderFound');
	});

	test('a name that somebody has, or that cannot be one', async (t) => {
		const { ask, service, id } = await playedApim(t, { taken: ['gateway-1'] });
		refused(await service('PUT', SERVICE), 409, 'ServiceAlreadyExists');
		refused(await ask('PUT', `${id.replace('gateway-1', '1-gateway')}?${VERSION}`, SERVICE), 400, 'InvalidParameters');
	});

	test('another place or another kind of tier for one that is there', async (t) => {
		const { service } = await playedInstance(t);
		refused(await service('PUT', { ...SERVICE, location: 'northeurope' }), 409, 'InvalidResourceLocation');
		refused(await service('PUT', sku('StandardV2')), 400, 'InvalidParameters');
	});
});

test('the newer tiers reach into a subnet that is delegated to them', async (t) => {
	const { azure, service, G } = await playedInstance(t, { tier: 'StandardV2' });
	const network = `${G}/providers/Microsoft.Network/virtualNetworks/n`;
	const into = { ...SERVICE, sku: { name: 'StandardV2', capacity: 1 }, properties: { ...SERVICE.properties, virtualNetworkType: 'External', virtualNetworkConfiguration: { subnetResourceId: `${network}/subnets/s` } } };
	refused(await service('PUT', into), 400, 'InvalidParameters');
	const subnet = { name: 's', properties: {} };
	azure.resources.put(network, { id: network, properties: { subnets: [subnet] } });
	assert.match(refused(await service('PUT', into), 400, 'InvalidParameters').message, /must be delegated to Microsoft\.Web\/serverFarms/);
	subnet.properties.delegations = [{ properties: { serviceName: 'Microsoft.Web/serverFarms' } }];
	assert.equal((await service('PUT', into)).status, 200);
});

test('a change goes on after its answer and shuts out others; tags and identity can be patched', async (t) => {
	const { service, poll } = await playedInstance(t, { slowStates: 1 });
	const { identity } = (await service('GET')).body;
	const answer = await service('PATCH', { tags: { a: 'b' } });
	assert.deepEqual([answer.status, answer.body.properties.provisioningState], [202, 'Updating']);
	refused(await service('PUT', SERVICE), 409, 'Conflict');
	const { status, body } = await poll(answer);
	assert.deepEqual([status, body.tags, body.properties.provisioningState, body.identity], [200, { a: 'b' }, 'Succeeded', identity]);
	assert.deepEqual((await poll(await service('PUT', SERVICE))).body.identity, identity);
});

suite('a deleted instance', () => {
	const DELETED = '/providers/Microsoft.ApiManagement/locations/westeurope/deletedservices/gateway-1';
	async function gone(t) {
		const it = await playedInstance(t, { slowStates: 1 });
		await it.put('backends/b', { url: 'https://b.example', protocol: 'http' });
		const answer = await it.service('DELETE');
		assert.equal((await it.service('GET')).body.properties.provisioningState, 'Terminating');
		assert.equal((await it.poll(answer)).status, 200);
		assert.equal((await it.service('GET')).status, 404);
		const deleted = (method) => it.ask(method, `/subscriptions/${it.azure.subscriptionId}${DELETED}?${VERSION}`);
		return { ...it, deleted };
	}

	test('holds its name and says what to do', async (t) => {
		const { service, deleted, ask, azure, id } = await gone(t);
		assert.equal(refused(await service('PUT', SERVICE), 409, 'ServiceAlreadyExistsInSoftDeletedState').message, 'Api service gateway-1 was soft-deleted. In order to create the new service with the same name, you have to either undelete the service or purge it. See https://aka.ms/apimsoftdelete.');
		assert.equal((await deleted('GET')).body.properties.serviceId, id);
		const { body } = await ask('GET', `/subscriptions/${azure.subscriptionId}/providers/Microsoft.ApiManagement/deletedservices?${VERSION}`);
		assert.deepEqual(body.value.map(({ name }) => name), ['gateway-1']);
	});

	test('is brought back with all that it held, and with its identity', async (t) => {
		const { service, part, poll } = await gone(t);
		const answer = await service('PUT', withProperties({ restore: true }));
		assert.equal(answer.status, 202);
		assert.equal((await poll(answer)).status, 200);
		assert.equal((await part('GET', 'backends/b')).body.properties.url, 'https://b.example');
	});

	test('is purged for good', async (t) => {
		const { service, deleted, poll, part } = await gone(t);
		assert.equal((await poll(await deleted('DELETE'))).status, 200);
		assert.equal((await deleted('GET')).status, 404);
		assert.equal((await deleted('DELETE')).status, 204);
		refused(await service('PUT', withProperties({ restore: true })), 404, 'ServiceNotFound');
		assert.equal((await service('PUT', SERVICE)).status, 201);
		assert.equal((await part('GET', 'backends/b')).status, 404);
	});

	test('with its group is deleted as softly', async (t) => {
		const { ask, G, service } = await playedInstance(t);
		await ask('DELETE', `${G}?api-version=2021-04-01`);
		await ask('PUT', `${G}?api-version=2021-04-01`, { location: 'westeurope' });
		refused(await service('PUT', SERVICE), 409, 'ServiceAlreadyExistsInSoftDeletedState');
	});
});

test('the identity of a restored instance is the one whose roles there are', async (t) => {
	const it = await playedInstance(t);
	const { grant } = await withVault(it, 'vault-1', { a: 'SECRET-a' });
	await grant();
	await it.poll(await it.service('DELETE'));
	await it.poll(await it.service('PUT', withProperties({ restore: true })));
	const value = { displayName: 'a', keyVault: { secretIdentifier: 'https://vault-1.vault.azure.net/secrets/a' } };
	assert.equal((await it.put('namedValues/a', value)).status, 201);
});
