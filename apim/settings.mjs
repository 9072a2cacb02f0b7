/*
 * The settings of the gateway and the deployment: their names, defaults and checks.  They come from
 * the environment, else from a JSON file; none of them is a secret.
 *
 * A named value is put into a policy as text before the policy is read as XML and C#, so that a
 * quote, a backslash or a markup character in one would change the policy: no check lets one by.
 */
import { readFileSync } from 'node:fs';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HOST = String.raw`(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?`;
const LOOPBACK = String.raw`(?:127\.0\.0\.1|localhost)(?::\d{1,5})?`;
const url = (path) => new RegExp(`^(?:https://${HOST}|http://${LOOPBACK})${path}$`, 'i');

/* Each takes the text and returns the value that is used, or undefined when it is none. */
const matching = (pattern, change = (text) => text) =>
	(text) => (pattern.test(text) ? change(text) : undefined);
const lower = (text) => text.toLowerCase();
const optional = (check) => (text) => (text === '' ? '' : check(text));
const number = (text) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined);
const list = (check) => (text) => {
	const items = text.split(',').map((item) => item.trim()).filter(Boolean).map(check);
	return items.includes(undefined) ? undefined : items;
};

export const KINDS = {
	guid: [matching(GUID, lower), 'a GUID such as 11111111-2222-3333-4444-555555555555'],
	client: [optional(matching(GUID, lower)), 'a GUID, or nothing'],
	host: [matching(new RegExp(`^${HOST}$`, 'i'), lower), 'a host name such as login.microsoftonline.com'],
	address: [matching(url('(?:/[a-z0-9._~-]+)*'), (text) => text), 'an https:// URL without query or closing slash'],
	site: [matching(url(''), lower), 'https://host[:port]'],
	sites: [list(matching(url(''), lower)), 'https://host[:port] entries separated by commas'],
	vault: [matching(/^https:\/\/[a-z0-9-]{3,24}\.vault\.[a-z.]+$/, lower), 'https://NAME.vault.azure.net'],
	word: [matching(/^[A-Za-z0-9._-]{1,100}$/), 'one scope name: letters, digits, . _ -'],
	scope: [matching(/^[A-Za-z0-9:/._-]{1,200}$/), 'a scope such as https://graph.microsoft.com/User.Read'],
	credential: [matching(/^(secret|managed-identity)$/), 'secret or managed-identity'],
	tools: [list(matching(/^(\*|[a-z][a-z0-9_]{0,63})$/)), 'names of Graph tools and sets separated by commas, or *'],
	domains: [list(matching(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, lower)), 'domains such as example.com separated by commas'],
	flag: [matching(/^(true|false)$/), 'true or false'],
	answer: [matching(/^(yes|no)$/), 'yes or no'],
	number: [number, 'a whole number from 1 to 99999'],
};

/* name, kind, default (undefined: required; a function of the settings before it), what it is */
export const SETTINGS = [
	['TENANT_ID', 'guid', undefined, 'directory (tenant) id whose users are served'],
	['CLIENT_ID', 'guid', undefined, "application (client) id of this API's registration"],
	['MCP_CLIENT_ID', 'client', '', 'public client registration that MCP clients sign in with, by way of the handler; empty: at Entra itself'],
	['MCP_IDENTIFIER', 'answer', 'yes', "yes: the MCP address is an identifier URI of CLIENT_ID, which names the scope; no: api://CLIENT_ID does"],
	['APIM_GATEWAY_URL', 'address', undefined, 'public address of the API on the gateway'],
	['FUNCTION_APP_URL', 'site', undefined, 'address of the function app'],
	['KEY_VAULT_URL', 'vault', undefined, 'Key Vault that holds function-key and client-secret'],
	['OBO_CREDENTIAL', 'credential', 'managed-identity', 'how the gateway proves itself to Entra in the exchange'],
	['ALLOWED_ORIGINS', 'sites', '', 'web origins that browsers may call from, beside the gateway itself'],
	['LOGIN_HOST', 'host', 'login.microsoftonline.com', "Microsoft Entra's login host (other for national clouds)"],
	['GRAPH_HOST', 'host', 'graph.microsoft.com', "Microsoft Graph's host (other for national clouds)"],
	['GRAPH_SCOPE', 'scope', (all) => `https://${all.GRAPH_HOST}/User.Read`, 'scope asked for in the exchange'],
	['REQUIRED_SCOPE', 'word', 'access_as_user', "scope of this API that a caller's token must carry"],
	['GRAPH_TOOLS', 'tools', '', 'Graph tools that are on: names and sets, * for all that only read, shared for other mailboxes; what they need of Microsoft Graph is asked for'],
	['GRAPH_TOOLS_WRITE', 'flag', 'false', 'true: those of them that write are on too'],
	['CONFIRM_WRITES', 'flag', 'false', 'true: the person is asked before one of them writes'],
	['WRITE_RECIPIENT_DOMAINS', 'domains', '', 'domains that they may write to people in; empty: all'],
	['RATE_PER_ADDRESS', 'number', '6000', 'calls a minute from one address, whoever makes them'],
	['RATE_SIGN_IN', 'number', '600', 'calls a minute from one address to /oauth/...'],
	['RATE_PER_USER', 'number', '300', 'calls a minute by one user (oid), to /me, /mcp and /tools/...'],
];

/* Where MCP clients sign in. */
const authorizationServer = (all) => (all.MCP_CLIENT_ID ? all.APIM_GATEWAY_URL : `https://${all.LOGIN_HOST}/${all.TENANT_ID}/v2.0`);

/* The scope that they ask for there: Entra knows it by the API's own id always, and by the MCP address only
 * where that is an identifier URI of the registration too. */
function mcpScope(all) {
	const byId = all.MCP_CLIENT_ID || all.MCP_IDENTIFIER === 'no';
	return `${byId ? `api://${all.CLIENT_ID}` : `${all.APIM_GATEWAY_URL}/mcp`}/${all.REQUIRED_SCOPE}`;
}

/* Whose token a managed identity shows to Entra in the exchange: of the cloud that it signs in at. */
export function exchangeAudience(loginHost) {
	const cloud = loginHost.endsWith('.us') ? 'USGov' : loginHost.endsWith('.cn') ? 'China' : '';
	return `api://AzureADTokenExchange${cloud}`;
}

/* What follows from the settings: addresses of the metadata, the scope, and the exchange's audience. */
function derived(all) {
	const { origin, pathname } = new URL(all.APIM_GATEWAY_URL);
	const path = pathname === '/' ? '' : pathname;
	return {
		AUTHORIZATION_SERVER: authorizationServer(all),
		MCP_SCOPE: mcpScope(all),
		API_PATH: path.slice(1),
		/* RFC 9728 section 3.1: the resource's path comes after the well-known one. */
		RESOURCE_METADATA_URL: `${origin}/.well-known/oauth-protected-resource${path}/mcp`,
		MCP_RESOURCE: `${all.APIM_GATEWAY_URL}/mcp`,
		EXCHANGE_AUDIENCE: exchangeAudience(all.LOGIN_HOST),
		ALLOWED_ORIGINS: [...new Set([origin, ...all.ALLOWED_ORIGINS])],
	};
}

/* One of them as it is used where it is not given; unchecked. */
export const settingOf = (given, name) => given[name] || SETTINGS.find(([one]) => one === name)[2];

/* {all, problems}: every setting's value, or one sentence for each that is missing or wrong. */
export function checkSettings(given) {
	const all = {};
	const problems = [];
	for (const [name, kind, fallback] of SETTINGS) {
		const [check, expected] = KINDS[kind];
		const text = given[name] || (typeof fallback === 'function' ? fallback(all) : fallback);
		const value = text === undefined ? undefined : check(String(text).trim());
		if (text === undefined) problems.push(`${name} is missing: ${expected}.`);
		else if (value === undefined) problems.push(`${name} is not ${expected}.`);
		all[name] = value;
	}
	if (all.MCP_CLIENT_ID && all.MCP_CLIENT_ID === all.CLIENT_ID)
		problems.push('MCP_CLIENT_ID is CLIENT_ID; clients need a registration of their own, without a secret.');
	return problems.length ? { problems } : { all: { ...all, ...derived(all) }, problems };
}

/* The settings in the environment, and below them those of a file, when there is one. */
export function givenSettings(path, env = process.env) {
	let file = {};
	if (path) {
		try {
			file = JSON.parse(readFileSync(path, 'utf8'));
		} catch (error) {
			throw new Error(`${path}: ${error.message}`);
		}
	}
	const names = SETTINGS.map(([name]) => name);
	const unknown = Object.keys(file).filter((name) => !names.includes(name));
	if (unknown.length) throw new Error(`${path}: no such setting: ${unknown.join(', ')}`);
	return Object.fromEntries(names.map((name) => [name, env[name] || file[name]]));
}
