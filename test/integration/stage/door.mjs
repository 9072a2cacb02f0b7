/*
 * A client of the door that sends exactly what a test says: authorize requests, token requests and
 * registrations, through a handler in any of its modes.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { assertGuarded, send, startAlone, startHosted } from './fixture.mjs';
import { Person } from './person.mjs';

export const CIMD = 'https://app.example/oauth/client-metadata.json';
export const FORM = 'application/x-www-form-urlencoded';
const CALLBACK = 'http://127.0.0.1:3334/callback';

/* {mode: start}: the handler with these settings, alone and in the three modes of the host. */
export const modes = (env) => ({
	alone: () => startAlone({ env }),
	proxying: () => startHosted({ env, mode: 'proxying' }),
	forwarding: () => startHosted({ env, mode: 'forwarding' }),
	payload: () => startHosted({ env, mode: 'payload' }),
});

/* The settings of a handler whose door opens to the sandbox's public client. */
export const doorEnv = ({ entra, env }, more = {}) => ({ ...env,
	MCP_CLIENT_ID: entra.directory.mcp.clientId, LOG_LEVEL: 'debug', ...more });

/* A form, or a query: fields that are undefined are left out; an array is as many fields. */
export function formOf(fields) {
	const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
	return String(new URLSearchParams(pairs.filter(([, value]) => value !== undefined)));
}

export class DoorClient {
	verifier = randomBytes(32).toString('base64url');

	constructor(handler, { clientId = CIMD, redirectUri = CALLBACK, agent } = {}) {
		Object.assign(this, { handler, clientId, redirectUri, agent });
	}

	get challenge() {
		return createHash('sha256').update(this.verifier).digest('base64url');
	}

	/* The address of a good authorize request, changed by the fields. */
	authorizeUrl(fields = {}) {
		return `${this.handler.url}/oauth/authorize?${formOf({ client_id: this.clientId, response_type: 'code',
			redirect_uri: this.redirectUri, state: 'a state', code_challenge_method: 'S256',
			code_challenge: this.challenge, ...fields })}`;
	}

	async #send(path, options) {
		const answer = await send(path, { ...options, agent: this.agent });
		assertGuarded(answer);
		return answer;
	}

	authorize(fields, headers = {}) {
		return this.#send(this.authorizeUrl(fields), { headers });
	}

	/* What Entra would be sent for such a request. */
	async sentOn(fields) {
		const { status, headers, text } = await this.authorize(fields);
		assert.equal(status, 302, text);
		const url = new URL(headers.location);
		return { page: url.origin + url.pathname, fields: Object.fromEntries(url.searchParams) };
	}

	/* The code that a person's signing in by way of the door ends with. */
	async code(fields, person = new Person()) {
		const { code, page, description } = await person.signIn(this.authorizeUrl(fields));
		assert.ok(code, page ?? description);
		return code;
	}

	post(path, body, headers = {}) {
		return this.#send(`${this.handler.url}${path}`, { method: 'POST', body,
			headers: { 'content-type': FORM, 'content-length': Buffer.byteLength(body), ...headers } });
	}

	token(fields, headers) {
		return this.post('/oauth/token', formOf({ client_id: this.clientId, ...fields }), headers);
	}

	redeem(code, fields = {}, headers) {
		return this.token({ grant_type: 'authorization_code', code, redirect_uri: this.redirectUri,
			code_verifier: this.verifier, ...fields }, headers);
	}

	refresh(refresh_token, fields = {}, headers) {
		return this.token({ grant_type: 'refresh_token', refresh_token, ...fields }, headers);
	}

	register(metadata, headers) {
		return this.post('/oauth/register', typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
			{ 'content-type': 'application/json', ...headers });
	}
}

export const basic = (name, password) => ({ authorization: `Basic ${Buffer.from(
	`${encodeURIComponent(name)}:${encodeURIComponent(password)}`).toString('base64')}` });

/* {"error","error_description"} and nothing else, in the characters that RFC 6749 allows. */
export function assertOAuthError(answer, status, error, what) {
	assert.equal(answer.status, status, `${what ?? ''} ${answer.text}`);
	assert.equal(answer.headers['content-type'], 'application/json');
	assert.deepEqual(Object.keys(answer.json), ['error', 'error_description']);
	assert.equal(answer.json.error, error, `${what ?? ''} ${answer.text}`);
	assert.match(answer.json.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]{10,}$/);
	assert.equal(answer.headers.location, undefined);
	return answer;
}
