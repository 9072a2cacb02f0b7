/*
 * Function apps in the played Azure: what is taken, what is refused and what is told again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumptionPlan, flexConfig, refusedByWeb, withStorage } from '../stage/azure_app.mjs';

test('a Flex app goes on after its 202, and nothing of it changes before it is done', async (t) => {
	const { ask, web, must, flexSite } = await withStorage(t, { slowStates: 2 });
	await must('PUT', 'serverfarms/plan-1', { location: 'westeurope', sku: { name: 'FC1' }, properties: { reserved: true } });
	for (const _ of [1, 2, 3]) await must('GET', 'serverfarms/plan-1');
	const answer = await must('PUT', 'sites/app-1', flexSite());
	assert.equal(answer.status, 202);
	refusedByWeb(await web('PUT', 'sites/app-1/config/appsettings', { properties: {} }), 409, /another operation is in progress/);
	assert.equal((await ask('GET', answer.headers.location)).status, 202);
	assert.equal((await ask('GET', answer.headers.location)).status, 200);
	await must('PUT', 'sites/app-1/config/appsettings', { properties: {} });
});

test('a Flex app is told in the raw form of Resource Manager, without its settings', async (t) => {
	const { app, must, azure } = await withStorage(t);
	await app({}, { tags: { 'made-by': 'graph-mcp' } });
	const { body } = await must('GET', 'sites/app-1', undefined, '2023-12-01');
	assert.equal(body.defaultHostName, undefined);
	assert.equal(body.properties.defaultHostName, 'app-1.azurewebsites.net');
	assert.equal(body.location, 'West Europe');
	assert.equal(body.properties.sku, 'FlexConsumption');
	assert.equal(body.properties.siteConfig.appSettings, null);
	assert.deepEqual(body.tags, { 'made-by': 'graph-mcp' });
	assert.match(body.identity.principalId, /^[0-9a-f-]{36}$/);
	assert.equal(azure.principals.get(body.identity.principalId), 'ServicePrincipal');
	assert.equal((await must('GET', 'sites')).body.value.length, 1);
});

test('the configuration of a Flex app is checked', async (t) => {
	const { web, must, app, flexSite } = await withStorage(t);
	await app();
	const config = (scale, storage, more) => ({ functionAppConfig: { ...flexConfig(scale, storage), ...more } });
	for (const [properties, words] of [[{ functionAppConfig: undefined }, /FunctionAppConfig is invalid/], [config({ instanceMemoryMB: 1024 }), /512, 2048, 4096/],
		[config({ maximumInstanceCount: 0 }), /1 to 1000/], [config({ alwaysReady: [{ name: 'web', instanceCount: 1 }] }), /AlwaysReady\.Name 'web'/],
		[config({ maximumInstanceCount: 1, alwaysReady: [{ name: 'http', instanceCount: 2 }] }), /more instances/],
		[config({ alwaysReady: [{ name: 'http', instanceCount: 1 }, { name: 'http', instanceCount: 1 }] }), /twice/],
		[config({}, {}, { runtime: { name: 'custom', version: '4' } }), /Runtime\.Version/],
		[config({}, { value: 'https://graphmcp1.blob.core.windows.net/elsewhere' }), /no container/],
		[config({}, { authentication: { type: 'StorageAccountConnectionString', storageAccountConnectionStringName: 'NONE' } }), /no app setting 'NONE'/]])
		refusedByWeb(await web('PUT', 'sites/app-1', flexSite(properties)), 400, words);
	for (const properties of [config({ colour: 'blue' }), config({}, {}, { runtime: { name: 'cobol' } })])
		assert.equal((await web('PUT', 'sites/app-1', flexSite(properties))).body.error.code, 'InvalidRequestContent');
	await must('PUT', 'sites/app-1', flexSite(config({ instanceMemoryMB: 512, alwaysReady: [{ name: 'http', instanceCount: 2 }] })));
});

test('what Flex gave up is refused by its name', async (t) => {
	const { web, app, flexSite } = await withStorage(t);
	await app();
	const settings = (...names) => ({ siteConfig: { appSettings: names.map((name) => ({ name, value: 'x' })) } });
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite(settings('FUNCTIONS_WORKER_RUNTIME'))), 400,
		/^The following app setting \(Site\.SiteConfig\.AppSettings\.FUNCTIONS_WORKER_RUNTIME\) for Flex/);
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite(settings('FUNCTIONS_EXTENSION_VERSION', 'WEBSITE_RUN_FROM_PACKAGE'))), 400, /list of 2 app settings/);
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite(settings('Logging:Level'))), 400, /Logging:Level/);
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite({ siteConfig: { alwaysOn: false } })), 400, /\(Site\.SiteConfig\.AlwaysOn\) for Flex/);
});

test('an app of the Consumption plan has no configuration of Flex and no network of its own', async (t) => {
	const { web, must, flexSite } = await withStorage(t);
	await must('PUT', 'serverfarms/plan-1', consumptionPlan());
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite()), 400, /for Flex Consumption sites/);
	const { body } = await must('PUT', 'sites/app-1', flexSite({ functionAppConfig: undefined,
		siteConfig: { appSettings: [{ name: 'FUNCTIONS_EXTENSION_VERSION', value: '~4' }] } }));
	assert.equal(body.properties.sku, 'Dynamic');
});

test('a name that somebody has is refused, and is said not to be free', async (t) => {
	const { azure, web, ask, app, flexSite } = await withStorage(t, { taken: ['app-1'] });
	const free = async (name) => (await ask('POST', `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Web/checknameavailability?api-version=2024-04-01`,
		{ name, type: 'Microsoft.Web/sites' })).body.nameAvailable;
	assert.deepEqual([await free('app-1'), await free('app-2')], [false, true]);
	await assert.rejects(app(), /Website with given name app-1 already exists/);
	refusedByWeb(await web('PUT', 'sites/-app', flexSite()), 400, /invalid/);
});

test('an app needs a plan that is there, in its own region', async (t) => {
	const { web, must, flexSite } = await withStorage(t);
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite()), 404, /plan-1/);
	await must('PUT', 'serverfarms/plan-1', { location: 'northeurope', sku: { name: 'FC1' }, properties: { reserved: true } });
	refusedByWeb(await web('PUT', 'sites/app-1', flexSite()), 409, /its plan in North Europe/);
	assert.equal((await web('GET', 'sites/app-1')).body.error.code, 'ResourceNotFound');
	assert.equal((await web('POST', 'sites/app-1/config/appsettings/list')).body.error.code, 'ParentResourceNotFound');
});

test('a PUT without settings and identity keeps them; without tags it drops those', async (t) => {
	const { app, must, azure, flexSite } = await withStorage(t);
	const { body: { identity } } = await app({}, { tags: { package: 'x' } });
	const { body } = await must('PUT', 'sites/app-1', flexSite({ siteConfig: {} }, { identity: undefined }));
	assert.deepEqual([body.identity, body.tags], [identity, {}]);
	assert.deepEqual(azure.siteNamed('app-1').settings, { AzureWebJobsStorage__accountName: 'graphmcp1' });
});

test('what was read can be written back', async (t) => {
	const { app, must } = await withStorage(t);
	await app();
	const { body } = await must('GET', 'sites/app-1');
	assert.deepEqual((await must('PUT', 'sites/app-1', body)).body, body);
});

test('a PATCH changes what it names, and takes no tags', async (t) => {
	const { app, web, must } = await withStorage(t);
	await app();
	const { body } = await must('PATCH', 'sites/app-1', { properties: { publicNetworkAccess: 'Disabled' } });
	assert.deepEqual([body.properties.publicNetworkAccess, body.properties.httpsOnly], ['Disabled', true]);
	assert.equal((await web('PATCH', 'sites/app-1', { tags: { a: 'b' } })).status, 400);
	refusedByWeb(await web('PATCH', 'sites/app-1', { properties: { functionAppConfig: flexConfig({ instanceMemoryMB: 1 }) } }), 400, /InstanceMemoryMB/);
});

test('a site whose group is deleted is gone with its package', async (t) => {
	const { azure, ask, app, G } = await withStorage(t);
	await app();
	azure.packages.set('app-1', Buffer.from('x'));
	await ask('DELETE', `${G}?api-version=2021-04-01`);
	assert.deepEqual([azure.siteNamed('app-1'), azure.packages.size], [undefined, 0]);
});
