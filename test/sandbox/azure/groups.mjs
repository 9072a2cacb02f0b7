/*
 * Subscriptions, resource providers and resource groups.
 */
import { versioned } from './arm.mjs';
import { mustFit, refuse } from './refusal.mjs';

export function groups(azure) {
	const root = `/subscriptions/${azure.subscriptionId}`;
	const mine = (handler) => (question) => {
		if (question.params.subscription !== azure.subscriptionId)
			refuse(404, 'SubscriptionNotFound', `The subscription '${question.params.subscription}' could not be found.`);
		return handler(question);
	};
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
		if (there && there.location !== json.location)
			refuse(409, 'InvalidResourceGroupLocation', `The resource group already exists in location '${there.location}'.`);
		const body = azure.resources.put(id, { id, name: params.group, type: 'Microsoft.Resources/resourceGroups', location: json.location, tags: json.tags ?? {}, properties: { provisioningState: 'Succeeded' } });
		return { status: there ? 200 : 201, body };
	}

	return [
		...versioned(['2022-12-01', '2016-06-01', '2019-06-01', '2020-01-01'], [
			['GET', '/subscriptions', () => ({ body: { value: [subscription], count: { type: 'Total', value: 1 } } })],
			['GET', '/subscriptions/{subscription}', mine(() => ({ body: subscription }))],
			['GET', '/tenants', () => ({ body: { value: [{ id: `/tenants/${azure.tenantId}`, tenantId: azure.tenantId, displayName: 'Contoso', defaultDomain: 'contoso.example' }] } })],
		]),
		...versioned(['2021-04-01', '2022-09-01', '2024-11-01'], [
			['GET', '/subscriptions/{subscription}/resourceGroups/{group}', mine(getGroup)],
			['HEAD', '/subscriptions/{subscription}/resourceGroups/{group}', mine((question) => ({ status: azure.resources.get(idOf(question.params)) ? 204 : 404 }))],
			['PUT', '/subscriptions/{subscription}/resourceGroups/{group}', mine(putGroup)],
			['GET', '/subscriptions/{subscription}/resourceGroups', mine(() => ({ body: { value: azure.resources.below(`${root}/resourceGroups`).filter(({ type }) => type === 'Microsoft.Resources/resourceGroups') } }))],
		]),
	];
}
