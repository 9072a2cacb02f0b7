/*
 * The real Azure CLI with the function apps of the played Azure: what it sends is taken and what it reads is understood.  Where a
 * fact of the CLI decides how the deployment goes about, it is held here.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';
import { CONTAINER, flexConfig, recordedPuts, withStorage } from '../integration/stage/azure_app.mjs';
import { desk, zipOf } from '../integration/stage/azure_desk.mjs';

const skip = hasRealAz() ? false : 'the real az is not installed (make azure-cli)';
const OF_APP = ['-g', 'rg', '-n', 'app-1'];
const FLEX = ['functionapp', 'create', ...OF_APP, '--storage-account', 'graphmcp1', '--flexconsumption-location', 'westeurope', '--runtime', 'custom',
	'--deployment-storage-container-name', 'packages', '--deployment-storage-auth-type', 'SystemAssignedIdentity', '--https-only', 'true', '--disable-app-insights', 'true'];

async function withAz(t, options) {
	const it = await desk(t, { az: 'real', login: 'secret', registered: undefined, slowStates: 0, slowRoles: 0 });
	const there = await withStorage(t, { azure: it.azure, ...options });
	async function az(...args) {
		const { status, output, errors } = await it.az(...args);
		assert.equal(status, 0, errors);
		return output ? JSON.parse(output) : undefined;
	}
	const bring = (path) => it.az('functionapp', 'deployment', 'source', 'config-zip', ...OF_APP, '--src', path);
	return { ...it, ...there, az, failing: it.az, bring };
}

/* A Flex app as the deployment makes it, with its role. */
async function withFlexApp(t, options) {
	const it = await withAz(t, options);
	await it.app();
	await it.giveRole();
	return it;
}

test('az makes a Flex app with the bodies that the deployment sends, its own names and extras apart', { skip }, async (t) => {
	const { azure, az } = await withAz(t, { sharedKeys: true });
	azure.slowStates = 1;
	const puts = recordedPuts(azure);
	const made = await az(...FLEX);
	const [plan, site] = puts;
	assert.deepEqual(plan.body, { location: 'westeurope', kind: 'functionapp', sku: { tier: 'FlexConsumption', name: 'FC1', size: 'FC',
		family: 'FC' }, properties: { reserved: true } });
	const { siteConfig: { appSettings }, serverFarmId, ...properties } = site.body.properties;
	assert.deepEqual({ ...site.body, properties }, { location: 'westeurope', kind: 'functionapp,linux',
		properties: { httpsOnly: true, functionAppConfig: flexConfig({ alwaysReady: [] }) } });
	assert.deepEqual(appSettings.map(({ name }) => name), ['AzureWebJobsStorage']);
	assert.ok(serverFarmId.endsWith(plan.path.replace(/^.*\//, '')));
	assert.equal(made.properties.functionAppConfig.deployment.storage.value, CONTAINER);
	assert.ok(puts.every(({ status }) => status < 300), 'what az reads it may write back');
});

test('az takes no version of a custom handler on Flex', { skip }, async (t) => {
	const { failing } = await withAz(t, { sharedKeys: true });
	const { status, errors } = await failing(...FLEX, '--runtime-version', '1.0');
	assert.equal(status, 1);
	assert.match(errors, /Invalid version 1\.0 for runtime custom .* Supported versions for runtime custom are \[''\]/);
});

test('az makes no app on an account without keys', { skip }, async (t) => {
	const { failing, azure } = await withAz(t);
	const { status, errors } = await failing(...FLEX);
	assert.notEqual(status, 0);
	assert.match(errors, /KeyBasedAuthenticationNotPermitted/);
	assert.equal(azure.siteNamed('app-1'), undefined);
});

test('az shows a Flex app raw, lists it, and reads its settings and keys', { skip }, async (t) => {
	const { az, must } = await withFlexApp(t);
	const shown = await az('functionapp', 'show', ...OF_APP);
	assert.deepEqual([shown.defaultHostName, shown.properties.defaultHostName], [undefined, 'app-1.azurewebsites.net']);
	assert.deepEqual(await az('functionapp', 'list', '-g', 'rg', '--query', '[].defaultHostName'), ['app-1.azurewebsites.net']);
	assert.deepEqual(await az('functionapp', 'config', 'appsettings', 'list', ...OF_APP), [{ name: 'AzureWebJobsStorage__accountName',
		slotSetting: false, value: 'graphmcp1' }]);
	assert.equal((await az('functionapp', 'keys', 'set', ...OF_APP, '--key-type', 'functionKeys', '--key-name', 'apim')).value, null);
	const { body } = await must('POST', 'sites/app-1/host/default/listkeys');
	assert.equal((await az('functionapp', 'keys', 'list', ...OF_APP)).functionKeys.apim, body.functionKeys.apim);
});

test('az adds a rule of access', { skip }, async (t) => {
	const { az, azure } = await withFlexApp(t);
	await az('functionapp', 'config', 'access-restriction', 'add', ...OF_APP, '--rule-name', 'apim', '--action', 'Allow', '--ip-address', '192.0.2.1/32', '--priority', '100');
	assert.deepEqual([azure.reaches('app-1', { ip: '192.0.2.1' }), azure.reaches('app-1', { ip: '198.51.100.9' })], [true, false]);
});

test('az tells why a package is refused', { skip }, async (t) => {
	const { azure, bring, file } = await withFlexApp(t);
	writeFileSync(file('bare.zip'), zipOf({ 'me/function.json': '{}' }));
	assert.match((await bring(file('bare.zip'))).errors, /Zip deployment failed.*no host\.json/s);
	for (const id of azure.resources.ids.filter((one) => one.includes('roleassignments'))) azure.resources.delete(id);
	assert.match((await bring(file('functions.zip'))).errors, /Zip deployment failed.*403 \(This request is not authorized/s);
});

test('az makes an app of the Consumption plan and brings its package by a blob', { skip }, async (t) => {
	const { azure, az, bring, file } = await withAz(t, { sharedKeys: true });
	await az('functionapp', 'create', ...OF_APP, '--storage-account', 'graphmcp1', '--consumption-plan-location', 'westeurope', '--os-type', 'Linux',
		'--functions-version', '4', '--runtime', 'custom',
		'--disable-app-insights', 'true');
	assert.equal(await az('functionapp', 'show', ...OF_APP, '--query', 'defaultHostName'), 'app-1.azurewebsites.net');
	const { status, errors } = await bring(file('functions.zip'));
	assert.equal(status, 0, errors);
	assert.ok(azure.packages.get('app-1').length);
	assert.match(azure.siteNamed('app-1').settings.WEBSITE_RUN_FROM_PACKAGE, /^https:\/\/graphmcp1\.blob\.core\.windows\.net\/function-releases\//);
});
