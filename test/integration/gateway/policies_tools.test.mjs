/* What the rendered policies do at /tools/{name}, beyond what they do wherever a token is needed. */
import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { use } from '../stage/fixture.mjs';
import { FUNCTION_KEY, assertGuarded, assertRefused, startPolicies } from '../stage/policies_stage.mjs';

const TOOL = '/tools/list_mail';
const stage = use(() => startPolicies());
beforeEach(() => stage().fresh());

suite('a Graph tool', () => {
	test("gets the user's own token and the arguments, unchanged, and the gateway exchanges nothing", async () => {
		const { ask, entra, backend } = stage();
		const token = await entra.mintUserToken();
		const body = '{"folder":"Über & <b>","limit":3}';
		const answer = await ask(`${TOOL}?a=1&code=mine`, { method: 'POST', token, headers: { 'content-type': 'application/json', cookie: 'a=b', 'x-graph-token': 'mine' }, body });
		assert.deepEqual([answer.status, answer.text], [200, '{}']);
		assertGuarded(answer);
		const [{ method, url, headers, body: sent }, ...more] = backend.requests;
		assert.deepEqual([method, url, sent, more], ['POST', `${TOOL}?a=1`, body, []]);
		assert.deepEqual([headers.authorization, headers['x-functions-key'], headers.cookie, headers['x-graph-token']], [`Bearer ${token}`, FUNCTION_KEY, undefined, undefined]);
		assert.equal(headers['x-request-id'], answer.headers['x-request-id']);
		assert.equal(entra.counts.token, 0);
	});

	test('is reached by POST at its own address alone', async () => {
		const { ask, entra, backend } = stage();
		const token = await entra.mintUserToken();
		for (const method of ['GET', 'PUT', 'DELETE']) assertRefused(await ask(TOOL, { method, token }), 404, 'not_found');
		for (const path of ['/tools', `${TOOL}/more`]) assertRefused(await ask(path, { method: 'POST', token }), 404, 'not_found');
		assert.deepEqual(backend.requests, []);
	});

	test('is refused, waits and asks for consent in the words that the handler has for it', async () => {
		const { ask, entra, backend } = stage();
		const given = { status: 403, headers: { 'retry-after': '7' }, body: '{"error":{"code":"consent_required","consentUrl":"https://login.example/?a=b"}}' };
		backend.answer = () => given;
		const answer = await ask(TOOL, { method: 'POST', token: await entra.mintUserToken(), body: '{}' });
		assert.deepEqual([answer.status, answer.text, answer.headers['retry-after']], [given.status, given.body, '7']);
		assertGuarded(answer);
	});
});
