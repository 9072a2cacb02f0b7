/*
 * What needs no token, the whole way: client, gateway with the rendered policies, Functions host that
 * insists on its key, the real handler.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { beforeEach, suite, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { assertAllTools } from '../../endpoint_table.mjs';
import { send, use } from '../stage/fixture.mjs';
import { FUNCTION_KEY, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const LIMIT_BYTES = 1024 * 1024;
const proxied = use(() => startPolicies({ real: 'proxying' }));
const forwarded = use(() => startPolicies({ real: 'forwarding' }));
beforeEach(() => Promise.all([proxied().fresh(), forwarded().fresh()]));

for (const [mode, path] of [['proxying', proxied], ['forwarding', forwarded]]) {
	suite(`under a host that is ${mode}`, () => {
		test('/echo gives back every byte, up to the handler\'s limit', async () => {
			const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
			for (const body of [all, Buffer.alloc(0), randomBytes(LIMIT_BYTES)]) {
				for (const method of ['POST', 'PUT']) {
					const answer = await path().ask('/echo', { method, body, headers: { 'content-type': 'image/png' } });
					assert.equal(answer.status, 200, answer.text);
					assertGuarded(answer);
					assert.ok(answer.bytes.equals(body), `${answer.bytes.length} of ${body.length} bytes`);
					assert.equal(answer.headers['content-type'], 'application/octet-stream', 'as nothing that a page could run');
				}
			}
		});

		test('a body above the limit is refused by the handler, through the gateway', async () => {
			const answer = await path().ask('/echo', { method: 'POST', body: Buffer.alloc(LIMIT_BYTES + 1) });
			assertRefused(answer, 413, 'body_too_large');
		});

		test('the other open endpoints answer as they do without the gateway', async () => {
			const { ask } = path();
			for (const [answer, expected] of [[await ask('/hello?name=Zo%C3%AB&code=x'), 'Hello, Zoë!'],
				[await ask('/hello', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Adele"}' }), 'Hello, Adele!']]) {
				assert.equal(answer.json.message, expected, answer.text);
				assertGuarded(answer);
			}
			assertAllTools((await ask('/tools')).json.tools);
			const { authentication } = (await ask('/status')).json;
			assert.deepEqual(authentication, { state: 'anonymous' });
		});
	});
}

/* A host that is forwarding cannot: it answers 500 to every chunked request. */
test('a body of unknown length arrives whole', async () => {
	const body = randomBytes(300_000);
	const request = http.request(`${proxied().url}/echo`, { method: 'POST', agent: false, headers: { 'transfer-encoding': 'chunked' } });
	for (let at = 0; at < body.length; at += 50_000) request.write(body.subarray(at, at + 50_000));
	request.end();
	const { promise, resolve, reject } = Promise.withResolvers();
	request.on('response', resolve).on('error', reject);
	const chunks = await (await promise).toArray();
	assert.ok(Buffer.concat(chunks).equals(body));
});

test('the function key is the gateway\'s own: a client\'s is of no use, nor is one needed', async () => {
	const { ask, backend } = proxied();
	for (const headers of [{}, { 'x-functions-key': 'mine' }])
		assert.equal((await ask('/hello?code=mine', { headers })).status, 200);
	assert.equal((await send(`${backend.url}/hello`)).status, 401);
	assert.equal((await send(`${backend.url}/hello`, { headers: { 'x-functions-key': FUNCTION_KEY } })).status, 200);
});

test('/status says what it thinks of a token, which passes', async () => {
	const { ask, entra } = proxied();
	const state = async (token) => {
		const answer = await ask('/status', { token });
		assert.equal(answer.status, 200);
		assertGuarded(answer);
		return answer.json.authentication.state;
	};
	assert.equal(await state(await entra.mintUserToken()), 'authenticated');
	assert.equal(await state(await entra.mintHostile('expired')), 'invalid');
	assert.equal(await state(undefined), 'anonymous');
});

test("the handler's own refusals keep the gateway's headers", async () => {
	const { ask } = proxied();
	assertRefused(await ask('/hello', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }), 400, 'bad_request');
	assertRefused(await ask(`/hello?name=${'a'.repeat(300)}`), 400, 'bad_request');
	assertRefused(await ask('/status', { method: 'POST' }), 404, 'not_found');
});

test('one id names a request from the client to the log line', async () => {
	const { ask, backend } = proxied();
	const answer = await ask('/hello', { headers: { 'x-request-id': 'mine' } });
	const { endpoint, request_id } = await backend.logOf(answer);
	assert.deepEqual([endpoint, request_id], ['hello', answer.headers['x-request-id']]);
});
