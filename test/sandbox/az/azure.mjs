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

/* userType: of who is signed in; unverified: identifier URIs on https:// are refused. */
export const emptyState = () => ({ userType: 'user', unverified: false, roles: [], secrets: {}, resources: {},
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

	function patchApplication(body) {
		const scopes = body.api?.oauth2PermissionScopes ?? state.app.api.oauth2PermissionScopes ?? [];
		for (const client of body.api?.preAuthorizedApplications ?? []) {
			const known = client.delegatedPermissionIds.every((one) => scopes.some((scope) => scope.id === one));
			if (!known || client.permissionIds) refuse('Request_BadRequest: unknown permission');
		}
		const uri = body.identifierUris?.find((one) => !one.startsWith('api://'));
		if (uri && state.unverified) refuse(`HostNameNotOnVerifiedDomain: ${uri}`);
		Object.assign(state.app, body, { api: { ...state.app.api, ...body.api } });
	}

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
		if (uri.includes('/v1.0/applications/')) return patchApplication(JSON.parse(fromFile(body)));
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
		'ad app list': [false, () => listed('app')],
		'ad app create': [true, ({ 'display-name': displayName }) => (state.app = { displayName, appId: id(4), id: id(5),
			identifierUris: [], requiredResourceAccess: [], api: { oauth2PermissionScopes: [], preAuthorizedApplications: [] } })],
		'ad app show': [false, ({ id: app }) => (state.app?.appId === app ? state.app : refuse('Request_ResourceNotFound'))],
		'ad app credential reset': [true, () => ({ appId: id(4), password: mint('client-secret') })],
		'ad app federated-credential list': [false, () => state.federated],
		'ad app federated-credential create': [true, ({ parameters }) => { state.federated.push(JSON.parse(fromFile(parameters))); }],
		'ad app permission list-grants': [false, () => (state.consented ? [{ consentType: 'AllPrincipals', scope: 'User.Read' }] : [])],
		'ad app permission admin-consent': [true, () => {
			if (!state.app.requiredResourceAccess.length || !state.sp) refuse('nothing to consent to');
			state.consented = true;
		}],
		'ad sp list': [false, () => listed('sp')],
		'ad sp create': [true, ({ id: appId }) => { state.sp = { id: id(8), appId }; }],
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
		return pathname === '/hello' || signedIn ? '200' : '401';
	} };
}
