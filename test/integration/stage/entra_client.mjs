/*
 * A client of the sandbox Entra's own endpoints that sends exactly what a test says: authorize
 * requests with PKCE, and token requests as forms.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { tokenPath } from '../../sandbox/common/sandbox_client.mjs';
import { Person } from './person.mjs';

export const CALLBACK = 'http://localhost:3334/callback';

const given = (fields) => Object.entries(fields).filter(([, value]) => value !== undefined);

export class EntraClient {
	verifier = randomBytes(32).toString('base64url');

	constructor(entra, { clientId = entra.directory.mcp.clientId, redirectUri = CALLBACK } = {}) {
		Object.assign(this, { entra, clientId, redirectUri });
		this.scope = `api://${entra.clientId}/access_as_user offline_access`;
	}

	/* The authorize URL of a good request; an undefined field is left out. */
	authorizeUrl(fields = {}, { tenant = this.entra.tenantId } = {}) {
		const all = { client_id: this.clientId, response_type: 'code', redirect_uri: this.redirectUri,
			scope: this.scope, state: 'a state', code_challenge_method: 'S256',
			code_challenge: createHash('sha256').update(this.verifier).digest('base64url'), ...fields };
		return `${this.entra.url}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams(given(all))}`;
	}

	/* What comes of a person's signing in: see Person. */
	signIn(fields, person = new Person()) {
		return person.signIn(this.authorizeUrl(fields));
	}

	/* The code that a person's signing in ends with. */
	async code(fields, person) {
		const { code, error, description, page } = await this.signIn(fields, person);
		assert.ok(code, error ? `${error}: ${description}` : page);
		return code;
	}

	/* A token request: {status, headers, body}. */
	async token(fields, headers = {}) {
		const response = await fetch(this.entra.url + tokenPath(this.entra.tenantId), { method: 'POST',
			headers, body: new URLSearchParams(given({ client_id: this.clientId, ...fields })) });
		return { status: response.status, headers: response.headers, body: await response.json() };
	}

	redeem(code, fields = {}, headers = {}) {
		return this.token({ grant_type: 'authorization_code', code, redirect_uri: this.redirectUri,
			code_verifier: this.verifier, ...fields }, headers);
	}

	refresh(refresh_token, fields = {}, headers = {}) {
		return this.token({ grant_type: 'refresh_token', refresh_token, ...fields }, headers);
	}

	/* Tokens from a sign-in that must succeed. */
	async tokens(fields, { person, redeemWith, headers } = {}) {
		const { status, body } = await this.redeem(await this.code(fields, person), redeemWith, headers);
		assert.equal(status, 200, body.error_description);
		return body;
	}
}

/* A token answer that is a refusal with this number. */
export function assertAadsts({ status, body }, code, error) {
	assert.deepEqual(body.error_codes, [code], JSON.stringify(body));
	assert.match(body.error_description, new RegExp(`^AADSTS${code}: `));
	assert.deepEqual([body.error, status], [error, error === 'invalid_client' ? 401 : 400]);
}

/* A sign-in that ended on Entra's own page with this number. */
export function assertOwnPage(outcome, code) {
	assert.equal(outcome.status, 400, JSON.stringify(outcome));
	assert.match(outcome.page, new RegExp(`AADSTS${code}: `));
}

/* A sign-in whose refusal the client was told. */
export function assertToldBack(outcome, code, error) {
	assert.ok(outcome.url, outcome.page);
	assert.match(outcome.description ?? '', new RegExp(`^AADSTS${code}: `), JSON.stringify(outcome));
	assert.deepEqual([outcome.error, outcome.state, outcome.code], [error, 'a state', undefined]);
}
