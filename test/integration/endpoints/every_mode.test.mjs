/*
 * The five endpoints, in each of the three ways the Functions host talks to a handler (payload
 * mode chunked as in Azure and sized as under Core Tools) and without a host.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { GUID, assertError, challengeOf, startAlone, startHosted, startSandbox, use }
	from '../stage/fixture.mjs';

const MIB = 1024 * 1024;
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const UTF8 = 'Zoë 雪 "q" \\ 👩🏽‍💻';
const ENVELOPE = JSON.stringify({ Data: { req: { Url: 'http://x/me', Method: 'GET', Query: {},
	Headers: {}, Params: {}, Body: 'inner' } }, Metadata: {} });

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, env } = sandbox;
const token = await entra.mintUserToken({ user: 'zoe' });
const zoe = entra.users.zoe;

const post = (type, body) => ({ method: 'POST', headers: { 'content-type': type }, body });

const MODES = {
	forwarding: () => startHosted({ env, mode: 'forwarding' }),
	proxying: () => startHosted({ env, mode: 'proxying' }),
	'payload, chunked': () => startHosted({ env, mode: 'payload', payloadChunked: true }),
	'payload, sized': () => startHosted({ env, mode: 'payload', payloadChunked: false,
		queryAsString: true }),
	alone: () => startAlone({ env }),
};

for (const [mode, start] of Object.entries(MODES))
	describe(mode, () => { endpoints(mode, start); });

function endpoints(mode, start) {
	const handler = use(start);
	const ask = (...args) => handler().ask(...args);
	const message = async (...args) => (await ask(...args)).json.message;
	const isPayload = mode.startsWith('payload');

	test('hello greets by query, by body, the query first, and the world', async () => {
		assert.equal(await message('/hello?name=Adele'), 'Hello, Adele!');
		const body = post('application/json', '{"name":"Body"}');
		assert.equal(await message('/hello', body), 'Hello, Body!');
		assert.equal(await message('/hello?name=Query', body), 'Hello, Query!');
		for (const path of ['/hello', '/hello?name='])
			assert.equal(await message(path), 'Hello, World!');
		assert.equal(await message('/hello', post('application/json', '')), 'Hello, World!');
		const marked = post('application/json', '\ufeff{"name":"Body"}');
		assert.equal(await message('/hello', marked), 'Hello, Body!');
		for (const none of ['{}', '{"name":null}', 'null'])
			assert.equal(await message('/hello', post('application/json', none)), 'Hello, World!', none);
	});

	test('hello keeps UTF-8 from query and body', async () => {
		const expected = `Hello, ${UTF8}!`;
		assert.equal(await message(`/hello?name=${encodeURIComponent(UTF8)}`), expected);
		const body = JSON.stringify({ name: UTF8 });
		assert.equal(await message('/hello', post('application/json', body)), expected);
		assert.equal(await message('/hello?name=a+b%20c'), 'Hello, a b c!');
	});

	test('hello refuses control characters, 257 characters and what is no name', async () => {
		assert.equal((await ask(`/hello?name=${'%E9%9B%AA'.repeat(256)}`)).status, 200);
		for (const name of ['%E9%9B%AA'.repeat(257), 'a%0Ab', '%C2%85', '%7F', '%00'])
			assertError(await ask(`/hello?name=${name}`), 400, 'bad_request');
		for (const body of ['{"name":7}', '[]', '{"name":', '"x"', '{"name":"a\\u0007"}',
			`{"name":"${'a'.repeat(257)}"}`])
			assertError(await ask('/hello', post('application/json', body)), 400,
				'bad_request');
	});

	test('HEAD is GET without the body', async () => {
		for (const path of ['/hello', '/tools', '/status']) {
			const head = await ask(path, { method: 'HEAD' });
			assert.equal(head.status, 200);
			assert.equal(head.bytes.length, 0);
			assert.equal(head.headers['content-type'], 'application/json');
		}
		for (const path of ['/me', '/mcp'])
			assert.equal((await ask(path, { method: 'HEAD' })).status, 401, path);
	});

	test('echo returns text and JSON as sent, under their own types', async () => {
		for (const [type, body] of [['application/json', '{ "b":1,\n"a":  [1.0, "é"] }'],
			['application/json; charset=utf-8', 'not even JSON'], ['text/plain', UTF8],
			['text/plain ;charset=UTF-8 ; format=flowed', 'x'],
			['text/plain; charset=utf-8', '\ufeff\t\u0001\r\n'],
			['application/octet-stream', 'plain'], ['application/json', 'null'],
			['text/plain', '2026-01-01T00:00:00Z']]) {
			for (const method of ['POST', 'PUT']) {
				const answer = await ask('/echo', { ...post(type, body), method });
				assert.equal(answer.status, 200);
				assert.equal(answer.text, body);
				assert.equal(answer.headers['content-type'], type);
			}
		}
	});

	test('echo never returns a type that a browser would run', async () => {
		for (const type of ['text/html', 'image/svg+xml', 'application/jsonp', 'text/plainx',
			'text/plain;a=b, text/html', 'text/plain, text/html', 'text/plain; charset=utf-8,text/html',
			'text/plain;a="b, text/html', 'text/plain;', 'text/plain; a', 'application/json;a=b;,text/html',
			'text/plain;a=b text/html', 'text/plain;=b', 'text/plain;a=']) {
			const answer = await ask('/echo', post(type, '<script>'));
			assert.equal(answer.headers['content-type'], 'application/octet-stream');
			assert.equal(answer.text, '<script>');
		}
		const untyped = await ask('/echo', { method: 'POST', body: 'x' });
		assert.equal(untyped.headers['content-type'], 'application/octet-stream');
	});

	test('echo of nothing is nothing', async () => {
		for (const options of [{}, { method: 'POST' }, post('text/plain', '')]) {
			const answer = await ask('/echo', options);
			assert.equal(answer.status, 200);
			assert.equal(answer.bytes.length, 0);
		}
	});

	test('echo takes 1 MiB and refuses one byte more', async () => {
		const most = 'x'.repeat(MIB);
		const answer = await ask('/echo', post('text/plain', most));
		assert.equal(answer.status, 200);
		assert.ok(answer.text === most);
		const larger = await ask('/echo', post('text/plain', `${most}x`));
		assertError(larger, 413, 'body_too_large');
		const escaped = '\u0001'.repeat(MIB); /* six times its size in an envelope */
		assert.ok((await ask('/echo', post('text/plain', escaped))).text === escaped);
		const json = JSON.stringify({ a: '"'.repeat(MIB / 2 - 4) }); /* twice in an envelope */
		assert.ok((await ask('/echo', post('application/json', json))).text === json);
	});

	if (isPayload) {
		test('a body that is not text is refused, saying why', async () => {
			const answer = await ask('/echo', post('application/octet-stream', ALL_BYTES));
			assertError(answer, 415, 'unsupported_media_type');
			assert.match(answer.json.error.message, /enableForwardingHttpRequest/);
			const nul = await ask('/echo', post('text/plain', 'a\0b'));
			assertError(nul, 400, 'bad_request');
		});
	} else {
		test('echo keeps every byte value', async () => {
			for (const type of ['application/octet-stream', 'text/plain', 'image/png']) {
				const answer = await ask('/echo', post(type, ALL_BYTES));
				assert.deepEqual(answer.bytes, ALL_BYTES);
			}
			const big = Buffer.concat(Array(MIB / 256).fill(ALL_BYTES));
			const answer = await ask('/echo', post('application/octet-stream', big));
			assert.ok(answer.bytes.equals(big));
		});

		test('a body that looks like a host envelope is a body', async () => {
			const answer = await ask('/echo', post('application/json', ENVELOPE));
			assert.equal(answer.text, ENVELOPE);
			if (mode === 'alone')
				return;
			const claimed = post('application/json', ENVELOPE);
			claimed.headers['user-agent'] = 'Azure-Functions-Host/4.1037.0.0';
			claimed.headers['x-azure-functions-invocationid'] = 'mine';
			assert.equal((await ask('/echo', claimed)).text, ENVELOPE);
		});
	}

	test('tools lists the five tools with their schemas and hints', async () => {
		const answer = await ask('/tools');
		assert.equal(answer.status, 200);
		assert.equal(answer.headers['content-type'], 'application/json');
		const { tools, ...rest } = answer.json;
		assert.deepEqual(rest, {});
		const names = tools.map(({ name }) => name).sort();
		assert.deepEqual(names, ['echo', 'hello', 'me', 'status', 'tools']);
		for (const tool of tools) {
			assert.deepEqual(Object.keys(tool), ['name', 'title', 'description',
				'inputSchema', 'outputSchema', 'annotations']);
			assert.equal(tool.inputSchema.type, 'object');
			assert.equal(tool.outputSchema.type, 'object');
			assert.deepEqual(tool.annotations, { readOnlyHint: true, destructiveHint: false,
				idempotentHint: true, openWorldHint: tool.name === 'me' });
			assert.ok(tool.title.length > 0 && tool.description.length > 40);
		}
	});

	test('me answers with the profile of the token\'s user, and 401 without one', async () => {
		const answer = await ask('/me', { token });
		assert.equal(answer.status, 200);
		assert.equal(answer.json.id, zoe.oid);
		assert.equal(answer.json.displayName, zoe.name);
		const refused = assertError(await ask('/me'), 401, 'missing_token');
		assert.equal(challengeOf(refused).error, undefined);
	});

	test('me refuses two Authorization headers', async () => {
		const authorization = [`Bearer ${token}`, 'Bearer other'];
		assertError(await ask('/me', { headers: { authorization } }), 400, 'invalid_request');
	});

	test('me takes $select in one piece or repeated', async () => {
		for (const query of ['$select=displayName,mail', '%24select=displayName%2Cmail',
			'$select=displayName&$select=mail', '$select=displayName&$SELECT=mail']) {
			const { json } = await ask(`/me?${query}`, { token });
			delete json['@odata.context'];
			assert.deepEqual(json, { displayName: zoe.name, mail: zoe.mail }, query);
		}
	});

	test('status says who is calling', async () => {
		assert.equal((await ask('/status')).json.authentication.state, 'anonymous');
		const { authentication } = (await ask('/status', { token })).json;
		assert.equal(authentication.state, 'authenticated');
		assert.equal(authentication.user.objectId, zoe.oid);
		assert.equal(authentication.user.name, zoe.name);
	});

	test('a well-formed x-request-id comes back, any other is replaced', async () => {
		const kept = ['a', 'A-z_0.9:x', 'x'.repeat(128), '00000000-0000-4000-8000-00000000000A'];
		for (const id of kept) {
			const answer = await ask('/hello', { headers: { 'x-request-id': id } });
			assert.equal(answer.headers['x-request-id'], id);
		}
		for (const id of ['', 'a b', 'x'.repeat(129), '<script>', '"', 'a;b', 'a,b', 'é',
			'a=b event=forged']) {
			const answer = await ask('/me', { headers: { 'x-request-id': id } });
			assert.match(answer.headers['x-request-id'], GUID);
		}
		const ids = await Promise.all(Array.from({ length: 8 }, () => ask('/hello')));
		assert.equal(new Set(ids.map(({ headers }) => headers['x-request-id'])).size, 8);
	});

	test('every request leaves one log line, with the invocation id under a host', async () => {
		const answer = await ask('/hello', { headers: { 'x-request-id': `log-${mode.length}` } });
		const fields = await handler().logOf(answer);
		assert.deepEqual([fields.event, fields.endpoint, fields.method, fields.status],
			['request', 'hello', 'GET', '200']);
		const invocations = handler().host?.invocations;
		assert.equal(fields.invocation, invocations?.at(-1).invocationId);
		if (mode !== 'alone') { /* forwarding mode puts the client's own before the host's */
			for (const own of ['mine', 'x'.repeat(2048), 'é, '.repeat(600)]) {
				const { invocation } = await handler().logOf(await ask('/hello',
					{ headers: { 'x-azure-functions-invocationid': Buffer.from(own).toString('latin1') } }));
				assert.equal(invocation, invocations.at(-1).invocationId);
			}
		}
		const mine = handler().lines.filter(({ text }) => text.includes(fields.request_id));
		assert.equal(mine.length, 1);
	});
}
