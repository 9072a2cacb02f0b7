/*
 * Networks, private endpoints and private zones in the played Azure, and whom they let to a function app.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumptionPlan, withStorage } from '../stage/azure_app.mjs';

const VERSION = '?api-version=2024-05-01';
const ZONE = 'privateDnsZones/privatelink.azurewebsites.net';
const subnet = (addressPrefix, serviceName) => ({ properties: { addressPrefix, ...(serviceName && { delegations: [{ name: 'd', properties: { serviceName } }] }) } });
const NETWORK = { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
	subnets: [{ name: 'apps', ...subnet('10.0.0.0/24', 'Microsoft.App/environments') }, { name: 'ends', ...subnet('10.0.1.0/24') }] } };

async function networked(t, options) {
	const it = await withStorage(t, options);
	const N = `${it.P}/Microsoft.Network`;
	const net = (method, path, body) => it.ask(method, `${N}/${path}${path.startsWith('privateDnsZones') ? '?api-version=2020-06-01' : VERSION}`, body);
	const endpoint = (name = 'ends', more = {}) => ({ location: 'westeurope', properties: { subnet: { id: `${N}/virtualNetworks/net-1/subnets/${name}` },
		privateLinkServiceConnections: [{ name: 'app', properties: { privateLinkServiceId: it.SITE, groupIds: ['sites'], ...more } }] } });
	return { ...it, N, net, endpoint };
}
const refused = ({ status, body }, code) => assert.deepEqual([status >= 400, body.error?.code], [true, code], JSON.stringify(body));

test('a network goes on after its 201; one change at a time', async (t) => {
	const { ask, net } = await networked(t, { slowStates: 2 });
	const { status, headers, body } = await net('PUT', 'virtualNetworks/net-1', NETWORK);
	assert.deepEqual([status, body.properties.provisioningState, body.properties.subnets.length], [201, 'Creating', 2]);
	refused(await net('PUT', 'virtualNetworks/net-1/subnets/more', subnet('10.0.2.0/24')), 'AnotherOperationInProgress');
	assert.equal((await ask('GET', headers['azure-asyncoperation'])).body.status, 'InProgress');
	assert.equal((await ask('GET', headers['azure-asyncoperation'])).body.status, 'Succeeded');
	assert.equal((await net('PUT', 'virtualNetworks/net-1/subnets/more', subnet('10.0.2.0/24'))).status, 201);
});

test('a subnet lies in its network and beside the others', async (t) => {
	const { net } = await networked(t);
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	const put = (...args) => net('PUT', 'virtualNetworks/net-1/subnets/more', subnet(...args));
	refused(await put('10.1.0.0/24'), 'NetcfgSubnetRangeOutsideVnet');
	refused(await put('10.0.1.128/25'), 'NetcfgSubnetRangesOverlap');
	refused(await put('10.0.0.0'), 'InvalidAddressPrefixFormat');
	refused(await put('10.0.2.0/24', 'Microsoft.Cheese/shops'), 'InvalidRequestContent');
	refused(await net('PUT', 'virtualNetworks/net-2/subnets/more', subnet('10.0.2.0/24')), 'ParentResourceNotFound');
});

test('a security group is there before its subnet and stays while that does', async (t) => {
	const { N, net } = await networked(t);
	const id = `${N}/networkSecurityGroups/guard-1`;
	const guarded = { ...NETWORK, properties: { ...NETWORK.properties, subnets: [{ name: 'apps', properties: { addressPrefix: '10.0.0.0/24',
		networkSecurityGroup: { id } } }] } };
	refused(await net('PUT', 'virtualNetworks/net-1', guarded), 'InvalidResourceReference');
	assert.equal((await net('PUT', 'networkSecurityGroups/guard-1', { location: 'westeurope', properties: {} })).status, 201);
	assert.equal((await net('PUT', 'virtualNetworks/net-1', guarded)).status, 201);
	refused(await net('DELETE', 'networkSecurityGroups/guard-1'), 'InUseNetworkSecurityGroupCannotBeDeleted');
	await net('DELETE', 'virtualNetworks/net-1');
	assert.deepEqual([(await net('DELETE', 'networkSecurityGroups/guard-1')).status, (await net('GET', 'networkSecurityGroups/guard-1')).status], [200, 404]);
});

test('an app joins a subnet that is delegated to its plan, which then stays', async (t) => {
	const { N, net, app, must, web, flexSite } = await networked(t);
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	const at = (name) => ({ virtualNetworkSubnetId: `${N}/virtualNetworks/net-1/subnets/${name}` });
	await app();
	assert.match((await web('PUT', 'sites/app-1', flexSite(at('ends')))).body.Message, /not delegated to Microsoft\.App\/environments/);
	assert.equal((await web('PUT', 'sites/app-1', flexSite(at('none')))).status, 404);
	await must('PUT', 'sites/app-1', flexSite(at('apps')));
	refused(await net('DELETE', 'virtualNetworks/net-1'), 'InUseSubnetCannotBeDeleted');
	refused(await net('PUT', 'virtualNetworks/net-1', { ...NETWORK, properties: { ...NETWORK.properties, subnets: [] } }), 'InUseSubnetCannotBeDeleted');
	await must('DELETE', 'sites/app-1');
	assert.deepEqual([(await net('DELETE', 'virtualNetworks/net-1')).status, (await net('DELETE', 'virtualNetworks/net-1')).status], [200, 204]);
});

test('a private endpoint opens a private way to the app and shuts the public one', async (t) => {
	const { azure, net, app, must, endpoint, flexSite } = await networked(t);
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	await app();
	const { status, body } = await net('PUT', 'privateEndpoints/end-1', endpoint());
	assert.equal(status, 201);
	assert.equal(body.properties.privateLinkServiceConnections[0].properties.privateLinkServiceConnectionState.status, 'Approved');
	const seen = () => [azure.reaches('app-1', { viaPrivateEndpoint: true }), azure.reaches('app-1', { ip: '192.0.2.1' })];
	assert.deepEqual(seen(), [true, false]);
	await must('PUT', 'sites/app-1', flexSite({ publicNetworkAccess: 'Enabled' }));
	assert.deepEqual(seen(), [true, true]);
	await net('DELETE', 'privateEndpoints/end-1');
	assert.deepEqual(seen(), [false, true]);
});

test('a private endpoint needs a subnet without a delegation, an app that can have one, and its group', async (t) => {
	const { net, app, must, flexSite, endpoint } = await networked(t);
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	refused(await net('PUT', 'privateEndpoints/end-1', endpoint()), 'InvalidResourceReference');
	await app();
	refused(await net('PUT', 'privateEndpoints/end-1', endpoint('apps')), 'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated');
	refused(await net('PUT', 'privateEndpoints/end-1', endpoint('none')), 'InvalidResourceReference');
	refused(await net('PUT', 'privateEndpoints/end-1', endpoint('ends', { groupIds: ['blob'] })), 'PrivateEndpointInvalidGroupId');
	await must('DELETE', 'sites/app-1');
	await must('PUT', 'serverfarms/plan-1', consumptionPlan());
	await must('PUT', 'sites/app-1', flexSite({ functionAppConfig: undefined }));
	refused(await net('PUT', 'privateEndpoints/end-1', endpoint()), 'PrivateLinkServiceIdNotSupported');
});

test('a zone holds the names of the app and of its deployment site while its group is there', async (t) => {
	const { N, net, app, endpoint } = await networked(t);
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	await app();
	await net('PUT', 'privateEndpoints/end-1', endpoint());
	const group = { properties: { privateDnsZoneConfigs: [{ name: 'sites', properties: { privateDnsZoneId: `${N}/${ZONE}` } }] } };
	refused(await net('PUT', 'privateEndpoints/end-1/privateDnsZoneGroups/default', group), 'InvalidResourceReference');
	refused(await net('PUT', ZONE, { location: 'westeurope' }), 'InvalidRequestContent');
	assert.equal((await net('PUT', ZONE, { location: 'global' })).status, 201);
	assert.equal((await net('PUT', 'privateEndpoints/end-1/privateDnsZoneGroups/default', group)).status, 201);
	const names = async () => (await net('GET', `${ZONE}/A`)).body.value.map(({ name }) => name);
	assert.deepEqual(await names(), ['app-1', 'app-1.scm']);
	await net('DELETE', 'privateEndpoints/end-1');
	assert.deepEqual(await names(), []);
});

test('a zone with links stays; a network is linked to it once', async (t) => {
	const { N, net } = await networked(t);
	const link = { location: 'global', properties: { virtualNetwork: { id: `${N}/virtualNetworks/net-1` }, registrationEnabled: false } };
	await net('PUT', ZONE, { location: 'global' });
	refused(await net('PUT', `${ZONE}/virtualNetworkLinks/one`, link), 'BadRequest');
	await net('PUT', 'virtualNetworks/net-1', NETWORK);
	assert.equal((await net('PUT', `${ZONE}/virtualNetworkLinks/one`, link)).status, 201);
	refused(await net('PUT', `${ZONE}/virtualNetworkLinks/two`, link), 'Conflict');
	refused(await net('DELETE', ZONE), 'CannotDeleteResource');
	assert.deepEqual([(await net('DELETE', `${ZONE}/virtualNetworkLinks/one`)).status, (await net('DELETE', ZONE)).status, (await net('GET', ZONE)).status], [200, 200, 404]);
});
