/*
 * How the sandbox application may prove itself besides its secret: a certificate's signed assertion
 * ("Microsoft identity platform application authentication certificate credentials") or the token
 * of an issuer it trusts ("Workload identity federation").  Checked as Entra does, with jose; every
 * failure is a Refusal that Entra answers as invalid_client.
 */
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { createLocalJWKSet } from 'jose/jwks/local';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { X509Certificate, createHash } from 'node:crypto';
import { Refusal } from './answers.mjs';
import { nowSeconds } from './user_tokens.mjs';

export const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const LIFE_MAX_S = 3600;	/* of an assertion we signed; Entra advises minutes */
const SKEW_S = 300;

const digest = (algorithm, bytes) => createHash(algorithm).update(bytes).digest('base64url');

/* {header, claims}, unverified. */
function decode(jwt) {
	try {
		if (COMPACT.test(jwt))
			return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
	} catch { /* refused below, like any other text that is no JWT */ }
	throw new Refusal(50027, 'The client assertion is no JWT.');
}

/* An expiry is a number in the future, a beginning one that is not. */
function checkTimes({ exp, nbf }) {
	const now = nowSeconds();
	if (!Number.isInteger(exp) || exp <= now)
		throw new Refusal(700024, `Current time: ${now}, expiry time: ${exp}.`);
	if (nbf !== undefined && !(nbf <= now + SKEW_S))
		throw new Refusal(700024, `Current time: ${now}, valid from: ${nbf}.`);
}

/* The key of an issuer's set, as its metadata document leads to it. */
async function fetchKeys(issuer) {
	const at = async (url) => (await fetch(url)).json();
	const base = issuer.replace(/\/$/, '');
	return at((await at(`${base}/.well-known/openid-configuration`)).jwks_uri);
}

export class Credentials {
	#certificates = [];
	#federations = [];
	#seen = new Set();

	/* Puts a certificate (PEM) on the application; returns its thumbprints, base64url. */
	registerCertificate(pem) {
		const { raw, publicKey } = new X509Certificate(pem);
		const known = { publicKey, x5t: digest('sha1', raw), 'x5t#S256': digest('sha256', raw) };
		this.#certificates.push(known);
		return { x5t: known.x5t, 'x5t#S256': known['x5t#S256'] };
	}

	/* Trusts tokens of that issuer about that subject; without jwks its keys are fetched. */
	trustFederation({ issuer, subject, audience = EXCHANGE_AUDIENCE, jwks }) {
		this.#federations.push({ issuer, subject, audience, jwks });
	}

	/* Back to an application with a secret only. */
	clear() {
		this.#certificates = [];
		this.#federations = [];
		this.#seen.clear();
	}

	/* Accepts a request's client assertion or throws.  context: {clientId, tokenUrl, ownKeys}, the
	 * last a function of the issuer that gives Entra's own key set for its own issuers. */
	async check(form, context) {
		if (form.client_assertion_type !== ASSERTION_TYPE)
			throw new Refusal(9002313, 'client_assertion_type is not the JWT bearer one.');
		const { header, claims } = decode(form.client_assertion);
		if (claims.iss === context.clientId)
			return this.#checkSigned(form.client_assertion, header, claims, context);
		return this.#checkFederated(form.client_assertion, claims, context);
	}

	async #checkSigned(jwt, header, claims, { clientId, tokenUrl }) {
		const known = this.#certificates.find((one) => ['x5t#S256', 'x5t'].some((name) =>
			header[name] !== undefined && header[name] === one[name]));
		if (!known)
			throw new Refusal(700027, '[Reason - The key was not found.]');
		await compactVerify(jwt, known.publicKey, { algorithms: ['PS256', 'RS256'] }).catch(() => {
			throw new Refusal(700027, '[Reason - The key used is expired or wrong.]');
		});
		if (claims.sub !== clientId)
			throw new Refusal(700021, `'${claims.sub}'.`);
		if (claims.aud !== tokenUrl)
			throw new Refusal(700023, `'${claims.aud}'; expected '${tokenUrl}'.`);
		checkTimes(claims);
		if (claims.exp > nowSeconds() + LIFE_MAX_S)
			throw new Refusal(700024, 'It lives too long.');
		if (typeof claims.jti !== 'string' || claims.jti === '' || this.#seen.has(claims.jti))
			throw new Refusal(700027, '[Reason - jti is missing or was used before.]');
		this.#seen.add(claims.jti);
	}

	async #checkFederated(jwt, claims, { ownKeys }) {
		const ofIssuer = this.#federations.filter(({ issuer }) => issuer === claims.iss);
		if (ofIssuer.length === 0)
			throw new Refusal(700211, `'${claims.iss}'.`);
		const known = ofIssuer.find(({ subject }) => subject === claims.sub);
		if (!known)
			throw new Refusal(700213, `'${claims.sub}'.`);
		if (claims.aud !== known.audience)
			throw new Refusal(700212, `'${claims.aud}'.`);
		const keys = known.jwks ?? await ownKeys(claims.iss) ?? await fetchKeys(claims.iss);
		const rs256 = { algorithms: ['RS256'] };
		await compactVerify(jwt, createLocalJWKSet(usable(keys)), rs256).catch(() => {
			throw new Refusal(700027, '[Reason - The signature is not valid.]');
		});
		checkTimes(claims);
	}
}

/* Without the decoys: jose gives up at a key it cannot read. */
function usable({ keys }) {
	return { keys: keys.filter(({ kty, n }) => kty === 'RSA' && /^[\w-]+$/.test(n)) };
}
