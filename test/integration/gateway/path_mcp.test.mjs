/*
 * /mcp the whole way: the official SDK clients of both versions and eras, gateway with the rendered
 * policies, Functions host, the real handler.  The clients know the gateway by its public address and
 * Entra by its own; a fetch of ours leads both to their doubles.
 */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { assertAllTools } from '../../endpoint_table.mjs';
import { use } from '../stage/fixture.mjs';
import { modernMessage } from '../stage/mcp.mjs';
import { GATEWAY_URL, LOGIN, METADATA, ORIGIN, RESOURCE, SCOPE, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';
import { FLAVOURS } from '../stage/sdk.mjs';

const proxied = use(() => startPolicies({ real: 'proxying' }));
const forwarded = use(() => startPolicies({ real: 'forwarding' }));
beforeEach(() => Promise.all([proxied().fresh(), forwarded().fresh()]));

/* What leads the public addresses to the doubles, and remembers the gateway's answers. */
function leading({ url, entra }) {
	const answers = [];
	const ofGateway = (text) => text.startsWith(`${GATEWAY_URL}/`);
	/* Metadata says where Entra is; its double says the double's address. */
	const publicEntra = async (answer) => new Response((await answer.text()).replaceAll(entra.url, LOGIN), answer);
	return { answers, async fetch(target, options) {
		const text = String(target);
		const answer = await fetch(text.replace(GATEWAY_URL, url).replace(LOGIN, entra.url), options);
		if (!ofGateway(text)) return answer.ok ? publicEntra(answer) : answer;
		answers.push({ status: answer.status, headers: Object.fromEntries(answer.headers) });
		return answer;
	} };
}

async function connected(t, { sdk, options, ...transport }) {
	const client = new sdk.Client({ name: 'path test', version: '1' }, options);
	await client.connect(new sdk.Http(new URL(RESOURCE), transport));
	t.after(() => client.close());
	return client;
}

for (const [mode, path] of [['proxying', proxied], ['forwarding', forwarded]]) {
	for (const [name, sdk, options, era] of FLAVOURS) {
		test(`${name}, under a host that is ${mode}, connects, lists and calls with a user's token`, async (t) => {
			const { entra, graph } = path();
			const { fetch, answers } = leading(path());
			const authorization = `Bearer ${await entra.mintUserToken()}`;
			const client = await connected(t, { sdk, options, fetch, requestInit: { headers: { authorization } } });
			assert.equal(client.getProtocolEra?.() ?? 'legacy', era);
			assertAllTools((await client.listTools()).tools);
			const text = `Zoë "雪" ${'x'.repeat(100_000)}`;
			assert.equal((await client.callTool({ name: 'echo', arguments: { text } })).structuredContent.text, text);
			const calls = Array.from({ length: 5 }, () => client.callTool({ name: 'me', arguments: {} }));
			for (const { structuredContent } of await Promise.all(calls)) assert.equal(structuredContent.id, entra.users.adele.oid);
			assert.deepEqual([entra.counts.token, graph.counts.me], [1, 5], 'the handler exchanges, once');
			for (const answer of answers) assertGuarded(answer);
		});
	}
}

/* A sign-in as far as the browser: what the SDK knows, and where it sends the user. */
function signIn() {
	const provider = { sent: [], token: undefined, redirectUrl: 'http://localhost:33418/callback',
		clientMetadata: { client_name: 'test', redirect_uris: ['http://localhost:33418/callback'] },
		clientInformation: () => ({ client_id: 'aebc6443-996d-45c2-90f0-388ff96faa56' }),
		tokens: () => provider.token && { access_token: provider.token, token_type: 'Bearer' },
		saveTokens() {},
		saveCodeVerifier(verifier) { provider.verifier = verifier; },
		codeVerifier: () => provider.verifier,
		redirectToAuthorization(url) { provider.sent.push(url); } };
	return provider;
}

for (const [name, sdk, options] of FLAVOURS) {
	test(`${name} is led by the gateway's 401 and metadata to the sign-in, and works after it`, async (t) => {
		const { entra } = proxied();
		const { fetch } = leading(proxied());
		const authProvider = signIn();
		await assert.rejects(connected(t, { sdk, options, fetch, authProvider }), sdk.Unauthorized);
		const [page, ...more] = authProvider.sent;
		assert.deepEqual(more, []);
		assert.equal(page.origin + page.pathname, `${LOGIN}/${entra.tenantId}/oauth2/v2.0/authorize`);
		const { resource, scope, code_challenge_method: method } = Object.fromEntries(page.searchParams);
		assert.deepEqual([resource, scope.split(' ')[0], method], [RESOURCE, SCOPE, 'S256']);
		authProvider.token = await entra.mintUserToken();
		const client = await connected(t, { sdk, options, fetch, authProvider });
		assert.equal((await client.callTool({ name: 'hello', arguments: { name: 'A' } })).structuredContent.message, 'Hello, A!');
	});
}

describe('/mcp', () => {
	const post = async (name, { headers = {}, ...options } = {}) => {
		const { message, headers: own } = modernMessage('tools/call', { name, arguments: {} });
		return proxied().ask('/mcp', { method: 'POST', headers: { 'content-type': 'application/json', ...own, ...headers },
			body: JSON.stringify(message), ...options });
	};

	test("the handler sees the user's own token and answers in that user's name", async () => {
		const { entra } = proxied();
		for (const user of ['adele', 'zoe']) {
			const answer = await post('me', { token: await entra.mintUserToken({ user }) });
			assertGuarded(answer);
			assert.equal(answer.json.result.structuredContent.id, entra.users[user].oid, answer.text);
		}
	});

	test('what Entra and Graph refuse to the handler reaches the client as the handler says it', async () => {
		const { entra, graph } = proxied();
		entra.fail({ kind: 'interaction_required' });
		const refused = await post('me', { token: await entra.mintUserToken() });
		assertRefused(refused, 401, 'insufficient_claims');
		assert.match(refused.headers['www-authenticate'], /error="insufficient_claims".*claims="[A-Za-z0-9+/=]+"/);
		assert.ok(refused.headers['www-authenticate'].includes(`resource_metadata="${METADATA}"`));
		graph.fail({ kind: 'forbidden' });
		const told = await post('me', { token: await entra.mintUserToken() });
		assertGuarded(told);
		assert.equal(JSON.parse(told.json.result.content[1].text).error.code, 'graph_forbidden');
	});

	test('an allowed web origin is served, a foreign one refused, with and without a token', async () => {
		const token = await proxied().entra.mintUserToken();
		for (const origin of [ORIGIN, GATEWAY_URL]) {
			const answer = await post('hello', { token, headers: { origin } });
			assert.equal(answer.status, 200, answer.text);
			assert.equal(answer.headers['access-control-allow-origin'], origin);
			assert.match(answer.headers['access-control-expose-headers'], /WWW-Authenticate/);
		}
		for (const given of [token, undefined]) {
			const answer = await post('hello', { token: given, headers: { origin: 'https://evil.example' } });
			assertRefused(answer, 403, 'origin_not_allowed');
			assert.equal(answer.headers['access-control-allow-origin'], undefined);
		}
	});

	test('with a token a GET or DELETE is told that there is no stream and no session, without one how to sign in', async () => {
		const { ask, entra } = proxied();
		const token = await entra.mintUserToken();
		for (const method of ['GET', 'DELETE']) {
			const answer = await ask('/mcp', { method, token });
			assertRefused(answer, 405, 'method_not_allowed');
			assert.equal(answer.headers.allow, 'POST, OPTIONS');
			assertRefused(await ask('/mcp', { method }), 401, 'missing_token');
		}
	});

	test('HEAD is answered as GET is, without a body', async () => {
		const { ask, entra } = proxied();
		for (const token of [await entra.mintUserToken(), undefined]) {
			const [get, head] = [await ask('/mcp', { token }), await ask('/mcp', { method: 'HEAD', token })];
			assert.deepEqual([head.status, head.text], [get.status, '']);
			for (const name of ['allow', 'www-authenticate']) assert.equal(head.headers[name], get.headers[name], name);
		}
	});

	test('a notification is taken without an answer', async () => {
		const { ask, entra } = proxied();
		const answer = await ask('/mcp', { method: 'POST', token: await entra.mintUserToken(), headers: { 'content-type': 'application/json' },
			body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' });
		assert.deepEqual([answer.status, answer.text], [202, '']);
		assertGuarded(answer);
	});
});
