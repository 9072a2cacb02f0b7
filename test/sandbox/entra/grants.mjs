/*
 * Authorization codes and refresh tokens, and the token endpoint's judgement of the two grants that
 * redeem them.  The platform of the redirect URI that the person came back by decides how the
 * client must prove itself.
 */
import { createHash, randomBytes } from 'node:crypto';
import { DEFAULT_CHALLENGE, Refusal } from './answers.mjs';
import { stepsUp } from './authorize.mjs';
import { need, sameText } from './token_endpoint.mjs';
import { readScope } from './scopes.mjs';

const CODE_LIFE_S = 600;
const REFRESH_LIFE_S = 90 * 86_400;
const SPA_REFRESH_LIFE_S = 86_400;
const SECRET_BYTES = { code: 640, refresh: 960 };	/* Entra's are as long */

const opaque = (bytes) => `1.AXoA${randomBytes(bytes).toString('base64url')}`;

function checkOrigin(platform, origin) {
	if (platform === 'spa' && origin === undefined)
		throw new Refusal(9002327);
	if (platform !== 'spa' && origin !== undefined)
		throw new Refusal(9002326);
}

/* A public client must not send a secret; once it did, its code is used up. */
function checkProof({ platform }, application, form) {
	const { client_secret, client_assertion } = form;
	if (platform !== 'web') {
		if (client_secret !== undefined || client_assertion !== undefined)
			throw new Refusal(700025);
		return;
	}
	if (!client_secret)
		throw new Refusal(7000218);
	if (application.secret === undefined || !sameText(client_secret, application.secret))
		throw new Refusal(7000215);
}

function checkVerifier({ challenge }, { code_verifier: verifier }) {
	if (!challenge)
		return;
	if (!verifier)
		throw new Refusal(50148);
	const sent = challenge.method === 'plain' ? verifier
		: createHash('sha256').update(verifier).digest('base64url');
	if (!sameText(sent, challenge.value))
		throw new Refusal(501481);
}

export class Grants {
	#codes = new Map();
	#refresh = new Map();
	#revoked = new Map();	/* oid -> when */
	#aheadMs = 0;

	constructor(directory) {
		this.directory = directory;
	}

	reset() {
		[this.#codes, this.#refresh, this.#revoked].forEach((kept) => kept.clear());
		this.#aheadMs = 0;
	}

	/* Codes and refresh tokens get older by this, without anybody waiting. */
	age(seconds) {
		this.#aheadMs += seconds * 1000;
	}

	/* All refresh tokens of a user so far end, as after a new password. */
	revoke(user) {
		this.#revoked.set(user.oid, this.#now());
	}

	/* A code for a person who has signed in: {application, redirectUri, platform, user, scope,
	 * challenge, nonce, resource, mfa, sid}. */
	issueCode(grant) {
		const code = opaque(SECRET_BYTES.code);
		this.#codes.set(code, { ...grant, endsMs: this.#now() + CODE_LIFE_S * 1000, used: false });
		return code;
	}

	/* A refresh token; a single-page application's ends when the first of its line does. */
	issueRefresh(grant) {
		const token = opaque(SECRET_BYTES.refresh);
		const lifeMs = (grant.platform === 'spa' ? SPA_REFRESH_LIFE_S : REFRESH_LIFE_S) * 1000;
		const endsMs = (grant.platform === 'spa' && grant.lineEndsMs) || this.#now() + lifeMs;
		this.#refresh.set(token, { ...grant, endsMs, lineEndsMs: endsMs, sinceMs: this.#now(), used: false });
		return token;
	}

	/* What the code or refresh token in a form stands for; undefined for any other. */
	named({ code, refresh_token } = {}) {
		return this.#codes.get(code) ?? this.#refresh.get(refresh_token);
	}

	/* Judges a redemption: {application, user, scope, mfa, sid, ...}, or throws a Refusal. */
	judge(form, origin) {
		const application = this.directory.find(need(form, 'client_id'));
		if (!application)
			throw new Refusal(700016, `Identifier '${form.client_id}'.`);
		const isCode = form.grant_type === 'authorization_code';
		const grant = isCode ? this.#redeemCode(application, form, origin)
			: this.#redeemRefresh(application, form, origin);
		const scope = this.#scopeOf(grant, form, isCode);
		this.#checkPolicies(grant, scope, form);
		grant.used = true;
		const oidc = grant.scope?.oidc ?? scope.oidc;
		return { ...grant, scope, oidc, kept: { ...grant, scope: grant.scope ?? scope } };
	}

	#redeemCode(application, form, origin) {
		const grant = this.#codes.get(need(form, 'code'));
		if (!grant || grant.application !== application)
			throw new Refusal(70000, 'The provided value for the input parameter \'code\' is not valid.');
		if (grant.used)
			throw new Refusal(54005);
		if (grant.endsMs <= this.#now())
			throw new Refusal(70008);
		this.#proved(grant, application, form, origin);
		if (need(form, 'redirect_uri') !== grant.redirectUri)
			throw new Refusal(500112);
		checkVerifier(grant, form);
		return grant;
	}

	#redeemRefresh(application, form, origin) {
		const grant = this.#refresh.get(need(form, 'refresh_token'));
		if (!grant || grant.application !== application)
			throw new Refusal(70000, 'The provided value for the input parameter \'refresh_token\' is not valid.');
		if (grant.endsMs <= this.#now())
			throw new Refusal(700082);
		if (grant.sinceMs <= this.#revoked.get(grant.user.oid)
			|| (grant.used && this.directory.switches.usedRefreshToken === 'refused'))
			throw new Refusal(50173);
		this.#proved(grant, application, form, origin);
		return grant;
	}

	#proved(grant, application, form, origin) {
		checkOrigin(grant.platform, origin);
		try {
			checkProof(grant, application, form);
		} catch (refusal) {
			grant.used ||= refusal.code === 700025;
			throw refusal;
		}
	}

	/* What was asked at authorize (or granted before), unless the request names its own scope. */
	#scopeOf(grant, form, isCode) {
		const { directory } = this;
		const { application, user } = grant;
		const asked = form.scope?.trim();
		if (!asked)
			return this.#scopeBefore(grant, form, isCode);
		const scope = readScope(directory, application, form);
		if (scope.resources > 1)
			throw new Refusal(28000);
		if (directory.missing(application, scope.asked, user).length > 0)
			throw new Refusal(65001);
		return scope;
	}

	#scopeBefore({ application, scope }, { resource }, isCode) {
		if (!scope)
			throw new Refusal(70011, 'The scope is missing.');
		if (!isCode && scope.permissions.some((one) => one.resource === application))
			throw new Refusal(90009);
		if (resource !== undefined && scope.permissions.some(({ prefix }) => prefix !== resource))
			throw new Refusal(9010010);
		return scope;
	}

	#checkPolicies({ user, mfa }, { permissions }, form) {
		const resource = permissions[0]?.resource ?? this.directory.graph;
		if ((stepsUp(form) || this.directory.wantsMfa(user, resource)) && !mfa)
			throw new Refusal(50076, '', { claims: DEFAULT_CHALLENGE });
	}

	#now() {
		return Date.now() + this.#aheadMs;
	}
}
