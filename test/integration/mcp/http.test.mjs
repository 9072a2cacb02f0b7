/*
 * /mcp over HTTP, in each of the three ways the Functions host talks to a handler and without a
 * host: who is let in, what a web page may do, methods and bodies, and both eras' calls.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertAllTools } from '../../endpoint_table.mjs';
import { assertError, assertKept, challengeOf, send, startAlone, startHosted, startSandbox, use }
	from '../stage/fixture.mjs';
import { LEGACY, META, MODERN, assertRpcError, clientOf, metaOf,
	modernMessage, textsOf } from '../stage/mcp.mjs';

const GATEWAY = 'https://gateway.example';
const ORIGIN = 'https://app.example';
const MIB = 1024 * 1024;
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const sandbox = await startSandbox({ delegated: ['User.Read', 'User.Read.All'] }); /* the second is the manager's */
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = { ...sandbox.env, ALLOWED_ORIGINS: `${ORIGIN},https://other.example` };
const token = await entra.mintUserToken({ user: 'zoe' });
const { zoe } = entra.users;

const RESOURCE = `${GATEWAY}/api/mcp`;
const SCOPE = `${RESOURCE}/access_as_user`;
const CHALLENGE = { realm: 'graph-mcp-handler',
	authorization_uri: `${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize`,
	resource_metadata: `${GATEWAY}/.well-known/oauth-protected-resource/api/mcp` };

const MODES = {
	alone: () => startAlone({ env }),
	proxying: () => startHosted({ env, mode: 'proxying' }),
	forwarding: () => startHosted({ env, mode: 'forwarding' }),
	payload: () => startHosted({ env, mode: 'payload' }),
};

for (const [mode, start] of Object.entries(MODES))
	describe(mode, () => { endpoint(start); });

/* [what makes the token, status, error]; each wrong in this one way only. */
const REFUSED = [
	[() => entra.mintHostile('foreign-audience'), 401, 'invalid_token'],
	[() => entra.mintHostile('graph-audience'), 401, 'invalid_token'],
	[() => entra.mintGraphToken(), 401, 'invalid_token'], /* /me would pass it on; /mcp never */
	[() => entra.mintHostile('no-audience'), 401, 'invalid_token'],
	[() => entra.mintHostile('expired'), 401, 'invalid_token'],
	[() => entra.mintHostile('not-yet-valid'), 401, 'invalid_token'],
	[() => entra.mintHostile('wrong-kid'), 401, 'invalid_token'],
	[() => entra.mintHostile('bad-signature'), 401, 'invalid_token'],
	[() => entra.mintHostile('wrong-issuer'), 401, 'invalid_token'],
	[() => entra.mintHostile('id-token'), 401, 'invalid_token'],
	[() => entra.mintHostile('partial-scope'), 403, 'insufficient_scope'],
	[() => entra.mintHostile('app-only'), 403, undefined],
	[() => 'opaque', 401, 'invalid_token'],
];

function endpoint(start) {
	const handler = use(start);
	const client = (options) => clientOf(handler(), { token, ...options });
	const anonymous = () => clientOf(handler());

	test('without a token every method is told where to get one, before anything else', async () => {
		for (const [method, body] of [['POST', '{}'], ['POST', 'not JSON'], ['GET'], ['DELETE']]) {
			const answer = await anonymous().post(body, { method });
			assertError(answer, 401, 'missing_token');
			assert.deepEqual(challengeOf(answer), { ...CHALLENGE, scope: SCOPE });
		}
		assert.equal(entra.requests.length + graph.requests.length, 0);
	});

	test('a token that is not for this API, or no good, is refused', async () => {
		for (const [mint, status, error] of REFUSED) {
			const answer = await client({ token: await mint() }).legacy('tools/list');
			assertError(answer, status, error ?? 'app_only_token');
			const { error_description: _, ...challenge } = challengeOf(answer) ?? {};
			const scope = status === 400 ? {} : { scope: SCOPE };
			assert.deepEqual(challenge, error ? { ...CHALLENGE, error, ...scope } : {});
		}
		assert.equal(entra.counts.token + graph.requests.length, 0);
	});

	test('a malformed Authorization header is a 400', async () => {
		for (const authorization of ['Bearer', 'Bearer a b', [`Bearer ${token}`, 'Bearer x']]) {
			const answer = await anonymous().post('{}', { headers: { authorization } });
			assertError(answer, 400, 'invalid_request');
			assert.equal(challengeOf(answer).error, 'invalid_request');
		}
	});

	test('a foreign origin is refused, whatever it asks and whoever it is', async () => {
		for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`,
			'http://localhost.evil.example', 'http://127.0.0.1.evil.example:80']) {
			for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
				const body = method === 'POST' ? '{}' : undefined;
				const answer = await client().post(body, { method, headers: { origin } });
				assertError(answer, 403, 'origin_not_allowed');
				assert.equal(answer.headers['access-control-allow-origin'], undefined);
			}
		}
	});

	test('configured origins, the gateway\'s and this machine\'s may call', async () => {
		for (const origin of [ORIGIN, 'https://other.example', GATEWAY, 'http://localhost:6274',
			'http://127.0.0.1', 'http://[::1]:8080']) {
			const answer = await client().modern('tools/list', {}, { headers: { origin } });
			assert.equal(answer.status, 200, origin);
			const configured = !/gateway|localhost|127|::1/.test(origin);
			assert.equal(answer.headers['access-control-allow-origin'],
				configured ? origin : undefined);
		}
	});

	test('a preflight needs no token and names what a client sends and reads', async () => {
		const names = ['authorization', 'content-type', 'mcp-protocol-version', 'mcp-method',
			'mcp-name', 'traceparent'];
		const answer = await anonymous().post(undefined, { method: 'OPTIONS', headers: {
			origin: ORIGIN, 'access-control-request-method': 'POST',
			'access-control-request-headers': names.join(',') } });
		const listOf = (name) => answer.headers[name].toLowerCase().split(/, */);
		assert.equal(answer.status, 204);
		assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
		assert.ok(listOf('access-control-allow-methods').includes('post'));
		const allowed = listOf('access-control-allow-headers');
		assert.deepEqual(names.filter((name) => !allowed.includes(name)), []);
		const refused = await anonymous().post('{}', { headers: { origin: ORIGIN } });
		assert.equal(refused.status, 401);
		for (const name of ['www-authenticate', 'mcp-session-id'])
			assert.ok(refused.headers['access-control-expose-headers'].toLowerCase().includes(name));
	});

	test('HEAD is answered as GET is, without a body', async () => {
		for (const who of [anonymous(), client()]) {
			const [get, head] = [await who.post(undefined, { method: 'GET' }), await who.post(undefined, { method: 'HEAD' })];
			assert.equal(head.status, get.status);
			assert.equal(head.bytes.length, 0);
			for (const name of ['allow', 'content-type', 'www-authenticate'])
				assert.equal(head.headers[name], get.headers[name], name);
		}
	});

	test('there is no stream to GET and no session to DELETE', async () => {
		for (const method of ['GET', 'DELETE']) {
			const answer = await client().post(undefined, { method,
				headers: { accept: 'text/event-stream' } });
			assertError(answer, 405, 'method_not_allowed');
			assert.equal(answer.headers.allow, 'POST, OPTIONS');
		}
	});

	test('a body that is not JSON by its type is a 415, one too large a 413 unread', async () => {
		for (const type of ['text/plain', 'application/jsonp', 'multipart/form-data'])
			assertError(await client().post('{}', { headers: { 'content-type': type } }), 415,
				'unsupported_media_type');
		const large = Buffer.alloc(MIB + 1, 'not JSON ');
		assertError(await client().post(large), 413, 'body_too_large');
		const typed = await client().legacy('ping', {}, { headers: {
			'content-type': 'application/json; charset=utf-8', accept: 'text/html' } });
		assert.deepEqual(typed.json, { jsonrpc: '2.0', id: 1, result: {} });
	});

	test('what is no message is answered by JSON-RPC, with the id where there is one', async () => {
		for (const [body, code, id] of [['{"jsonrpc":', -32700], ['[]', -32600],
			['7', -32600], ['{"jsonrpc":"1.0","id":3,"method":"ping"}', -32600, 3],
			['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
			['{"jsonrpc":"2.0","id":"x","method":7}', -32600, 'x'],
			['{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32600]])
			assertRpcError(await client().post(body), 400, code, id);
	});

	test('ids come back as they were written', async () => {
		for (const id of ['12345678901234567890', '-0', '"\\u0061\\n\\ud83d\\ude00"', '""']) {
			const { text } = await client().post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
			assert.equal(text, `{"jsonrpc":"2.0","id":${id},"result":{}}`);
		}
	});

	test('legacy: initialize, initialized, list and call, in each version', async () => {
		for (const version of LEGACY) {
			const headers = { 'mcp-protocol-version': version };
			const { result } = (await client().legacy('initialize', { protocolVersion: version,
				capabilities: {}, clientInfo: { name: 'test', version: '1' } })).json;
			assert.equal(result.protocolVersion, version);
			const note = await client().post({ jsonrpc: '2.0', method: 'notifications/initialized' },
				{ headers });
			assert.deepEqual([note.status, note.text], [202, '']);
			const list = await client().legacy('tools/list', undefined, { headers });
			assert.deepEqual(list.json.result, (await handler().ask('/tools')).json);
			assert.equal(list.headers['mcp-session-id'], undefined);
			const { json } = await client().legacyCall('hello', { name: version }, { headers });
			const message = `Hello, ${version}!`;
			assert.deepEqual(json.result, { content: [{ type: 'text',
				text: JSON.stringify({ message }) }], structuredContent: { message }, isError: false });
		}
	});

	test('modern: discover, list and call carry the server\'s name and their lifetimes', async () => {
		const discover = (await client().modern('server/discover')).json.result;
		assert.deepEqual(discover.supportedVersions, [MODERN, ...LEGACY]);
		assert.deepEqual(discover.capabilities, { tools: {} });
		const list = (await client().modern('tools/list')).json.result;
		assert.deepEqual(list.tools, (await handler().ask('/tools')).json.tools);
		for (const { ttlMs, cacheScope } of [discover, list])
			assert.ok(Number.isInteger(ttlMs) && ttlMs > 0 && cacheScope === 'public');
		const call = (await client().call('echo', { text: 'Zoë "雪"' })).json.result;
		assert.deepEqual(call.structuredContent, { text: 'Zoë "雪"' });
		for (const { resultType, _meta } of [discover, list, call]) {
			assert.equal(resultType, 'complete');
			assert.equal(_meta[`${META}serverInfo`].name, 'graph-mcp-handler');
		}
		const old = metaOf({ version: '2030-01-01' });
		assertRpcError(await client().post({ jsonrpc: '2.0', id: 1, method: 'tools/list',
			params: { _meta: old } }, { headers: { 'mcp-protocol-version': '2030-01-01' } }), 400,
		-32022, 1);
		assertRpcError(await client().modern('tools/list', {}, { headers: { 'mcp-method': 'ping' } }),
			400, -32020, 1);
		assertRpcError(await client().modern('ping'), 404, -32601, 1);
	});

	test('me is the profile of the token\'s user, the photo an image block', async () => {
		for (const call of ['call', 'legacyCall']) {
			const { result } = (await client()[call]('me', { include: ['photo', 'manager'] })).json;
			const { photo, manager, ...profile } = result.structuredContent;
			assert.deepEqual([profile.id, profile.displayName], [zoe.oid, zoe.name]);
			assert.deepEqual([photo, manager], [{ contentType: 'image/png' }, null]);
			assert.deepEqual(JSON.parse(textsOf(result)[0]), result.structuredContent);
			assert.deepEqual(result.content[1], { type: 'image', mimeType: 'image/png',
				data: zoe.photo });
			assert.equal(result.content.length, 2);
		}
	});

	test('a batch of the version that has them, each under its id, costs one exchange', async () => {
		const fresh = client({ token: await entra.mintUserToken({ user: 'zoe' }) });
		const call = (id, name, args) => ({ jsonrpc: '2.0', id, method: 'tools/call',
			params: { name, arguments: args } });
		const batch = [call(1, 'me', { include: ['photo'] }), call('b', 'echo', { text: '2' }),
			{ jsonrpc: '2.0', method: 'notifications/x' }, call(3, 'nobody'),
			...Array.from({ length: 28 }, (_, i) => call(i + 4, 'me'))];
		const { json } = await fresh.post(batch);
		assert.deepEqual(json.map(({ id }) => id), batch.map(({ id }) => id).filter((id) => id));
		assert.deepEqual(json[1].result.structuredContent, { text: '2' });
		assert.equal(json[2].error.code, -32602);
		for (const { result } of json.filter(({ id }) => id === 1 || id > 3))
			assert.equal(result.structuredContent.id, zoe.oid);
		assert.equal(entra.counts.token, 1);
		for (const wrong of [[...batch, call(33, 'hello')], [modernMessage('tools/list').message]])
			assertRpcError(await fresh.post(wrong), 400, -32600);
		assertRpcError(await fresh.post(batch, { headers: { 'mcp-protocol-version': LEGACY[0] } }),
			400, -32600);
	});

	test('a trace goes on to Entra and Graph, from _meta or else from the header', async () => {
		const trace = (n) => TRACE.replace('4bf92f', `${n}${n}${n}${n}${n}${n}`);
		const fresh = await entra.mintUserToken();
		for (const [n, meta, headers] of [[1, { traceparent: trace(1) }, {}],
			[2, {}, { traceparent: trace(2) }],
			[3, { traceparent: trace(3) }, { traceparent: trace(4) }]]) {
			const answer = await client({ token: fresh }).call('me', {}, { meta, headers });
			assert.equal(answer.status, 200);
			const { traceparent } = graph.requests.at(-1).headers;
			assert.equal(traceparent.slice(0, 36), trace(n).slice(0, 36));
			assert.match((await handler().logOf(answer)).trace, new RegExp(trace(n).slice(3, 35)));
		}
		const [exchange] = entra.requests.filter(({ form }) => form);
		assert.equal(exchange.headers.traceparent.slice(0, 36), trace(1).slice(0, 36));
	});

	test('finding out what there is asks Entra for no token and Graph for nothing', async () => {
		const fresh = client({ token: await entra.mintUserToken() });
		await fresh.modern('server/discover');
		await fresh.modern('tools/list');
		await fresh.legacy('initialize', { protocolVersion: LEGACY[0], capabilities: {} });
		await fresh.legacy('tools/list');
		await fresh.call('hello');
		await fresh.call('nobody');
		assert.equal(entra.counts.token + graph.requests.length, 0);
		await fresh.call('me');
		assert.deepEqual([entra.counts.token, graph.counts.me], [1, 1]);
	});

	test('null is absent, in either era; a required argument that is null is missing', async () => {
		assertAllTools((await client().legacy('tools/list', null)).json.result.tools);
		for (const era of ['legacy', 'modern']) {
			const call = async (params) => (await client()[era]('tools/call', params)).json.result;
			assertAllTools((await client()[era]('tools/list', { cursor: null })).json.result.tools);
			for (const none of [null, { name: null }])
				assert.equal((await call({ name: 'hello', arguments: none })).structuredContent.message, 'Hello, World!');
			assert.equal((await call({ name: 'me', arguments: { select: null, include: null } })).isError, false);
			assert.match(textsOf(await call({ name: 'echo', arguments: { text: null } }))[0], /^Missing required property text/);
		}
		const sparse = { name: 'hello', arguments: null, _meta: null };
		assert.equal((await client().legacy('tools/call', sparse)).json.result.isError, false);
	});

	test('a byte order mark before a message is skipped', async () => {
		const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
		assert.deepEqual((await client().post(`\ufeff${message}`)).json, { jsonrpc: '2.0', id: 1, result: {} });
	});

	test('copies of a field count as one where they agree, in two lines or in one', async () => {
		const copies = (...values) => [values, values.join(', ')];
		for (const version of copies(LEGACY[0], LEGACY[0])) {
			const headers = { 'mcp-protocol-version': version, 'mcp-session-id': ['a', 'a'] };
			assert.equal((await client().legacy('tools/list', {}, { headers })).status, 200, `${version}`);
		}
		for (const version of copies(LEGACY[0], LEGACY[1]))
			assert.equal((await client().legacy('tools/list', {},
				{ headers: { 'mcp-protocol-version': version } })).status, 400, `${version}`);
		for (const how of [0, 1]) {
			const [version, method, name] = [MODERN, 'tools/call', 'hello'].map((one) => copies(one, one)[how]);
			const headers = { 'mcp-protocol-version': version, 'mcp-method': method, 'mcp-name': name };
			assert.equal((await client().call('hello', {}, { headers })).status, 200, method);
		}
		const listed = { 'content-type': 'application/json, application/json' };
		assert.equal((await client().legacy('tools/list', {}, { headers: listed })).status, 200);
	});

	test('the metadata documents are public and say what the challenge promises', async () => {
		const expected = { resource: RESOURCE, scopes_supported: [SCOPE],
			authorization_servers: [`${entra.url}/${entra.tenantId}/v2.0`],
			bearer_methods_supported: ['header'], resource_name: 'Microsoft Graph for MCP' };
		for (const path of ['', '/api/mcp', '/mcp', '/']) {
			for (const method of ['GET', 'HEAD']) {
				const answer = await send(
					`${handler().url}/.well-known/oauth-protected-resource${path}`,
					{ method, headers: { origin: 'https://evil.example' } });
				assert.equal(answer.status, 200, path);
				assert.equal(answer.headers['access-control-allow-origin'], '*');
				assert.equal(answer.headers['content-type'], 'application/json');
				assert.match(answer.headers['cache-control'], /^public, max-age=\d+$/);
				assert.deepEqual(method === 'HEAD' ? expected : answer.json, expected);
			}
		}
		for (const path of ['oauth-authorization-server', 'openid-configuration'])
			assertError(await handler().ask(`/.well-known/${path}`), 404, 'not_found');
		/* A host has no route for this. */
		assert.equal((await send(`${handler().url}/.well-known/oauth-protected-resourcex`)).status, 404);
	});

	test('nothing of a token or the secret is in the log or in an answer', () => {
		assertKept(handler(), [...sandbox.secrets, ...handler().sent]);
	});
}
