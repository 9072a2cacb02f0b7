/*
 * Applications ("app registrations").  What Graph takes of them is their shape here; what Entra makes of it
 * is rules.mjs.
 */
import { createHash } from 'node:crypto';
import { notFound } from './directory.mjs';
import { listOf, oneOf } from './filter.mjs';
import { checkApplication } from './rules.mjs';
import { misfit, refuse } from '../refusal.mjs';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const AUDIENCES = ['AzureADMyOrg', 'AzureADMultipleOrgs', 'AzureADandPersonalMicrosoftAccount', 'PersonalMicrosoftAccount'];
const STRINGS = { list: 'string' };
const SCOPE = { 'id!': GUID, value: 'string', type: ['User', 'Admin'], isEnabled: 'boolean', adminConsentDisplayName: 'string', adminConsentDescription: 'string',
	userConsentDisplayName: 'string', userConsentDescription: 'string', origin: 'string' };
const REDIRECTS = { redirectUris: STRINGS };
const CREDENTIAL = { customKeyIdentifier: 'string', displayName: 'string', endDateTime: 'string', startDateTime: 'string', keyId: GUID, key: 'string', type: 'string', usage: 'string' };
const SHAPE = {
	displayName: 'string', description: 'string', identifierUris: STRINGS, isFallbackPublicClient: 'boolean', isDeviceOnlyAuthSupported: 'boolean', signInAudience: AUDIENCES,
	groupMembershipClaims: 'string', notes: 'string', serviceManagementReference: 'string', uniqueName: 'string', tags: STRINGS, optionalClaims: 'any', appRoles: { list: 'any' },
	info: { marketingUrl: 'string', privacyStatementUrl: 'string', supportUrl: 'string', termsOfServiceUrl: 'string' },
	api: { acceptMappedClaims: 'boolean', knownClientApplications: { list: GUID }, requestedAccessTokenVersion: 'integer', oauth2PermissionScopes: { list: SCOPE },
		preAuthorizedApplications: { list: { 'appId!': GUID, delegatedPermissionIds: { list: GUID } } } },
	requiredResourceAccess: { list: { 'resourceAppId!': GUID, resourceAccess: { list: { 'id!': GUID, 'type!': ['Scope', 'Role'] } } } },
	publicClient: REDIRECTS, spa: REDIRECTS, keyCredentials: { list: CREDENTIAL },
	web: { ...REDIRECTS, homePageUrl: 'string', logoutUrl: 'string', implicitGrantSettings: { enableIdTokenIssuance: 'boolean', enableAccessTokenIssuance: 'boolean' } },
};
const FILTERABLE = ['displayName', 'appId', 'id', 'identifierUris', 'signInAudience', 'uniqueName'];

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/* Graph promises no order of these, so that nobody may rely on one. */
const unordered = (value) => (Array.isArray(value) ? value.toReversed() : value ?? []);

function merged(current, changes) {
	const all = { ...current };
	for (const [name, value] of Object.entries(changes)) {
		if (isObject(value)) all[name] = merged(current[name] ?? {}, value);
		else all[name] = Array.isArray(current[name]) || Array.isArray(value) ? unordered(value) : value;
	}
	return all;
}

/* The same in every Azure of a process, for its first registration, its second one and so on: what follows from them,
 * such as the gateway's policies, is then the same too, and is compiled once. */
function nextAppId(azure) {
	azure.registrations = (azure.registrations ?? 0) + 1;
	const hex = createHash('sha256').update(`${azure.tenantId} ${azure.registrations}`).digest('hex');
	return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function fresh(azure) {
	return { appId: nextAppId(azure), deletedDateTime: null, createdDateTime: new Date().toISOString(), publisherDomain: azure.userName.split('@')[1], description: null, identifierUris: [],
		isFallbackPublicClient: null, signInAudience: 'AzureADMyOrg', notes: null, tags: [], appRoles: [], keyCredentials: [], passwordCredentials: [], requiredResourceAccess: [],
		api: { acceptMappedClaims: null, knownClientApplications: [], oauth2PermissionScopes: [], preAuthorizedApplications: [], requestedAccessTokenVersion: null },
		publicClient: { redirectUris: [] }, spa: { redirectUris: [] },
		web: { homePageUrl: null, logoutUrl: null, redirectUris: [], implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false } } };
}

function mustBeApplication(json) {
	const wrong = misfit(json, SHAPE);
	if (wrong) refuse(400, 'Request_BadRequest', `Invalid value specified for property '${wrong[0]}' of resource 'Application': it ${wrong[1]}.`);
}

/* Who may change it: who registered it, and administrators. */
export function mine(azure, question) {
	const record = azure.directory.find('applications', question.params);
	if (azure.directoryRights !== 'administrator' && record.owner !== question.caller.oid)
		refuse(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
	return record;
}

/* Rows for both addresses that one application has. */
export const atApplication = (right, method, rest, handler) => ['/applications/{id}', '/applications(appId=\'{appId}\')']
	.map((path) => [right, method, path + rest, handler]);

function create(azure, question) {
	const { json } = question;
	mustBeApplication(json);
	if (!json.displayName) refuse(400, 'Request_BadRequest', 'Property displayName is invalid: it is required.');
	const start = fresh(azure);
	const resource = merged(start, json);
	checkApplication(azure, start, resource);
	return { status: 201, body: azure.directory.add('applications', resource, { owner: question.caller.oid, secrets: [], federated: [] }).resource };
}

function change(azure, question) {
	const record = mine(azure, question);
	const { json } = question;
	mustBeApplication(json);
	const resource = merged(record.resource, json);
	checkApplication(azure, record.resource, resource);
	record.resource = resource;
	return { status: 204 };
}

function remove(azure, question) {
	azure.directory.removeApplication(mine(azure, question));
	return { status: 204 };
}

function deletedOf(azure, { params: { id } }) {
	return azure.directory.deleted.get(id) ?? notFound(id);
}

function restore(azure, question) {
	const { kind, record } = deletedOf(azure, question);
	azure.directory.deleted.delete(record.resource.id);
	azure.directory[kind].set(record.resource.id, record);
	return { body: record.resource };
}

function purge(azure, question) {
	azure.directory.deleted.delete(deletedOf(azure, question).record.resource.id);
	return { status: 204 };
}

const deletedApplications = ({ directory }) => [...directory.deleted.values()].filter(({ kind }) => kind === 'applications').map(({ record }) => record.resource);

export function applications(azure) {
	return [
		['read', 'GET', '/applications', (question) => listOf(question, azure.directory.resources('applications'), FILTERABLE)],
		['register', 'POST', '/applications', (question) => create(azure, question)],
		...atApplication('read', 'GET', '', (question) => oneOf(question, azure.directory.find('applications', question.params).resource)),
		...atApplication('register', 'PATCH', '', (question) => change(azure, question)),
		...atApplication('register', 'DELETE', '', (question) => remove(azure, question)),
		['read', 'GET', '/directory/deletedItems/microsoft.graph.application', (question) => listOf(question, deletedApplications(azure), FILTERABLE)],
		['register', 'POST', '/directory/deletedItems/{id}/restore', (question) => restore(azure, question)],
		['register', 'DELETE', '/directory/deletedItems/{id}', (question) => purge(azure, question)],
	];
}
