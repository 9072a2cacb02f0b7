/* Proves that the sandbox Graph answers a batch as Graph does, each part for itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freshSandbox } from '../stage/sandbox.mjs';

const { entra, graph } = await freshSandbox();

describe('POST /v1.0/$batch', () => {
	async function batch(body, { user = 'adele', type = 'application/json' } = {}) {
		const token = await entra.mintGraphToken({ user, scopes: ['User.Read', 'User.Read.All'] });
		const response = await fetch(`${graph.url}/v1.0/$batch`, { method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': type },
			body: typeof body === 'string' ? body : JSON.stringify(body) });
		return { status: response.status, body: await response.json() };
	}
	const get = (id, url) => ({ id, method: 'GET', url });

	test('answers each part for itself, in another order', async () => {
		const { status, body } = await batch({ requests: [get('a', '/me?$select=id'),
			get('b', '/me/photo/$value'), get('c', '/me/manager'), get('d', '/nothing')] });
		assert.equal(status, 200);
		assert.deepEqual(body.responses.map(({ id }) => id), ['d', 'c', 'b', 'a']);
		const [missing, manager, photo, me] = body.responses;
		assert.equal(me.body.id, entra.users.adele.oid);
		assert.deepEqual(Buffer.from(photo.body, 'base64').subarray(0, 2), Buffer.from([255, 216]));
		assert.equal(photo.headers['Content-Type'], 'image/jpeg');
		assert.equal(manager.body.id, entra.users.zoe.oid);
		assert.deepEqual([missing.status, missing.body.error.code], [404, 'ResourceNotFound']);
	});

	test('fails a part on order, with its headers', async () => {
		graph.fail({ kind: 'throttle', part: 'photo', retryAfter: 9 });
		graph.fail({ kind: 'cae', part: 'manager', times: 1 });
		const { body } = await batch({ requests: [get('1', '/me'), get('2', '/me/photo/$value'),
			get('3', '/me/manager')] });
		const [manager, photo, me] = body.responses;
		assert.deepEqual([me.status, photo.status, photo.headers['Retry-After']], [200, 429, '9']);
		assert.equal(manager.status, 401);
		assert.match(manager.headers['WWW-Authenticate'], /insufficient_claims/);
		assert.throws(() => graph.fail({ kind: 'throttle', part: 'x' }), /unknown part/);
	});

	test('refuses what is no batch', async () => {
		assert.equal((await batch({ requests: [get('1', '/me')] }, { type: 'text/plain' })).status,
			415);
		for (const body of ['', '[]', {}, { requests: [] }, { requests: [1] },
			{ requests: [get('1', 'https://graph.microsoft.com/v1.0/me')] },
			{ requests: [get('1', '/me'), get('1', '/me')] }, { requests: [get(1, '/me')] },
			{ requests: Array.from({ length: 21 }, (_, i) => get(String(i), '/me')) }])
			assert.equal((await batch(body)).status, 400, JSON.stringify(body));
	});
});
