/*
 * Workspaces and Application Insights components in the played Azure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { played } from '../stage/azure_client.mjs';

async function monitored(t, options) {
	const it = await played(t, options);
	const { ask, P } = it;
	const id = `${P}/Microsoft.OperationalInsights/workspaces/logs-1`;
	const workspace = (method, body = undefined) => ask(method, `${id}?api-version=2023-09-01`, body);
	const component = (method, body = undefined) => ask(method, `${P}/Microsoft.Insights/components/insights-1?api-version=2020-02-02`, body);
	const wanted = (properties) => ({ location: 'westeurope', kind: 'web', properties: { Application_Type: 'web', WorkspaceResourceId: id, ...properties } });
	return { ...it, id, workspace, component, wanted };
}
const WORKSPACE = { location: 'westeurope', properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 } };

test('a workspace is being created before it can hold a component', async (t) => {
	const { ask, workspace, component, wanted } = await monitored(t, { slowStates: 2 });
	const { status, headers, body } = await workspace('PUT', WORKSPACE);
	assert.deepEqual([status, body.properties.provisioningState], [201, 'Creating']);
	assert.equal((await component('PUT', wanted())).status, 409);
	assert.equal((await ask('GET', headers['azure-asyncoperation'])).body.status, 'InProgress');
	assert.equal((await ask('GET', headers['azure-asyncoperation'])).body.status, 'Succeeded');
	assert.equal((await workspace('GET')).body.properties.provisioningState, 'Succeeded');
	assert.equal((await component('PUT', wanted())).status, 200);
});

test('a component lies on a workspace that is there', async (t) => {
	const { workspace, component, wanted } = await monitored(t);
	assert.equal((await component('PUT', wanted())).status, 404);
	await workspace('PUT', WORKSPACE);
	assert.match((await component('PUT', wanted({ WorkspaceResourceId: undefined }))).body.error.message, /can no longer be created/);
	assert.equal((await component('PUT', { ...wanted(), kind: undefined })).status, 400);
	assert.equal((await component('PUT', wanted({ Colour: 'blue' }))).status, 400);
});

test('a component keeps its connection string; its type is told in small letters', async (t) => {
	const { workspace, component, wanted } = await monitored(t);
	await workspace('PUT', WORKSPACE);
	const [first, second] = [await component('PUT', wanted()), await component('PUT', wanted({ RetentionInDays: 30 }))].map(({ body }) => body);
	assert.equal(first.properties.ConnectionString, second.properties.ConnectionString);
	assert.match(first.properties.ConnectionString, /^InstrumentationKey=[0-9a-f-]{36};IngestionEndpoint=https:\/\/westeurope-5\.in\.applicationinsights\.azure\.com\/;/);
	assert.match(first.id, /\/microsoft\.insights\/components\/insights-1$/);
	assert.equal((await component('PUT', { ...wanted(), location: 'northeurope' })).body.error.code, 'InvalidResourceLocation');
	assert.deepEqual((await component('PUT', first)).body.properties.RetentionInDays, 90);
	assert.deepEqual([(await component('DELETE')).status, (await component('DELETE')).status, (await component('GET')).status], [200, 204, 404]);
});
