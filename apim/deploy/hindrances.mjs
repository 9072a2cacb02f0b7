/*
 * What --what-if sees beforehand that would stop a deployment: rights that are missing and names that are taken.
 */
import { deletedService, serviceResource } from './gateway.mjs';
import { siteResource } from './functions.mjs';
import { GROUP_VERSION, isRegistered, namespacesOf, providerResource, storageResource } from './foundation.mjs';
import { Stop } from './run.mjs';
import { deletedVault, vaultResource } from './vault.mjs';

const PERMISSIONS_VERSION = '2022-04-01';

/* One of each kind of resource, and the one that Contributor lacks. */
const ACTIONS = ['Microsoft.Storage/storageAccounts/write', 'Microsoft.KeyVault/vaults/write', 'Microsoft.Web/sites/write', 'Microsoft.Insights/components/write',
	'Microsoft.ApiManagement/service/write', 'Microsoft.Authorization/roleAssignments/write'];

const fits = (pattern, action) => new RegExp(`^${pattern.replace(/[.]/g, '\\.').replaceAll('*', '.*')}$`, 'i').test(action);

/* permissions: [{actions, notActions}], each a role's. */
export const allows = (permissions, action) => permissions.some(({ actions = [], notActions = [] }) =>
	actions.some((one) => fits(one, action)) && !notActions.some((one) => fits(one, action)));

/* Where one may not even look, there are none. */
async function permissionsAt(arm, scope) {
	try {
		return await arm.list({ path: `${scope}/providers/Microsoft.Authorization/permissions`, version: PERMISSIONS_VERSION, label: 'your rights' });
	} catch (error) {
		if (error.code !== 'AuthorizationFailed') throw error;
		return [];
	}
}

async function rights({ run, arm, ids, options }) {
	const group = await arm.get({ path: ids.group, version: GROUP_VERSION, label: `resource group ${options.RG}` });
	const scope = group ? ids.group : ids.subscription;
	const permissions = await permissionsAt(arm, scope);
	const wanted = group ? ACTIONS : ['Microsoft.Resources/subscriptions/resourceGroups/write', ...ACTIONS];
	const missing = wanted.filter((action) => !allows(permissions, action));
	if (missing.length) run.hindrances.push(new Stop(`you may not ${missing.join(', ')} in ${scope.split('/').slice(-2).join(' ')}.`,
		'Ask for Owner there, or for Contributor and User Access Administrator (or Role Based Access Control Administrator).'));
}

/* [resource, namespace, type, the deleted one that would be restored] of every name that must be free in all of Azure. */
const named = (it) => [
	[storageResource(it), 'Microsoft.Storage', 'Microsoft.Storage/storageAccounts'],
	[vaultResource(it), 'Microsoft.KeyVault', 'Microsoft.KeyVault/vaults', deletedVault(it)],
	[siteResource(it), 'Microsoft.Web', 'Microsoft.Web/sites'],
	[serviceResource(it), 'Microsoft.ApiManagement', undefined, deletedService(it)],
];

async function name({ run, arm, ids, options }, [resource, namespace, type, deleted]) {
	if (await arm.get(resource) || (deleted && await arm.get(deleted))) return;
	const { nameAvailable, message, reason } = await arm.reading({ label: `whether the name of ${resource.label} is free`, version: resource.version,
		path: `${ids.subscription}/providers/${namespace}/checkNameAvailability`, body: { name: resource.path.split('/').pop(), ...(type && { type }) } });
	if (nameAvailable === false) run.hindrances.push(new Stop(`the name of ${resource.label} is taken: ${message ?? reason}`, `Choose another NAME than ${options.NAME}.`));
}

/* What cannot be asked before its namespace is registered, or with rights in the group alone, is no hindrance. */
const unasked = ({ code }) => /^(MissingSubscriptionRegistration|AuthorizationFailed)$/.test(code);

/* What the group's owner may not do: a namespace is registered in the subscription. */
async function registrations({ run, arm, ids, options }) {
	const missing = [];
	for (const namespace of namespacesOf(options)) if (!await isRegistered(arm, providerResource(ids, namespace))) missing.push(namespace);
	if (!missing.length) return;
	const permissions = await permissionsAt(arm, ids.subscription);
	for (const namespace of missing.filter((one) => !allows(permissions, `${one}/register/action`)))
		run.hindrances.push(new Stop(`you may not register ${namespace} in the subscription.`, `Have it done once: az provider register --wait --namespace ${namespace}.`));
}

export async function hindrances(it) {
	await rights(it);
	await registrations(it);
	for (const one of named(it)) {
		try {
			await name(it, one);
		} catch (error) {
			if (!unasked(error)) throw error;
		}
	}
}
