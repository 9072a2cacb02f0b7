/*
 * Signing in the whole way: client, gateway with the rendered policies, Functions host that insists on
 * its key, the real handler, and a person at Entra's pages; from 401 to a profile, and a refresh.
 */
import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { CIMD, DoorClient, assertOAuthError, basic } from '../stage/door.mjs';
import { challengeOf, send, use } from '../stage/fixture.mjs';
import { modernMessage } from '../stage/mcp.mjs';
import { FUNCTION_KEY, GATEWAY_URL, ORIGIN, RESOURCE, startPolicies } from '../stage/policies_stage.mjs';

const proxied = use(() => startPolicies({ real: 'proxying', door: true }));
const forwarded = use(() => startPolicies({ real: 'forwarding', door: true }));
beforeEach(() => Promise.all([proxied().fresh(), forwarded().fresh()]));

const call = (path, name, token) => {
	const { message, headers } = modernMessage('tools/call', { name, arguments: {} });
	return path().ask('/mcp', { method: 'POST', token, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(message) });
};
const profileOf = ({ json, text }) => {
	assert.ok(json.result?.structuredContent, text);
	return json.result.structuredContent.id;
};

/* What a client learns from the 401 on, each address asked at the gateway: {scope, server}. */
async function discover(path) {
	const at = (url) => {
		assert.ok(url.startsWith(`${GATEWAY_URL}/`), url);
		return path().ask(url.slice(GATEWAY_URL.length));
	};
	const challenge = challengeOf(await call(path, 'me'));
	const { json: { resource, authorization_servers: [issuer] } } = await at(challenge.resource_metadata);
	assert.deepEqual([resource, issuer], [RESOURCE, GATEWAY_URL]);
	const { json: server } = await at(`${issuer}/.well-known/oauth-authorization-server`);
	assert.equal(server.issuer, issuer);
	assert.deepEqual([server.authorization_endpoint, server.token_endpoint, server.registration_endpoint],
		['authorize', 'token', 'register'].map((name) => `${GATEWAY_URL}/oauth/${name}`));
	return { scope: challenge.scope, server };
}

for (const [mode, path] of [['proxying', proxied], ['forwarding', forwarded]]) {
	suite(`under a host that is ${mode}`, () => {
		const KINDS = { 'a registered client': async () => ({ clientId: (await new DoorClient(path()).register(
			{ redirect_uris: ['http://127.0.0.1:3334/callback'] })).json.client_id }), 'a client with an address for its id': async () => ({ clientId: CIMD }) };
		for (const [what, clientOf] of Object.entries(KINDS)) {
			test(`${what} goes from 401 to the user's profile, and on after a refresh`, async () => {
				const { entra } = path();
				const { scope } = await discover(path);
				const client = new DoorClient(path(), await clientOf());
				const answer = await client.redeem(await client.code({ resource: RESOURCE, scope }), { resource: RESOURCE });
				assert.equal(answer.status, 200, answer.text);
				const { access_token: token, refresh_token: refresh } = answer.json;
				assert.equal(profileOf(await call(path, 'me', token)), entra.users.adele.oid);
				assert.equal((await path().ask('/me', { token })).json.id, entra.users.adele.oid);
				const again = await client.refresh(refresh, { resource: RESOURCE });
				assert.equal(again.status, 200, again.text);
				assert.equal(profileOf(await call(path, 'me', again.json.access_token)), entra.users.adele.oid);
			});
		}

		test('who is locked out by Conditional Access for Graph alone signs in anew for the scope that the challenge names', async () => {
			const { entra } = path();
			const client = new DoorClient(path());
			const { access_token: token } = (await client.redeem(await client.code())).json;
			entra.directory.requireMfa({ at: 'exchange' });
			const refused = await call(path, 'me', token);
			assert.equal(refused.status, 403, refused.text);
			const { error, scope } = challengeOf(refused);
			assert.equal(error, 'insufficient_scope');
			const again = await client.redeem(await client.code({ scope }));
			assert.equal(profileOf(await call(path, 'me', again.json.access_token)), entra.users.adele.oid);
		});

		test('a client that names itself by HTTP Basic is known', async () => {
			const client = new DoorClient(path());
			const answer = await client.redeem(await client.code(), { client_id: undefined }, basic(CIMD, ''));
			assert.equal(answer.status, 200, answer.text);
			assertOAuthError(await client.refresh('r', { client_id: undefined }, basic('somebody', 'x')), 401, 'invalid_client');
		});

		test('the handler\'s errors and its page arrive as they are', async () => {
			const client = new DoorClient(path());
			assertOAuthError(await client.token({ grant_type: 'password' }), 400, 'unsupported_grant_type');
			assertOAuthError(await client.authorize({ redirect_uri: 'https://evil.example/cb' }), 400, 'invalid_redirect_uri');
			const page = await client.authorize({ redirect_uri: 'https://evil.example/cb' }, { accept: 'text/html' });
			assert.deepEqual([page.status, page.headers['content-type']], [400, 'text/html; charset=utf-8']);
			assert.match(page.headers['content-security-policy'], /; sandbox$/);
			assertOAuthError(await client.redeem('c', {}, { origin: 'https://evil.example' }), 403, 'access_denied');
		});

		test('the documents are byte for byte the handler\'s own', async () => {
			const { ask, backend } = path();
			for (const name of ['oauth-authorization-server', 'openid-configuration', 'oauth-protected-resource']) {
				const headers = { origin: ORIGIN, 'x-functions-key': FUNCTION_KEY };
				const [ours, its] = [await ask(`/.well-known/${name}`, { headers }), await send(`${backend.url}/.well-known/${name}`, { headers })];
				assert.deepEqual([ours.status, ours.text], [200, its.text]);
				for (const field of ['content-type', 'cache-control', 'access-control-allow-origin']) assert.equal(ours.headers[field], its.headers[field], field);
			}
		});
	});
}
