/*
 * The sandbox Entra: metadata, signing keys, the authorize endpoint with its pages and the token
 * endpoint of one tenant, behaving like login.microsoftonline.com towards clients and a handler that must not be able to tell.
 * Written without a look at the handler's code, so that one mistake cannot hide on both sides.
 *
 * Tests mint tokens, order failures and read counts on the object; other processes do the same
 * over HTTP under /sandbox/ (control.mjs).
 */
import { createHash } from 'node:crypto';
import { Credentials } from './client_assertion.mjs';
import { serveControl } from './control.mjs';
import { SHARED_TENANTS, metadataV1, metadataV2 } from './documents.mjs';
import { ORDERED, Refusal, entraHeaders, grant, refuse, traceOf } from './answers.mjs';
import { claimedOid, judge, parseForm } from './token_endpoint.mjs';
import { Faults } from '../common/faults.mjs';
import { Directory, GRAPH_PERMISSIONS } from './directory.mjs';
import { GraphTokens } from '../graph/tokens.mjs';
import { Grants } from './grants.mjs';
import { hostileKinds, mintHostile } from './hostile_tokens.mjs';
import { jsonType, pause, remember, startServer } from '../common/http_server.mjs';
import { Keyring } from './keyring.mjs';
import { SignIn } from './sign_in.mjs';
import { echoOf } from './scopes.mjs';
import { assemble, b64json, mintIdToken, mintUserToken, userHeader } from './user_tokens.mjs';
import { defaultUsers, makeUser, requireUser } from './users.mjs';

export const DEFAULTS = {
	tenantId: '3c8f2b64-7a1e-4d55-b0c9-1f6e2d9a8b70',
	clientId: 'b6c1f0a2-93d4-4e58-8f27-6a5b4c3d2e1f',
	/* Full of characters that a form must percent-encode. */
	clientSecret: 'S4ndbox~secret+with/odd=chars&100%25',
	graphAudience: 'https://graph.microsoft.com',
	delegated: ['User.Read'],	/* what of Graph the tenant has consented to for the application */
	v1IssuerHost: 'https://sts.windows.net',
};

const DAY = { 'cache-control': 'max-age=86400, private', 'access-control-allow-origin': '*' };
const FAIL_ON = ['token', 'authorize', 'keys', 'metadata', 'metadataV1'];

const ROUTES = [
	[/^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/, 'metadata', metadataV2],
	[/^\/([^/]+)\/\.well-known\/openid-configuration$/, 'metadataV1', metadataV1],
	[/^\/([^/]+)\/discovery\/v2\.0\/keys$/, 'keys', 'v2Set'],
	[/^\/([^/]+)\/discovery\/keys$/, 'keys', 'v1Set'],
	[/^\/([^/]+)\/oauth2\/v2\.0\/token$/, 'token'],
	[/^\/([^/]+)\/oauth2\/v2\.0\/authorize$/, 'authorize'],
	[/^\/([^/]+)\/login$/, 'login'],
];

/* The grants of a client whose user signs in, each with its count. */
const REDEEMED = { authorization_code: 'codes', refresh_token: 'refreshes' };

const zeroCounts = () => ({ metadata: 0, metadataV1: 0, keys: 0, keysUnchanged: 0, token: 0,
	authorize: 0, login: 0, signIns: 0, codes: 0, refreshes: 0, exchanges: 0, rejected: 0, byUser: {}, exchangesByUser: {} });

function addOne(counts, name) {
	counts[name] = (counts[name] ?? 0) + 1;
}

/* byUser: token requests by the oid their assertion claims, whatever became of them; signIns: codes
 * given out; codes and refreshes: those redeemed;
 * exchangesByUser: the successful ones; rejected: refused by a check, not on order; keysUnchanged:
 * requests for keys that were answered with a 304. */
class Entra {
	#server;
	#keyring;
	#faults = new Faults(ORDERED);
	#tokens;
	#grants;
	#signIn;

	credentials = new Credentials();	/* besides the client secret */

	constructor(options) {
		Object.assign(this, { ...DEFAULTS, latencyMs: 0, ...options });
		this.users = defaultUsers(this.tenantId);
		this.expiresIn = 3599;
		this.refreshIn = undefined;
		this.userTokens = {};	/* options of mintUserToken for tokens given to who signs in */
		this.directory = new Directory(this);
		this.#grants = new Grants(this.directory);
		this.#signIn = new SignIn(this, this.#grants);
		this.keyTags = false;	/* whether key sets carry an ETag */
		this.counts = zeroCounts();
		this.requests = [];
		this.graph = undefined;
		this.hostileKinds = hostileKinds;
	}

	async start({ host, port, tls }) {
		const onExchange = (exchange) => this.#onExchange(exchange);
		this.#server = await startServer({ host, port, tls, onExchange });
		this.url ??= this.#server.url;	/* an option, where others know it by another name */
		this.#keyring = new Keyring(this.url);
		this.#tokens = new GraphTokens(this, this.#keyring);
		return this;
	}

	/* Adds a person (fields as in users.mjs; username at least) under a key of its own. */
	addUser(key, fields) {
		this.users[key] = makeUser(fields.tid ?? this.tenantId, fields);
		return this.users[key];
	}

	knowsTenant(tenant) {
		return tenant === this.tenantId
			|| Object.values(this.users).some((user) => user.tid === tenant);
	}

	/* TCP (with TLS: TLS) connections accepted since the last resetCounts. */
	get connections() {
		return this.#server.connections;
	}

	/* A valid access token for our API, or nearly: see user_tokens.mjs for the options. */
	mintUserToken(options) {
		return mintUserToken(this, this.#keyring, options);
	}

	/* A token to be refused; kinds in hostileKinds, options as for mintUserToken. */
	mintHostile(kind, options) {
		return mintHostile(this, this.#keyring, kind, options);
	}

	/* These claims under the key in use: a token of Entra's that is none of the above. */
	async sign(claims) {
		const key = await this.#keyring.current;
		return assemble(userHeader(key.kid), claims, key);
	}

	/* From now on this certificate (PEM) proves the application; returns its thumbprints. */
	registerCertificate(pem) {
		return this.credentials.registerCertificate(pem);
	}

	/* From now on so does a token of that {issuer, subject[, audience, jwks]}. */
	trustFederation(federation) {
		this.credentials.trustFederation(federation);
	}

	/* A Graph token without an exchange, as a gateway that did the exchange would pass on. */
	mintGraphToken({ user = 'adele', ...rest } = {}) {
		return this.#tokens.mint({ user: requireUser(this.users, user), ...rest });
	}

	introspectGraphToken(token) {
		return this.#tokens.introspect(token);
	}

	/* From now on Graph refuses this token; true if it was one. */
	revokeGraphToken(token) {
		return this.#tokens.revoke(token);
	}

	/* Signs with a new key from now on; returns its kid. */
	rotateKeys(options) {
		return this.#keyring.rotate(options);
	}

	/* Orders a failure: {on, kind, times, user, ...}; kinds: faults.mjs, answers.mjs. */
	fail({ on = 'token', user, ...fault }) {
		if (!FAIL_ON.includes(on))
			throw new Error(`unknown "on": "${on}"; one of: ${FAIL_ON.join(' ')}`);
		if (on !== 'token' && (user !== undefined || Object.hasOwn(ORDERED, fault.kind)))
			throw new Error(`a user or kind "${fault.kind}" is only for "token"`);
		const oid = user === undefined ? undefined : requireUser(this.users, user).oid;
		this.#faults.add({ on, oid, ...fault });
	}

	clearFailures() {
		this.#faults.clear();
	}

	resetCounts() {
		Object.assign(this.counts, zeroCounts());
		this.requests.length = 0;
		this.#server.forgetConnections();
	}

	/* Nobody is signed in, and registrations, consents and policies are those of a fresh sandbox. */
	resetSignIn() {
		this.userTokens = {};
		[this.directory, this.#grants, this.#signIn].forEach((part) => part.reset());
	}

	/* Consent of a user (without one: of the tenant) to Graph permissions of the application; "all": to every one there is.
	 * Any later exchange brings them all. */
	consentGraph(permissions = 'all', user) {
		this.directory.consent(this.directory.api, this.#ofGraph(permissions), user && requireUser(this.users, user));
	}

	/* Takes that back; what the tenant consented to no user can. */
	withdrawGraph(permissions = 'all', user) {
		this.directory.withdraw(this.directory.api, this.#ofGraph(permissions), user && requireUser(this.users, user));
	}

	#ofGraph(permissions) {
		const { graph } = this.directory;
		const names = permissions === 'all' ? GRAPH_PERMISSIONS : permissions;
		const unknown = names.find((name) => !graph.scopes.includes(name));
		if (unknown !== undefined)
			throw new Error(`Graph has no permission "${unknown}" here; there are: ${graph.scopes.join(' ')}`);
		return names.map((name) => ({ resource: graph, name }));
	}

	/* Codes and refresh tokens get older by this, without anybody waiting. */
	ageGrants(seconds) {
		this.#grants.age(seconds);
	}

	/* All refresh tokens of a user end, as after a new password. */
	revokeGrants(user) {
		this.#grants.revoke(requireUser(this.users, user));
	}

	/* Lets the control endpoints reach the Graph beside this Entra. */
	attachGraph(graph) {
		this.graph = graph;
	}

	close() {
		return this.#server.close();
	}

	async #onExchange(exchange) {
		const path = exchange.url.pathname;
		if (path.startsWith('/sandbox/'))
			return serveControl(this, exchange);
		exchange.trace = traceOf(exchange);
		exchange.baseHeaders = entraHeaders(exchange.trace);
		const [pattern, on, source] = ROUTES.find(([known]) => known.test(path)) ?? [];
		const tenant = pattern?.exec(path)[1];
		const entry = this.#remember(exchange);
		if (this.latencyMs > 0)
			await pause(this.latencyMs);
		if (on === 'token')
			return this.#onToken(exchange, tenant, entry);
		if (on === undefined)
			return exchange.send({ status: 404, body: '' });
		this.counts[on]++;
		const fault = this.#faults.take((waiting) => waiting.on === on);
		return this.#faults.respond(exchange, fault,
			() => this.#page(exchange, tenant, on) ?? this.#document(exchange, tenant, source));
	}

	/* The answer of the authorize endpoint or to one of its pages; undefined for a document. */
	#page(exchange, tenant, on) {
		if (on === 'authorize')
			return this.#signIn.authorize(exchange, tenant);
		return on === 'login' ? this.#signIn.step(exchange) : undefined;
	}

	#remember({ req, url }) {
		const entry = { method: req.method, path: url.pathname, query: url.search,
			headers: { ...req.headers }, httpVersion: req.httpVersion };
		remember(this.requests, entry);
		return entry;
	}

	async #document(exchange, tenant, source) {
		if (!SHARED_TENANTS.includes(tenant) && !this.knowsTenant(tenant))
			return refuse(new Refusal(90002, `Tenant '${tenant}'.`), exchange.trace);
		if (typeof source !== 'string')
			return { headers: { ...jsonType, ...DAY }, body: source(this, tenant) };
		return this.#keySet(exchange, JSON.stringify(await this.#keyring[source]()));
	}

	#keySet(exchange, body) {
		const hash = createHash('sha256').update(body).digest('base64url');
		const tag = this.keyTags ? { etag: `"${hash}"` } : {};
		if (!this.keyTags || exchange.header('if-none-match') !== tag.etag)
			return { headers: { ...jsonType, ...DAY, ...tag }, body };
		this.counts.keysUnchanged++;
		return { status: 304, headers: { ...DAY, ...tag } };
	}

	async #onToken(exchange, tenant, entry) {
		this.counts.token++;
		const text = await exchange.bodyText();
		const asked = this.#readForm(exchange, text);
		entry.form = asked.form;
		const oid = this.#grants.named(asked.form)?.user.oid ?? claimedOid(asked.form);
		if (oid)
			addOne(this.counts.byUser, oid);
		const fault = this.#faults.take((waiting) => waiting.on === 'token'
			&& (waiting.oid === undefined || waiting.oid === oid));
		return this.#faults.respond(exchange, fault,
			() => this.#readable(exchange, asked, this.#exchangeOrRefuse(exchange, tenant, asked)));
	}

	#readForm({ req }, text) {
		try {
			return { form: parseForm(req.headers['content-type'], text) };
		} catch (refusal) {
			return { refusal };
		}
	}

	async #exchangeOrRefuse(exchange, tenant, { form, refusal }) {
		try {
			if (exchange.req.method !== 'POST')
				throw new Refusal(900561, `Received ${exchange.req.method}.`);
			if (refusal)
				throw refusal;
			if (REDEEMED[form.grant_type])
				return await this.#redeem(exchange, tenant, form);
			return await this.#exchange(tenant, form);
		} catch (error) {
			if (!(error instanceof Refusal))
				throw error;
			this.counts.rejected++;
			return refuse(error, exchange.trace);
		}
	}

	async #exchange(tenant, form) {
		const keyring = this.#keyring;
		const { echo, ...bearer } = await judge({ entra: this, keyring, tenant, form });
		const { user } = bearer;
		const { expiresIn, refreshIn } = this;
		const token = await this.#tokens.mint({ ...bearer, expiresIn });
		this.counts.exchanges++;
		addOne(this.counts.exchangesByUser, user.oid);
		const clientInfo = this.#clientInfo(form, user);
		return grant({ token, scope: echo, expiresIn, refreshIn, clientInfo });
	}

	async #redeem(exchange, tenant, form) {
		if (!this.knowsTenant(tenant))
			throw new Refusal(90002, `Tenant '${tenant}'.`);
		const judged = this.#grants.judge(form, exchange.header('origin'));
		this.counts[REDEEMED[form.grant_type]]++;
		return grant({ ...await this.#userTokens(judged), scope: echoOf(this.directory, judged.scope),
			refreshToken: judged.oidc.includes('offline_access') && this.#grants.issueRefresh(judged.kept),
			clientInfo: this.#clientInfo(form, judged.user) });
	}

	/* Whether good or bad news, only a single-page application's page may read it. */
	async #readable(exchange, { form }, answering) {
		const answer = await answering;
		const origin = exchange.header('origin');
		const page = origin !== undefined && this.#grants.named(form)?.platform === 'spa';
		return page ? { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': origin } } : answer;
	}

	/* {token, idToken, expiresIn}: the access token is Graph's or one for the application asked for. */
	async #userTokens({ application, platform, user, scope, oidc, nonce, mfa }) {
		const { clientId } = application;
		const names = scope.permissions.map(({ name }) => name);
		const { resource = this.directory.graph } = scope.permissions[0] ?? {};
		const { expiresIn } = { expiresIn: this.expiresIn, ...this.userTokens };
		const idToken = oidc.includes('openid')
			&& await mintIdToken(this, this.#keyring, { user, clientId, oidc, nonce });
		if (resource === this.directory.graph)
			return { idToken, expiresIn, token: await this.#tokens.mint({ user, scopes: names, expiresIn }) };
		const aud = resource === this.directory.api ? {} : { aud: resource.clientId };
		const token = await this.mintUserToken({ user, version: resource.tokenVersion, scp: names.join(' '),
			caller: clientId, proof: platform === 'web' ? '1' : '0', mfa, claims: aud, expiresIn,
			...this.userTokens });
		return { idToken, expiresIn, token };
	}

	#clientInfo({ client_info }, { oid, tid }) {
		return client_info === '1' ? b64json({ uid: oid, utid: tid }) : undefined;
	}
}

/* Starts a sandbox Entra.  Options: host, port, tls, tenantId, clientId, clientSecret,
 * latencyMs, graphAudience, v1IssuerHost (of v1 tokens and metadata).  Its url is the handler's AUTHORITY_HOST. */
export function startEntra({ host = '127.0.0.1', port = 0, tls = false, ...options } = {}) {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return new Entra(Object.fromEntries(given)).start({ host, port, tls });
}
