/*
 * The official SDK clients, version 1 and version 2 in each way it finds the era, over HTTP and
 * stdio: they connect, list, call with their own check of every result against its schema, and are
 * led by a 401 to where a token is to be had.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertAllTools } from '../../endpoint_table.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { assertHealthy, binary, startAlone, startHosted, startSandbox, use } from '../stage/fixture.mjs';
import { FLAVOURS, SDK2, negotiating } from '../stage/sdk.mjs';

const INFO = { name: 'sdk test', version: '1' };

const sandbox = await startSandbox({ delegated: ['User.Read', 'User.Read.All'] }); /* the second is the manager's */
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph, env } = sandbox;
const token = await entra.mintUserToken();

const alone = use(() => startAlone({ env, keeps: sandbox }));
const forwarded = use(() => startHosted({ env, mode: 'forwarding' }));
const bearer = { requestInit: { headers: { authorization: `Bearer ${token}` } } };
const overHttp = (handler) => (sdk, options = bearer) =>
	new sdk.Http(new URL(`${handler().url}/mcp`), options);

/* What the handler writes to its standard error, for a sanitizer's report. */
const logs = [];
function overStdio(sdk) {
	const transport = new sdk.Stdio({ command: binary, args: ['--stdio'], stderr: 'pipe',
		env: { ...env, ACCESS_TOKEN: token } });
	transport.stderr?.on('data', (text) => logs.push({ text: `${text}` }));
	return transport;
}
after(() => assertHealthy(logs));

const TRANSPORTS = { http: overHttp(alone), 'http under a host': overHttp(forwarded),
	stdio: overStdio };

async function connected(t, sdk, options, transport) {
	const client = new sdk.Client(INFO, options);
	await client.connect(transport);
	t.after(() => client.close());
	return client;
}

for (const [where, transportOf] of Object.entries(TRANSPORTS)) {
	for (const [name, sdk, options, era] of FLAVOURS)
		describe(`${name} over ${where}`, () => { works(sdk, options, era, transportOf); });
}

function works(sdk, options, era, transportOf) {
	const open = (t) => connected(t, sdk, options, transportOf(sdk));

	test('finds the era, the server\'s name and its tools', async (t) => {
		const client = await open(t);
		assert.equal(client.getProtocolEra?.() ?? 'legacy', era);
		assert.equal(client.getNegotiatedProtocolVersion?.() ?? '2025-11-25',
			era === 'modern' ? '2026-07-28' : '2025-11-25');
		assert.equal(client.getServerVersion().name, 'graph-mcp-handler');
		assert.deepEqual(client.getServerCapabilities(), { tools: {} });
		assert.match(client.getInstructions(), /Microsoft Graph/);
		const { tools } = await client.listTools();
		assertAllTools(tools);
		assert.equal(entra.counts.token + graph.requests.length, 0);
	});

	test('calls every tool, and finds each result to be what its schema says', async (t) => {
		const client = await open(t);
		const { tools } = await client.listTools(); /* from here on it checks results */
		const call = async (name, args) => {
			const { structuredContent, content, isError } =
				await client.callTool({ name, arguments: args });
			assert.ok(!isError, JSON.stringify(content));
			assert.deepEqual(JSON.parse(content[0].text), structuredContent);
			return structuredContent;
		};
		assert.deepEqual(await call('hello', { name: 'Zoë 雪' }), { message: 'Hello, Zoë 雪!' });
		assert.deepEqual(await call('echo', { text: 'a\n"b"' }), { text: 'a\n"b"' });
		assert.deepEqual((await call('tools', {})).tools, JSON.parse(JSON.stringify(tools)));
		const me = await call('me', { select: ['displayName', 'mail'], include: ['manager'] });
		assert.deepEqual([me.displayName, me.manager.id], ['Adele Vance', entra.users.zoe.oid]);
		const { user } = (await call('status', {})).authentication;
		assert.equal(user.objectId, entra.users.adele.oid);
	});

	test('sees the photo as an image', async (t) => {
		const { content } = await (await open(t)).callTool({ name: 'me',
			arguments: { include: ['photo'] } });
		assert.deepEqual(content[1], { type: 'image', mimeType: 'image/jpeg',
			data: entra.users.adele.photo });
	});

	test('tells bad arguments and failures from unknown tools', async (t) => {
		const client = await open(t);
		for (const [name, args, text] of [['echo', {}, /text/], ['hello', { x: 1 }, /x/],
			['me', { include: ['calendar'] }, /photo/]]) {
			const { isError, content } = await client.callTool({ name, arguments: args });
			assert.equal(isError, true);
			assert.match(content[0].text, text);
		}
		graph.fail({ kind: 'forbidden', times: Infinity });
		const { isError, content } = await client.callTool({ name: 'me', arguments: {} });
		assert.equal(isError, true);
		assert.equal(JSON.parse(content[1].text).error.code, 'graph_forbidden');
		await assert.rejects(client.callTool({ name: 'nobody', arguments: {} }), { code: -32602 });
	});

	test('pings where the era has it', async (t) => {
		const client = await open(t);
		if (era === 'legacy')
			assert.deepEqual(await client.ping(), {});
		else
			await assert.rejects(client.ping());
	});

	test('gets each of many answers for the call that it is for', async (t) => {
		const client = await open(t);
		const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
		const answers = await Promise.all(texts.map((text) =>
			client.callTool({ name: 'echo', arguments: { text } })));
		assert.deepEqual(answers.map(({ structuredContent }) => structuredContent.text), texts);
	});
}

/* A sign-in as far as the browser: what the SDK knows, and where it sends the user. */
function signIn() {
	const provider = { sent: [], token: undefined,
		redirectUrl: 'http://localhost:33418/callback',
		clientMetadata: { client_name: 'test', redirect_uris: ['http://localhost:33418/callback'] },
		clientInformation: () => ({ client_id: 'aebc6443-996d-45c2-90f0-388ff96faa56' }),
		tokens: () => provider.token && { access_token: provider.token, token_type: 'Bearer' },
		saveTokens() {},
		saveCodeVerifier(verifier) { provider.verifier = verifier; },
		codeVerifier: () => provider.verifier,
		redirectToAuthorization(url) { provider.sent.push(url); } };
	return provider;
}

describe('a 401 leads to the sign-in', async () => {
	/* The address that clients are given is the handler's own. */
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const handler = use(() => startAlone({ port, env: { ...env, APIM_GATEWAY_URL: url } }));
	const doorPort = await freePort();
	const doorUrl = `http://127.0.0.1:${doorPort}`;
	const door = use(() => startAlone({ port: doorPort, env: { ...env,
		APIM_GATEWAY_URL: doorUrl, MCP_CLIENT_ID: '5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50' } }));
	const ways = [['Entra\'s metadata', handler, { page: `${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`,
		scope: `${url}/mcp/access_as_user` }],
	['the door', door, { page: `${doorUrl}/oauth/authorize`, scope: `api://${entra.clientId}/access_as_user` }]];

	for (const [name, sdk, options, era] of FLAVOURS) {
		for (const [what, server, expected] of ways) {
			test(`${name}, by ${what}`, async (t) => {
				const provider = signIn();
				const endpoint = `${server().url}/mcp`;
				const transport = () => new sdk.Http(new URL(endpoint), { authProvider: provider });
				await assert.rejects(new sdk.Client(INFO, options).connect(transport()),
					sdk.Unauthorized);
				const [page, ...more] = provider.sent;
				assert.deepEqual(more, []);
				assert.equal(page.origin + page.pathname, expected.page);
				const { resource, scope, response_type: type, client_id: id,
					code_challenge_method: method } = Object.fromEntries(page.searchParams);
				assert.deepEqual([resource, scope.split(' ')[0], type, id, method],
					[endpoint, expected.scope, 'code',
						'aebc6443-996d-45c2-90f0-388ff96faa56', 'S256']);
				provider.token = token;
				const client = await connected(t, sdk, options, transport());
				assert.equal(client.getProtocolEra?.() ?? 'legacy', era);
				const { structuredContent } = await client.callTool({ name: 'me' });
				assert.equal(structuredContent.id, entra.users.adele.oid);
			});
		}

		test(`${name}, without a provider, is told of the 401`, async () => {
			const transport = new sdk.Http(new URL(`${handler().url}/mcp`));
			await assert.rejects(new sdk.Client(INFO, options).connect(transport),
				/401|nauthorized|missing_token/);
		});
	}
});

describe('missing consent', () => {
	for (const mode of ['auto', { pin: '2026-07-28' }]) {
		test(`is asked for by a modern client that can open a page: ${JSON.stringify(mode)}`,
			async (t) => {
				entra.fail({ kind: 'consent_required', times: Infinity });
				const fresh = await entra.mintUserToken();
				const asked = [];
				const client = new SDK2.Client(INFO, { ...negotiating(mode),
					capabilities: { elicitation: { url: {} } } });
				client.setRequestHandler('elicitation/create', ({ params }) => {
					asked.push(params);
					return { action: 'decline' };
				});
				await client.connect(TRANSPORTS.http(SDK2,
					{ requestInit: { headers: { authorization: `Bearer ${fresh}` } } }));
				t.after(() => client.close());
				const { isError, content } = await client.callTool({ name: 'me', arguments: {} });
				assert.equal(isError, true);
				const { error } = JSON.parse(content[1].text);
				assert.equal(error.code, 'consent_required');
				assert.deepEqual(asked.map(({ mode: how, url }) => [how, url]),
					[['url', error.consentUrl]]);
			});
	}
});
