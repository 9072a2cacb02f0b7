/*
 * What the resources of Microsoft.Network have in common: one change at a time, which is asked after by Azure-AsyncOperation.
 */
import { goesOn, settled } from '../pending.mjs';
import { refuse } from '../refusal.mjs';

export const ENVELOPE = { 'id~': 'string', 'name~': 'string', 'type~': 'string', 'etag~': 'string' };
export const REFERENCE = { 'id!': 'string' };

export async function mustBeIdle(azure, id) {
	if (!await settled(azure, id))
		refuse(409, 'AnotherOperationInProgress', `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${id}.`);
}

/* Keeps a resource and goes on with it.  region: for the address to ask at. */
export function making(azure, question, resource, region) {
	const there = azure.resources.get(resource.id);
	azure.resources.put(resource.id, resource);
	resource.properties.provisioningState = there ? 'Updating' : 'Creating';
	return goesOn(azure, question, { header: 'azure-asyncoperation', namespace: 'Microsoft.Network', region, id: resource.id, status: there ? 200 : 201, shown: () => resource,
		finish: () => { resource.properties.provisioningState = 'Succeeded'; } });
}

export async function got(azure, resource) {
	await settled(azure, resource.id);
	return { body: resource };
}
