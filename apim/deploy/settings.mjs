/*
 * The settings of the gateway and the handler, as the steps before found them out.
 */
import { readPreauth, withPublicClient } from '../preauth.mjs';
import { checkSettings, givenSettings } from '../settings.mjs';
import { Stop } from './run.mjs';

/* What ../settings.mjs checks: the environment's, and what is known by now. */
export function gatewaySettings({ known, cloud, account }) {
	const given = givenSettings();
	return { ...given, LOGIN_HOST: given.LOGIN_HOST || cloud.login, GRAPH_HOST: given.GRAPH_HOST || new URL(cloud.graph).host,
		TENANT_ID: account.tenantId, CLIENT_ID: known.CLIENT_ID, MCP_CLIENT_ID: known.MCP_CLIENT_ID, MCP_IDENTIFIER: known.MCP_IDENTIFIER,
		APIM_GATEWAY_URL: known.APIM_GATEWAY_URL, FUNCTION_APP_URL: known.FUNCTION_APP_URL, KEY_VAULT_URL: known.KEY_VAULT_URL };
}

/* The same, checked and with what follows from them. */
export function checkedSettings(it) {
	const { all, problems } = checkSettings(gatewaySettings(it));
	if (problems.length) throw new Stop(problems.join('\n'));
	return all;
}

/* The app settings that are ours; empty: there is to be none. */
export function handlerSettings(it) {
	const all = checkedSettings(it);
	const { clients, problems } = withPublicClient(readPreauth(it.options.PREAUTH), all.MCP_CLIENT_ID);
	if (problems.length) throw new Stop(problems.join('\n'));
	const secret = all.OBO_CREDENTIAL === 'secret';
	return {
		TENANT_ID: all.TENANT_ID, CLIENT_ID: all.CLIENT_ID, MCP_CLIENT_ID: all.MCP_CLIENT_ID, APIM_GATEWAY_URL: all.APIM_GATEWAY_URL,
		AUTHORITY_HOST: `https://${all.LOGIN_HOST}`, GRAPH_BASE_URL: `https://${all.GRAPH_HOST}`,
		GRAPH_SCOPE: all.GRAPH_SCOPE, REQUIRED_SCOPE: all.REQUIRED_SCOPE, ...(all.MCP_IDENTIFIER && { MCP_IDENTIFIER: all.MCP_IDENTIFIER }),
		ALLOWED_CLIENT_IDS: clients.map(({ appId }) => appId).join(','),
		ALLOWED_ORIGINS: all.ALLOWED_ORIGINS.join(','),
		GRAPH_TOOLS: all.GRAPH_TOOLS.join(','), GRAPH_TOOLS_WRITE: all.GRAPH_TOOLS_WRITE === 'true' ? 'true' : '',
		CONFIRM_WRITES: all.CONFIRM_WRITES === 'true' ? 'true' : '', WRITE_RECIPIENT_DOMAINS: all.WRITE_RECIPIENT_DOMAINS.join(','),
		CLIENT_SECRET: secret ? `@Microsoft.KeyVault(SecretUri=${all.KEY_VAULT_URL}/secrets/client-secret)` : '',
		MANAGED_IDENTITY: secret ? '' : 'system',
	};
}
