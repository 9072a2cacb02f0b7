/*
 * What a deployment finds in Azure, kept in memory, as the Azure CLI (az) shows it, and what curl
 * finds at the gateway.  It refuses what Azure would: a policy whose named value, fragment, backend
 * or operation is not there yet, a client pre-authorized for an unknown scope.  stand_in.mjs puts
 * it behind the programs' names.
 */
import { readFileSync } from 'node:fs';
import jmespath from 'jmespath';

const TENANT = '11111111-2222-3333-4444-555555555555';
const id = (n) => `00000000-0000-0000-0000-00000000000${n}`;

export class Refused extends Error {}
const refuse = (message) => { throw new Refused(message); };

/* userType: of who is signed in; unverified: identifier URIs on https:// are refused; apps: the
 * registrations, the first of which is the API's, app. */
export const emptyState = () => ({ userType: 'user', unverified: false, apps: [], principals: [], get app() { return this.apps[0]; }, roles: [], secrets: {}, resources: {},
	federated: [], settings: { AzureWebJobsStorage: 'SECRET-storage-key' }, keys: {}, minted: 0 });

const fromFile = (argument) => readFileSync(argument.slice(1), 'utf8');

/* --a x --b y z, -g x -> {a: 'x', b: ['y', 'z'], g: 'x'} */
function parse(argv) {
	const words = [];
	const options = {};
	let name;
	for (const word of argv) {
		const option = /^--?([a-z-]+)$/.exec(word)?.[1];
		if (option) options[name = option] = true;
		else if (name) options[name] = options[name] === true ? word : [options[name], word].flat();
		else words.push(word);
	}
	return { words: words.join(' '), options };
}

/* The commands over one state. */
function commandsOver(state) {
	const mint = (what) => `SECRET-${what}-${state.minted += 1}`;
	const named = (thing, name) => (state[thing]?.name === name ? state[thing] : refuse(`ResourceNotFound: ${name}`));
	const listed = (thing) => (state[thing] ? [state[thing]] : []);

	function grantedRole({ scope, role, 'assignee-object-id': principalId }) {
		state.roles.push({ id: `${scope}/${state.roles.length}`, principalId, roleDefinitionName: role });
	}

	function mayRead(principal) {
		const rows = state.roles.filter(({ principalId }) => principalId === principal);
		return rows.some(({ roleDefinitionName }) => roleDefinitionName.startsWith('Key Vault Secrets'));
	}

	function setSecret({ name, file, 'vault-name': vault }) {
		named('vault', vault);
		if (!mayRead(id(7))) refuse('Forbidden: no role');
		state.secrets[name] = readFileSync(file, 'utf8');
		return { value: state.secrets[name] }; /* as the real one does */
	}

	const appOf = (wanted) => state.apps.find(({ appId }) => appId === wanted) ?? refuse(`Request_ResourceNotFound: ${wanted}`);

	/* Entra's rules for redirect URIs of the platform "Mobile and desktop". */
	function checkRedirects({ redirectUris }) {
		if (new Set(redirectUris).size !== redirectUris.length) refuse('Request_BadRequest: a redirect URI twice');
		for (const uri of redirectUris) {
			const http = uri.startsWith('http://') && !uri.startsWith('http://localhost');
			if (http || uri.includes('*') || uri.length > 256) refuse(`Request_BadRequest: InvalidReplyUrl ${uri}`);
		}
	}

	function patchApplication(object, body) {
		const app = state.apps.find((one) => one.id === object) ?? refuse(`Request_ResourceNotFound: ${object}`);
		const scopes = body.api?.oauth2PermissionScopes ?? app.api.oauth2PermissionScopes ?? [];
		if (body.publicClient) checkRedirects(body.publicClient);
		for (const client of body.api?.preAuthorizedApplications ?? []) {
			const known = client.delegatedPermissionIds.every((one) => scopes.some((scope) => scope.id === one));
			if (!known || client.permissionIds) refuse('Request_BadRequest: unknown permission');
		}
		const uri = body.identifierUris?.find((one) => !one.startsWith('api://'));
		if (uri && state.unverified) refuse(`HostNameNotOnVerifiedDomain: ${uri}`);
		Object.assign(app, body, { api: { ...app.api, ...body.api } });
	}

	function createApplication({ 'display-name': displayName, 'is-fallback-public-client': fallback }) {
		const n = state.apps.length;
		state.apps.push({ displayName, appId: `00000000-0000-0000-0004-00000000000${n}`, id: `00000000-0000-0000-0005-00000000000${n}`,
			isFallbackPublicClient: fallback ? fallback === 'true' : null, publicClient: { redirectUris: [] }, web: { redirectUris: [] }, spa: { redirectUris: [] },
			identifierUris: [], requiredResourceAccess: [], api: { oauth2PermissionScopes: [], preAuthorizedApplications: [] } });
		return state.apps.at(-1);
	}

	/* The names of all that an application asks for, each of a resource that has a principal. */
	function grantsOf({ requiredResourceAccess }) {
		const names = { 'e1fe6dd8-ba31-4d61-89e7-88639da4683d': 'User.Read', '7427e0e9-2fba-42fe-b0c0-848c9e6a8182': 'offline_access' };
		return requiredResourceAccess.map(({ resourceAppId, resourceAccess }) => {
			const scopes = state.apps.find(({ appId }) => appId === resourceAppId)?.api.oauth2PermissionScopes ?? [];
			if (scopes.length && !state.principals.includes(resourceAppId)) refuse(`no service principal of ${resourceAppId}`);
			return { consentType: 'AllPrincipals', scope: resourceAccess.map((one) => names[one.id] ?? scopes.find((scope) => scope.id === one.id)?.value
				?? refuse(`no permission ${one.id}`)).join(' ') };
		});
	}

	function consent({ id: wanted }) {
		const app = appOf(wanted);
		if (!app.requiredResourceAccess.length || !state.principals.includes(wanted)) refuse('nothing to consent to');
		app.grants = grantsOf(app);
	}

	/* Of a filter "field eq 'value'". */
	const equal = (filter) => /^\w+ eq '([^']*)'$/.exec(filter)?.[1] ?? refuse(`filter ${filter}`);

	/* What a policy needs to be there before it. */
	function checkPolicy(path, { value, format }) {
		const has = (part) => Object.keys(state.resources).some((one) => one.endsWith(part));
		if (format !== 'rawxml') refuse('format');
		for (const [, name] of value.matchAll(/\{\{([A-Za-z0-9._-]+)\}\}/g))
			if (!has(`/namedValues/${name}`)) refuse(`ValidationError: no named value ${name}`);
		for (const [, name] of value.matchAll(/fragment-id="([^"]+)"/g))
			if (!has(`/policyFragments/${name}`)) refuse(`ValidationError: no fragment ${name}`);
		for (const [, name] of value.matchAll(/backend-id="([^"]+)"/g))
			if (!has(`/backends/${name}`)) refuse(`ValidationError: no backend ${name}`);
		const parent = path.replace(/\/policies\/policy$/, '');
		if (/\/(operations|apis)\/[^/]+$/.test(parent) && !state.resources[parent]) refuse(`ResourceNotFound: ${parent}`);
	}

	function putResource(path, { properties }) {
		const stored = { ...properties };
		if (/\/(policies\/policy|policyFragments\/[^/]+)$/.test(path)) checkPolicy(path, properties);
		if (properties.keyVault) {
			if (!mayRead(id(3))) refuse('Forbidden: the gateway may not read the vault');
			if (!state.secrets[properties.keyVault.secretIdentifier.split('/').pop()]) refuse('SecretNotFound');
		}
		if (properties.format === 'openapi') { /* an import */
			delete stored.value;
			[, stored.description] = /\n {2}description: \|\n([\s\S]*?)\n {2}\S/.exec(properties.value);
			for (const [, operation] of properties.value.matchAll(/\n {6}operationId: (\S+)/g))
				state.resources[`${path}/operations/${operation}`] = { properties: {} };
		}
		state.resources[path] = { properties: stored };
	}

	function rest({ method, uri, body }) {
		if (uri.includes('/v1.0/applications/')) return patchApplication(uri.split('/').pop(), JSON.parse(fromFile(body)));
		const [, path] = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ApiManagement(\/service\/[^?]+)\?api-version=\d{4}-\d\d-\d\d(&format=rawxml)?$/
			.exec(uri) ?? refuse(`Bad uri ${uri}`);
		if (/^\/service\/[^/]+$/.test(path)) return makeGateway(path.split('/')[2], JSON.parse(fromFile(body)));
		named('apim', path.split('/')[2]);
		if (method === 'GET') return state.resources[path] ?? refuse('Not Found({"error":{"code":"ResourceNotFound"}})');
		return putResource(path, JSON.parse(fromFile(body)));
	}

	function makeGateway(name, { identity, properties }) {
		if (identity.type !== 'SystemAssigned' || !properties.publisherEmail) refuse('BadRequest');
		state.apim = { name, gatewayUrl: `https://${name}.azure-api.net`, identity: { principalId: id(3) } };
	}

	/* command -> [whether it changes anything, what it does with its options] */
	return {
		rest: [true, rest],
		'account show': [false, () => ({ id: id(9), tenantId: TENANT,
			user: { type: state.userType, name: state.userType === 'user' ? 'dev@contoso.example' : id(6) } })],
		'account get-access-token': [false, () => ({ accessToken: 'SECRET-access-token' })],
		'ad signed-in-user show': [false, () => ({ id: id(7) })],
		'ad sp show': [false, () => ({ id: id(7) })],
		'group exists': [false, ({ name }) => state.group === name],
		'group create': [true, ({ name }) => { state.group = name; }],
		'storage account list': [false, () => listed('storage')],
		'storage account create': [true, ({ name }) => { state.storage = { name }; }],
		'keyvault list': [false, () => listed('vault')],
		'keyvault create': [true, ({ name }) => { state.vault = { name }; }],
		'keyvault show': [false, ({ name }) => ({ ...named('vault', name), id: `/vaults/${name}`,
			properties: { vaultUri: `https://${name}.vault.azure.net/` } })],
		'keyvault secret list': [false, () => Object.keys(state.secrets).map((name) => ({ name }))],
		'keyvault secret set': [true, setSecret],
		'role assignment list': [false, () => state.roles],
		'role assignment create': [true, grantedRole],
		'functionapp list': [false, () => listed('functions')],
		'functionapp create': [true, ({ name }) => { state.functions = { name, id: `/sites/${name}`, tags: {},
			defaultHostName: `${name}.azurewebsites.net` }; }],
		'functionapp show': [false, ({ name }) => named('functions', name)],
		'functionapp identity show': [false, ({ name }) => named('functions', name) && { principalId: id(2) }],
		'functionapp config appsettings list': [false, () =>
			Object.entries(state.settings).map(([name, value]) => ({ name, value }))],
		'functionapp config appsettings set': [true, ({ settings }) => {
			Object.assign(state.settings, JSON.parse(fromFile(settings)));
			return Object.entries(state.settings).map(([name, value]) => ({ name, value }));
		}],
		'functionapp deployment source config-zip': [true, ({ src }) => { state.deployed = readFileSync(src, 'utf8'); }],
		'functionapp keys list': [false, () => ({ functionKeys: state.keys, masterKey: 'SECRET-master' })],
		'functionapp keys set': [true, ({ 'key-name': name }) => ({ value: state.keys[name] = mint('host-key') })],
		'tag update': [true, ({ tags }) => { Object.assign(state.functions.tags, Object.fromEntries([tags.split('=')])); }],
		'apim list': [false, () => listed('apim')],
		'apim wait': [true, ({ name }) => { named('apim', name); }],
		'apim show': [false, ({ name }) => named('apim', name)],
		'ad app list': [false, ({ filter }) => state.apps.filter(({ displayName }) => displayName === equal(filter))],
		'ad app create': [true, createApplication],
		'ad app show': [false, ({ id: wanted }) => appOf(wanted)],
		'ad app credential reset': [true, () => ({ appId: state.app.appId, password: mint('client-secret') })],
		'ad app federated-credential list': [false, () => state.federated],
		'ad app federated-credential create': [true, ({ parameters }) => { state.federated.push(JSON.parse(fromFile(parameters))); }],
		'ad app permission list-grants': [false, ({ id: wanted }) => appOf(wanted).grants ?? []],
		'ad app permission admin-consent': [true, consent],
		'ad sp list': [false, ({ filter }) => state.principals.filter((appId) => appId === equal(filter)).map((appId) => ({ id: id(8), appId }))],
		'ad sp create': [true, ({ id: appId }) => { state.principals.push(appOf(appId).appId); }],
	};
}

function printed(value, output) {
	if (value === undefined || value === null) return '';
	if (output !== 'tsv') return `${JSON.stringify(value, null, 2)}\n`;
	return [value].flat().map((row) => `${row}\n`).join('');
}

/* {changes, run()}: a call of az; run() returns what it prints, or throws Refused. */
export function azCall(state, argv) {
	const { words, options } = parse(argv);
	const [changes, command] = commandsOver(state)[words] ?? [true, () => refuse(`'${words}' is not in the stand-in`)];
	return { changes: changes && options.method !== 'GET', run() {
		const answer = command(options);
		return printed(options.query ? jmespath.search(answer ?? null, options.query) : answer, options.o);
	} };
}

/* The same for curl: the status, as -w '%{http_code}' prints it. */
export function curlCall(state, argv) {
	return { changes: false, run() {
		const { pathname } = new URL(argv.find((word) => word.startsWith('https://')));
		const header = argv.find((word) => word.startsWith('@'));
		const signedIn = header && fromFile(header) === 'Authorization: Bearer SECRET-access-token';
		return ['/hello', '/.well-known/oauth-authorization-server'].includes(pathname) || signedIn ? '200' : '401';
	} };
}
