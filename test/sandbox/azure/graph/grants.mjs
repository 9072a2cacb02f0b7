/*
 * Consent to delegated permissions: from one service principal, the client, to another, for all users or one.
 */
import { notFound } from './directory.mjs';
import { listOf, oneOf } from './filter.mjs';
import { mustFit, refuse } from '../refusal.mjs';

const bad = { code: 'Request_BadRequest' };

function checkScope({ directory }, { resourceId, scope }) {
	const { appId, oauth2PermissionScopes: published } = directory.servicePrincipals.get(resourceId).resource;
	const scopes = published ?? directory.ofApp('applications', appId).resource.api.oauth2PermissionScopes;
	const unknown = scope.split(' ').filter(Boolean).find((name) => !scopes.some(({ value, isEnabled }) => value === name && isEnabled));
	if (unknown) refuse(400, 'Request_BadRequest', `The resource has no delegated permission '${unknown}'.`);
}

function create(azure, { json }) {
	mustFit(json, { 'clientId!': 'string', 'consentType!': ['AllPrincipals', 'Principal'], principalId: 'string', 'resourceId!': 'string', scope: 'string', startTime: 'string', expiryTime: 'string' }, bad);
	for (const id of [json.clientId, json.resourceId])
		if (!azure.directory.reference('servicePrincipals', { id })) notFound(id);
	if ((json.consentType === 'Principal') !== Boolean(json.principalId)) refuse(400, 'Request_BadRequest', 'principalId is for the consentType Principal, and needed there.');
	const resource = { principalId: null, scope: '', ...json };
	const same = (one) => ['clientId', 'resourceId', 'consentType', 'principalId'].every((name) => one[name] === resource[name]);
	if (azure.directory.resources('grants').some(same)) refuse(409, 'Request_MultipleObjectsWithSameKeyValue', 'Permission entry already exists.');
	checkScope(azure, resource);
	const record = azure.directory.add('grants', resource);
	record.unknown = 0;
	return { status: 201, body: record.resource };
}

function change(azure, { params, json }) {
	const record = azure.directory.find('grants', params);
	mustFit(json, { scope: 'string' }, bad);
	checkScope(azure, { ...record.resource, ...json });
	record.resource = { ...record.resource, ...json };
	return { status: 204 };
}

function remove(azure, { params }) {
	azure.directory.find('grants', params);
	azure.directory.grants.delete(params.id);
	return { status: 204 };
}

export function grants(azure) {
	const filterable = ['clientId', 'resourceId', 'consentType', 'principalId'];
	return [
		['read grants', 'GET', '/oauth2PermissionGrants', (question) => listOf(question, azure.directory.resources('grants'), filterable)],
		['consent', 'POST', '/oauth2PermissionGrants', (question) => create(azure, question)],
		['read grants', 'GET', '/oauth2PermissionGrants/{id}', (question) => oneOf(question, azure.directory.find('grants', question.params).resource)],
		['consent', 'PATCH', '/oauth2PermissionGrants/{id}', (question) => change(azure, question)],
		['consent', 'DELETE', '/oauth2PermissionGrants/{id}', (question) => remove(azure, question)],
	];
}
