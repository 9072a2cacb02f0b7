/*
 * login.microsoftonline.com towards the Azure CLI: the documents that it reads and the token endpoint, for a user with a
 * device code and for a service principal with a secret or a token of its federation.
 */
import { randomUUID } from 'node:crypto';
import { refuse } from './refusal.mjs';
import { TOKEN_LIFE_S, claimsOf, lifetime, mintToken, part, sign } from './tokens.mjs';

const HOSTS = /^(login\.microsoftonline\.com|login\.microsoftonline\.us|login\.chinacloudapi\.cn|login\.partner\.microsoftonline\.cn)$/;
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const OPENID = ['openid', 'profile', 'offline_access', 'email'];
const EXCHANGE_AUDIENCES = ['api://AzureADTokenExchange', 'api://AzureADTokenExchangeUSGov', 'api://AzureADTokenExchangeChina'];

const invalidGrant = (message) => refuse(400, 'invalid_grant', message);

function configuration(azure, { host, params: { tenant } }) {
	if (!['organizations', 'common', azure.tenantId].includes(tenant))
		refuse(400, 'invalid_tenant', `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`);
	const at = (path) => `https://${host}/${tenant}${path}`;
	return { body: { issuer: at('/v2.0'), authorization_endpoint: at('/oauth2/v2.0/authorize'), token_endpoint: at('/oauth2/v2.0/token'),
		device_authorization_endpoint: at('/oauth2/v2.0/devicecode'), jwks_uri: at('/discovery/v2.0/keys'), tenant_region_scope: 'EU' } };
}

/* The one resource that the scopes of a request are for, and what of it. */
function wantedOf(scope) {
	const named = scope.split(' ').filter((one) => one && !OPENID.includes(one)).map((one) => /^(.+)\/([^/]+)$/.exec(one) ?? refuse(400, 'invalid_scope', `AADSTS70011: The scope ${one} is not valid.`));
	const resources = [...new Set(named.map(([, resource]) => resource))];
	if (resources.length !== 1) refuse(400, 'invalid_request', 'AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource or none.');
	return { resource: resources[0], names: named.map(([, , name]) => name) };
}

/* A token for an API that is registered in the tenant, where the client needs no consent of the user's; undefined: there is none. */
function registeredToken(azure, { resource, names, client }) {
	const { directory } = azure;
	const app = directory?.resources('applications').find(({ identifierUris }) => identifierUris.includes(resource));
	if (!app || !directory.ofApp('servicePrincipals', app.appId)) return undefined;
	const scopes = app.api.oauth2PermissionScopes.filter(({ value, isEnabled }) => isEnabled && names.includes(value));
	if (scopes.length < names.length) invalidGrant(`AADSTS650053: The application asked for scope '${names.join(' ')}' that doesn't exist on the resource '${app.appId}'.`);
	const allowed = app.api.preAuthorizedApplications.find(({ appId }) => appId === client)?.delegatedPermissionIds ?? [];
	if (!scopes.every(({ id }) => allowed.includes(id))) invalidGrant(`AADSTS65001: The user or administrator has not consented to use the application with ID '${client}'.`);
	return sign({ aud: app.appId, iss: `https://login.microsoftonline.com/${azure.tenantId}/v2.0`, tid: azure.tenantId, azp: client, oid: azure.userId, scp: names.join(' '), ver: '2.0', ...lifetime() });
}

async function userToken(azure, scope, client) {
	const { resource, names } = wantedOf(scope);
	const token = await azure.mintUserToken?.({ resource, names, client }) ?? registeredToken(azure, { resource, names, client });
	return token ?? mintToken(azure, resource, { appid: client, oid: azure.userId, idtyp: 'user', upn: azure.userName, name: 'A Developer', scp: 'user_impersonation' });
}

async function userAnswer(azure, scope, client) {
	const access = await userToken(azure, scope, client);
	const refresh = `SECRET-refresh-${randomUUID()}`;
	azure.refreshTokens.add(refresh);
	const identity = sign({ aud: client, iss: `https://login.microsoftonline.com/${azure.tenantId}/v2.0`, ...lifetime(), name: 'A Developer', oid: azure.userId,
		preferred_username: azure.userName, sub: azure.userId, tid: azure.tenantId, ver: '2.0' });
	return { access_token: access, scope, refresh_token: refresh, id_token: identity, client_info: part({ uid: azure.userId, utid: azure.tenantId }) };
}

function byDeviceCode(azure, form) {
	const flow = azure.deviceCodes.get(form.get('device_code')) ?? invalidGrant('AADSTS70000: The provided device code is not valid.');
	if (flow.pending-- > 0) refuse(400, 'authorization_pending', 'AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.');
	azure.deviceCodes.delete(form.get('device_code'));
	return userAnswer(azure, flow.scope, form.get('client_id'));
}

function byRefreshToken(azure, form) {
	if (!azure.refreshTokens.has(form.get('refresh_token'))) invalidGrant('AADSTS9002313: Invalid request. Request is malformed or invalid.');
	return userAnswer(azure, form.get('scope') ?? '', form.get('client_id'));
}

/* A token of the federation: of an issuer, for a subject, that the registration trusts (Entra, workload identity federation). */
function checkAssertion({ federations }, assertion) {
	const claims = claimsOf(assertion) ?? refuse(401, 'invalid_client', 'AADSTS50027: JWT token is invalid or malformed.');
	if (!EXCHANGE_AUDIENCES.includes(claims.aud)) refuse(401, 'invalid_client', `AADSTS700212: No matching federated identity record found for presented assertion audience '${claims.aud}'.`);
	if (!federations.some(({ issuer }) => issuer === claims.iss)) refuse(401, 'invalid_client', `AADSTS700211: No matching federated identity record found for presented assertion issuer '${claims.iss}'.`);
	if (!federations.some(({ issuer, subject }) => issuer === claims.iss && subject === claims.sub))
		refuse(401, 'invalid_client', `AADSTS700213: No matching federated identity record found for presented assertion subject '${claims.sub}'.`);
	if (claims.exp <= Date.now() / 1000) refuse(401, 'invalid_client', 'AADSTS700024: Client assertion is not within its valid time range.');
}

function byClient(azure, form) {
	const id = form.get('client_id');
	const { client } = azure;
	if (id !== client.id) refuse(400, 'unauthorized_client', `AADSTS700016: Application with identifier '${id}' was not found in the directory 'Contoso'.`);
	if (form.has('client_assertion')) checkAssertion(client, form.get('client_assertion'));
	else if (form.get('client_secret') !== client.secret) refuse(401, 'invalid_client', `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${id}'.`);
	const { resource, names } = wantedOf(form.get('scope') ?? '');
	if (names.join() !== '.default') refuse(400, 'invalid_scope', `AADSTS1002012: The provided value for scope ${form.get('scope')} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`);
	return { access_token: mintToken(azure, resource, { appid: id, oid: client.oid, idtyp: 'app' }) };
}

const GRANTS = { 'urn:ietf:params:oauth:grant-type:device_code': byDeviceCode, device_code: byDeviceCode, refresh_token: byRefreshToken, client_credentials: byClient };

async function token(azure, { bytes }) {
	const form = new URLSearchParams(bytes.toString());
	const grant = form.get('grant_type');
	const answer = GRANTS[grant] ?? refuse(400, 'unsupported_grant_type', `AADSTS70003: The app requested an unsupported grant type '${grant}'.`);
	return { body: { token_type: 'Bearer', expires_in: TOKEN_LIFE_S, ext_expires_in: TOKEN_LIFE_S, ...await answer(azure, form) } };
}

function deviceCode(azure, { host, bytes }) {
	const code = `SECRET-device-${randomUUID()}`;
	azure.deviceCodes.set(code, { scope: new URLSearchParams(bytes.toString()).get('scope') ?? '', pending: 1 });
	return { body: { user_code: 'PLAYED', device_code: code, verification_uri: `https://${host}/device`,
		expires_in: 900, interval: 0, message: `To sign in, use a web browser to open the page https://${host}/device and enter the code PLAYED to authenticate.` } };
}

/* What the service gives to the tests: userId and userName; client, the service principal that may sign in ({id, oid, secret, federations: [{issuer,
 * subject}]}); federatedToken(claims), what its workflow would present; principals, the directory's object ids with their types;
 * mintUserToken({resource, names, client}), a test's own tokens for the resources that it knows (undefined: not one of them). */
export function service(azure) {
	Object.assign(azure, { userId: '0b6e3a52-8f0d-4c7b-9d1e-2a4f5c6b7d80', userName: azure.userName ?? 'dev@contoso.example', deviceCodes: new Map(), refreshTokens: new Set(), azureCli: AZURE_CLI,
		client: { id: '11111111-aaaa-4bbb-8ccc-222222222222', oid: '9d2f4c6e-1a3b-4d5c-8e7f-0a1b2c3d4e5f', secret: 'SECRET-of-the-client',
			federations: [{ issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:contoso/graph-mcp:environment:production' }] } });
	azure.principals = new Map([[azure.userId, 'User'], [azure.client.oid, 'ServicePrincipal']]);
	const [{ issuer, subject }] = azure.client.federations;
	azure.federatedToken = (claims) => sign({ iss: issuer, sub: subject, aud: EXCHANGE_AUDIENCES[0], ...lifetime(), ...claims });
	return {
		hosts: HOSTS,
		form: ({ code, message }) => ({ error: code, error_description: message, error_codes: [Number(/^AADSTS(\d+)/.exec(message)?.[1])], trace_id: randomUUID(), correlation_id: randomUUID() }),
		routes: [
			['GET', '/{tenant}/v2.0/.well-known/openid-configuration', (question) => configuration(azure, question)],
			['GET', '/{tenant}/discovery/v2.0/keys', () => ({ body: { keys: [] } })],
			['POST', '/{tenant}/oauth2/v2.0/devicecode', (question) => deviceCode(azure, question)],
			['POST', '/{tenant}/oauth2/v2.0/token', (question) => token(azure, question)],
		],
	};
}
