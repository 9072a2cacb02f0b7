/*
 * Packages for function apps in the played Azure: who may bring one, what becomes of it, and whether the host gets up with it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { withStorage } from '../stage/azure_app.mjs';
import { zipOf } from '../stage/azure_desk.mjs';

const PACKAGE = zipOf({ 'host.json': '{}', 'me/function.json': '{}' });
const SCM = 'https://app-1.scm.azurewebsites.net/api';

async function publishing(t, options) {
	const it = await withStorage(t, options);
	await it.app();
	await it.giveRole();
	const ask = (method, address, more) => askAs(it.azure, asUser(it.azure), method, address, more);
	const publish = (bytes = PACKAGE) => ask('POST', `${SCM}/publish?RemoteBuild=False&Deployer=az_cli`, { body: bytes, headers: { 'content-type': 'application/zip' } });
	const latest = () => ask('GET', `${SCM}/deployments/latest`);
	async function status() {
		const { body: { masterKey } } = await it.must('POST', 'sites/app-1/host/default/listkeys');
		return askAs(it.azure, null, 'GET', 'https://app-1.azurewebsites.net/admin/host/status', { headers: { 'x-functions-key': masterKey } });
	}
	return { ...it, ask, publish, latest, status };
}

test('a package is brought, is under way, then runs', async (t) => {
	const { azure, publish, latest, status, must } = await publishing(t);
	azure.slowStates = 2; /* the one that is refused counts as a question */
	assert.equal((await latest()).status, 404);
	assert.equal((await status()).status, 503);
	assert.equal((await publish()).status, 202);
	assert.equal((await publish()).status, 409);
	const seen = [await latest(), await latest()].map(({ body }) => body.status);
	assert.deepEqual(seen, [1, 4]);
	assert.deepEqual(azure.packages.get('app-1'), PACKAGE);
	assert.equal((await status()).status, 200);
	assert.deepEqual((await must('GET', 'sites/app-1/functions')).body.value.map(({ name }) => name), ['app-1/me']);
});

test('what is no package fails, with the reason in its log; what ran goes on', async (t) => {
	const { azure, ask, publish, latest } = await publishing(t);
	await publish();
	await latest();
	for (const [bytes, words] of [[Buffer.from('a package'), /no zip archive/], [zipOf({ 'app/host.json': '{}' }), /no host\.json/],
		[Buffer.concat([PACKAGE.subarray(0, -8)]), /no zip archive/]]) {
		await publish(bytes);
		const { body } = await latest();
		assert.deepEqual([body.status, body.complete], [3, true]);
		assert.match(body.status_text, words);
		assert.match((await ask('GET', body.log_url)).body[0].message, words);
	}
	assert.deepEqual(azure.packages.get('app-1'), PACKAGE);
});

test('an app without a role on the container gets no package, nor one whose container is gone', async (t) => {
	const { azure, app, publish, latest, account } = await publishing(t);
	const assignments = azure.resources.ids.filter((id) => id.includes('roleassignments'));
	for (const id of assignments) azure.resources.delete(id);
	await app();
	await publish();
	assert.match((await latest()).body.status_text, /403 \(This request is not authorized to perform this operation using this permission\.\)/);
	azure.resources.delete(`${account}/blobServices/default/containers/packages`);
	await publish();
	assert.match((await latest()).body.status_text, /404 \(The specified container does not exist\.\)/);
});

test('a role that is new is not believed at once', async (t) => {
	const { publish, latest } = await publishing(t, { slowRoles: 1 });
	const states = [];
	for (const _ of [1, 2]) {
		await publish();
		states.push((await latest()).body.status);
	}
	assert.deepEqual(states, [3, 4]);
});

test('with a package that never gets up the host answers errors for ever', async (t) => {
	const { azure, publish, latest, status } = await publishing(t);
	azure.unhealthy = true;
	await publish();
	await latest();
	for (const _ of [1, 2, 3]) assert.equal((await status()).status, 503);
});

test('whom the rules keep out gets neither to the app nor to its deployment site', async (t) => {
	const { must, publish, status, azure } = await publishing(t);
	await must('PATCH', 'sites/app-1/config/web', { properties: { ipSecurityRestrictions: [{ ipAddress: '192.0.2.1/32', action: 'Allow' }] } });
	const { status: number, reason } = await status();
	assert.deepEqual([number, reason, (await publish()).status], [403, 'Ip Forbidden', 202]);
	await must('PATCH', 'sites/app-1/config/web', { properties: { scmIpSecurityRestrictionsUseMain: true } });
	assert.equal((await publish()).status, 403);
	azure.caller = { ip: '192.0.2.1' };
	assert.notEqual((await publish()).status, 403);
});

test('the host\'s status is told to the holder of its key, a deployment site opens to a token', async (t) => {
	const { azure } = await publishing(t);
	assert.equal((await askAs(azure, null, 'GET', 'https://app-1.azurewebsites.net/admin/host/status', { headers: { 'x-functions-key': 'guess' } })).status, 401);
	assert.equal((await askAs(azure, null, 'GET', `${SCM}/deployments/latest`)).status, 401);
	assert.equal((await askAs(azure, null, 'GET', 'https://nobody.azurewebsites.net/admin/host/status')).status, 404);
});

test('an app of the Consumption plan runs the package that its setting leads to', async (t) => {
	const { azure, must } = await withStorage(t, { sharedKeys: true });
	await must('PUT', 'sites/app-2', { location: 'westeurope', kind: 'functionapp,linux', properties: {} });
	const at = 'https://graphmcp1.blob.core.windows.net/releases/1.zip';
	azure.blobs.set(at, PACKAGE);
	for (const [value, wanted] of [[`${at}?sp=r&sig=x`, PACKAGE], [at, undefined], [`${at.replace('1.zip', '2.zip')}?sig=x`, undefined]]) {
		await must('PUT', 'sites/app-2/config/appsettings', { properties: { WEBSITE_RUN_FROM_PACKAGE: value } });
		assert.deepEqual(azure.packages.get('app-2'), wanted);
	}
	assert.equal((await must('POST', 'sites/app-2/syncfunctiontriggers')).status, 204);
});
