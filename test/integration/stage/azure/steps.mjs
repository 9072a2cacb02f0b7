/*
 * The deployment's steps in the directory, over a played Azure that is asked without the network.
 */
import { randomUUID } from 'node:crypto';
import { credentials } from '../../../../apim/deploy/credentials.mjs';
import { Http } from '../../../../apim/deploy/http.mjs';
import { readOptions } from '../../../../apim/deploy/options.mjs';
import { registration } from '../../../../apim/deploy/registration.mjs';
import { Run } from '../../../../apim/deploy/run.mjs';
import { mintToken } from '../../../sandbox/azure/tokens.mjs';
import { asApplication, asUser, fetching, played } from '../azure_client.mjs';

export const GATEWAY_URL = 'https://graph-mcp-a1b2c3.azure-api.net';
export const RESOURCE = `${GATEWAY_URL}/mcp`;
export const IDENTITIES = { gatewayIdentity: '7e4d5c36-2f18-4b09-a7d1-0c9b8a7f6e51', functionsIdentity: '8f5e6d47-3029-4c1a-b8e2-1dac9b807f62' };
const VAULT = 'https://vault-1.vault.azure.net';
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const OPTIONS = ['RG', 'NAME', 'MCP_IDENTIFIER', 'MCP_SIGN_IN', 'MCP_CLIENT_ID', 'ADMIN_CONSENT', 'CLIENT_ID', 'PREAUTH', 'TRIES', 'WAIT_S'];

/* A vault that who deploys may write to. */
async function makeVault({ azure, ask, P }, oid) {
	const vault = `${P}/Microsoft.KeyVault/vaults/vault-1`;
	await ask('PUT', `${vault}?api-version=2023-07-01`, { location: 'westeurope', properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true } });
	await ask('PUT', `${vault}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
		{ properties: { roleDefinitionId: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${OFFICER}`, principalId: oid } });
}

/* What the steps take, as those before them left it; settings: of the function app, from an earlier deployment; graphPermissions: of its tools;
 * name: the gateway's, by which deployments differ. */
function taken({ azure, env, whatIf, who, settings, gateway, said, graphPermissions, name = 'graph-mcp-a1b2c3' }) {
	const run = new Run({ options: readOptions({ RG: 'rg', PREAUTH: 'apim/preauth.example.json', TRIES: '5', WAIT_S: '0', ...env }, OPTIONS), whatIf, print: (text) => said.push(text) });
	const http = new Http(run, { send: fetching(azure), token: async (audience) => ({ value: mintToken(azure, audience, who), endsMs: Date.now() + 3_600_000 }) });
	const cloud = { graph: 'https://graph.microsoft.com', login: 'login.microsoftonline.com', vaultAudience: 'https://vault.azure.net' };
	Object.assign(run.known, { ...IDENTITIES, APIM_GATEWAY_URL: GATEWAY_URL, KEY_VAULT_URL: VAULT, graphPermissions, siteId: '/site', vaultId: '/vault' });
	return { run, http, cloud, options: run.options, known: run.known, account: { tenantId: azure.tenantId }, names: { gateway: name, vault: 'vault-1', site: 'site' },
		settings: () => ({ LOGIN_HOST: cloud.login, ...gateway }), arm: { isToBeMade: (path) => whatIf || (path === '/site' && !settings), reading: async () => ({ properties: settings }) } };
}

/* {azure, said: all words, take(env, {whatIf, settings, gateway, graphPermissions, name}): takes the steps and returns what they take; writes(): those since the last asking;
 * apps(): the registrations}.  as: who deploys, 'user' or 'app'. */
export async function directory(t, { as = 'user', ...options } = {}) {
	const it = await played(t, options);
	const { azure } = it;
	const who = as === 'user' ? asUser(azure) : asApplication(azure.client.oid);
	await makeVault(it, who.oid);
	const said = [];
	let seen = azure.writes.length;
	return { azure, said, who,
		async take(env = {}, { steps = [registration, credentials], ...more } = {}) {
			const one = taken({ azure, env, who, said, ...more });
			for (const step of steps) await step(one);
			return one;
		},
		writes() {
			const since = azure.writes.slice(seen);
			seen = azure.writes.length;
			return since;
		},
		apps: () => azure.directory.resources('applications'),
		app: (name) => azure.directory.resources('applications').find(({ displayName }) => displayName === name) };
}
