/*
 * The token endpoint's judgement of an On-Behalf-Of request.  It really checks: the form, the
 * application, its credential, the scope, and the assertion's signature, issuer, times and kind.
 * Every check throws a Refusal with the number Entra uses.
 */
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { timingSafeEqual } from 'node:crypto';
import { DEFAULT_CHALLENGE, Refusal } from './answers.mjs';
import { nowSeconds } from './user_tokens.mjs';
import { findUser } from './users.mjs';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
const NBF_SKEW_S = 300;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;	/* no padding, no empty signature */

/* The fields of a token request; strict about what URLSearchParams would let pass. */
export function parseForm(contentType, text) {
	const type = (contentType ?? '').split(';')[0].trim().toLowerCase();
	if (type !== 'application/x-www-form-urlencoded')
		throw new Refusal(900144, '\'grant_type\'.');
	if (/%(?![0-9a-f]{2})/i.test(text))
		throw new Refusal(9002313, 'Bad percent-encoding.');
	const form = {};
	for (const [name, value] of new URLSearchParams(text)) {
		if (Object.hasOwn(form, name))
			throw new Refusal(9002313, `Duplicate parameter '${name}'.`);
		form[name] = value;
	}
	return form;
}

/* The oid a request claims to act for, unverified; for matching failures and for counting. */
export function claimedOid(form) {
	try {
		return decodeJwt(form?.assertion ?? '').oid;
	} catch {
		return undefined;
	}
}

/* A field that must be there. */
export function need(form, name) {
	if (!form[name])
		throw new Refusal(900144, `'${name}'.`);
	return form[name];
}

/* Compares without telling, by its time, where two texts differ. */
export function sameText(left, right) {
	const [a, b] = [Buffer.from(left), Buffer.from(right)];
	return a.length === b.length && timingSafeEqual(a, b);
}

async function checkClient({ entra, keyring, tenant, form }) {
	if (need(form, 'client_id') !== entra.clientId)
		throw new Refusal(700016, `Identifier '${form.client_id}'.`);
	if (form.client_assertion && form.client_secret)
		throw new Refusal(9002313, 'Two credentials were sent.');
	if (form.client_assertion) {
		const own = `${entra.url}/`;
		return entra.credentials.check(form, { clientId: entra.clientId,
			tokenUrl: `${entra.url}/${tenant}/oauth2/v2.0/token`,
			ownKeys: (issuer) => (issuer.startsWith(own) ? keyring.v1Set() : undefined) });
	}
	if (!form.client_secret)
		throw new Refusal(7000218);
	if (!sameText(form.client_secret, entra.clientSecret))
		throw new Refusal(7000215);
	return undefined;
}

function checkGrant(form) {
	if (form.grant_type !== JWT_BEARER)
		throw new Refusal(70003, `'${form.grant_type}'.`);
	if (need(form, 'requested_token_use') !== 'on_behalf_of')
		throw new Refusal(9002313, 'requested_token_use must be on_behalf_of.');
	need(form, 'assertion');
}

/* The Graph permission named by one scope: a bare name means Graph, as in Entra. */
function permissionOf(scope, graphAudience) {
	if (!scope.includes('://'))
		return scope;
	if (!scope.startsWith(`${graphAudience}/`))
		throw new Refusal(500011, `'${scope}'.`);
	return scope.slice(graphAudience.length + 1);
}

/* What of Graph is asked for: {wanted (names), oidc (names)}. */
function readScope(text, { graphAudience, directory }) {
	const asked = text.split(' ').filter(Boolean);
	const oidc = asked.filter((scope) => OIDC_SCOPES.includes(scope));
	const wanted = asked.filter((scope) => !OIDC_SCOPES.includes(scope))
		.map((scope) => permissionOf(scope, graphAudience));
	if (wanted.length === 0 || (wanted.includes('.default') && wanted.length > 1))
		throw new Refusal(70011, `The scope ${text} is not valid. .default scope can't be `
			+ 'combined with resource-specific scopes.');
	const unknown = wanted.find((name) => name !== '.default' && !directory.graph.scopes.includes(name));
	if (unknown)
		throw new Refusal(650053, `The application asked for scope '${unknown}' that doesn't exist on the resource.`);
	return { wanted, oidc };
}

/* {scopes, echo}: all that the user, or the tenant, has consented to so far, be it asked for or not, and the answer's scope text. */
function grantedScope({ wanted, oidc }, { graphAudience, directory }, user) {
	const granted = directory.granted(directory.api, directory.graph, user);
	const scopes = granted.filter((name) => !OIDC_SCOPES.includes(name));
	const everything = wanted.includes('.default');
	const missing = wanted.find((name) => name !== '.default' && !scopes.includes(name));
	if (missing || scopes.length === 0)
		throw new Refusal(65001, `Permission '${missing ?? '.default'}'.`);
	const named = [...scopes, ...everything ? ['.default'] : []].map((name) => `${graphAudience}/${name}`);
	return { scopes, echo: [...named, ...oidc].join(' ') };
}

function jsonObject(text, refusal) {
	try {
		const value = JSON.parse(text);
		if (value && typeof value === 'object' && !Array.isArray(value))
			return value;
	} catch { /* refused below, like any other value that is no object */ }
	throw refusal;
}

/* The challenge to satisfy, or undefined; the parameter must be a JSON object. */
function parseClaims(text) {
	if (text === undefined || text === '')
		return undefined;
	return jsonObject(text, new Refusal(9002313, 'The claims parameter is no JSON object.'));
}

function protectedHeader(assertion) {
	try {
		if (COMPACT.test(assertion))
			return decodeProtectedHeader(assertion);
	} catch { /* refused below, like any other text that is no JWT */ }
	throw new Refusal(50027, 'JWT format is not valid.');
}

async function verifiedPayload(keyring, assertion) {
	const header = protectedHeader(assertion);
	const key = header.alg === 'RS256' ? await keyring.own(header.kid) : undefined;
	if (!key)
		throw new Refusal(50013, '[Reason - The key was not found.]');
	const rs256 = { algorithms: ['RS256'] };
	const { payload } = await compactVerify(assertion, key.publicKey, rs256).catch(() => {
		throw new Refusal(50013, '[Reason - The signature is not valid.]');
	});
	return jsonObject(Buffer.from(payload).toString('utf8'),
		new Refusal(50027, 'The payload is not a JSON object.'));
}

function expectedIssuer(entra, { ver, tid }) {
	return ver === '1.0' ? `${entra.v1IssuerHost}/${tid}/` : `${entra.url}/${tid}/v2.0`;
}

function checkTimes({ exp, nbf }) {
	const now = nowSeconds();
	if (typeof exp !== 'number' || exp <= now)
		throw new Refusal(500133, `Current time: ${now}, expiry time: ${exp}.`);
	if (typeof nbf === 'number' && nbf > now + NBF_SKEW_S)
		throw new Refusal(50013, '[Reason - The token is not yet valid.]');
}

function checkAudience(entra, { aud }) {
	if (aud !== entra.clientId && aud !== `api://${entra.clientId}`)
		throw new Refusal(500131, `Audience '${aud}'.`);
}

function checkDelegated({ scp, idtyp }) {
	if (typeof scp !== 'string' || scp === '' || idtyp === 'app')
		throw new Refusal(7000114);
}

async function checkAssertion(entra, keyring, tenant, assertion) {
	const claims = await verifiedPayload(keyring, assertion);
	if (claims.iss !== expectedIssuer(entra, claims))
		throw new Refusal(50013, '[Reason - The issuer is not valid.]');
	if (claims.tid !== tenant)
		throw new Refusal(50013, '[Reason - The token was issued by another tenant.]');
	checkTimes(claims);
	checkAudience(entra, claims);
	checkDelegated(claims);
	const user = findUser(entra.users, claims.oid ?? '');
	if (!user || user.tid !== tenant)
		throw new Refusal(50020, `'${claims.oid}'.`);
	if (entra.directory.wantsMfa(user, entra.directory.graph) && !claims.amr?.includes('mfa'))
		throw new Refusal(50076, '', { claims: DEFAULT_CHALLENGE });
	return { user, assertionUti: claims.uti };
}

/* Judges a whole request: {user, assertionUti, scopes, echo, claims}, or throws a Refusal. */
export async function judge({ entra, keyring, tenant, form }) {
	need(form, 'grant_type');
	if (!entra.knowsTenant(tenant))
		throw new Refusal(90002, `Tenant '${tenant}'.`);
	checkGrant(form);
	await checkClient({ entra, keyring, tenant, form });
	const scope = readScope(need(form, 'scope'), entra);
	const claims = parseClaims(form.claims);
	const bearer = await checkAssertion(entra, keyring, tenant, form.assertion);
	return { ...bearer, ...grantedScope(scope, entra, bearer.user), claims };
}
