/*
 * Tokens that a resource server must refuse, each wrong in exactly one way and right in all
 * others, so that a refusal proves the check named by the kind.
 */
import { constants, createHmac, randomUUID, sign } from 'node:crypto';
import { makeKey } from './keyring.mjs';
import { OTHER_TENANT } from './users.mjs';
import { assemble, b64json, nowSeconds, userClaims, userHeader } from './user_tokens.mjs';

const DAY_S = 86_400;
const OVERSIZE_CHARS = 20 * 1024;
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';

let attackersKey;
function attacker() {
	attackersKey ??= makeKey();
	return attackersKey;
}

/* Kinds that are an otherwise valid token with these claims; undefined deletes. */
const CLAIMS = {
	'app-only': () => ({ scp: undefined, idtyp: 'app', roles: ['Tasks.Read.All'],
		name: undefined, preferred_username: undefined, sid: undefined }),
	'app-with-scp': () => ({ idtyp: 'app' }),
	'foreign-audience': () => ({ aud: randomUUID() }),
	'graph-audience': (entra) => ({ aud: entra.graphAudience, scp: 'User.Read' }),
	'graph-app-id-audience': () => ({ aud: GRAPH_APP_ID }),
	'array-audience': ({ clientId }) => ({ aud: [clientId, GRAPH_APP_ID] }),
	'no-audience': () => ({ aud: undefined }),
	expired: () => ({ iat: nowSeconds() - DAY_S, nbf: nowSeconds() - DAY_S,
		exp: nowSeconds() - 3600 }),
	'no-exp': () => ({ exp: undefined }),
	'text-exp': () => ({ exp: String(nowSeconds() + 3600) }),
	'not-yet-valid': () => ({ nbf: nowSeconds() + 3600, exp: nowSeconds() + 7200 }),
	'wrong-issuer': (entra) => ({ iss: `https://login.evil.example/${entra.tenantId}/v2.0` }),
	'issuer-prefix': (entra) => ({ iss: `${entra.url}/${entra.tenantId}/v2.0/` }),
	'wrong-tenant': (entra) => ({ tid: OTHER_TENANT, iss: `${entra.url}/${OTHER_TENANT}/v2.0` }),
	'tenant-not-of-issuer': () => ({ tid: OTHER_TENANT }),
	'version-mismatch': () => ({ ver: '1.0' }),
	'no-scp': () => ({ scp: undefined }),
	'partial-scope': ({ scp }) => ({ scp: `${scp}_extra` }),
	'array-scope': ({ scp }) => ({ scp: [scp] }),
	'nul-audience': ({ clientId }) => ({ aud: `${clientId}\u0000.evil.example` }),
	'nul-issuer': (entra) => ({ iss: `${entra.url}/${entra.tenantId}/v2.0\u0000.evil` }),
	'nul-scope': ({ scp }) => ({ scp: `${scp}\u0000_not` }),
	'no-oid': () => ({ oid: undefined }),
	oversized: () => ({ groups_padding: 'g'.repeat(OVERSIZE_CHARS) }),
};

const ID_TOKEN_DROPS = ['scp', 'azp', 'azpacr', 'sid'];

function without(claims, names) {
	return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
}

function unsigned(header, payload) {
	return `${b64json(header)}.${b64json(payload)}.`;
}

function hmacSigned(header, payload, secret) {
	const text = `${b64json(header)}.${b64json(payload)}`;
	return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function pssSigned(header, payload, key) {
	const text = `${b64json(header)}.${b64json(payload)}`;
	const signature = sign('sha256', Buffer.from(text), { key: key.privateKey,
		padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
	return `${text}.${signature.toString('base64url')}`;
}

/* The object with another value for a name in front of its own, which most readers let win. */
function twice(object, name, other) {
	return `{${JSON.stringify(name)}:${JSON.stringify(other)},${JSON.stringify(object).slice(1)}`;
}

function signedTexts(parts, key) {
	const text = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
	return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`;
}

/* Kinds about header, signature and shape: of ({header, payload, key, keyring}). */
const SHAPES = {
	'alg-none': ({ header, payload }) => unsigned({ ...header, alg: 'none' }, payload),
	'alg-none-mixed-case': ({ header, payload }) => unsigned({ ...header, alg: 'nOnE' }, payload),
	'no-signature': ({ header, payload }) => unsigned(header, payload),
	'hs256-with-public-key': ({ header, payload, key }) => hmacSigned({ ...header,
		alg: 'HS256' }, payload, key.publicKey.export({ type: 'spki', format: 'pem' })),
	rs512: ({ header, payload, key }) => assemble({ ...header, alg: 'RS512' }, payload, key,
		'sha512'),
	ps256: ({ header, payload, key }) => pssSigned({ ...header, alg: 'PS256' }, payload, key),
	'ps256-called-rs256': ({ header, payload, key }) => pssSigned(header, payload, key),
	'bad-signature': async ({ header, payload }) => assemble(header, payload, await attacker()),
	'tampered-payload': async ({ header, payload, key }) => {
		const [head, , signature] = (await assemble(header, payload, key)).split('.');
		return `${head}.${b64json({ ...payload, oid: randomUUID() })}.${signature}`;
	},
	'wrong-kid': ({ header, payload, key }) => assemble({ ...header,
		kid: 'kid-that-nobody-ever-published' }, payload, key),
	'no-kid': ({ header, payload, key }) => assemble(without(header, ['kid']), payload, key),
	'wrong-typ': ({ header, payload, key }) => assemble({ ...header, typ: 'dpop+jwt' },
		payload, key),
	'jwk-header': async ({ header, payload }) => {
		const key = await attacker();
		return assemble({ ...header, kid: key.kid, jwk: key.jwk }, payload, key);
	},
	'jku-header': async ({ header, payload }) => {
		const key = await attacker();
		return assemble({ ...header, kid: key.kid, jku: 'http://127.0.0.1:9/keys' }, payload,
			key);
	},
	'foreign-cloud-key': ({ header, payload, keyring }) => signedBy(header, payload,
		keyring.foreignCloud()),
	'tenant-bound-key': ({ header, payload, keyring }) => signedBy(header, payload,
		keyring.tenantBound()),
	'id-token': ({ header, payload, key }) => assemble(header, { ...without(payload,
		ID_TOKEN_DROPS), nonce: randomUUID() }, key),
	'array-payload': ({ header, payload, key }) => assemble(header, [payload], key),
	'twice-oid': ({ header, payload, key }) => signedTexts([JSON.stringify(header),
		twice(payload, 'oid', randomUUID())], key),
	'twice-typ': ({ header, payload, key }) => signedTexts([twice(header, 'typ', header.typ),
		JSON.stringify(payload)], key),
	garbage: () => 'not.a.token',
	'two-parts': async ({ header, payload, key }) => (await assemble(header, payload, key))
		.split('.').slice(0, 2).join('.'),
	'five-parts': async (parts) => `${await assemble(parts.header, parts.payload, parts.key)}.e.e`,
	'padded-base64': async (parts) => `${await assemble(parts.header, parts.payload, parts.key)}==`,
};

async function signedBy(header, payload, makingKey) {
	const key = await makingKey;
	return assemble({ ...header, kid: key.kid }, payload, key);
}

/* Every kind that mintHostile knows. */
export const hostileKinds = [...Object.keys(CLAIMS), ...Object.keys(SHAPES)];

/* A token of the given kind; options as for a user token (user, version, scp, expiresIn). */
export async function mintHostile(entra, keyring, kind, options = {}) {
	const { version = 2, scp = 'access_as_user' } = options;
	const key = await keyring.current;
	const header = userHeader(key.kid, version);
	const payload = userClaims(entra, options);
	if (CLAIMS[kind]) {
		const facts = { url: entra.url, tenantId: entra.tenantId, clientId: entra.clientId,
			graphAudience: entra.graphAudience, scp };
		return assemble(header, { ...payload, ...CLAIMS[kind](facts) }, key);
	}
	if (!SHAPES[kind])
		throw new Error(`unknown hostile kind "${kind}"; one of: ${hostileKinds.join(' ')}`);
	return SHAPES[kind]({ header, payload, key, keyring });
}
