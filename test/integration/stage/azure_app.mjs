/*
 * A function app in a played Azure, with what it needs before it: the bodies that make each, as a deployment sends them.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { played } from './azure_client.mjs';

const WEB = '2024-04-01';
const STORAGE = '2023-05-01';
export const OWNER_OF_BLOBS = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
export const CONTAINER = 'https://graphmcp1.blob.core.windows.net/packages';

export const flexPlan = (more) => ({ location: 'westeurope', kind: 'functionapp', sku: { name: 'FC1', tier: 'FlexConsumption' }, properties: { reserved: true }, ...more });
export const consumptionPlan = () => ({ location: 'westeurope', kind: 'functionapp', sku: { name: 'Y1', tier: 'Dynamic' }, properties: { reserved: true } });
export const flexConfig = (scale, storage) => ({ deployment: { storage: { type: 'blobContainer', value: CONTAINER,
	authentication: { type: 'SystemAssignedIdentity' }, ...storage } },
	runtime: { name: 'custom', version: '1.0' }, scaleAndConcurrency: { maximumInstanceCount: 100, instanceMemoryMB: 2048, ...scale } });

/* What played() gives, and: web(method, path, body), a request below P/Microsoft.Web; must(...), one that is not refused; flexSite(properties, more), the body of an app;
 * SITE, its path; app(), which makes the app with its plan; giveRole(role, scope), to the app. */
export async function withStorage(t, options) {
	const it = await played(t, options);
	const { ask, P, azure } = it;
	const account = `${P}/Microsoft.Storage/storageAccounts/graphmcp1`;
	const web = (method, path, body, version = WEB) => ask(method, `${P}/Microsoft.Web/${path}${path.includes('?') ? '&' : '?'}api-version=${version}`, body);
	async function must(...args) {
		const answer = await web(...args);
		assert.ok(answer.status < 300, `${args[0]} ${args[1]}: ${answer.status} ${JSON.stringify(answer.body)}`);
		return answer;
	}
	const { slowStates } = azure;
	azure.slowStates = 0;
	await ask('PUT', `${account}?api-version=${STORAGE}`, { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' },
		properties: { allowSharedKeyAccess: Boolean(options?.sharedKeys) } });
	await ask('PUT', `${account}/blobServices/default/containers/packages?api-version=${STORAGE}`, {});
	azure.slowStates = slowStates;
	const plan = `${P}/Microsoft.Web/serverfarms/plan-1`;
	const flexSite = (properties, more) => ({ location: 'westeurope', kind: 'functionapp,linux', identity: { type: 'SystemAssigned' },
		properties: { serverFarmId: plan, httpsOnly: true, functionAppConfig: flexConfig(),
			siteConfig: { appSettings: [{ name: 'AzureWebJobsStorage__accountName', value: 'graphmcp1' }] }, ...properties }, ...more });
	async function app(properties, more) {
		await must('PUT', 'serverfarms/plan-1', flexPlan());
		return must('PUT', 'sites/app-1', flexSite(properties, more));
	}
	const giveRole = async (role = OWNER_OF_BLOBS, scope = account) => ask('PUT',
		`${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
		{ properties: { roleDefinitionId: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
			principalId: azure.siteNamed('app-1').resource.identity.principalId, principalType: 'ServicePrincipal' } });
	return { ...it, web, must, flexSite, app, plan, account, giveRole, SITE: `${P}/Microsoft.Web/sites/app-1` };
}

/* Refused as Microsoft.Web does: Code and Message at the top. */
export function refusedByWeb({ status, body }, wanted, words) {
	assert.equal(status, wanted, JSON.stringify(body));
	assert.match(body.Message ?? '', words, JSON.stringify(body));
}

/* Keeps what is sent to Resource Manager with PUT from here on: [{path (below providers), body, status}]. */
export function recordedPuts(azure) {
	const puts = [];
	const { answer } = azure;
	azure.answer = async (request) => {
		const given = await answer.call(azure, request);
		const [, path] = /^\/subscriptions\/.*\/providers\/(.+)$/.exec(request.url.pathname) ?? [];
		if (request.method === 'PUT' && path) puts.push({ path, body: JSON.parse(request.body), status: given.status });
		return given;
	};
	return puts;
}
