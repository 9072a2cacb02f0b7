/*
 * What providers of Resource Manager do with the ids of their resources.
 */
import { refuse } from './refusal.mjs';

export const IN_GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers';

/* path: below providers, such as Microsoft.Web/sites/name. */
export const idIn = (azure, { group }, path) => `/subscriptions/${azure.subscriptionId}/resourceGroups/${group}/providers/${path}`;

export function mustExist(azure, params, path) {
	return azure.resources.get(idIn(azure, params, path)) ?? refuse(404, 'ResourceNotFound',
		`The Resource '${path}' under resource group '${params.group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
}

/* The resources of one type, of a group or of the whole subscription. */
export function ofType(azure, type, group) {
	const root = `/subscriptions/${azure.subscriptionId}/resourceGroups`;
	return azure.resources.below(group ? `${root}/${group}` : root).filter((one) => one.type?.toLowerCase() === type.toLowerCase());
}
