/*
 * Subscriptions and resource groups.
 */
import { versioned } from './arm.mjs';
import { mustFit, refuse } from './refusal.mjs';
import { REGIONS } from './regions.mjs';

const VERSIONS = ['2021-04-01', '2022-09-01', '2024-11-01'];
const LOCATIONS = Object.keys(REGIONS);

export function groups(azure) {
	const root = `/subscriptions/${azure.subscriptionId}`;
	const subscription = { id: root, authorizationSource: 'RoleBased', managedByTenants: [], subscriptionId: azure.subscriptionId, tenantId: azure.tenantId,
		displayName: 'A subscription', state: 'Enabled', subscriptionPolicies: { locationPlacementId: 'Internal_2014-09-01', quotaId: 'Internal_2014-09-01', spendingLimit: 'Off' } };

	const idOf = ({ group }) => `${root}/resourceGroups/${group}`;

	function getGroup({ params }) {
		return { body: azure.resources.get(idOf(params)) ?? refuse(404, 'ResourceGroupNotFound', `Resource group '${params.group}' could not be found.`) };
	}

	function putGroup({ params, json }) {
		mustFit(json, { 'location!': 'string', tags: 'map', managedBy: 'string', properties: {}, name: 'string' });
		const id = idOf(params);
		const there = azure.resources.get(id);
		if (!LOCATIONS.includes(json.location.toLowerCase().replaceAll(' ', '')))
			refuse(400, 'LocationNotAvailableForResourceGroup', `The provided location '${json.location}' is not available for resource group. List of available regions is '${LOCATIONS.join(',')}'.`);
		if (there && there.location !== json.location)
			refuse(409, 'InvalidResourceGroupLocation', `The resource group already exists in location '${there.location}'.`);
		const body = azure.resources.put(id, { id, name: params.group, type: 'Microsoft.Resources/resourceGroups', location: json.location, tags: json.tags ?? {}, properties: { provisioningState: 'Succeeded' } });
		return { status: there ? 200 : 201, body };
	}

	/* Those that carry tags, as the portal lists them. */
	const resourcesOf = (id) => azure.resources.below(id).filter(({ location, type }) => location && type !== 'Microsoft.Resources/resourceGroups')
		.map(({ id: one, name, type, location, tags, kind, sku, identity }) => ({ id: one, name, type, location, tags, kind, sku, identity }));

	/* All in it goes with it; what its types keep of themselves stays. */
	async function deleteGroup(question) {
		const id = getGroup(question).body.id;
		return azure.operations.accept(question, `${root}/operationresults`, () => { azure.resources.remove(id); return { status: 200 }; });
	}

	return [
		...azure.operations.located(VERSIONS, '/subscriptions/{subscription}/operationresults'),
		...versioned(['2022-12-01', '2016-06-01', '2019-06-01', '2020-01-01'], [
			['GET', '/subscriptions', () => ({ body: { value: [subscription], count: { type: 'Total', value: 1 } } })],
			['GET', '/subscriptions/{subscription}', () => ({ body: subscription })],
			['GET', '/subscriptions/{subscription}/locations', () => ({ body: { value: Object.entries(REGIONS).map(([name, displayName]) => ({ id: `${root}/locations/${name}`, name,
				type: 'Region', displayName, regionalDisplayName: displayName, metadata: { regionType: 'Physical' } })) } })],
			['GET', '/tenants', () => ({ body: { value: [{ id: `/tenants/${azure.tenantId}`, tenantId: azure.tenantId, displayName: 'Contoso', defaultDomain: 'contoso.example' }] } })],
		]),
		...versioned(VERSIONS, [
			['GET', '/subscriptions/{subscription}/resourceGroups/{group}', getGroup],
			['HEAD', '/subscriptions/{subscription}/resourceGroups/{group}', (question) => ({ status: azure.resources.get(idOf(question.params)) ? 204 : 404 })],
			['PUT', '/subscriptions/{subscription}/resourceGroups/{group}', putGroup],
			['DELETE', '/subscriptions/{subscription}/resourceGroups/{group}', deleteGroup],
			['GET', '/subscriptions/{subscription}/resourceGroups/{group}/resources', (question) => ({ body: { value: resourcesOf(getGroup(question).body.id) } })],
			['GET', '/subscriptions/{subscription}/resources', ({ query }) => ({ body: { value: resourcesOf(`${root}/resourceGroups${/resourceGroup eq '([^']+)'/.exec(query('$filter') ?? '')?.[1].replace(/^/, '/') ?? ''}`) } })],
			['GET', '/subscriptions/{subscription}/resourceGroups', () => ({ body: { value: azure.resources.below(`${root}/resourceGroups`).filter(({ type }) => type === 'Microsoft.Resources/resourceGroups') } })],
		]),
	];
}
