/*
 * Graph access tokens.  They look like JWTs, but nobody except Graph can check them: the
 * signature covers a header whose nonce is replaced by its SHA-256.  Graph asks here what a
 * token stands for.
 */
import { createHash, randomBytes } from 'node:crypto';
import { assemble, b64json, newUti, nowSeconds, subject } from '../entra/user_tokens.mjs';

const KEPT = 50_000;

function graphClaims(entra, user, { scopes, expiresIn }) {
	const now = nowSeconds();
	return { aud: entra.graphAudience, iss: `https://sts.windows.net/${user.tid}/`, iat: now,
		nbf: now, exp: now + expiresIn, acct: user.kind === 'guest' ? 1 : 0, acr: '1',
		aio: newUti(), amr: ['pwd', 'mfa'], app_displayname: 'sandbox',
		appid: entra.clientId, appidacr: '1', idtyp: 'user', ipaddr: '203.0.113.7',
		name: user.name, oid: user.oid, rh: `1.AAAA${newUti()}.`, scp: scopes.join(' '),
		sub: subject(user, entra.graphAudience), tid: user.tid, unique_name: user.username,
		upn: user.username, uti: newUti(), ver: '1.0' };
}

/* Signs with the nonce hashed, then shows the header with the nonce itself. */
async function signLikeGraph(key, payload) {
	const nonce = randomBytes(32).toString('base64url');
	const hashed = createHash('sha256').update(nonce).digest('base64url');
	const header = (shown) => ({ typ: 'JWT', nonce: shown, alg: 'RS256', x5t: key.kid,
		kid: key.kid });
	const [, body, signature] = (await assemble(header(hashed), payload, key)).split('.');
	return `${b64json(header(nonce))}.${body}.${signature}`;
}

/* The Graph tokens one sandbox Entra has issued; the oldest are forgotten first. */
export class GraphTokens {
	#issued = new Map();

	constructor(entra, keyring) {
		this.entra = entra;
		this.keyring = keyring;
	}

	/* claims: the parsed "claims" parameter of the exchange, remembered for Graph. */
	async mint({ user, scopes = ['User.Read'], expiresIn = 3599, assertionUti, claims }) {
		const payload = graphClaims(this.entra, user, { scopes, expiresIn });
		const token = await signLikeGraph(await this.keyring.current, payload);
		this.#issued.set(token, { user, scopes, exp: payload.exp, assertionUti, claims });
		if (this.#issued.size > KEPT)
			this.#issued.delete(this.#issued.keys().next().value);
		return token;
	}

	/* What a token stands for, expired or not; undefined for any token not issued here. */
	introspect(token) {
		return this.#issued.get(token);
	}

	/* Graph refuses this token from now on, as after a revoked session. */
	revoke(token) {
		return this.#issued.delete(token);
	}
}
