/*
 * A package on its way to a function app of either plan: the small az asks and writes what the real one does, and ends
 * with the same words.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { consumptionPlan, withStorage } from '../integration/stage/azure_app.mjs';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };
const SETTINGS = { slowRoles: 0, slowStates: 0, registered: undefined };

/* A blob's name says when it was brought. */
const named = ({ method, host, path }) => `${method} ${host}${path.replace(/[^/]*\.zip$/, 'PACKAGE.zip').replace(/\/resourcegroups\//i, '/resourceGroups/').replace(/\/providers\/.*/, (rest) => rest.toLowerCase())}`;

async function flexApp(t, az) {
	const it = await desk(t, { az, ...SETTINGS });
	const site = await withStorage(t, { azure: it.azure });
	await site.app();
	await site.giveRole();
	return { ...it, ...site };
}

async function consumptionApp(t, az) {
	const it = await desk(t, { az, ...SETTINGS });
	const site = await withStorage(t, { azure: it.azure, sharedKeys: true });
	const { body: { keys: [{ value }] } } = await site.ask('POST', `${site.account}/listKeys?api-version=2023-05-01`);
	await site.must('PUT', 'serverfarms/plan-1', consumptionPlan());
	await site.must('PUT', 'sites/app-1', { location: 'westeurope', kind: 'functionapp,linux', properties: { serverFarmId: site.plan, reserved: true, siteConfig: { linuxFxVersion: '', appSettings: [
		{ name: 'AzureWebJobsStorage', value: `DefaultEndpointsProtocol=https;AccountName=graphmcp1;AccountKey=${value.replace(/^SECRET-/, '')};EndpointSuffix=core.windows.net` },
		{ name: 'FUNCTIONS_WORKER_RUNTIME', value: 'custom' }, { name: 'FUNCTIONS_EXTENSION_VERSION', value: '~4' }] } } });
	return { ...it, ...site };
}

/* The real one prints an answer of the service as Python does. */
const bare = (words) => words.replace(/\{.*status_text["']: ?["']([^"']*).*\}/, '{$1}').trimEnd();

/* What came of bringing the package: the end, its words, what was asked once each and what was written. */
async function brought(it) {
	it.azure.slowStates = 1;
	it.azure.calls.length = 0;
	const { status, output, errors } = await it.az('functionapp', 'deployment', 'source', 'config-zip', '--resource-group', 'rg', '--name', 'app-1', '--src', it.file('functions.zip'), '--only-show-errors', '--output', 'json');
	const asked = it.azure.calls.filter(({ host }) => !/^login\./.test(host));
	return { status, words: bare(errors.split('\n')[0]), output: output.trim(), asked: new Set(asked.map(named)), writes: it.azure.writes.map(named) };
}

async function both(t, make, change = () => {}) {
	const [real, standIn] = await Promise.all(['real', 'stand-in'].map(async (az) => {
		const it = await make(t, az);
		await change(it);
		return { ...await brought(it), packages: [...it.azure.packages.keys()] };
	}));
	const { asked: byReal, ...rest } = real;
	const { asked: byStandIn, ...same } = standIn;
	assert.deepEqual(same, rest);
	assert.deepEqual([...byStandIn].filter((one) => !byReal.has(one)), [], 'the small az asks nothing that the real one does not');
	return real;
}

test('Flex Consumption: published, waited for, and found healthy', options, async (t) => {
	const { status, output, packages } = await both(t, flexApp);
	assert.deepEqual([status, JSON.parse(output), packages], [0, 'Deployment was successful.', ['app-1']]);
});

test('Consumption: a blob of the account, by its key, that the app is told of', options, async (t) => {
	const { status, writes } = await both(t, consumptionApp);
	assert.equal(status, 0);
	assert.deepEqual(writes.map((one) => one.split(' ')[0]), ['PUT', 'PUT', 'PUT', 'POST']);
});

test('a package that is none, and one after another too soon, are told of', options, async (t) => {
	const failed = await both(t, flexApp, ({ file }) => writeFileSync(file('functions.zip'), 'a package'));
	assert.match(failed.words, /^ERROR: Zip deployment failed\. \{The package is no zip archive/);
	const busy = await both(t, flexApp, ({ azure }) => azure.fail(/^POST app-1\.scm\.azurewebsites\.net\/api\/publish/, { status: 409, code: 'Conflict' }));
	assert.match(busy.words, /^ERROR: There may be an ongoing deployment/);
});

test('an app that does not get healthy fails; one that the network hides does not', options, async (t) => {
	const status = /^GET app-1\.azurewebsites\.net\/admin\/host\/status/;
	const sick = await both(t, flexApp, ({ azure }) => azure.fail(status, { status: 503 }, 100));
	assert.deepEqual([sick.status, sick.words], [1, 'ERROR: Deployment was successful but the app appears to be unhealthy. Please check the app logs.']);
	const hidden = await both(t, flexApp, ({ azure }) => azure.fail(status, { status: 403, reason: 'Ip Forbidden' }));
	assert.deepEqual([hidden.status, JSON.parse(hidden.output)], [0, 'Deployment was successful but health check failed due to IP restriction.']);
});

test('an app that is not there', options, async (t) => {
	const { status, words } = await both(t, flexApp, ({ must }) => must('DELETE', 'sites/app-1'));
	assert.deepEqual([status, /ResourceNotFound/.test(words)], [3, true]);
});
