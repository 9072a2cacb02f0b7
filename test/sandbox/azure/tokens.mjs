/*
 * The tokens of the played Azure: they say who and for what, and nobody checks a signature.  The signature
 * begins as every secret of the double does, so that a test finds a token where none may be.
 */
import { randomUUID } from 'node:crypto';
import { refuse } from './refusal.mjs';

export const TOKEN_LIFE_S = 3600;

/* What every tenant has a token for, in the three clouds. */
const SERVICES = new RegExp(`^https://(${[
	String.raw`management\.(core\.windows\.net|azure\.com|core\.usgovcloudapi\.net|usgovcloudapi\.net|core\.chinacloudapi\.cn|chinacloudapi\.cn)`,
	String.raw`graph\.microsoft\.(com|us)|microsoftgraph\.chinacloudapi\.cn`,
	String.raw`vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)`,
	String.raw`storage\.azure\.com|appservice\.azure\.com`,
].join('|')})/?$`, 'i');

export const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const sign = (claims) => `${part({ typ: 'JWT', alg: 'RS256', kid: 'played' })}.${part(claims)}.SECRET-${randomUUID()}`;

export function lifetime() {
	const now = Math.floor(Date.now() / 1000);
	return { iat: now, nbf: now, exp: now + TOKEN_LIFE_S };
}

export const claimsOf = (jwt) => {
	try {
		return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
	} catch {
		return undefined;
	}
};

/* The claims of the question's token.  Refused as ARM does: no token, or one for another audience; challenge: what
 * WWW-Authenticate says then. */
export function readToken({ headers }, audience, challenge) {
	const more = challenge && { headers: { 'www-authenticate': challenge } };
	const claims = claimsOf(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
		?? refuse(401, 'AuthenticationFailed', 'Authentication failed. The \'Authorization\' header is missing.', more);
	if (!audience.test(claims.aud)) refuse(401, 'InvalidAuthenticationTokenAudience', `The access token has been obtained for wrong audience or resource '${claims.aud}'.`, more);
	return claims;
}

/* A token of Azure's own services for them; who: the claims that name somebody. */
export function mintToken(azure, resource, who) {
	if (!SERVICES.test(resource))
		refuse(400, 'invalid_resource', `AADSTS500011: The resource principal named ${resource} was not found in the tenant named Contoso.`);
	return sign({ aud: resource, iss: `https://sts.windows.net/${azure.tenantId}/`, tid: azure.tenantId, uti: randomUUID(), ver: '1.0', ...lifetime(), ...who });
}
