/*
 * The settings, the keys and the access restrictions of function apps in the played Azure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedByWeb, withStorage } from '../stage/azure_app.mjs';

const IDENTITY = { AzureWebJobsStorage__accountName: 'graphmcp1' };

test('app settings are replaced as a whole; reading them is no write', async (t) => {
	const { azure, app, must } = await withStorage(t);
	await app();
	await must('PUT', 'sites/app-1/config/appsettings', { properties: { ...IDENTITY, A: '1' } });
	azure.calls.length = 0;
	assert.deepEqual((await must('POST', 'sites/app-1/config/appsettings/list')).body.properties, { ...IDENTITY, A: '1' });
	assert.equal(azure.writes.length, 0);
	await must('PUT', 'sites/app-1/config/appsettings', { properties: { B: '2' } });
	assert.deepEqual((await must('POST', 'sites/app-1/config/appsettings/list')).body.properties, { B: '2' });
});

test('app settings are texts, and none that Flex gave up', async (t) => {
	const { app, web } = await withStorage(t);
	await app();
	assert.equal((await web('PUT', 'sites/app-1/config/appsettings', { properties: { A: 1 } })).body.error.code, 'InvalidRequestContent');
	refusedByWeb(await web('PUT', 'sites/app-1/config/appsettings', { properties: { functions_worker_runtime: 'custom' } }), 400, /Please remove or rename it/);
});

test('the rules of access are told again with the last one that Azure adds', async (t) => {
	const { app, must } = await withStorage(t);
	await app();
	const last = async () => (await must('GET', 'sites/app-1/config/web')).body.properties.ipSecurityRestrictions.at(-1);
	assert.deepEqual([(await last()).name, (await last()).priority], ['Allow all', 2147483647]);
	const { body } = await must('PATCH', 'sites/app-1/config/web', { properties: { ipSecurityRestrictions: [{ ipAddress: '192.0.2.1', action: 'Allow',
		name: 'apim', priority: '100' }] } });
	assert.deepEqual(body.properties.ipSecurityRestrictions[0], { tag: 'Default', ipAddress: '192.0.2.1/32', action: 'Allow', name: 'apim', priority: 100 });
	assert.equal((await last()).name, 'Deny all');
	const again = await must('PUT', 'sites/app-1/config/web', { properties: { ipSecurityRestrictions: body.properties.ipSecurityRestrictions } });
	assert.equal(again.body.properties.ipSecurityRestrictions.length, 2);
});

test('rules of access that cannot be are refused', async (t) => {
	const { app, web } = await withStorage(t);
	await app();
	const put = (rule) => web('PATCH', 'sites/app-1/config/web', { properties: { ipSecurityRestrictions: [rule] } });
	for (const [rule, words] of [[{ ipAddress: 'gateway', action: 'Allow' }, /gateway is no address block/],
		[{ ipAddress: '192.0.2.0/33', action: 'Allow' }, /no address block/], [{ action: 'Allow' }, /either/],
		[{ ipAddress: '192.0.2.1/32' }, /Action/], [{ vnetSubnetResourceId: '/subscriptions/x', action: 'Allow' }, /was not found/]])
		refusedByWeb(await put(rule), 400, words);
	assert.equal((await put({ ipAddress: '192.0.2.1/32', action: 'Permit' })).body.error.code, 'InvalidRequestContent');
	refusedByWeb(await web('PATCH', 'sites/app-1/config/web', { properties: { functionAppScaleLimit: 10 } }), 400, /Site\.SiteConfig\.FunctionAppScaleLimit/);
});

test('rules let in whom they name, in the order of their priority', async (t) => {
	const { azure, app, must } = await withStorage(t);
	await app();
	const rules = (properties) => must('PATCH', 'sites/app-1/config/web', { properties });
	const reached = (...ips) => ips.map((ip) => azure.reaches('app-1', { ip }));
	assert.deepEqual(reached('192.0.2.1', '198.51.100.9'), [true, true]);
	await rules({ ipSecurityRestrictions: [{ ipAddress: '192.0.2.0/24', action: 'Allow', priority: 200 }, { ipAddress: '192.0.2.7/32', action: 'Deny', priority: 100 }] });
	assert.deepEqual(reached('192.0.2.1', '192.0.2.7', '198.51.100.9', undefined), [true, false, false, false]);
	await rules({ ipSecurityRestrictions: [{ ipAddress: '192.0.2.7/32', action: 'Deny' }] });
	assert.deepEqual(reached('192.0.2.7', '198.51.100.9'), [false, true]);
	await rules({ ipSecurityRestrictionsDefaultAction: 'Deny' });
	assert.deepEqual(reached('198.51.100.9'), [false]);
	await rules({ ipSecurityRestrictions: [{ ipAddress: 'ApiManagement', tag: 'ServiceTag', action: 'Allow' }] });
	assert.deepEqual([azure.reaches('app-1', { service: 'ApiManagement' }), azure.reaches('app-1', { ip: '198.51.100.9' })], [true, false]);
});

test('without public access nobody comes in by the public way', async (t) => {
	const { azure, app } = await withStorage(t);
	await app({ publicNetworkAccess: 'Disabled' });
	assert.deepEqual([azure.reaches('app-1', { ip: '192.0.2.1' }), azure.reaches('app-1', { viaPrivateEndpoint: true })], [false, false]);
});

test('the host has no keys while it may not use its storage, and then it has', async (t) => {
	const { azure, app, web, must, giveRole } = await withStorage(t);
	await app();
	refusedByWeb(await web('POST', 'sites/app-1/host/default/listkeys'), 400, /from host runtime/);
	await giveRole();
	azure.calls.length = 0;
	const { body } = await must('POST', 'sites/app-1/host/default/listkeys');
	assert.deepEqual(Object.keys(body), ['masterKey', 'functionKeys', 'systemKeys']);
	assert.equal(azure.writes.length, 0);
	const put = await must('PUT', 'sites/app-1/host/default/functionkeys/apim', { properties: { name: 'apim', value: null } });
	assert.equal(put.status, 201);
	assert.equal((await must('POST', 'sites/app-1/host/default/listkeys')).body.functionKeys.apim, put.body.properties.value);
	assert.equal((await must('PUT', 'sites/app-1/host/default/functionkeys/apim', { properties: { value: 'mine' } })).body.properties.value, 'mine');
	assert.equal((await web('PUT', 'sites/app-1/host/default/functionkeys/apim', { name: 'apim', value: 'x' })).status, 400);
	const remove = () => web('DELETE', 'sites/app-1/host/default/functionkeys/apim');
	assert.deepEqual([(await remove()).status, (await remove()).status], [204, 404]);
});

test('a host that signs in with a key needs an account that takes keys', async (t) => {
	const settings = { siteConfig: { appSettings: [{ name: 'AzureWebJobsStorage', value: 'DefaultEndpointsProtocol=https;AccountName=graphmcp1;AccountKey=eA==' }] } };
	const answers = [];
	for (const sharedKeys of [false, true]) {
		const { app, web } = await withStorage(t, { sharedKeys });
		await app(settings);
		answers.push((await web('POST', 'sites/app-1/host/default/listkeys')).status);
	}
	assert.deepEqual(answers, [400, 200]);
});
