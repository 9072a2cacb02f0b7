/*
 * Who may call which tool over MCP, and how what Entra and Graph refuse reaches a client: as an HTTP
 * status where clients begin to sign in on it, as a result with isError elsewhere, as a question to
 * the user where consent is missing and the client can ask.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertAllTools } from '../../endpoint_table.mjs';
import { assertError, assertKept, challengeOf, during, send, startAlone, startSandbox, use }
	from '../stage/fixture.mjs';
import { MODERN, assertRpcError, clientOf, failureOf } from '../stage/mcp.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph, env } = sandbox;
const required = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug' }, keeps: sandbox }));
const optional = use(() => startAlone({ env: { ...env, MCP_AUTH: 'optional', LOG_LEVEL: 'debug' },
	keeps: sandbox }));

const SCOPE = 'https://gateway.example/api/mcp/access_as_user';
const fresh = async (options) => clientOf(required(), { token: await entra.mintUserToken(options) });

describe('MCP_AUTH=optional', () => {
	const anonymous = () => clientOf(optional());

	test('without a token everything works but me', async () => {
		assert.equal((await anonymous().modern('server/discover')).status, 200);
		assertAllTools((await anonymous().legacy('tools/list')).json.result.tools);
		for (const call of ['call', 'legacyCall']) {
			for (const [name, args] of [['hello', {}], ['echo', { text: 'x' }], ['tools', {}]])
				assert.equal((await anonymous()[call](name, args)).json.result.isError, false);
			const { authentication } =
				(await anonymous()[call]('status', {})).json.result.structuredContent;
			assert.deepEqual(authentication, { state: 'anonymous' });
			const me = assertError(await anonymous()[call]('me', {}), 401, 'missing_token');
			assert.equal(challengeOf(me).scope, SCOPE);
			assert.equal(challengeOf(me).error, undefined);
		}
	});

	test('a token that is sent must be good, whatever is asked', async () => {
		for (const kind of ['expired', 'foreign-audience', 'graph-audience', 'bad-signature']) {
			const client = clientOf(optional(), { token: await entra.mintHostile(kind) });
			for (const method of ['server/discover', 'tools/list']) {
				const answer = assertError(await client.modern(method), 401, 'invalid_token');
				assert.equal(challengeOf(answer).error, 'invalid_token');
			}
			assertError(await client.call('hello'), 401, 'invalid_token');
		}
		assert.equal(entra.counts.token + graph.requests.length, 0);
	});

	test('a good token calls me', async () => {
		const client = clientOf(optional(), { token: await entra.mintUserToken({ user: 'zoe' }) });
		const { structuredContent } = (await client.call('me')).json.result;
		assert.equal(structuredContent.id, entra.users.zoe.oid);
	});

	test('in a batch me without a token is an error of its own', async () => {
		const call = (id, name) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
		const { status, json } = await anonymous().post([call(1, 'hello'), call(2, 'me')]);
		assert.equal(status, 200);
		assert.deepEqual(json.map(({ id, result }) => [id, result.isError]),
			[[1, false], [2, true]]);
	});
});

/* [what Entra answers an exchange with, status, code] that a client signs in again for. */
const SIGN_IN = [
	[{ kind: 'mfa_no_claims' }, 401, 'interaction_required'],
	[{ kind: 'assertion_expired' }, 401, 'invalid_token'],
];

/* [service, what it answers with, code, status] that the model is told. */
const TOLD = [
	['entra', { kind: 'access_blocked' }, 'access_blocked', 403],
	['entra', { kind: 'expired_secret' }, 'server_configuration', 500],
	['entra', { kind: 'http_429', retryAfter: 7 }, 'throttled', 429],
	['entra', { kind: 'http_503' }, 'upstream_unavailable', 503],
	['entra', { kind: 'consent_required' }, 'consent_required', 403],
	['graph', { kind: 'forbidden' }, 'graph_forbidden', 403],
	['graph', { kind: 'not_found' }, 'not_found', 404],
	['graph', { kind: 'http_500' }, 'graph_error', 502],
	['graph', { kind: 'not_json' }, 'graph_error', 502],
	['graph', { kind: 'close' }, 'upstream_unavailable', 503],
	['graph', { kind: 'throttle', retryAfter: 40 }, 'throttled', 429],
];

describe('failures of Entra and Graph', () => {
	for (const call of ['call', 'legacyCall']) {
		for (const [service, fault, code, status] of TOLD) {
			test(`${call}: "${fault.kind}" of ${service} is told as ${code}`, async () => {
				sandbox[service].fail({ times: Infinity, ...fault });
				const answer = await (await fresh())[call]('me');
				const error = failureOf(answer);
				assert.deepEqual([error.code, error.status], [code, status]);
				assert.equal(error.retryAfterSeconds, fault.retryAfter);
				assert.equal(error.consentUrl !== undefined, code === 'consent_required');
				assert.equal(challengeOf(answer), undefined);
				assert.equal((await required().logOf(answer)).code, code);
			});
		}

		for (const [fault, status, code] of SIGN_IN) {
			test(`${call}: "${fault.kind}" is ${status}, for the client to sign in`, async () => {
				entra.fail({ times: Infinity, ...fault });
				const answer = assertError(await (await fresh())[call]('me'), status, code);
				assert.equal(challengeOf(answer).error, 'invalid_token');
			});
		}

		test(`${call}: a claims challenge of Entra or Graph is passed on`, async () => {
			const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
			entra.fail({ kind: 'interaction_required', claims, times: Infinity });
			const ofEntra = assertError(await (await fresh())[call]('me'), 401,
				'insufficient_claims');
			assert.equal(challengeOf(ofEntra).error, 'insufficient_claims');
			assert.equal(Buffer.from(challengeOf(ofEntra).claims, 'base64').toString(), claims);
			entra.clearFailures();
			graph.fail({ kind: 'raw', status: 401, headers: { 'www-authenticate':
				`Bearer error="insufficient_claims", claims="${Buffer.from(claims)
					.toString('base64')}"` }, body: '', times: Infinity });
			const ofGraph = assertError(await (await fresh())[call]('me'), 401,
				'insufficient_claims');
			assert.equal(Buffer.from(challengeOf(ofGraph).claims, 'base64').toString(), claims);
		});
	}

	test('none of them changes what the other tools answer', async () => {
		entra.fail({ kind: 'http_503', times: Infinity });
		const client = await fresh();
		await client.call('me');
		assert.equal((await client.call('hello')).json.result.isError, false);
		const { upstreams } = (await client.call('status')).json.result.structuredContent;
		assert.equal(upstreams.entraExchange.lastFailure, 'upstream_unavailable');
	});
});

describe('missing consent', () => {
	const meta = { capabilities: { elicitation: { url: {} } } };
	const pageOf = (url) => {
		const page = new URL(url);
		assert.equal(page.origin, entra.url);
		assert.equal(page.searchParams.get('client_id'), entra.clientId);
		assert.equal(page.searchParams.get('prompt'), 'consent');
		return url;
	};

	test('a modern client that can is asked to send its user to the page, once', async () => {
		entra.fail({ kind: 'consent_required', times: Infinity });
		const client = await fresh();
		const { result } = (await client.call('me', {}, { meta })).json;
		assert.equal(result.resultType, 'input_required');
		assert.equal(result.isError, undefined);
		const [[key, question], ...none] = Object.entries(result.inputRequests);
		assert.deepEqual(none, []);
		const { message, url, ...rest } = question.params;
		assert.deepEqual([question.method, rest], ['elicitation/create', { mode: 'url' }]);
		assert.match(message, /consent/);
		pageOf(url);
		const retry = { name: 'me', arguments: {},
			inputResponses: { [key]: { action: 'accept' } } };
		assert.equal(failureOf(await client.modern('tools/call', retry, { meta })).code,
			'consent_required');
		entra.clearFailures();
		const given = await (await fresh()).modern('tools/call', retry, { meta });
		assert.equal(given.json.result.structuredContent.id, entra.users.adele.oid);
	});

	test('any other gets its address in the error', async () => {
		entra.fail({ kind: 'consent_required', times: Infinity });
		for (const capabilities of [{}, { elicitation: {} }, { elicitation: { form: {} } }]) {
			const answer = await (await fresh()).call('me', {}, { meta: { capabilities } });
			pageOf(failureOf(answer).consentUrl);
		}
		pageOf(failureOf(await (await fresh()).legacyCall('me')).consentUrl);
	});
});

test('a missing scope is 403 with the scope to ask for', async () => {
	const client = clientOf(required(), { token: await entra.mintHostile('partial-scope') });
	const answer = assertError(await client.call('me'), 403, 'insufficient_scope');
	const { error, scope, resource_metadata: metadata } = challengeOf(answer);
	assert.deepEqual([error, scope], ['insufficient_scope', SCOPE]);
	assert.match(metadata, /oauth-protected-resource/);
});

test('many users at once each get their own profile', async () => {
	const names = ['adele', 'bare', 'zoe', 'guest'];
	const clients = await Promise.all(names.map((user) => fresh({ user })));
	const calls = Array.from({ length: 40 }, async (_, i) => {
		const user = names[i % names.length];
		const call = i % 8 < 4 ? 'call' : 'legacyCall';
		const { json } = await clients[i % names.length][call]('me', {}, { id: `${user}-${i}` });
		assert.equal(json.id, `${user}-${i}`);
		assert.equal(json.result.structuredContent.id, entra.users[user].oid);
	});
	await Promise.all(calls);
	const { guest } = entra.users;
	assert.equal(entra.counts.exchangesByUser[guest.oid], 1);
});

test('bad arguments are told to the model, unknown tools and cursors are errors', async () => {
	const client = await fresh();
	for (const [name, args, names] of [['echo', {}, /text/], ['echo', { text: 7 }, /text/],
		['hello', { name: 'x'.repeat(257) }, /name/], ['hello', { who: 'x' }, /who/],
		['me', { include: ['calendar'] }, /photo.*manager/], ['me', { select: 'mail' }, /select/]])
		assert.match(failureOf(await client.call(name, args)).message, names);
	assertRpcError(await client.call('nobody'), 200, -32602, 1);
	assertRpcError(await client.modern('tools/list', { cursor: '' }), 200, -32602, 1);
	assert.equal(entra.counts.token + graph.requests.length, 0);
});

test('without complete settings a call is a 503, and so are the documents', async (t) => {
	const bare = await during(t, startAlone({ env: {} }));
	assertError(await clientOf(bare).legacy('tools/list'), 503, 'not_configured');
	assertError(await bare.ask('/.well-known/oauth-protected-resource'), 503, 'not_configured');
});

test('MCP_RESOURCE and the door decide the documents and the challenge', async (t) => {
	const resource = 'https://mcp.example/mcp';
	const other = await during(t, startAlone({ env: { ...env, MCP_RESOURCE: resource,
		MCP_CLIENT_ID: '5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50' } }));
	const challenge = challengeOf(await clientOf(other).legacy('tools/list'));
	assert.equal(challenge.resource_metadata,
		'https://mcp.example/.well-known/oauth-protected-resource/mcp');
	assert.equal(challenge.scope, `api://${entra.clientId}/access_as_user`);
	const get = async (path) => (await send(`${other.url}/.well-known/${path}`)).json;
	const prm = await get('oauth-protected-resource/mcp');
	assert.equal(prm.resource, resource);
	assert.deepEqual(prm.authorization_servers, [env.APIM_GATEWAY_URL]);
	for (const path of ['oauth-authorization-server', 'oauth-authorization-server/api']) {
		const server = await get(path);
		assert.equal(server.issuer, env.APIM_GATEWAY_URL);
		assert.deepEqual(server.code_challenge_methods_supported, ['S256']);
		for (const name of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint'])
			assert.ok(server[name].startsWith(`${env.APIM_GATEWAY_URL}/oauth/`), name);
	}
});

test('the log tells method, tool, era and outcome, and who it was', async () => {
	const client = await fresh();
	const fields = async (answer) => {
		const { endpoint, mcp, tool, era, status, rpc_code: code, oid } =
			await required().logOf(await answer);
		return [endpoint, mcp, tool, era, status, code, oid];
	};
	const { oid } = entra.users.adele;
	assert.deepEqual(await fields(client.call('me')),
		['mcp', 'tools/call', 'me', 'modern', '200', undefined, oid]);
	assert.deepEqual(await fields(client.legacyCall('nobody')),
		['mcp', 'tools/call', undefined, 'legacy', '200', '-32602', oid]);
	assert.deepEqual(await fields(client.modern('x/y', {}, { meta: { version: MODERN } })),
		['mcp', 'x/y', undefined, 'modern', '404', '-32601', oid]);
});

test('nothing of a token or the secret is in the log or in an answer', () => {
	for (const handler of [required(), optional()])
		assertKept(handler, [...sandbox.secrets, ...handler.sent]);
});
