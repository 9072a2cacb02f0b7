/*
 * What an administrator of the sandbox tenant has registered and decided: applications with the
 * redirect URIs of their three platforms, who consented to what, and where multi-factor is wanted.
 */
import { randomUUID } from 'node:crypto';

export const GRAPH_ID = '00000003-0000-0000-c000-000000000000';
/* The public client that MCP clients share, as an operator registers it beside the API. */
export const MCP_CLIENT_ID = '7d0f4a1e-52c3-4b86-9e0d-c3a8b1f26e94';
export const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
/* Of Graph's delegated permissions those that requests of the sandbox Graph need, and a few larger ones. */
export const GRAPH_PERMISSIONS = ['User.Read', 'User.ReadBasic.All', 'User.Read.All', 'Directory.Read.All', 'GroupMember.Read.All', 'People.Read',
	'Presence.Read', 'Presence.Read.All', 'Mail.ReadBasic', 'Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Calendars.ReadBasic', 'Calendars.Read',
	'Mail.ReadBasic.Shared', 'Mail.Read.Shared', 'Mail.ReadWrite.Shared', 'Mail.Send.Shared', 'Calendars.Read.Shared', 'Calendars.ReadWrite.Shared',
	'Contacts.Read.Shared', 'Contacts.ReadWrite.Shared',
	'Calendars.ReadWrite', 'Contacts.Read', 'Contacts.ReadWrite', 'Files.Read', 'Files.Read.All', 'Files.ReadWrite', 'Sites.Read.All', 'Chat.ReadBasic',
	'Chat.Read', 'Chat.ReadWrite', 'ChatMessage.Send', 'Team.ReadBasic.All', 'Channel.ReadBasic.All', 'ChannelMessage.Read.All', 'Tasks.Read',
	'Tasks.ReadWrite'];
const PLATFORMS = ['publicClient', 'web', 'spa'];
const MCP_REDIRECT_URIS = ['http://localhost', 'http://localhost/callback',
	'http://localhost/oauth/callback', 'http://localhost/mcp/oauth/callback',
	'https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback',
	'https://vscode.dev/redirect', 'https://insiders.vscode.dev/redirect',
	'https://www.cursor.com/agents/mcp/oauth/callback'];

/* Where what is known of Entra differs, the first value is in force until a test takes another. */
export const SWITCHES = {
	loopbackAddressPort: ['compared', 'ignored'],	/* the port of http://127.0.0.1 */
	ambiguousPlatform: ['first', 'last'],	/* of redirect URIs that differ in the port only */
	withoutScope: ['refused', 'taken'],	/* an authorize request that asks for none */
	silentConsent: ['interaction_required', 'consent_required'],	/* its error under prompt=none */
	offlineAccess: ['asks', 'granted'],	/* to a pre-authorized client */
	usedRefreshToken: ['taken', 'refused'],	/* one that was replaced by a newer */
};

const defaults = () => Object.fromEntries(Object.entries(SWITCHES).map(([name, [first]]) => [name, first]));

/* A redirect URI as Entra compares it: the port of localhost does not count, no path is "/". */
function comparable(uri, { loopbackAddressPort }) {
	const port = loopbackAddressPort === 'ignored' ? /^http:\/\/(localhost|127\.0\.0\.1):\d+(?=\/)/
		: /^http:\/\/(localhost):\d+(?=\/)/;
	return uri.replace(/^https?:\/\/[^/?#]+$/, '$&/').replace(port, 'http://$1');
}

function checkIdentifier(uri, tokenVersion) {
	if (uri.endsWith('/'))
		throw new Error(`an identifier URI cannot end in a slash: ${uri}`);
	if (uri.startsWith('https:') && tokenVersion !== 2)
		throw new Error(`only of an application with tokens of version 2: ${uri}`);
}

class Application {
	redirectUris = [];	/* {uri, platform} in the order of their registration */

	constructor(fields) {
		Object.assign(this, { clientId: randomUUID(), name: 'A sandbox application', secret: undefined,
			identifierUris: [], scopes: [], preAuthorized: {}, permissions: {}, tokenVersion: 2 }, fields);
		for (const platform of PLATFORMS) {
			for (const uri of fields[platform] ?? [])
				this.addRedirectUri(platform, uri);
			delete this[platform];
		}
		this.identifierUris.forEach((uri) => checkIdentifier(uri, this.tokenVersion));
	}

	addRedirectUri(platform, uri) {
		if (!PLATFORMS.includes(platform))
			throw new Error(`unknown platform "${platform}"; one of: ${PLATFORMS.join(' ')}`);
		if (typeof uri !== 'string' || !uri.includes(':'))
			throw new Error(`no redirect URI: ${uri}`);
		if (uri.includes('[') || uri.includes('#'))
			throw new Error(`a redirect URI cannot be registered with [::1] or a fragment: ${uri}`);
		this.redirectUris.push({ uri, platform });
	}
}

/* The registrations and decisions of one sandbox. */
export class Directory {
	#entra;
	#applications;
	#granted;	/* "client user" -> a set of "resource/scope" */
	#policies;

	constructor(entra) {
		this.#entra = entra;
		this.reset();
	}

	/* Back to the API, the public client and Graph; nobody has consented to anything but the tenant to what the API
	 * may always do at Graph (delegated). */
	reset() {
		const { clientId, clientSecret, graphAudience } = this.#entra;
		this.switches = defaults();
		this.usersMayConsent = true;
		this.#applications = new Map();
		this.#granted = new Map();
		this.#policies = [];
		this.graph = this.register({ clientId: GRAPH_ID, name: 'Microsoft Graph',
			identifierUris: [graphAudience], scopes: [...GRAPH_PERMISSIONS, ...OIDC_SCOPES] });
		this.api = this.register({ clientId, name: 'Graph handler', secret: clientSecret,
			identifierUris: [`api://${clientId}`], scopes: ['access_as_user'] });
		this.mcp = this.register({ clientId: MCP_CLIENT_ID, name: 'MCP clients',
			publicClient: MCP_REDIRECT_URIS, permissions: { [clientId]: ['access_as_user'] } });
		this.#consentDelegated();
	}

	#consentDelegated() {
		this.consent(this.api, this.#entra.delegated.map((name) => ({ resource: this.graph, name })));
	}

	/* Knows these applications and Graph, and no others: api, whose users are exchanged, and the rest, fields as for
	 * register(). */
	replace(api, ...rest) {
		this.#applications = new Map([[GRAPH_ID, this.graph]]);
		this.api = this.register(api);
		[this.mcp] = rest.map((fields) => this.register(fields));
		this.#consentDelegated();
	}

	/* Registers an application: {clientId, name, secret, publicClient, web, spa (redirect URIs),
	 * identifierUris and scopes (what it exposes), preAuthorized ({client id: [scope]}), permissions
	 * (what ".default" asks for, {resource's client id: [scope]}), tokenVersion}. */
	register(fields) {
		const application = new Application(fields);
		this.#applications.set(application.clientId, application);
		return application;
	}

	find(clientId) {
		return this.#applications.get(clientId);
	}

	/* The application that an identifier URI or client id names as a resource; to the byte. */
	resource(name) {
		return [...this.#applications.values()].find(({ clientId, identifierUris }) =>
			clientId === name || identifierUris.includes(name));
	}

	/* The platform that a redirect URI of an application belongs to; undefined: not registered. */
	platformOf({ redirectUris }, asked) {
		const wanted = comparable(asked, this.switches);
		const matching = redirectUris.filter(({ uri }) => comparable(uri, this.switches) === wanted);
		return matching.at(this.switches.ambiguousPlatform === 'first' ? 0 : -1)?.platform;
	}

	/* Consent to {resource, name} permissions, by one user or, without one, for the whole tenant. */
	consent(application, permissions, user) {
		const key = `${application.clientId} ${user?.oid ?? '*'}`;
		const held = this.#granted.get(key) ?? new Set();
		permissions.forEach(({ resource, name }) => held.add(`${resource.clientId}/${name}`));
		this.#granted.set(key, held);
	}

	/* Takes back what that user, or without one the tenant, has consented to. */
	withdraw(application, permissions, user) {
		const held = this.#granted.get(`${application.clientId} ${user?.oid ?? '*'}`);
		permissions.forEach(({ resource, name }) => held?.delete(`${resource.clientId}/${name}`));
	}

	/* The names of all that an application may do at a resource for a user: the tenant's consents and the user's. */
	granted(application, resource, user) {
		const held = ['*', user.oid].flatMap((who) => [...this.#granted.get(`${application.clientId} ${who}`) ?? []]);
		const prefix = `${resource.clientId}/`;
		return [...new Set(held)].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
	}

	/* Consent by an administrator to the API's scopes and all of OpenID's. */
	consentForAll(application = this.mcp) {
		this.consent(application, this.api.scopes.map((name) => ({ resource: this.api, name })));
		this.consent(application, OIDC_SCOPES.map((name) => ({ resource: this.graph, name })));
	}

	/* Those permissions that nobody has granted yet. */
	missing(application, permissions, user) {
		const held = [user.oid, '*'].map((who) => this.#granted.get(`${application.clientId} ${who}`));
		return permissions.filter(({ resource, name }) => !this.#preAuthorized(application, resource, name)
			&& !held.some((set) => set?.has(`${resource.clientId}/${name}`)));
	}

	/* Pre-authorization covers the permissions listed; OpenID's are nobody's to list. */
	#preAuthorized({ clientId }, resource, name) {
		if (resource.preAuthorized[clientId]?.includes(name))
			return true;
		return name === 'offline_access' && this.switches.offlineAccess === 'granted'
			&& [...this.#applications.values()].some(({ preAuthorized }) => preAuthorized[clientId]);
	}

	/* Conditional Access: multi-factor wanted of a user, or of all, at: "sign_in" for everything, or
	 * "exchange" for Graph alone. */
	requireMfa({ at = 'sign_in', user } = {}) {
		if (at !== 'sign_in' && at !== 'exchange')
			throw new Error('at must be "sign_in" or "exchange"');
		this.#policies.push({ at, oid: user?.oid });
	}

	wantsMfa(user, resource) {
		return this.#policies.some(({ at, oid }) => (oid === undefined || oid === user.oid)
			&& (at === 'sign_in' || resource === this.graph));
	}

	/* Takes another value of a switch. */
	set(name, value) {
		if (!SWITCHES[name]?.includes(value))
			throw new Error(`no switch ${name}=${value}`);
		this.switches[name] = value;
	}
}
