/*
 * An instance of API Management in a played Azure, for the tests of what it takes and how it refuses.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { played } from './azure_client.mjs';

export const VERSION = 'api-version=2024-05-01';

export function refused({ status, body }, wanted, code) {
	assert.deepEqual([status, body?.error?.code], [wanted, code], JSON.stringify(body));
	return body.error;
}

/* The one detail of a ValidationError, as "target: message". */
export function fault(answer) {
	const { details } = refused(answer, 400, 'ValidationError');
	assert.equal(details.length, 1, JSON.stringify(details));
	return `${details[0].target}: ${details[0].message}`;
}

export const SERVICE = { location: 'westeurope', sku: { name: 'Developer', capacity: 1 }, identity: { type: 'SystemAssigned' }, tags: { 'made-by': 'graph-mcp' },
	properties: { publisherEmail: 'dev@contoso.example', publisherName: 'Contoso' } };

/* {azure, ask, id, service (ask of the instance itself), poll(answer)}; nothing is there yet. */
export async function playedApim(t, options) {
	const it = await played(t, options);
	const id = `${it.P}/Microsoft.ApiManagement/service/gateway-1`;
	const service = (method, body, more = '') => it.ask(method, `${id}?${VERSION}${more}`, body);
	/* The end of what goes on. */
	async function poll(answer) {
		let now = answer;
		while (now.status === 202) now = await it.ask('GET', now.headers.location);
		return now;
	}
	return { ...it, id, service, poll };
}

const WHATEVER_IT_IS = { 'if-match': '*' };

/* The same with an instance of that tier: part(method, path, properties or body, query), and put() waits for the end. */
export async function playedInstance(t, { tier = 'Developer', ...options } = {}) {
	const it = await playedApim(t, options);
	await it.service('PUT', { ...SERVICE, sku: { name: tier, capacity: tier === 'Consumption' ? 0 : 1 } });
	while ((await it.service('GET')).body.properties.provisioningState !== 'Succeeded');
	const part = (method, path, properties, query = '') => it.ask(method, `${it.id}/${path}?${VERSION}${query}`, properties && { properties }, { headers: method === 'DELETE' ? WHATEVER_IT_IS : {} });
	const put = async (path, properties) => it.poll(await part('PUT', path, properties));
	return { ...it, part, put };
}

const ROLES = { officer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7', user: '4633458b-17de-408a-b874-0445c86b69e6' };

/* A vault with these secrets; {grant()}: lets the instance read them. */
export async function withVault({ azure, ask, P, service }, name, secrets) {
	const vault = `${P}/Microsoft.KeyVault/vaults/${name}`;
	const assign = (role, principalId) => ask('PUT', `${vault}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
		{ properties: { roleDefinitionId: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`, principalId } });
	await ask('PUT', `${vault}?api-version=2023-07-01`, { location: 'westeurope', properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true } });
	await assign(ROLES.officer, azure.userId);
	const write = (secret, value) => ask('PUT', `https://${name}.vault.azure.net/secrets/${secret}?api-version=7.4`, { value });
	for (const [secret, value] of Object.entries(secrets)) assert.equal((await write(secret, value)).status, 200);
	return { write, grant: async () => assign(ROLES.user, (await service('GET')).body.identity.principalId) };
}

const marked = (text) => text.replace(/<(policies|fragment)>/, (root) => `${root}\n<!-- sha256:${createHash('sha256').update(text).digest('hex')} -->`);

/* [[path, properties]] of what apim/render.mjs wrote into a folder, in the order in which one refers to another. */
export function requestsOf(folder) {
	const read = (path) => readFileSync(join(folder, path), 'utf8');
	const { apis, backends } = JSON.parse(read('apis.json'));
	const policy = (path, file) => [[`${path}/policies/policy`, { format: 'xml', value: marked(read(file)) }]];
	const policies = ({ id, policy: file, operations }) => [...(file ? policy(`apis/${id}`, file) : []),
		...operations.filter((one) => one.policy).flatMap((one) => policy(`apis/${id}/operations/${one.id}`, one.policy))];
	const [main, ...others] = apis;
	return [
		...JSON.parse(read('named-values.json')).map(({ name, value, secret, keyVault }) => [`namedValues/${name}`, { displayName: name, secret, ...(keyVault ? { keyVault: { secretIdentifier: keyVault } } : { value }) }]),
		...backends.map(({ id, url }) => [`backends/${id}`, { protocol: 'http', url }]),
		['policyFragments/signed-in-user', { format: 'xml', value: marked(read('fragments/signed-in-user.xml')) }],
		['policies/policy', { format: 'xml', value: marked(read('policies/global.xml')) }],
		[`apis/${main.id}`, { displayName: 'Ours', path: main.path, protocols: ['https'], subscriptionRequired: false, format: 'openapi', value: read('openapi.yaml') }],
		...policies(main),
		...others.flatMap((one) => [[`apis/${one.id}`, { displayName: one.id, path: one.path, protocols: ['https'], subscriptionRequired: false }],
			...one.operations.map(({ id, method, urlTemplate }) => [`apis/${one.id}/operations/${id}`, { displayName: id, method, urlTemplate }]), ...policies(one)]),
	];
}
