/*
 * The rendered policies at work: the gateway's emulator over build/apim as apim/render.mjs writes it,
 * a sandbox Entra and Graph, and behind it the real handler or a backend that tells what reached it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import http from '../../sandbox/common/http.mjs';
import { startIdentity } from '../../sandbox/entra/federation.mjs';
import { MCP_CLIENT_ID } from '../../sandbox/entra/directory.mjs';
import { renderPolicies, startEmulator } from '../../sandbox/gateway/gateway.mjs';
import { DEFAULT_CALLER } from '../../sandbox/entra/user_tokens.mjs';
import { HANGS_MS, send, startHosted, startSandbox } from './fixture.mjs';

/* Of a national cloud, so that nothing passes for being the default. */
export const LOGIN = 'https://login.microsoftonline.us';
export const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchangeUSGov';
export const GATEWAY_URL = 'https://gw.example';
export const RESOURCE = `${GATEWAY_URL}/mcp`;
export const SCOPE = `${RESOURCE}/access_as_user`;
export const METADATA = `${GATEWAY_URL}/.well-known/oauth-protected-resource/mcp`;
export const ORIGIN = 'https://app.example';
export const FUNCTION_KEY = 'function-key-of-the-sandbox';
const SECRET = 'S4ndbox~secret+with/odd=chars%25'; /* a named value cannot carry an ampersand into XML */

/* A backend that answers {}, or what `answer` says: (request) => {status, headers, body (text or a stream)}. */
async function startRecorder() {
	const recorder = { requests: [], answer: () => ({}) };
	const server = http.createServer(async (request, response) => {
		const { method, url, headers } = request;
		const body = Buffer.concat(await request.toArray()).toString();
		recorder.requests.push({ method, url, headers, body });
		const { status = 200, headers: own = {}, body: content = '{}' } = await recorder.answer(request) ?? {};
		response.writeHead(status, { 'content-type': 'application/json', 'x-powered-by': 'someone', 'request-context': 'appId=x', ...own });
		if (content.pipe) content.pipe(response);
		else response.end(content);
	});
	server.keepAliveTimeout = HANGS_MS;
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return Object.assign(recorder, { url: `http://127.0.0.1:${server.address().port}`, stop() {
		server.closeAllConnections();
		return new Promise((resolve) => { server.close(resolve); });
	} });
}

/* Another owner's API on the same instance, whose backend is not there; and global, that owner's
 * policy for all APIs in the place of ours. */
function addNeighbour(apim, global) {
	const path = join(apim, 'apis.json');
	const { apis, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
	const neighbour = { id: 'neighbour', path: 'neighbour', operations: [{ id: 'get', method: 'GET', urlTemplate: '/' }] };
	writeFileSync(path, JSON.stringify({ apis: [...apis, neighbour], ...rest }));
	if (global) writeFileSync(join(apim, 'policies/global.xml'), global);
}

/* The rendered folder for a sandbox. */
function rendered(entra, settings, global) {
	const root = mkdtempSync(join(tmpdir(), 'policies-'));
	renderPolicies({ out: join(root, 'apim'), clients: [DEFAULT_CALLER], settings: { TENANT_ID: entra.tenantId, CLIENT_ID: entra.clientId,
		APIM_GATEWAY_URL: GATEWAY_URL, FUNCTION_APP_URL: 'https://functions.example', KEY_VAULT_URL: 'https://contoso.vault.azure.net',
		ALLOWED_ORIGINS: ORIGIN, LOGIN_HOST: new URL(LOGIN).host, GRAPH_SCOPE: `${entra.graphAudience}/User.Read`, OBO_CREDENTIAL: 'secret', ...settings } });
	addNeighbour(join(root, 'apim'), global);
	return root;
}

/* The settings of a gateway, and of the handler behind it, where MCP clients sign in by way of the handler. */
const DOOR = { MCP_CLIENT_ID };

/* What is around the gateway, with the env of a handler that stands beside it.  door: MCP clients sign in by it.  real, 'proxying' or 'forwarding': behind it is the handler instead of a
 * recorder, below a host that insists on the function key.  env: more of the handler's. */
export async function startSurroundings({ real = false, door = false, env = {} }) {
	const sandbox = await startSandbox();
	const { entra, graph } = sandbox;
	entra.clientSecret = SECRET;
	const identity = await startIdentity({ entra });
	entra.trustFederation({ ...identity.federation(), audience: EXCHANGE_AUDIENCE });
	const backend = real ? await startHosted({ mode: real, keys: FUNCTION_KEY, env: { ...sandbox.env, CLIENT_SECRET: SECRET,
		APIM_GATEWAY_URL: GATEWAY_URL, ALLOWED_ORIGINS: `${GATEWAY_URL},${ORIGIN}`, ...(door ? DOOR : {}), ...env } }) : await startRecorder();
	return { entra, graph, identity, backend, env: { ...sandbox.env, CLIENT_SECRET: SECRET },
		reset() {
			sandbox.reset();
			identity.reset();
			if (!real) Object.assign(backend, { requests: [], answer: () => ({}) });
		},
		async stop() {
			await identity.close();
			await backend.stop();
			await sandbox.stop();
		} };
}

/* The gateway in their midst.  settings: of the rendering; miss: what a miss of the cache does;
 * global: a policy for all APIs in the place of ours; stored: gives the folder that is served in the place of the rendered one. */
export async function startGateway({ entra, identity, backend }, { door = false, settings = {}, miss = 'unset', global = '', stored = (apim) => apim }) {
	const root = rendered(entra, { ...(door ? DOOR : {}), ...settings }, global);
	const gateway = await startEmulator({ apim: await stored(join(root, 'apim')), kept: true, args: ['--clock', 'manual', '--backend', `functions=${backend.url}`,
		'--map', `${LOGIN}=${entra.url}`, '--identity', identity.url, '--identity-header', 'env:IDENTITY', '--secret', 'function-key=env:KEY', '--secret', 'CLIENT_SECRET=env:SECRET', '--cache-miss', miss],
	env: { IDENTITY: identity.header, KEY: FUNCTION_KEY, SECRET } });
	const order = async (method, path = '', body) => (await send(gateway.control + path, { method,
		body: body && JSON.stringify(body) })).json;
	return { url: gateway.url, lines: gateway.lines,
		ask: (path, { token, headers, ...rest } = {}) => send(gateway.url + path, { ...rest,
			headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } }),
		seen: () => order('GET'),
		advance: (seconds) => order('POST', '/clock', { advance_s: seconds }),
		/* As if nobody had called yet. */
		async reset() {
			await order('DELETE', '/rates');
			await order('DELETE', '/cache');
		},
		async stop() {
			await gateway.stop();
			rmSync(root, { recursive: true });
		} };
}

/* Both; options as of either. */
export async function startPolicies(options = {}) {
	const around = await startSurroundings(options);
	const gateway = await startGateway(around, options);
	return { ...around, ...gateway,
		async fresh() {
			around.reset();
			await gateway.reset();
		},
		async stop() {
			await gateway.stop();
			await around.stop();
		} };
}

/* What every answer of the gateway carries, whatever it answers. */
export function assertGuarded({ headers }, cache = 'no-store') {
	const { 'x-content-type-options': sniff, 'x-frame-options': frame, 'content-security-policy': policy, 'referrer-policy': referrer } = headers;
	assert.deepEqual({ sniff, frame, policy, referrer }, { sniff: 'nosniff', frame: 'DENY',
		policy: "default-src 'none'; frame-ancestors 'none'", referrer: 'no-referrer' });
	assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains');
	assert.match(headers['x-request-id'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	assert.equal(headers['cache-control'], cache);
	assert.deepEqual([headers['x-powered-by'], headers['request-context']], [undefined, undefined]);
}

/* The gateway's own error, in the handler's form. */
export function assertRefused(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assertGuarded(answer);
	if (status !== 413) assert.equal(answer.reason, http.STATUS_CODES[status]); /* which has two names */
	assert.equal(answer.headers['content-type'], 'application/json');
	if (![429, 503].includes(status)) assert.equal(answer.headers['retry-after'], undefined);
	const { error, ...rest } = answer.json;
	assert.deepEqual(rest, {});
	assert.equal(error.code, code, answer.text);
	assert.match(error.message, /^\S.*\.$/);
	assert.equal(Object.hasOwn(error, 'consentUrl'), code === 'consent_required');
	assert.equal(error.requestId, answer.headers['x-request-id']);
	return error;
}
