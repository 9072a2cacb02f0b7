/*
 * The two On-Behalf-Of engines that are compared, behind one face, at one sandbox Entra: MSAL for
 * Node, and the handler's GET /me.
 *
 * ask(assertion) gives {ok, code, status, claims, retryAfter}; challenged(...) is the same after
 * Graph has asked for claims, which a user of MSAL must pass on by hand.
 */
import { ConfidentialClientApplication } from '@azure/msal-node';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { once } from 'node:events';
import tls from 'node:tls';
import { sandboxCertificate } from '../common/tls.mjs';

export const SCOPE = 'https://graph.microsoft.com/User.Read';
export const DEFAULT_SCOPE = 'https://graph.microsoft.com/.default';

/* MSAL sends by fetch, which has no setting of its own for the authority to trust. */
export async function trustSandbox() {
	const ca = await readFile((await sandboxCertificate()).caFile, 'utf8');
	tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca]);
}

/* One application of MSAL: its own cache and its own memory of failures.  credential replaces the
 * client secret. */
export class MsalEngine {
	name = 'msal';

	constructor(entra, { scope = SCOPE, credential } = {}) {
		const { clientId, clientSecret, tenantId, url } = entra;
		this.scopes = [scope];
		this.application = new ConfidentialClientApplication({ auth: { clientId,
			...credential ?? { clientSecret }, authority: `${url}/${tenantId}`,
			knownAuthorities: [new URL(url).host], clientCapabilities: ['cp1'] } });
	}

	async ask(oboAssertion, { claims } = {}) {
		const request = { oboAssertion, scopes: this.scopes, claims };
		try {
			const result = await this.application.acquireTokenOnBehalfOf(request);
			return { ok: Boolean(result?.accessToken) };
		} catch (error) {
			return { ok: false, code: error.errorCode || error.message,
				claims: error.claims || undefined };
		}
	}

	challenged(assertion, { claims }) {
		return this.ask(assertion, { claims });
	}

	/* The access tokens that it holds. */
	async held() {
		const cache = JSON.parse(await this.application.getTokenCache().serialize());
		return Object.keys(cache.AccessToken).length;
	}
}

function get(url, token) {
	const headers = token ? { authorization: `Bearer ${token}` } : {};
	const request = http.get(url, { headers, agent: false });
	request.setTimeout(60_000, () => request.destroy(new Error(`no answer: ${url}`)));
	return once(request, 'response').then(async ([response]) => ({ status: response.statusCode,
		headers: response.headers, json: JSON.parse(await text(response)) }));
}

async function text(response) {
	return Buffer.concat(await response.toArray()).toString();
}

function claimsOf({ headers }) {
	const base64 = /claims="([^"]+)"/.exec(headers['www-authenticate'] ?? '')?.[1];
	return base64 && Buffer.from(base64, 'base64').toString();
}

/* The handler that listens at url; it cannot be made to forget, so each situation brings users of
 * its own. */
export class HandlerEngine {
	name = 'handler';

	constructor(url, graph) {
		Object.assign(this, { url, graph });
	}

	async ask(assertion) {
		const answer = await get(`${this.url}/me`, assertion);
		const { status, headers, json } = answer;
		return status === 200 ? { ok: true } : { ok: false, status, code: json.error.code,
			claims: claimsOf(answer), retryAfter: headers['retry-after'] };
	}

	challenged(assertion, { user, claims }) {
		this.graph.fail({ kind: 'cae', user, claims });
		return this.ask(assertion);
	}

	async held() {
		const { json } = await get(`${this.url}/status`);
		return json.counters.cachedTokens;
	}
}
