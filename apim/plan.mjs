#!/usr/bin/env node
/*
 * What deploy.sh needs to know and bash should not work out: the JSON bodies of its calls, and
 * whether what is there already says the same.  Reads and writes files; talks to nobody.
 *
 *   scope|resource|preauth APPLICATION OUT   the PATCH that the registration lacks; empty: none
 *   gateway LOCATION SKU OUT                 the body that makes the API Management instance
 *   federated NAME PRINCIPAL OUT             a federated credential for a managed identity
 *   setting-names                            the app settings that are ours: |A|B|
 *   settings CURRENT OUT                     those of them that differ from [{name, value}]
 *   requests FOLDER                          FOLDER/requests/*.json for the rendered FOLDER, and a line
 *                                            for each, in order: label, path, query of the GET or -, file
 *   compare CURRENT REQUEST                  prints same, differs, or foreign (somebody else's)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPreauth, withPublicClient } from './preauth.mjs';
import { checkSettings, givenSettings } from './settings.mjs';

const GRAPH = '00000003-0000-0000-c000-000000000000';
const USER_READ = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8').trim() || '{}');
const write = (path, value) => writeFileSync(path, value ? `${JSON.stringify(value, null, 2)}\n` : '');
const text = (value) => String(value).replace(/\r/g, '').trim();

function stop(problems) {
	for (const problem of problems) console.error(`deploy: ${problem}`);
	process.exit(1);
}

function preauth() {
	const { clients, scopeId, problems } = withPublicClient(readPreauth(process.env.PREAUTH), process.env.MCP_CLIENT_ID);
	if (problems.length) stop(problems);
	return { clients, scopeId };
}

function settings() {
	const { all, problems } = checkSettings(givenSettings());
	if (problems.length) stop(problems);
	return all;
}

/* Whether everything that `wanted` says stands in `current`, which may say more. */
function covers(current, wanted) {
	if (wanted === null || typeof wanted !== 'object') return text(current) === text(wanted);
	if (Array.isArray(wanted)) {
		return Array.isArray(current) && current.length === wanted.length
			&& wanted.every((item, i) => covers(current[i], item));
	}
	return Object.entries(wanted).every(([name, value]) => covers(current?.[name], value));
}

function ourScope(id, name) {
	const words = 'Call Microsoft Graph as the signed-in user';
	return { id, value: name, type: 'User', isEnabled: true, adminConsentDisplayName: words,
		adminConsentDescription: `${words}, through this API.`, userConsentDisplayName: words,
		userConsentDescription: `${words}, through this API.` };
}

/* Version 2 tokens, the scope, our identifier and what we ask of Graph.  Arrays are replaced whole,
 * so that what is there is sent along. */
function scopePatch(application) {
	const { scopeId } = preauth();
	const name = process.env.REQUIRED_SCOPE;
	const scopes = application.api?.oauth2PermissionScopes ?? [];
	const same = scopes.find(({ value }) => value === name);
	if (same && same.id !== scopeId)
		stop([`The registration's scope ${name} has the id ${same.id}; put that into ${process.env.PREAUTH}.`]);
	const own = `api://${process.env.CLIENT_ID}`;
	const uris = application.identifierUris ?? [];
	const access = application.requiredResourceAccess ?? [];
	const graph = access.find(({ resourceAppId }) => resourceAppId === GRAPH);
	const permitted = graph?.resourceAccess?.some(({ id }) => id === USER_READ);
	const version = application.api?.requestedAccessTokenVersion;
	if (same && version === 2 && uris.includes(own) && permitted) return null;
	return {
		api: { requestedAccessTokenVersion: 2,
			oauth2PermissionScopes: same ? scopes : [...scopes, ourScope(scopeId, name)] },
		identifierUris: uris.includes(own) ? uris : [...uris, own],
		requiredResourceAccess: permitted ? access : [
			...access.filter((one) => one !== graph),
			{ resourceAppId: GRAPH, resourceAccess: [...(graph?.resourceAccess ?? []), { id: USER_READ, type: 'Scope' }] }],
	};
}

function resourcePatch(application) {
	const uris = application.identifierUris ?? [];
	const resource = `${process.env.APIM_GATEWAY_URL}/mcp`;
	return uris.includes(resource) ? null : { identifierUris: [...uris, resource] };
}

function preauthPatch(application) {
	const { clients } = preauth();
	const current = application.api?.preAuthorizedApplications ?? [];
	const wanted = new Map(clients.map((client) => [client.appId, client]));
	const others = current.filter(({ appId }) => !wanted.has(appId));
	const same = current.length === clients.length && !others.length
		&& current.every((one) => covers(one, wanted.get(one.appId)));
	return same ? null : { api: { preAuthorizedApplications: clients } };
}

function gateway(location, sku) {
	const { PUBLISHER_EMAIL: publisherEmail, PUBLISHER_NAME: publisherName } = process.env;
	return { location, sku: { name: sku, capacity: sku === 'Consumption' ? 0 : 1 },
		identity: { type: 'SystemAssigned' }, properties: { publisherEmail, publisherName } };
}

function federated(name, subject) {
	const all = settings();
	return { name, issuer: `https://${all.LOGIN_HOST}/${all.TENANT_ID}/v2.0`, subject,
		audiences: [all.EXCHANGE_AUDIENCE], description: 'On-Behalf-Of exchange' };
}

function appSettings() {
	const all = settings();
	const { clients } = preauth();
	const secret = all.OBO_CREDENTIAL === 'secret';
	return {
		TENANT_ID: all.TENANT_ID, CLIENT_ID: all.CLIENT_ID, MCP_CLIENT_ID: all.MCP_CLIENT_ID, APIM_GATEWAY_URL: all.APIM_GATEWAY_URL,
		AUTHORITY_HOST: `https://${all.LOGIN_HOST}`, GRAPH_BASE_URL: `https://${all.GRAPH_HOST}`,
		GRAPH_SCOPE: all.GRAPH_SCOPE, REQUIRED_SCOPE: all.REQUIRED_SCOPE,
		ALLOWED_CLIENT_IDS: clients.map(({ appId }) => appId).join(','),
		ALLOWED_ORIGINS: all.ALLOWED_ORIGINS.join(','),
		CLIENT_SECRET: secret ? `@Microsoft.KeyVault(SecretUri=${all.KEY_VAULT_URL}/secrets/client-secret)` : '',
		MANAGED_IDENTITY: secret ? '' : 'system',
	};
}

function changedSettings(current) {
	const wanted = Object.entries(appSettings());
	const there = new Map(current.map(({ name, value }) => [name, value ?? '']));
	const changed = wanted.filter(([name, value]) => (there.get(name) ?? '') !== value);
	return changed.length ? Object.fromEntries(changed) : null;
}

/* [{label, path, query, body, compare?, others?}]: the gateway's resources, in the order in which
 * they refer to each other.  compare: what is looked at instead of the body; others: what the
 * answer may say for us to change it at all. */
function gatewayRequests(folder) {
	const read = (path) => readFileSync(join(folder, path), 'utf8');
	const { apis: [main, ...wellKnown], backends } = JSON.parse(read('apis.json'));
	const policy = (label, path, file, more = {}) => ({ label, path, query: '&format=rawxml',
		body: { properties: { format: 'rawxml', value: read(file) } },
		compare: { properties: { value: read(file) } }, ...more });
	const operations = (api) => api.operations.filter((one) => one.policy)
		.map(({ id, policy: file }) => policy(`policy of ${id}`, `apis/${api.id}/operations/${id}/policies/policy`, file));
	const document = read('openapi.yaml');
	const api = (displayName, path) => ({ displayName, path, protocols: ['https'], subscriptionRequired: false });
	const metadata = (one) => [
		{ label: one.id, path: `apis/${one.id}`, body: { properties: api('MCP metadata', one.path) } },
		policy(`policy of ${one.id}`, `apis/${one.id}/policies/policy`, one.policy),
		...one.operations.map(({ id, method, urlTemplate }) => ({ label: `operation ${id}`,
			path: `apis/${one.id}/operations/${id}`, body: { properties: { displayName: id, method, urlTemplate } } })),
		...operations(one),
	];
	const contract = /Contract [0-9a-f]+\./.exec(document)[0];
	return [
		...JSON.parse(read('named-values.json')).map(({ name, value, secret, keyVault }) => ({
			label: `named value ${name}`, path: `namedValues/${name}`,
			body: { properties: { displayName: name, secret,
				...(keyVault ? { keyVault: { secretIdentifier: keyVault } } : { value }) } } })),
		...backends.map(({ id, url }) => ({ label: `backend ${id}`, path: `backends/${id}`,
			body: { properties: { protocol: 'http', url, tls: { validateCertificateChain: true, validateCertificateName: true } } } })),
		policy('fragment signed-in-user', 'policyFragments/signed-in-user', 'fragments/signed-in-user.xml'),
		policy('global policy', 'policies/policy', 'policies/global.xml', { others: true }),
		{ label: 'API', path: `apis/${main.id}`,
			body: { properties: { ...api('Microsoft Graph for users and MCP', main.path), format: 'openapi', value: document } },
			compare: { properties: { path: main.path, subscriptionRequired: false }, contract } },
		policy('policy of the API', `apis/${main.id}/policies/policy`, main.policy),
		...operations(main),
		...wellKnown.flatMap(metadata),
	];
}

function writeRequests(folder) {
	const requests = join(folder, 'requests');
	mkdirSync(requests, { recursive: true });
	gatewayRequests(folder).forEach(({ label, path, query = '', body, ...rest }, i) => {
		const file = join(requests, `${String(i + 1).padStart(2, '0')}.json`);
		write(file, body);
		write(`${file}.compare`, { compare: body, ...rest });
		console.log([label, path, query || '-', file].join('\t'));
	});
}

/* An instance's own global policy only forwards; anything else is somebody's. */
function isStock(value) {
	const bare = value.replace(/<!--[\s\S]*?-->/g, '').replace(/\s+/g, '')
		.replace(/<(\w[\w-]*)><\/\1>/g, '<$1/>');
	return /^<policies>(<inbound\/>)?<backend><forward-request(timeout="\d+")?\/><\/backend>(<outbound\/>)?(<on-error\/>)?<\/policies>$/.test(bare);
}

function compare(currentText, { compare: { contract, ...wanted }, others }) {
	if (!currentText.trim()) return 'differs';
	const current = JSON.parse(currentText);
	if (covers(current, wanted) && (!contract || text(current.properties?.description).includes(contract))) return 'same';
	const value = current.properties?.value ?? '';
	return others && value && !isStock(value) && !value.includes('<!-- All APIs of the instance.') ? 'foreign' : 'differs';
}

const [what, ...args] = process.argv.slice(2);
const steps = {
	scope: ([application, out]) => write(out, scopePatch(readJson(application))),
	resource: ([application, out]) => write(out, resourcePatch(readJson(application))),
	preauth: ([application, out]) => write(out, preauthPatch(readJson(application))),
	gateway: ([location, sku, out]) => write(out, gateway(location, sku)),
	federated: ([name, subject, out]) => write(out, federated(name, subject)),
	'setting-names': () => console.log(`|${Object.keys(appSettings()).join('|')}|`),
	settings: ([current, out]) => write(out, changedSettings(readJson(current))),
	requests: ([folder]) => writeRequests(folder),
	compare: ([current, request]) =>
		console.log(compare(readFileSync(current, 'utf8'), readJson(`${request}.compare`))),
};
steps[what](args);
