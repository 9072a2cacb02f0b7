/*
 * The handler as it is deployed, at an address that clients can be given: below the Functions host, which
 * insists on its key, behind the gateway's emulator over the rendered policies.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startIdentity } from '../../sandbox/entra/federation.mjs';
import { DEFAULT_CALLER } from '../../sandbox/entra/user_tokens.mjs';
import { renderPolicies, startEmulator } from '../../sandbox/gateway/gateway.mjs';
import { startHosted } from './fixture.mjs';

const LOGIN = 'https://login.microsoftonline.com';
const KEY = 'function-key-of-the-sandbox';

/* Into a folder of its own. */
function rendered(env, host) {
	const apim = mkdtempSync(join(tmpdir(), 'behind-gateway-'));
	const { TENANT_ID, CLIENT_ID, MCP_CLIENT_ID, APIM_GATEWAY_URL, GRAPH_SCOPE, ALLOWED_ORIGINS, ALLOWED_CLIENT_IDS } = env;
	const clients = [DEFAULT_CALLER, ...(ALLOWED_CLIENT_IDS?.split(',') ?? [])];
	renderPolicies({ out: apim, clients, settings: { TENANT_ID, CLIENT_ID, MCP_CLIENT_ID, APIM_GATEWAY_URL, GRAPH_SCOPE, ALLOWED_ORIGINS,
		FUNCTION_APP_URL: host.url, KEY_VAULT_URL: 'https://sandbox.vault.azure.net' } });
	return apim;
}

/* As startHosted, but that url and port are the gateway's.  env: with MCP_CLIENT_ID and, for
 * APIM_GATEWAY_URL, the address at that port; entra: the sandbox's. */
export async function startBehindGateway({ port, env, entra, mode = 'proxying' }) {
	const identity = await startIdentity({ entra });
	entra.trustFederation(identity.federation());
	const host = await startHosted({ mode, keys: KEY, env });
	const apim = rendered(env, host);
	const gateway = await startEmulator({ apim, env: { IDENTITY: identity.header, KEY },
		args: ['--port', String(port), '--backend', `functions=${host.url}`, '--login', entra.url, '--map', `${LOGIN}=${entra.url}`,
			'--identity', identity.url, '--identity-header', 'env:IDENTITY', '--secret', 'function-key=env:KEY'] });
	const { stop } = host;
	return Object.assign(host, { url: gateway.url, async stop() {
		await gateway.stop();
		await stop.call(host);
		await identity.close();
		rmSync(apim, { recursive: true });
	} });
}
