/*
 * How an application proves itself: passwords, shown once, and the identities that it trusts instead
 * ("workload identity federation").
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { atApplication, mine } from './applications.mjs';
import { notFound } from './directory.mjs';
import { listOf, oneOf } from './filter.mjs';
import { mustFit, refuse } from '../refusal.mjs';

const FEDERATED_MAX = 20;
const TWO_YEARS_MS = 2 * 365 * 86_400_000;
const bad = { code: 'Request_BadRequest' };

function addPassword(azure, question) {
	const record = mine(azure, question);
	mustFit(question.json, { passwordCredential: { displayName: 'string', startDateTime: 'string', endDateTime: 'string' } }, bad);
	const { displayName = null, startDateTime = new Date().toISOString(), endDateTime = new Date(Date.now() + TWO_YEARS_MS).toISOString() } = question.json.passwordCredential ?? {};
	const secretText = `SECRET-${randomBytes(24).toString('base64url')}`;
	const credential = { customKeyIdentifier: null, keyId: randomUUID(), displayName, startDateTime, endDateTime, hint: secretText.slice(7, 10) };
	record.resource = { ...record.resource, passwordCredentials: [...record.resource.passwordCredentials, { ...credential, secretText: null }] };
	record.secrets.push({ keyId: credential.keyId, secretText });
	return { body: { '@odata.context': `https://${question.host}/v1.0/$metadata#microsoft.graph.passwordCredential`, ...credential, secretText } };
}

function removePassword(azure, question) {
	const record = mine(azure, question);
	mustFit(question.json, { 'keyId!': 'string' }, bad);
	const { passwordCredentials } = record.resource;
	const left = passwordCredentials.filter(({ keyId }) => keyId !== question.json.keyId);
	if (left.length === passwordCredentials.length) refuse(400, 'Request_BadRequest', `No password credential found with keyId ${question.json.keyId}.`);
	record.resource = { ...record.resource, passwordCredentials: left };
	record.secrets = record.secrets.filter(({ keyId }) => keyId !== question.json.keyId);
	return { status: 204 };
}

const FEDERATED = { name: /^[\w-]{3,120}$/, issuer: /^https:\/\/\S+[^/]$/, subject: 'string', audiences: { list: 'string' }, description: 'string' };
const NEEDED = ['name', 'issuer', 'subject', 'audiences'];

function checkFederated(others, credential) {
	const missing = NEEDED.find((name) => !credential[name]?.length);
	if (missing) refuse(400, 'Request_BadRequest', `Property ${missing} of federatedIdentityCredential is required.`);
	if (credential.audiences.length !== 1) refuse(400, 'Request_BadRequest', 'Property audiences of federatedIdentityCredential takes a single value.');
	if (others.length >= FEDERATED_MAX) refuse(400, 'Request_BadRequest', `An application has at most ${FEDERATED_MAX} federated identity credentials.`);
	if (others.some(({ name }) => name === credential.name))
		refuse(409, 'Request_MultipleObjectsWithSameKeyValue', `FederatedIdentityCredential with name ${credential.name} already exists.`);
	if (others.some(({ issuer, subject }) => issuer === credential.issuer && subject === credential.subject))
		refuse(409, 'Request_MultipleObjectsWithSameKeyValue', 'FederatedIdentityCredential with the same issuer and subject already exists.');
}

function addFederated(azure, question) {
	const record = mine(azure, question);
	mustFit(question.json, FEDERATED, bad);
	checkFederated(record.federated, question.json);
	const credential = { id: randomUUID(), description: null, ...question.json };
	record.federated.push(credential);
	return { status: 201, body: credential };
}

/* By id or by name, as Graph has it. */
function federatedOf(record, { credential }) {
	return record.federated.find(({ id, name }) => [id, name].includes(credential)) ?? notFound(credential);
}

function changeFederated(azure, question) {
	const record = mine(azure, question);
	const current = federatedOf(record, question.params);
	const { name, ...rest } = FEDERATED; /* which stays as it is */
	mustFit(question.json, rest, bad);
	checkFederated(record.federated.filter((one) => one !== current), { ...current, ...question.json });
	Object.assign(current, question.json);
	return { status: 204 };
}

function removeFederated(azure, question) {
	const record = mine(azure, question);
	const gone = federatedOf(record, question.params);
	record.federated = record.federated.filter((one) => one !== gone);
	return { status: 204 };
}

export function credentials(azure) {
	const at = (right, method, rest, handler) => atApplication(right, method, rest, (question) => handler(azure, question));
	const read = ({ params }) => azure.directory.find('applications', params);
	return [
		...at('register', 'POST', '/addPassword', addPassword),
		...at('register', 'POST', '/removePassword', removePassword),
		...at('read', 'GET', '/federatedIdentityCredentials', (_, question) => listOf(question, read(question).federated, ['name', 'subject', 'issuer'])),
		...at('register', 'POST', '/federatedIdentityCredentials', addFederated),
		...at('read', 'GET', '/federatedIdentityCredentials/{credential}', (_, question) => oneOf(question, federatedOf(read(question), question.params))),
		...at('register', 'PATCH', '/federatedIdentityCredentials/{credential}', changeFederated),
		...at('register', 'DELETE', '/federatedIdentityCredentials/{credential}', removeFederated),
	];
}
