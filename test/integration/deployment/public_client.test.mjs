/* The registration that MCP clients share: what a deployment makes of it, and how one more redirect URI gets there. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { deployed, desk, inOrder } from '../stage/az_desk.mjs';

const PUBLIC_URIS = ['http://localhost/', 'http://localhost/callback', 'http://localhost/oauth/callback', 'http://localhost/mcp/oauth/callback',
	...['', '/'].map((end) => (resource) => `http://localhost/callback/${createHash('sha256').update(resource + end).digest().subarray(0, 9).toString('base64url')}`),
	'https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback', 'https://vscode.dev/redirect',
	'https://insiders.vscode.dev/redirect', 'https://www.cursor.com/agents/mcp/oauth/callback'];
const urisOf = (resource) => PUBLIC_URIS.map((one) => (typeof one === 'string' ? one : one(resource)));

suite('the registration that MCP clients share', () => {
	test('has all redirect URIs on the one platform, this API\'s scope and offline_access, nothing else, and is known to the gateway and the handler', async (t) => {
		const { state } = await deployed(t, {});
		const { apps: [api, client], settings } = state;
		assert.deepEqual(client.publicClient.redirectUris, urisOf(`${settings.APIM_GATEWAY_URL}/mcp`));
		assert.deepEqual([client.isFallbackPublicClient, client.web.redirectUris, client.spa.redirectUris], [false, [], []]);
		assert.deepEqual(client.grants.map(({ scope }) => scope), ['access_as_user', 'offline_access']);
		assert.deepEqual(client.requiredResourceAccess.map((one) => one.resourceAccess.length), [1, 1]);
		assert.equal(client.requiredResourceAccess[0].resourceAppId, api.appId);
		assertKnown(state);
	});

	/* Pre-authorized, and allowed by the gateway and the handler. */
	function assertKnown({ apps: [api, client], settings, resources }) {
		assert.deepEqual(api.api.preAuthorizedApplications.at(-1), { appId: client.appId,
			delegatedPermissionIds: [api.api.oauth2PermissionScopes[0].id] });
		assert.equal(settings.MCP_CLIENT_ID, client.appId);
		assert.ok(settings.ALLOWED_CLIENT_IDS.endsWith(`,${client.appId}`));
		const fragment = Object.entries(resources).find(([path]) => path.endsWith('/policyFragments/signed-in-user'))[1];
		assert.ok(fragment.properties.value.includes(`<application-id>${client.appId}</application-id>`));
	}

	test('keeps what was added to it, and gets what was taken away; may be one that there is under another name', async (t) => {
		const { run, state: { apps: [, client] } } = await deployed(t, {});
		client.displayName = 'Ours';
		const [first, ...rest] = client.publicClient.redirectUris;
		client.publicClient.redirectUris = [...rest, 'https://chatgpt.com/connector/oauth/a1'];
		const { changes } = await run({ MCP_CLIENT_ID: client.appId });
		assert.equal(changes.length, 1);
		assert.deepEqual(client.publicClient.redirectUris, [...rest, 'https://chatgpt.com/connector/oauth/a1', first]);
	});

	test('is not touched where one of its addresses is on another platform, where Entra would want a secret', async (t) => {
		const { run, state: { apps: [, client] } } = await deployed(t, {});
		for (const platform of ['web', 'spa']) {
			client[platform].redirectUris = ['https://claude.ai/api/mcp/auth_callback'];
			const { status, errors, changes } = await run();
			assert.equal(status, 1);
			assert.match(errors, /has redirect URIs under Web or SPA \(https:\/\/claude\.ai\/api\/mcp\/auth_callback\)/);
			assert.deepEqual(changes, []);
			client[platform].redirectUris = [];
		}
	});

	test('is not made where clients sign in at Entra itself', async (t) => {
		const { state: { apps, settings }, first } = await deployed(t, { MCP_SIGN_IN: 'no' });
		assert.deepEqual([apps.length, settings.MCP_CLIENT_ID], [1, undefined]);
		assert.ok(!first.lines.some((line) => line.includes('oauth-authorization-server')));
	});

	test('without the right to consent for all is left to each user', async (t) => {
		const { state: { apps }, first } = await deployed(t, { ADMIN_CONSENT: 'no' });
		assert.deepEqual([apps[1].grants, first.lines.filter((line) => line.includes('admin-consent'))], [undefined, []]);
	});
});

suite('one more redirect URI', () => {
	const URI = 'https://chatgpt.com/connector/oauth/a1';
	const add = (it, uri, more) => it.start('redirect-uri.sh', { URI: uri, ...more });

	/* What is there once it was deployed, as far as this needs it. */
	async function standing(t) {
		const it = await desk(t);
		const client = { appId: '00000000-0000-0000-0004-000000000001', id: '00000000-0000-0000-0005-000000000001',
			publicClient: { redirectUris: ['http://localhost/'] }, web: { redirectUris: [] }, spa: { redirectUris: [] }, api: {} };
		Object.assign(it.azure.state, { functions: { name: 'app' }, settings: { MCP_CLIENT_ID: client.appId } });
		it.azure.state.apps.push(client);
		return { ...it, client, state: it.azure.state };
	}

	test('is added to the registration and then to the handler\'s list, beside those of the default', async (t) => {
		const it = await deployed(t, {});
		const { status, errors, lines } = await add(it, URI);
		assert.equal(status, 0, errors);
		const { apps: [, client], settings } = it.state;
		assert.deepEqual(client.publicClient.redirectUris, [...urisOf(`${settings.APIM_GATEWAY_URL}/mcp`), URI]);
		assert.deepEqual(settings.MCP_REDIRECT_URIS.split(','), [...urisOf('').filter((one) => one.startsWith('https')), URI]);
		inOrder(lines, [/PATCH .*redirect\.json/, /appsettings set/]);
		const { changes } = await it.run();
		assert.deepEqual(changes, [], 'a deployment leaves it there');
	});

	test('is added once, and next to those that were added before', async (t) => {
		const it = await standing(t);
		await add(it, URI);
		assert.deepEqual((await add(it, URI)).changes, []);
		await add(it, 'https://global.consent.azure-apim.net/redirect/b');
		assert.match(it.state.settings.MCP_REDIRECT_URIS, /,https:\/\/chatgpt\.com\/connector\/oauth\/a1,https:\/\/global\.consent\.azure-apim\.net\/redirect\/b$/);
	});

	test('of a client with a registration of its own is added to the handler\'s list alone', async (t) => {
		const it = await standing(t);
		const { status, changes } = await add(it, URI, { REGISTERED: 'yes' });
		assert.deepEqual([status, changes.length, it.client.publicClient.redirectUris], [0, 1, ['http://localhost/']]);
		assert.ok(it.state.settings.MCP_REDIRECT_URIS.endsWith(`,${URI}`));
	});

	test('of this machine is registered as Entra has it: localhost, without a port', async (t) => {
		const it = await standing(t);
		for (const uri of ['http://127.0.0.1:5/own/path', 'http://[::1]:77/own/path', 'http://localhost/own/path'])
			assert.equal((await add(it, uri)).status, 0);
		const added = (list) => list.filter((one) => one.endsWith('/own/path'));
		assert.deepEqual(added(it.client.publicClient.redirectUris), ['http://localhost/own/path']);
		assert.deepEqual(added(it.state.settings.MCP_REDIRECT_URIS.split(',')), ['http://localhost/own/path']);
	});

	test('that nobody may return to, or that a shell or a list would take apart, is refused before any call', async (t) => {
		const it = await desk(t);
		for (const uri of ['http://evil.example/cb', 'https://a.example/?a=b', 'https://a.example/cb,https://b.example/cb', 'https://a@b.example/cb',
			'https://a.example/$(id)', "https://a.example/'", 'https://a.example/#x', 'https://*.example/cb', 'cursor://x/y', 'http://localhost.evil.example/',
			'http://127.0.0.1:0/callback', `https://a.example/${'a'.repeat(256)}`, 'https://a.example/ b', 'https://a.example/\n', '']) {
			const { status, errors, lines } = await add(it, uri);
			assert.deepEqual([status, lines], [1, []], uri);
			assert.match(errors, uri ? /is no address that clients may return to/ : /URI is missing/, uri);
		}
	});

	test('goes to the function app that is named, where there is more than one or none', async (t) => {
		const it = await desk(t);
		const { status, errors } = await add(it, URI);
		assert.equal(status, 1);
		assert.match(errors, /^redirect-uri: There is not one function app in rg-test; say which one is meant with APP\.$/m);
		const named = await add(it, URI, { APP: 'mine' });
		assert.match(named.errors, /MCP_CLIENT_ID of mine is not set/);
		assert.deepEqual(named.changes, []);
	});

	for (const call of ['functionapp list', 'appsettings list', 'ad app show', 'method PATCH', 'appsettings set']) {
		test(`stops where "${call}" fails`, async (t) => {
			const it = await standing(t);
			Object.assign(it.azure, { fail: new RegExp(call) });
			const { status, errors, lines } = await add(it, URI);
			assert.equal(status, 1);
			assert.match(errors, /^redirect-uri: /m);
			assert.match(lines.at(-1), new RegExp(call), 'no call after it');
		});
	}
});
