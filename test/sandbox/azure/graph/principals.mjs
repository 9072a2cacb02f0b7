/*
 * Service principals: what an application is in this tenant.  Managed identities are among them, and Microsoft
 * Graph itself.
 */
import { listOf, oneOf } from './filter.mjs';
import { mustFit, refuse } from '../refusal.mjs';

const STRINGS = { list: 'string' };
const SHAPE = { accountEnabled: 'boolean', appRoleAssignmentRequired: 'boolean', tags: STRINGS, displayName: 'string', description: 'string', notes: 'string',
	servicePrincipalNames: STRINGS, servicePrincipalType: 'string', homepage: 'string', loginUrl: 'string', notificationEmailAddresses: STRINGS, preferredSingleSignOnMode: 'string' };
const FILTERABLE = ['appId', 'displayName', 'id', 'servicePrincipalNames', 'servicePrincipalType'];
const bad = { code: 'Request_BadRequest' };

/* Of the application it shows what that is at the time. */
function shown({ directory }, resource) {
	const application = directory.ofApp('applications', resource.appId)?.resource;
	return application ? { ...resource, displayName: application.displayName, appDisplayName: application.displayName, appRoles: application.appRoles,
		oauth2PermissionScopes: application.api.oauth2PermissionScopes, servicePrincipalNames: [application.appId, ...application.identifierUris] } : resource;
}

const all = (azure) => [...azure.directory.resources('servicePrincipals').map((one) => shown(azure, one)), ...azure.directory.identities];

function find(azure, { id, appId }) {
	const identity = azure.directory.identities.find((one) => one.id === id || (appId && one.appId === appId));
	return identity ?? shown(azure, azure.directory.find('servicePrincipals', { id, appId }).resource);
}

function create(azure, question) {
	const { json } = question;
	mustFit(json, { ...SHAPE, 'appId!': 'string' }, bad);
	if (azure.directory.ofApp('servicePrincipals', json.appId))
		refuse(409, 'Request_MultipleObjectsWithSameKeyValue', `The service principal cannot be created, updated, or restored because the service principal name ${json.appId} is already in use.`);
	if (!azure.directory.reference('applications', { appId: json.appId }))
		refuse(400, 'Request_BadRequest', `The appId '${json.appId}' of the service principal does not reference a valid application object.`,
			{ details: [{ code: 'NoBackingApplicationObject', target: 'appId', message: 'The appId of the service principal does not reference a valid application object.' }] });
	const { resource } = azure.directory.add('servicePrincipals', { accountEnabled: true, appOwnerOrganizationId: azure.tenantId, appRoleAssignmentRequired: false,
		deletedDateTime: null, servicePrincipalType: 'Application', tags: [], ...json });
	const body = shown(azure, resource);
	azure.principals.set(resource.id, 'ServicePrincipal');
	return { status: 201, body };
}

function change(azure, { params, json }) {
	const record = azure.directory.find('servicePrincipals', params);
	mustFit(json, SHAPE, bad);
	record.resource = { ...record.resource, ...json };
	return { status: 204 };
}

function remove(azure, { params }) {
	azure.directory.removePrincipal(azure.directory.find('servicePrincipals', params));
	return { status: 204 };
}

function owners(azure, { params }) {
	const { owner } = azure.directory.find('applications', params);
	const type = azure.principals.get(owner) === 'User' ? 'user' : 'servicePrincipal';
	return { body: { value: [{ '@odata.type': `#microsoft.graph.${type}`, id: owner }] } };
}

export function servicePrincipals(azure) {
	const at = (right, method, rest, handler) => ['/servicePrincipals/{id}', '/servicePrincipals(appId=\'{appId}\')'].map((path) => [right, method, path + rest, handler]);
	return [
		['read', 'GET', '/servicePrincipals', (question) => listOf(question, all(azure), FILTERABLE)],
		['register', 'POST', '/servicePrincipals', (question) => create(azure, question)],
		...at('read', 'GET', '', (question) => oneOf(question, find(azure, question.params))),
		...at('register', 'PATCH', '', (question) => change(azure, question)),
		...at('register', 'DELETE', '', (question) => remove(azure, question)),
		['read', 'GET', '/applications/{id}/owners', (question) => owners(azure, question)],
	];
}
