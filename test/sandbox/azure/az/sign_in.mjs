/*
 * az login, az account show and az account get-access-token.
 */
import { cloudShown, keep, kept } from './cloud.mjs';
import { Failure } from './failure.mjs';

const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const host = () => cloudShown().endpoints.activeDirectory;
const post = (path, fields) => fetch(`${host()}/${path}`, { method: 'POST', body: new URLSearchParams(fields) });

async function granted(tenant, fields) {
	const response = await post(`${tenant}/oauth2/v2.0/token`, fields);
	const answer = await response.json();
	if (answer.error === 'authorization_pending') return granted(tenant, fields);
	if (!response.ok) throw new Failure(answer.error_description);
	return answer;
}

async function byDeviceCode(say) {
	const scope = `${cloudShown().endpoints.activeDirectoryResourceId}/.default offline_access openid profile`;
	const flow = await (await post('organizations/oauth2/v2.0/devicecode', { client_id: AZURE_CLI, scope })).json();
	say(flow.message);
	const { refresh_token: refresh, id_token: identity } = await granted('organizations', { grant_type: DEVICE_GRANT, client_id: AZURE_CLI, device_code: flow.device_code });
	const { tid, preferred_username: name } = JSON.parse(Buffer.from(identity.split('.')[1], 'base64url'));
	return { type: 'user', name, tenant: tid, refresh };
}

/* A token for a scope, of who is kept: a service principal's is kept too, as the real az does. */
async function tokenFor({ type, name, tenant, refresh, secret, assertion }, scope) {
	if (type === 'user') return granted(tenant, { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token: refresh, scope: `${scope} offline_access openid profile` });
	const { tokens = {} } = kept();
	if (tokens[scope]) return tokens[scope];
	const proof = secret ? { client_secret: secret } : { client_assertion: assertion, client_assertion_type: ASSERTION_TYPE };
	const token = await granted(tenant, { grant_type: 'client_credentials', client_id: name, scope, ...proof });
	keep({ tokens: { ...tokens, [scope]: token } });
	return token;
}

async function arm(who, path) {
	const { access_token: token } = await tokenFor(who, `${cloudShown().endpoints.activeDirectoryResourceId}/.default`);
	const response = await fetch(`${cloudShown().endpoints.resourceManager.replace(/\/$/, '')}${path}?api-version=2022-12-01`, { headers: { authorization: `Bearer ${token}` } });
	const answer = await response.json();
	if (!response.ok) throw new Failure(`(${answer.error.code}) ${answer.error.message}`);
	return answer.value;
}

/* Only a user sees what the tenant is called. */
async function accountOf(who) {
	const tenants = who.type === 'user' ? await arm(who, '/tenants') : [];
	const [{ subscriptionId: id, displayName: name, state, managedByTenants }] = await arm(who, '/subscriptions');
	const its = tenants.find(({ tenantId }) => tenantId === who.tenant);
	return { environmentName: kept().cloud, homeTenantId: who.tenant, id, isDefault: true, managedByTenants, name, state,
		...(its && { tenantDefaultDomain: its.defaultDomain, tenantDisplayName: its.displayName }), tenantId: who.tenant, user: { name: who.name, type: who.type } };
}

export async function signIn({ 'service-principal': principal, username, password, 'federated-token': assertion, tenant, say }) {
	const who = principal ? { type: 'servicePrincipal', name: username, tenant, secret: password, assertion } : await byDeviceCode(say);
	keep({ tokens: {} });
	const account = await accountOf(who);
	keep({ who, account });
	const { environmentName: cloudName, ...rest } = account;
	return [{ cloudName, ...rest }];
}

function signedIn() {
	const { who, account } = kept();
	if (!who) throw new Failure("Please run 'az login' to setup account.");
	return { who, account };
}

export const accountShown = () => signedIn().account;

export function setSubscription({ subscription }) {
	if (signedIn().account.id !== subscription) throw new Failure(`The subscription of '${subscription}' doesn't exist in cloud '${kept().cloud}'.`);
}

/* A token of the resource, or of the scope: {value, expiresOnS}. */
export async function tokenValue({ resource, scope }) {
	const wanted = scope ?? `${resource ?? cloudShown().endpoints.activeDirectoryResourceId}/.default`;
	const { access_token: value, expires_in: lifeS } = await tokenFor(signedIn().who, wanted);
	return { value, expiresOnS: Math.floor(Date.now() / 1000) + lifeS };
}

const two = (number) => String(number).padStart(2, '0');
const local = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.000000`;

export async function tokenOf(options) {
	const { value, expiresOnS } = await tokenValue(options);
	const { id, tenantId } = signedIn().account;
	return { accessToken: value, expiresOn: local(new Date(expiresOnS * 1000)), expires_on: expiresOnS, subscription: id, tenant: tenantId, tokenType: 'Bearer' };
}
