/*
 * What clients are told before they sign in, by the gateway and by the handler: one document, and one
 * scope, which Entra knows whatever the registration's identifier URIs are.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MCP_CLIENT_ID } from '../../sandbox/entra/directory.mjs';
import { send, startAlone, use } from '../stage/fixture.mjs';
import { GATEWAY_URL, LOGIN, RESOURCE, startPolicies } from '../stage/policies_stage.mjs';

const PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];
const byId = (clientId) => `api://${clientId}/access_as_user`;
const byAddress = () => `${RESOURCE}/access_as_user`;

/* [where, settings of both, the scope] */
const WAYS = [
	['with the MCP address as an identifier URI', {}, byAddress],
	['said outright', { MCP_IDENTIFIER: 'yes' }, byAddress],
	['without it', { MCP_IDENTIFIER: 'no' }, byId],
	['with a public client', { MCP_CLIENT_ID }, byId],
	['with a public client and without the identifier URI', { MCP_CLIENT_ID, MCP_IDENTIFIER: 'no' }, byId],
];

const scopeOf = ({ status, headers }) => {
	assert.equal(status, 401);
	return /\bscope="([^"]*)"/.exec(headers['www-authenticate'])[1];
};

for (const [where, settings, scope] of WAYS) {
	suite(where, () => {
		const gateway = use(() => startPolicies({ settings }));
		const handler = use(() => startAlone({ env: { TENANT_ID: gateway().entra.tenantId, CLIENT_ID: gateway().entra.clientId, CLIENT_SECRET: 's',
			APIM_GATEWAY_URL: GATEWAY_URL, AUTHORITY_HOST: LOGIN, GRAPH_BASE_URL: 'https://graph.microsoft.us', ...settings } }));
		const asked = async (path, options) => [await gateway().ask(path, options), await send(handler().url + path, options)];

		for (const path of PATHS) {
			test(`the gateway's ${path} is byte for byte the handler's`, async () => {
				const [ours, its] = await asked(path, { headers: { origin: 'https://any.example' } });
				assert.equal(ours.text, its.text);
				for (const name of ['content-type', 'cache-control', 'access-control-allow-origin']) assert.equal(ours.headers[name], its.headers[name], name);
				assert.deepEqual(ours.json.scopes_supported, [scope(gateway().entra.clientId)]);
			});
		}

		test('the challenges of both name its scope', async () => {
			for (const answer of await asked('/mcp', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }))
				assert.equal(scopeOf(answer), scope(gateway().entra.clientId));
		});
	});
}
