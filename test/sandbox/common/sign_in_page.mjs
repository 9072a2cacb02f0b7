/*
 * A web page that signs its visitor in to an MCP server, from the server's address alone and a client
 * id: the smallest client there is (MCP 2025-11-25, Authorization).  Visiting it is signing in; it
 * ends with the visitor's profile.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from './http.mjs';

const OFFLINE = 'offline_access';
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const html = (text) => String(text).replace(/[&<>]/g, (one) => ENTITIES[one]);
const random = () => randomBytes(32).toString('base64url');

async function json(url, options) {
	const response = await fetch(url, options);
	const body = await response.json().catch(() => undefined);
	if (!response.ok || body === undefined)
		throw new Error(`${url}: ${response.status} ${JSON.stringify(body)}`);
	return body;
}

/* Where an issuer's metadata may lie: RFC 8414 section 3.1, then OpenID Connect Discovery. */
function metadataAddresses(issuer) {
	const { origin, pathname } = new URL(issuer);
	const path = pathname.replace(/\/$/, '');
	return [`${origin}/.well-known/oauth-authorization-server${path}`,
		`${origin}${path}/.well-known/openid-configuration`];
}

/* {resource, scope, authorize, token}: what the server and its authorization server say. */
async function discover(endpoint) {
	const { headers } = await fetch(endpoint, { method: 'POST' });
	const said = (name) => new RegExp(`\\b${name}="([^"]+)"`).exec(headers.get('www-authenticate') ?? '')?.[1];
	const { resource, authorization_servers, scopes_supported } = await json(said('resource_metadata'));
	const [first, second] = metadataAddresses(authorization_servers[0]);
	const server = await json(first).catch(() => json(second));
	const scopes = new Set([...(said('scope') ?? scopes_supported.join(' ')).split(' '), OFFLINE]);
	return { resource, scope: [...scopes].join(' '), authorize: server.authorization_endpoint,
		token: server.token_endpoint };
}

async function callMe(endpoint, token) {
	const { result } = await json(endpoint, { method: 'POST', headers: { authorization: `Bearer ${token}`,
		'content-type': 'application/json', accept: 'application/json, text/event-stream' },
	body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'me' } }) });
	return result.structuredContent;
}

class SignInPage {
	#server = http.createServer((request, response) => this.#answer(request, response));
	#begun = new Map();	/* state -> {verifier, found} */

	constructor({ endpoint, clientId }) {
		Object.assign(this, { endpoint, clientId });
	}

	async start() {
		this.#server.listen(0, 'localhost');
		await once(this.#server, 'listening');
		this.url = `http://localhost:${this.#server.address().port}/`;
		return this;
	}

	async close() {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}

	async #answer(request, response) {
		try {
			const { pathname, searchParams } = new URL(request.url, this.url);
			if (pathname === '/')
				return response.writeHead(302, { location: await this.#begin() }).end();
			const [status, title, text] = pathname === '/callback'
				? [200, 'Signed in', await this.#finish(searchParams)] : [404, 'Not found', ''];
			this.#show(response, status, title, text);
		} catch (error) {
			this.#show(response, 502, 'Not signed in', error.message);
		}
	}

	#show(response, status, title, text) {
		response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
		response.end(`<!doctype html><title>${title}</title><h1>${title}</h1><pre>${html(text)}</pre>`
			+ '<p><a href="/">Sign in</a></p>');
	}

	async #begin() {
		const found = await discover(this.endpoint);
		const [state, verifier] = [random(), random()];
		this.#begun.set(state, { verifier, found });
		return `${found.authorize}?${new URLSearchParams({ response_type: 'code', client_id: this.clientId,
			redirect_uri: `${this.url}callback`, scope: found.scope, resource: found.resource, state,
			code_challenge_method: 'S256', code_challenge: createHash('sha256').update(verifier).digest('base64url') })}`;
	}

	async #finish(brought) {
		const { verifier, found } = this.#begun.get(brought.get('state')) ?? {};
		if (!brought.has('code') || !found)
			throw new Error(brought.get('error_description') ?? 'nobody asked for this');
		this.#begun.delete(brought.get('state'));
		const { access_token } = await json(found.token, { method: 'POST', body: new URLSearchParams({
			grant_type: 'authorization_code', code: brought.get('code'), client_id: this.clientId,
			redirect_uri: `${this.url}callback`, code_verifier: verifier, resource: found.resource }) });
		return JSON.stringify(await callMe(this.endpoint, access_token), undefined, 2);
	}
}

/* Serves the page: {url, close}.  endpoint: the MCP server's address. */
export function startSignInPage(options) {
	return new SignInPage(options).start();
}
