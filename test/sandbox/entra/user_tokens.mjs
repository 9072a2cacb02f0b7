/*
 * Access tokens for our API as Entra issues them, versions 1.0 and 2.0, and the raw JWT assembly
 * beneath them.  Assembly is by hand because a library refuses to make most malformed tokens.
 */
import { createHash, randomBytes, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { requireUser } from './users.mjs';

const signAsync = promisify(sign);

/* Visual Studio Code, a client that people really sign in with. */
export const DEFAULT_CALLER = 'aebc6443-996d-45c2-90f0-388ff96faa56';

export const b64json = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const nowSeconds = () => Math.floor(Date.now() / 1000);
export const newUti = () => randomBytes(16).toString('base64url');

/* A compact JWT over any header and payload, signed RSASSA-PKCS1-v1_5 with key.  Members that
 * are undefined are left out, as JSON does. */
export async function assemble(header, payload, key, hash = 'sha256') {
	const signed = `${b64json(header)}.${b64json(payload)}`;
	const signature = await signAsync(hash, Buffer.from(signed), key.privateKey);
	return `${signed}.${signature.toString('base64url')}`;
}

/* The pairwise subject: stable for one user and one application. */
export function subject(user, clientId) {
	return createHash('sha256').update(`${user.oid}|${clientId}`).digest('base64url');
}

/* How the person signed in, as far as a token says: version 1 always does, version 2 only after
 * multi-factor. */
const methods = (mfa) => mfa ? ['pwd', 'mfa'] : ['pwd'];

function commonClaims(entra, user, { scp, expiresIn }) {
	const now = nowSeconds();
	return { iat: now, nbf: now, exp: now + expiresIn, aio: newUti(), name: user.name,
		oid: user.oid, rh: `1.AAAA${newUti()}.`, scp, sid: randomUUID(),
		sub: subject(user, entra.clientId), tid: user.tid, uti: newUti(),
		...(user.idp ? { idp: user.idp } : {}) };
}

function claimsV1(entra, user, options) {
	const name = user.kind === 'guest' ? user.mail : user.username;
	return { aud: `api://${entra.clientId}`, iss: `${entra.v1IssuerHost}/${user.tid}/`,
		...commonClaims(entra, user, options), acr: '1', amr: methods(options.mfa ?? true),
		appid: options.caller, appidacr: options.proof, ipaddr: '203.0.113.7',
		...(user.surname ? { family_name: user.surname } : {}),
		...(user.givenName ? { given_name: user.givenName } : {}),
		...(user.kind === 'guest' ? { email: user.mail } : { upn: name }),
		unique_name: name, ver: '1.0' };
}

function claimsV2(entra, user, options) {
	return { aud: entra.clientId, iss: `${entra.url}/${user.tid}/v2.0`,
		...commonClaims(entra, user, options), ...(options.mfa ? { amr: methods(true) } : {}),
		azp: options.caller, azpacr: options.proof,
		preferred_username: user.kind === 'guest' ? user.mail : user.username, ver: '2.0' };
}

/* The claims of a valid token; version 1 or 2.  caller: the client it was issued to, which proved
 * itself with nothing ("0") or a secret ("1"); mfa: whether the person did more than a password. */
export function userClaims(entra, options = {}) {
	const { user = 'adele', version = 2, scp = 'access_as_user', expiresIn = 3600,
		caller = DEFAULT_CALLER, proof = '0', mfa } = options;
	if (version !== 1 && version !== 2)
		throw new Error('version must be 1 or 2');
	const make = version === 1 ? claimsV1 : claimsV2;
	return make(entra, requireUser(entra.users, user), { scp, expiresIn, caller, proof, mfa });
}

/* The header of a valid token; only version 1 carries x5t. */
export function userHeader(kid, version = 2) {
	return { typ: 'JWT', alg: 'RS256', ...(version === 1 ? { x5t: kid } : {}), kid };
}

/* A signed user token; claims and header override, and an undefined value there deletes.
 * key: a name known to Keyring.named, or nothing for the key in use. */
export async function mintUserToken(entra, keyring, options = {}) {
	const { version = 2, claims = {}, header = {}, key } = options;
	const signer = await (key ? keyring.named(key) : keyring.current);
	return assemble({ ...userHeader(signer.kid, version), ...header },
		{ ...userClaims(entra, options), ...claims }, signer);
}

/* An id token for the client that asked for "openid" (OpenID Connect Core 1.0, section 2). */
export async function mintIdToken(entra, keyring, { user, clientId, oidc, nonce, expiresIn = 3600 }) {
	const now = nowSeconds();
	const key = await keyring.current;
	return assemble(userHeader(key.kid), { aud: clientId, iss: `${entra.url}/${user.tid}/v2.0`, iat: now,
		nbf: now, exp: now + expiresIn, nonce, oid: user.oid, rh: `1.AAAA${newUti()}.`,
		sub: subject(user, clientId), tid: user.tid, uti: newUti(), ver: '2.0',
		...(oidc.includes('email') && user.mail ? { email: user.mail } : {}),
		...(oidc.includes('profile') ? { name: user.name, preferred_username: user.username } : {}) }, key);
}
