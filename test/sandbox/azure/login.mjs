/*
 * login.microsoftonline.com towards the Azure CLI: the documents that it reads and the token endpoint, for whoever signs
 * in.  Its tokens say who and for what; nobody checks a signature here.
 */
import { randomUUID } from 'node:crypto';
import { refuse } from './refusal.mjs';

const HOSTS = /^(login\.microsoftonline\.com|login\.microsoftonline\.us|login\.chinacloudapi\.cn|login\.partner\.microsoftonline\.cn)$/;
const LIFE_S = 3600;
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (claims) => `${part({ typ: 'JWT', alg: 'RS256', kid: 'played' })}.${part(claims)}.cGxheWVk`;

/* The claims of the question's token.  Refused as ARM does: no token, or one for another audience. */
export function readToken({ headers }, audience) {
	const [, payload] = /^Bearer [^.]+\.([^.]+)\.[^.]+$/.exec(headers.authorization ?? '') ?? refuse(401, 'AuthenticationFailed', 'Authentication failed. The \'Authorization\' header is missing.');
	const claims = JSON.parse(Buffer.from(payload, 'base64url'));
	if (!audience.test(claims.aud)) refuse(401, 'InvalidAuthenticationTokenAudience', `The access token has been obtained for wrong audience or resource '${claims.aud}'.`);
	return claims;
}

function configuration({ host, params: { tenant } }) {
	const at = (path) => `https://${host}/${tenant}${path}`;
	return { body: { issuer: at('/v2.0'), authorization_endpoint: at('/oauth2/v2.0/authorize'), token_endpoint: at('/oauth2/v2.0/token'),
		device_authorization_endpoint: at('/oauth2/v2.0/devicecode'), jwks_uri: at('/discovery/v2.0/keys'), tenant_region_scope: 'EU' } };
}

/* Who signs in: {claims, username}. */
function identityOf(azure, form) {
	if (azure.userType === 'user')
		return { appid: AZURE_CLI, oid: azure.userId, idtyp: 'user', upn: azure.userName, name: 'A Developer', scp: 'user_impersonation' };
	return { appid: form.get('client_id'), oid: azure.principalId, idtyp: 'app' };
}

function idToken(azure, form) {
	const now = Math.floor(Date.now() / 1000);
	return sign({ aud: form.get('client_id'), iss: `https://login.microsoftonline.com/${azure.tenantId}/v2.0`, iat: now, nbf: now, exp: now + LIFE_S,
		name: 'A Developer', oid: azure.userId, preferred_username: azure.userName, sub: azure.userId, tid: azure.tenantId, ver: '2.0' });
}

/* The audience of a scope such as https://management.core.windows.net//.default. */
const audienceOf = (scopes) => {
	const named = scopes.split(' ').find((one) => !['openid', 'profile', 'offline_access', 'email'].includes(one)) ?? 'https://management.core.windows.net//.default';
	return named.replace(/\/[^/]*$/, '');
};

function token(azure, { bytes }) {
	const form = new URLSearchParams(bytes.toString());
	const grant = form.get('grant_type');
	if (azure.userType !== 'user' && grant !== 'client_credentials') refuse(400, 'invalid_grant', 'AADSTS50034: The user account does not exist in the directory.');
	const now = Math.floor(Date.now() / 1000);
	const access = sign({ aud: audienceOf(form.get('scope') ?? ''), iss: `https://sts.windows.net/${azure.tenantId}/`, tid: azure.tenantId, iat: now, nbf: now, exp: now + LIFE_S,
		uti: randomUUID(), ...identityOf(azure, form) });
	azure.tokens.push({ grant, scope: form.get('scope'), client: form.get('client_id'), assertion: form.get('client_assertion') });
	const user = azure.userType === 'user' ? { scope: form.get('scope'), refresh_token: 'SECRET-refresh', id_token: idToken(azure, form),
		client_info: part({ uid: azure.userId, utid: azure.tenantId }) } : {};
	return { body: { token_type: 'Bearer', expires_in: LIFE_S, ext_expires_in: LIFE_S, access_token: access, ...user } };
}

const deviceCode = ({ host }) => ({ body: { user_code: 'PLAYED', device_code: 'played-device-code', verification_uri: `https://${host}/device`,
	expires_in: 900, interval: 0, message: 'The played Azure signs you in at once.' } });

export function service(azure) {
	Object.assign(azure, { userId: '0b6e3a52-8f0d-4c7b-9d1e-2a4f5c6b7d80', userName: 'dev@contoso.example', principalId: '9d2f4c6e-1a3b-4d5c-8e7f-0a1b2c3d4e5f', tokens: [] });
	return {
		hosts: HOSTS,
		form: ({ code, message }) => ({ error: code, error_description: message, error_codes: [], trace_id: randomUUID(), correlation_id: randomUUID() }),
		routes: [
			['GET', '/{tenant}/v2.0/.well-known/openid-configuration', configuration],
			['GET', '/{tenant}/discovery/v2.0/keys', () => ({ body: { keys: [] } })],
			['POST', '/{tenant}/oauth2/v2.0/devicecode', deviceCode],
			['POST', '/{tenant}/oauth2/v2.0/token', (question) => token(azure, question)],
		],
	};
}
