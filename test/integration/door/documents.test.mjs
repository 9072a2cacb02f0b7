/* What clients read before they sign in, and how they are registered, alone and in the three modes of the host. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { challengeOf, during, send, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { DoorClient, assertOAuthError, doorEnv, modes } from '../stage/door.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra } = sandbox;
const env = doorEnv(sandbox);
const ISSUER = env.APIM_GATEWAY_URL;
const SCOPE = `api://${entra.clientId}/access_as_user`;
const METADATA = { issuer: ISSUER, authorization_endpoint: `${ISSUER}/oauth/authorize`,
	token_endpoint: `${ISSUER}/oauth/token`, registration_endpoint: `${ISSUER}/oauth/register`,
	scopes_supported: [SCOPE], response_types_supported: ['code'], response_modes_supported: ['query'],
	grant_types_supported: ['authorization_code', 'refresh_token'],
	token_endpoint_auth_methods_supported: ['none', 'client_secret_post', 'client_secret_basic'],
	code_challenge_methods_supported: ['S256'], client_id_metadata_document_supported: true,
	jwks_uri: `${entra.url}/${entra.tenantId}/discovery/v2.0/keys`, subject_types_supported: ['pairwise'],
	id_token_signing_alg_values_supported: ['RS256'] };
const codexPath = (server) => createHash('sha256').update(server).digest().subarray(0, 9).toString('base64url');

for (const [mode, start] of Object.entries(modes(env)))
	describe(mode, () => { documents(start); });

function documents(start) {
	const handler = use(start);
	const register = (...args) => new DoorClient(handler()).register(...args);

	test('authorization server and OpenID metadata are one, at every address that clients try', async () => {
		for (const path of ['oauth-authorization-server', 'oauth-authorization-server/api', 'openid-configuration',
			'openid-configuration/api', 'oauth-authorization-server/']) {
			for (const method of ['GET', 'HEAD']) {
				const answer = await send(`${handler().url}/.well-known/${path}`,
					{ method, headers: { origin: 'https://anybody.example' } });
				assert.equal(answer.status, 200, path);
				assert.deepEqual([answer.headers['access-control-allow-origin'],
					answer.headers['access-control-allow-credentials']], ['*', undefined]);
				assert.deepEqual(method === 'HEAD' ? METADATA : answer.json, METADATA);
			}
		}
	});

	test('the challenge and the resource metadata name the door and a scope that Entra has', async () => {
		const challenge = challengeOf(await send(`${handler().url}/mcp`, { method: 'POST', body: '{}',
			headers: { 'content-type': 'application/json', 'content-length': 2 } }));
		assert.deepEqual([challenge.scope, challenge.authorization_uri], [SCOPE, `${ISSUER}/oauth/authorize`]);
		const { json } = await send(`${handler().url}/.well-known/oauth-protected-resource/api/mcp`);
		assert.deepEqual([json.authorization_servers, json.scopes_supported], [[ISSUER], [SCOPE]]);
	});

	test('the challenge of /me, which is for clients that know Entra, names it', async () => {
		const { authorization_uri: uri } = challengeOf(await handler().ask('/me'));
		assert.equal(uri, `${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`);
	});

	test('every client is registered as the public one, with the addresses that it may come back to', async () => {
		const asked = ['http://127.0.0.1/', 'http://127.0.0.1:33418/', 'https://vscode.dev/redirect',
			'https://insiders.vscode.dev/redirect', 'http://localhost:6274/oauth/callback', 'http://[::1]:1/callback',
			`http://127.0.0.1:5/callback/${codexPath(`${ISSUER}/mcp`)}`, `http://127.0.0.1:5/callback/${codexPath(`${ISSUER}/mcp/`)}`];
		const answer = await register({ redirect_uris: [...asked, 'cursor://anysphere.cursor-mcp/oauth/callback',
			'https://evil.example/cb', `http://127.0.0.1:5/callback/${codexPath('https://evil.example/mcp')}`],
		client_name: 'A <b>client</b>', token_endpoint_auth_method: 'client_secret_post', application_type: 'native' });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.headers['cache-control'], 'no-store');
		assert.deepEqual(answer.json, { client_id: entra.directory.mcp.clientId, client_name: 'A <b>client</b>', redirect_uris: asked,
			token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'],
			response_types: ['code'], scope: SCOPE });
	});

	test('a registration that leads nowhere, or is none, is refused in its own words', async () => {
		for (const metadata of [{}, { redirect_uris: [] }, { redirect_uris: ['https://evil.example/cb'] }, { redirect_uris: 'x' }])
			assertOAuthError(await register(metadata), 400, 'invalid_redirect_uri');
		for (const text of ['[]', '{', 'redirect_uris=x', '"x"'])
			assertOAuthError(await register(text), 400, 'invalid_client_metadata');
		assertOAuthError(await register('{}', { 'content-type': 'text/plain' }), 415, 'invalid_request');
		assertOAuthError(await register(`{"a":"${'a'.repeat(70_000)}"}`), 413, 'invalid_request');
	});
}

test('without MCP_CLIENT_ID there is no door', async (t) => {
	const plain = await during(t, startAlone({ env: { ...env, MCP_CLIENT_ID: undefined } }));
	const client = new DoorClient(plain);
	assertOAuthError(await client.authorize(), 404, 'invalid_request');
	assertOAuthError(await client.redeem('c'), 404, 'invalid_request');
	assertOAuthError(await client.register({}), 404, 'invalid_request');
	for (const name of ['oauth-authorization-server', 'openid-configuration'])
		assert.equal((await send(`${plain.url}/.well-known/${name}`)).status, 404);
	const { json } = await send(`${plain.url}/.well-known/oauth-protected-resource`);
	assert.deepEqual(json.authorization_servers, [`${entra.url}/${entra.tenantId}/v2.0`]);
});

test('without complete settings the door says so as OAuth does', async (t) => {
	const bare = await during(t, startAlone({ env: {} }));
	const answer = assertOAuthError(await new DoorClient(bare).redeem('c'), 503, 'temporarily_unavailable');
	assert.match(answer.headers['retry-after'], /^\d+$/);
});

test('a client id that is the API\'s own is an error at start', async (t) => {
	const wrong = await during(t, startAlone({ env: { ...env, MCP_CLIENT_ID: env.CLIENT_ID.toUpperCase() } }));
	await until(() => wrong.lines.some(({ text }) => text.includes('event=not_configured ')));
	const warned = wrong.lines.filter(({ text }) => text.includes('event=setting '));
	assert.deepEqual(warned.map(({ text }) => / name=(\w+) /.exec(text)[1]), ['MCP_CLIENT_ID']);
});

test('the public client counts as allowed beside ALLOWED_CLIENT_IDS', async (t) => {
	const strict = await during(t, startAlone({ env: { ...env, ALLOWED_CLIENT_IDS: '0b5f7c1d-2a64-4c39-9f08-6d1e7a3b5c42' } }));
	const client = new DoorClient(strict);
	const { access_token: token } = (await client.redeem(await client.code())).json;
	assert.equal((await strict.ask('/me', { token })).status, 200);
	assert.equal((await strict.ask('/me', { token: await entra.mintUserToken() })).status, 403);
});
