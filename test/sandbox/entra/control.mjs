/*
 * The sandbox's controls over HTTP, mounted under /sandbox/ on the Entra server: for use by hand
 * and from other processes.  Loopback only.  Every answer is JSON; a refused order says why.
 */
import { jsonType } from '../common/http_server.mjs';
import { requireUser } from './users.mjs';

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

class ControlError extends Error {
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

function requireGraph(entra) {
	if (!entra.graph)
		throw new ControlError(409, 'no sandbox Graph is attached');
	return entra.graph;
}

async function mintToken(entra, { hostile, ...options }) {
	const access_token = hostile === undefined ? await entra.mintUserToken(options)
		: await entra.mintHostile(hostile, options);
	return { access_token };
}

/* JSON has no Infinity: "always" stands for it. */
function order(entra, { target = 'entra', ...fault }) {
	if (fault.times === 'always')
		fault.times = Infinity;
	if (target !== 'entra' && target !== 'graph')
		throw new ControlError(400, 'target must be "entra" or "graph"');
	(target === 'graph' ? requireGraph(entra) : entra).fail(fault);
	return { ordered: true };
}

function clearFailures(entra) {
	entra.clearFailures();
	entra.graph?.clearFailures();
	return { cleared: true };
}

function counts(entra) {
	const { graph } = entra;
	return { entra: { ...entra.counts, connections: entra.connections },
		graph: graph ? graph.counts : null };
}

function resetCounts(entra) {
	entra.resetCounts();
	entra.graph?.resetCounts();
	return { reset: true };
}

/* null sets refreshIn back to "not sent". */
function change(entra, wanted) {
	const known = ['expiresIn', 'refreshIn', 'latencyMs', 'graphLatencyMs'];
	for (const [name, value] of Object.entries(wanted)) {
		if (!known.includes(name))
			throw new ControlError(400, `"${name}" is none of ${known.join(' ')}`);
		const unset = name === 'refreshIn' && value === null;
		if (!unset && !(Number.isFinite(value) && value >= 0))
			throw new ControlError(400, `${name} must be a number, 0 or more`);
	}
	const { graphLatencyMs, ...own } = wanted;
	if (graphLatencyMs !== undefined)
		requireGraph(entra).latencyMs = graphLatencyMs;
	Object.assign(entra, own, own.refreshIn === null ? { refreshIn: undefined } : {});
	return { expiresIn: entra.expiresIn, refreshIn: entra.refreshIn ?? null,
		latencyMs: entra.latencyMs, graphLatencyMs: entra.graph?.latencyMs ?? null };
}

/* One more redirect URI of a client; of the public one that MCP clients share, unless another is named. */
function addRedirectUri({ directory }, { client = directory.mcp.clientId, platform = 'publicClient', uri }) {
	const application = directory.find(client);
	if (!application)
		throw new ControlError(400, `no application has the client id "${client}"`);
	application.addRedirectUri(platform, uri);
	return application.redirectUris;
}

function requireMfa({ directory, users }, { at, user }) {
	directory.requireMfa({ at, user: user && requireUser(users, user) });
	return { required: true };
}

/* {permissions (names, or "all"), user (left out: the tenant)}: what is consented to now. */
const consents = (change) => (entra, { permissions = 'all', user }) => {
	if (permissions !== 'all' && !Array.isArray(permissions))
		throw new ControlError(400, 'permissions must be an array of names, or "all"');
	entra[change](permissions, user);
	return { granted: entra.directory.granted(entra.directory.api, entra.directory.graph, user ? requireUser(entra.users, user) : {}) };
};

/* What was written in the sandbox Graph, and what of it went out to people. */
const written = (entra) => {
	const { writes, sent } = requireGraph(entra);
	return { writes, sent };
};

/* Takes back all that was written, put and shared. */
function takeBack(entra) {
	requireGraph(entra).resetData();
	return { reset: true };
}

/* {mailbox, user, rights: {mail, calendar, contacts: "read" or "write", send}}; without rights: none. */
function share(entra, { mailbox, user, rights = {} }) {
	requireUser(entra.users, user);
	requireGraph(entra).share(mailbox, user, rights);
	return { shared: true };
}

/* All that a handler beside this sandbox must be configured with. */
function config({ url, tenantId, clientId, clientSecret, graph, hostileKinds }) {
	const graphUrl = graph?.url ?? null;
	return { url, tenantId, clientId, clientSecret, graphUrl, hostileKinds };
}

const ROUTES = {
	'POST /sandbox/token': mintToken,
	'POST /sandbox/graph-token': async (entra, options) => (
		{ access_token: await entra.mintGraphToken(options) }),
	'POST /sandbox/keys/rotate': async (entra, options) => (
		{ kid: await entra.rotateKeys(options) }),
	'POST /sandbox/redirect-uris': addRedirectUri,
	'POST /sandbox/mfa': requireMfa,
	'POST /sandbox/consent': consents('consentGraph'),
	'DELETE /sandbox/consent': consents('withdrawGraph'),
	'DELETE /sandbox/sign-in': (entra) => {
		entra.resetSignIn();
		return { reset: true };
	},
	'POST /sandbox/fail': order,
	'DELETE /sandbox/fail': clearFailures,
	'GET /sandbox/counts': counts,
	'DELETE /sandbox/counts': resetCounts,
	'GET /sandbox/requests': (entra) => ({ entra: entra.requests,
		graph: entra.graph?.requests ?? null }),
	'GET /sandbox/written': written,
	'DELETE /sandbox/written': takeBack,
	'POST /sandbox/share': share,
	'GET /sandbox/users': (entra) => entra.users,
	'GET /sandbox/config': config,
	'POST /sandbox/settings': change,
};

async function bodyObject(exchange) {
	const text = await exchange.bodyText();
	if (text.trim() === '')
		return {};
	let value;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new ControlError(400, `the body is not JSON: ${error.message}`);
	}
	if (!value || typeof value !== 'object' || Array.isArray(value))
		throw new ControlError(400, 'the body must be a JSON object');
	return value;
}

async function carryOut(entra, exchange) {
	if (!LOOPBACK.includes(exchange.req.socket.remoteAddress))
		throw new ControlError(403, 'the sandbox takes orders from this machine only');
	const wanted = `${exchange.req.method} ${exchange.url.pathname}`;
	const route = Object.hasOwn(ROUTES, wanted) ? ROUTES[wanted] : undefined;
	if (!route) {
		const known = Object.keys(ROUTES).join(', ');
		throw new ControlError(404, `no "${wanted}"; there are: ${known}`);
	}
	return route(entra, await bodyObject(exchange));
}

/* Answers one request under /sandbox/. */
export async function serveControl(entra, exchange) {
	try {
		const body = await carryOut(entra, exchange);
		exchange.send({ status: 200, headers: jsonType, body });
	} catch (error) {
		const body = { error: error.message };
		exchange.send({ status: error.status ?? 400, headers: jsonType, body });
	}
}
