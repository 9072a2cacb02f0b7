/*
 * A sandbox Entra and Graph with a small client of both: what the tests of the sandbox itself
 * use in the handler's place.
 */
import { startEntra } from '../entra/entra.mjs';
import { startGraph } from '../graph/graph.mjs';
import http from './http.mjs';

export const OBO = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const USER_READ = 'https://graph.microsoft.com/User.Read';

export const tokenPath = (tenant) => `/${tenant}/oauth2/v2.0/token`;

/* One HTTP/1.1 request that leaves every byte as it came: {status, headers, bytes}. */
export function plainRequest(url, { method = 'GET', headers = {}, body, agent } = {}) {
	return new Promise((resolve, reject) => {
		const request = http.request(url, { method, headers, agent }, (response) => {
			const chunks = [];
			response.on('data', (chunk) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => resolve({ status: response.statusCode,
				headers: response.headers, bytes: Buffer.concat(chunks) }));
		});
		request.on('error', reject);
		request.end(body);
	});
}

export class SandboxClient {
	static async start(options) {
		const entra = await startEntra(options);
		const graph = await startGraph({ entra });
		return Object.assign(new SandboxClient(), { entra, graph });
	}

	/* Back to the state of a fresh sandbox, keys excepted. */
	reset() {
		this.entra.clearFailures();
		this.graph.clearFailures();
		this.entra.resetCounts();
		this.graph.resetCounts();
		Object.assign(this.entra, { expiresIn: 3599, refreshIn: undefined, latencyMs: 0 });
		this.entra.resetSignIn();
		this.graph.latencyMs = 0;
		this.graph.resetData();
	}

	close() {
		return Promise.all([this.entra.close(), this.graph.close()]);
	}

	/* The fields of a good On-Behalf-Of request; an undefined override leaves a field out. */
	async form(fields = {}) {
		const { entra } = this;
		const assertion = fields.assertion ?? await entra.mintUserToken();
		const { clientId: client_id, clientSecret: client_secret } = entra;
		const all = { grant_type: OBO, requested_token_use: 'on_behalf_of',
			scope: USER_READ, client_id, client_secret, assertion, ...fields };
		const kept = Object.entries(all).filter(([, value]) => value !== undefined);
		return new URLSearchParams(kept);
	}

	async post(fields, { tenant = this.entra.tenantId, headers } = {}) {
		return fetch(this.entra.url + tokenPath(tenant), { method: 'POST', headers,
			body: await this.form(fields) });
	}

	/* As post, with the answer's JSON read. */
	async exchange(fields, options) {
		return readJson(await this.post(fields, options));
	}

	async plainPost() {
		const body = String(await this.form());
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		return plainRequest(this.entra.url + tokenPath(this.entra.tenantId),
			{ method: 'POST', headers, body });
	}

	me(token, { path = '/v1.0/me', headers = {}, method } = {}) {
		return fetch(this.graph.url + path, { method, redirect: 'manual',
			headers: { authorization: `Bearer ${token}`, ...headers } });
	}

	async readMe(token, options) {
		return readJson(await this.me(token, options));
	}

	async control(method, path, body) {
		return readJson(await fetch(`${this.entra.url}/sandbox/${path}`, { method,
			body: body === undefined ? undefined : JSON.stringify(body) }));
	}
}

async function readJson(response) {
	return { status: response.status, headers: response.headers, body: await response.json() };
}
