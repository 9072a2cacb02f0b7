/*
 * What every provider of Resource Manager asks before it looks at a request: that its subscription and group are there, and
 * that a resource is, in the words that Resource Manager itself uses.
 */
import { refuse } from './refusal.mjs';

export const IN_GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers';

export function mustHaveGroup(azure, { subscription, group }) {
	if (subscription !== azure.subscriptionId) refuse(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
	const id = `/subscriptions/${subscription}/resourceGroups/${group}`;
	if (!azure.resources.get(id)) refuse(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
	return id;
}

/* path: below providers, such as Microsoft.Web/sites/name. */
export function idIn(azure, params, path) {
	return `${mustHaveGroup(azure, params)}/providers/${path}`;
}

export function mustExist(azure, params, path) {
	return azure.resources.get(idIn(azure, params, path)) ?? refuse(404, 'ResourceNotFound',
		`The Resource '${path}' under resource group '${params.group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
}

/* The resources of one type, of a group or of the whole subscription. */
export function ofType(azure, type, group) {
	const root = `/subscriptions/${azure.subscriptionId}/resourceGroups`;
	return azure.resources.below(group ? `${root}/${group}` : root).filter((one) => one.type?.toLowerCase() === type.toLowerCase());
}
