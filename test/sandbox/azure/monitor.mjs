/*
 * Microsoft.OperationalInsights workspaces and the Application Insights components (Microsoft.Insights) that lie on them.
 */
import { createHash, randomUUID } from 'node:crypto';
import { versioned } from './arm.mjs';
import { goesOn, pendingRoutes, settled } from './pending.mjs';
import { mustFit, refuse } from './refusal.mjs';
import { regionKey, sameRegion } from './regions.mjs';
import { IN_GROUP, idIn, mustExist, ofType } from './tracked.mjs';

const WORKSPACE = 'Microsoft.OperationalInsights/workspaces';
const COMPONENT = 'Microsoft.Insights/components';
const WORKSPACE_VERSIONS = ['2021-12-01-preview', '2022-10-01', '2023-09-01', '2025-02-01'];
const COMPONENT_VERSIONS = ['2020-02-02', '2020-02-02-preview'];
const ACCESS = ['Enabled', 'Disabled', 'SecuredByPerimeter'];
const ENVELOPE = { 'id~': 'string', name: 'string', 'type~': 'string', 'location!': 'string', tags: 'map', etag: 'string' };

const WORKSPACE_SHAPE = { ...ENVELOPE, identity: 'any', properties: { sku: { 'name!': ['PerGB2018', 'Free', 'Standalone', 'CapacityReservation',
	'LACluster'], capacityReservationLevel: 'integer',
	'lastSkuUpdate~': 'string' }, retentionInDays: 'integer', workspaceCapping: { dailyQuotaGb: 'number', 'quotaNextResetTime~': 'any', 'dataIngestionStatus~': 'any' },
publicNetworkAccessForIngestion: ACCESS, publicNetworkAccessForQuery: ACCESS, forceCmkForQuery: 'boolean', features: 'any', defaultDataCollectionRuleResourceId: 'string',
...Object.fromEntries(['provisioningState', 'customerId', 'createdDate', 'modifiedDate'].map((name) => [`${name}~`, 'any'])) } };

const COMPONENT_SHAPE = { ...ENVELOPE, 'kind!': 'string', properties: { 'Application_Type!': ['web', 'other'], Flow_Type: ['Bluefield'],
	Request_Source: ['rest'], HockeyAppId: 'string',
	SamplingPercentage: 'number', RetentionInDays: 'integer', DisableIpMasking: 'boolean', ImmediatePurgeDataOn30Days: 'boolean', WorkspaceResourceId: 'string',
	publicNetworkAccessForIngestion: ACCESS, publicNetworkAccessForQuery: ACCESS, IngestionMode: ['ApplicationInsights', 'LogAnalytics',
		'ApplicationInsightsWithDiagnosticSettings'],
	DisableLocalAuth: 'boolean', ForceCustomerStorageForProfiler: 'boolean', ...Object.fromEntries(['ApplicationId', 'AppId', 'Name',
		'InstrumentationKey', 'CreationDate', 'TenantId',
		'HockeyAppToken', 'provisioningState', 'ConnectionString', 'Ver', 'LaMigrationDate', 'PrivateLinkScopedResources'].map((name) => [`${name}~`, 'any'])) } };

const movedTo = (there, location) => there && !sameRegion(there.location, location)
	&& refuse(409, 'InvalidResourceLocation',
		`The resource '${there.name}' already exists in location '${there.location}' in its resource group. A resource with the same name cannot be created in location '${location}'.`);

function workspaces(azure) {
	async function put(question) {
		const { params, json } = question;
		mustFit(json, WORKSPACE_SHAPE);
		const id = idIn(azure, params, `${WORKSPACE}/${params.name}`);
		const there = azure.resources.get(id);
		movedTo(there, json.location);
		if (!await settled(azure, id)) refuse(409, 'Conflict', `Another operation on the workspace ${params.name} is in progress.`);
		const workspace = azure.resources.put(id, { id, name: params.name, type: WORKSPACE, location: regionKey(json.location), tags: json.tags ?? {},
			properties: { retentionInDays: 30, sku: { name: 'PerGB2018' }, publicNetworkAccessForIngestion: 'Enabled',
				publicNetworkAccessForQuery: 'Enabled', ...there?.properties, ...json.properties,
				customerId: there?.properties.customerId ?? randomUUID(), provisioningState: 'Succeeded' } });
		if (there) return { body: workspace };
		workspace.properties.provisioningState = 'Creating';
		return goesOn(azure, question, { header: 'azure-asyncoperation', namespace: 'Microsoft.OperationalInsights', region: json.location, id,
			status: 201, shown: () => workspace,
			finish: () => { workspace.properties.provisioningState = 'Succeeded'; } });
	}

	async function get({ params }) {
		const workspace = mustExist(azure, params, `${WORKSPACE}/${params.name}`);
		await settled(azure, workspace.id);
		return { body: workspace };
	}

	const list = ({ params }) => ({ body: { value: ofType(azure, WORKSPACE, params.group) } });
	return [
		['GET', `${IN_GROUP}/${WORKSPACE}/{name}`, get],
		['PUT', `${IN_GROUP}/${WORKSPACE}/{name}`, put],
		['DELETE', `${IN_GROUP}/${WORKSPACE}/{name}`, ({ params }) => ({ status: azure.resources.delete(idIn(azure, params, `${WORKSPACE}/${params.name}`)) ? 200 : 204 })],
		['GET', `${IN_GROUP}/${WORKSPACE}`, list],
		['GET', `/subscriptions/{subscription}/providers/${WORKSPACE}`, list],
	];
}

function components(azure) {
	/* A component of its own ("classic") can no longer be made. */
	async function checkWorkspace({ WorkspaceResourceId: id }) {
		if (!id) refuse(400, 'InvalidRequest', 'WorkspaceResourceId is missing: classic Application Insights components can no longer be created.');
		const workspace = azure.resources.get(id);
		if (workspace?.type !== WORKSPACE) refuse(404, 'ResourceNotFound', `The workspace ${id} was not found.`);
		if (!await settled(azure, id)) refuse(409, 'Conflict', `The workspace ${id} is not ready: ${workspace.properties.provisioningState}.`);
	}

	function connection(location, key, application) {
		const region = regionKey(location);
		return `InstrumentationKey=${key};IngestionEndpoint=https://${region}-5.in.applicationinsights.azure.com/;LiveEndpoint=https://${region}.livediagnostics.monitor.azure.com/;ApplicationId=${application}`;
	}

	async function put({ params, json }) {
		mustFit(json, COMPONENT_SHAPE);
		const id = idIn(azure, params, `${COMPONENT}/${params.name}`);
		const there = azure.resources.get(id);
		movedTo(there, json.location);
		await checkWorkspace(json.properties ?? {});
		const key = there?.properties.InstrumentationKey ?? randomUUID();
		const application = there?.properties.AppId ?? randomUUID();
		const body = azure.resources.put(id, { id: id.replace(COMPONENT, 'microsoft.insights/components'), name: params.name,
			type: 'microsoft.insights/components', location: regionKey(json.location),
			kind: json.kind, tags: json.tags ?? {}, etag: `"${createHash('sha256').update(JSON.stringify(json)).digest('hex').slice(0, 32)}"`,
			properties: { Flow_Type: 'Bluefield', Request_Source: 'rest', RetentionInDays: 90, IngestionMode: 'LogAnalytics',
				publicNetworkAccessForIngestion: 'Enabled', publicNetworkAccessForQuery: 'Enabled',
				...json.properties, AppId: application, ApplicationId: params.name, Name: params.name, InstrumentationKey: key,
					ConnectionString: connection(json.location, key, application),
				TenantId: azure.subscriptionId, Ver: 'v2', provisioningState: 'Succeeded' } });
		return { body };
	}

	return [
		['GET', `${IN_GROUP}/${COMPONENT}/{name}`, ({ params }) => ({ body: mustExist(azure, params, `${COMPONENT}/${params.name}`) })],
		['PUT', `${IN_GROUP}/${COMPONENT}/{name}`, put],
		['DELETE', `${IN_GROUP}/${COMPONENT}/{name}`, ({ params }) => ({ status: azure.resources.delete(idIn(azure, params, `${COMPONENT}/${params.name}`)) ? 200 : 204 })],
		['GET', `${IN_GROUP}/${COMPONENT}`, ({ params }) => ({ body: { value: ofType(azure, COMPONENT, params.group) } })],
	];
}

export function monitor(azure) {
	return [...versioned(WORKSPACE_VERSIONS, workspaces(azure)), ...versioned(COMPONENT_VERSIONS, components(azure)),
		...pendingRoutes(azure, 'Microsoft.OperationalInsights', WORKSPACE_VERSIONS)];
}
