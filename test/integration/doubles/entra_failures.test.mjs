/*
 * Proves that failures ordered from the sandbox Entra happen as named, as often as asked and to
 * whom they were meant, and that other processes can steer the sandbox over HTTP.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as jose from 'jose';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;

describe('ordered failures of Entra', () => {
	test('errors in the language of Entra come with status, number and error', async () => {
		for (const [kind, status, code, error] of [
			['interaction_required', 400, 50076, 'interaction_required'],
			['mfa_no_claims', 400, 50076, 'interaction_required'],
			['consent_required', 400, 65001, 'invalid_grant'],
			['access_blocked', 400, 53003, 'invalid_grant'],
			['invalid_client', 401, 7000215, 'invalid_client'],
			['expired_secret', 401, 7000222, 'invalid_client'],
			['assertion_expired', 400, 500133, 'invalid_grant'],
			['unknown_app', 400, 700016, 'unauthorized_client'],
			['temporarily_unavailable', 503, 90033, 'temporarily_unavailable']]) {
			entra.fail({ on: 'token', kind });
			const answer = await sandbox.exchange();
			assert.equal(answer.status, status, kind);
			assert.deepEqual(answer.body.error_codes, [code]);
			assert.equal(answer.body.error, error);
			assert.equal('claims' in answer.body, kind === 'interaction_required');
		}
		assert.equal(entra.counts.rejected, 0);
	});

	test('claims and Retry-After are as ordered', async () => {
		const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
		entra.fail({ on: 'token', kind: 'interaction_required', claims });
		assert.equal((await sandbox.exchange()).body.claims, claims);
		entra.fail({ on: 'token', kind: 'http_503', retryAfter: 7 });
		assert.equal((await sandbox.post()).headers.get('retry-after'), '7');
		entra.fail({ on: 'token', kind: 'http_429', retryAfter: null });
		assert.equal((await sandbox.post()).headers.get('retry-after'), null);
	});

	test('a failure lasts as often as ordered, and no longer', async () => {
		entra.fail({ on: 'token', kind: 'consent_required', times: 2 });
		const seen = [(await sandbox.exchange()).status, (await sandbox.exchange()).status,
			(await sandbox.exchange()).status];
		assert.deepEqual(seen, [400, 400, 200]);
		entra.fail({ on: 'token', kind: 'consent_required', times: Infinity });
		for (let i = 0; i < 5; i++)
			assert.equal((await sandbox.exchange()).status, 400);
		entra.clearFailures();
		assert.equal((await sandbox.exchange()).status, 200);
	});

	test('a failure for one user spares the others', async () => {
		entra.fail({ on: 'token', kind: 'access_blocked', user: 'zoe', times: Infinity });
		assert.equal((await sandbox.exchange()).status, 200);
		const assertion = await entra.mintUserToken({ user: 'zoe' });
		assert.equal((await sandbox.exchange({ assertion })).status, 400);
	});

	test('metadata and keys fail on their own order only', async () => {
		entra.fail({ on: 'keys', kind: 'http_503' });
		entra.fail({ on: 'metadata', kind: 'http_500_html' });
		assert.equal((await sandbox.exchange()).status, 200);
		const base = `${entra.url}/${entra.tenantId}`;
		const metadata = await fetch(`${base}/v2.0/.well-known/openid-configuration`);
		assert.equal(metadata.status, 500);
		const keys = await fetch(`${base}/discovery/v2.0/keys`);
		assert.equal(keys.status, 503);
		assert.match(metadata.headers.get('content-type'), /html/);
		assert.equal((await fetch(`${base}/discovery/v2.0/keys`)).status, 200);
	});

	test('spoilt bodies are spoilt as named', async () => {
		const body = async (kind) => {
			entra.fail({ on: 'token', kind });
			return (await sandbox.post()).text();
		};
		assert.equal(await body('empty_body'), '');
		const cut = await body('truncated_json');
		assert.match(cut, /^\{"token_type"/);
		assert.throws(() => JSON.parse(cut));
		assert.equal(await body('not_json'), 'surprise: not JSON');
		assert.ok((await body('huge')).length > 5 * 1024 * 1024);
		assert.ok(!('access_token' in JSON.parse(await body('no_access_token'))));
		entra.fail({ on: 'token', kind: 'raw', status: 418, headers: { 'x-a': 'b' },
			body: 'tea' });
		const response = await sandbox.post();
		assert.equal(response.status, 418);
		assert.equal(response.headers.get('x-a'), 'b');
		assert.equal(await response.text(), 'tea');
	});

	test('gzip is sent unasked and holds the real answer', async () => {
		entra.fail({ on: 'token', kind: 'gzip' });
		const { status, headers, bytes } = await sandbox.plainPost();
		assert.equal(status, 200);
		assert.equal(headers['content-encoding'], 'gzip');
		assert.ok(JSON.parse(gunzipSync(bytes)).access_token);
	});

	test('close ends the connection without a byte', async () => {
		entra.fail({ on: 'token', kind: 'close' });
		await assert.rejects(sandbox.plainPost(), { code: 'ECONNRESET' });
	});

	test('slow waits, then answers', async () => {
		entra.fail({ on: 'token', kind: 'slow', ms: 120 });
		const begun = performance.now();
		assert.equal((await sandbox.exchange()).status, 200);
		assert.ok(performance.now() - begun >= 115);
	});

	test('an order that cannot be carried out is an error at once', () => {
		assert.throws(() => entra.fail({ on: 'token', kind: 'nope' }), /unknown kind/);
		assert.throws(() => entra.fail({ on: 'nowhere', kind: 'close' }), /metadata/);
		assert.throws(() => entra.fail({ on: 'keys', kind: 'unknown_app' }), /only for/);
		assert.throws(() => entra.fail({ kind: 'close', times: 0 }), /times/);
		assert.throws(() => entra.fail({ kind: 'close', user: 'nobody' }), /unknown user/);
	});
});

describe('control over HTTP', () => {
	const control = (...order) => sandbox.control(...order);

	test('mints user, hostile and Graph tokens', async () => {
		const user = await control('POST', 'token', { user: 'zoe', version: 1,
			claims: { extra: 1 } });
		assert.equal(jose.decodeJwt(user.body.access_token).oid, entra.users.zoe.oid);
		assert.equal(jose.decodeJwt(user.body.access_token).extra, 1);
		const hostile = await control('POST', 'token', { hostile: 'alg-none' });
		assert.equal(jose.decodeProtectedHeader(hostile.body.access_token).alg, 'none');
		const graph = await control('POST', 'graph-token', { user: 'guest' });
		assert.equal((await sandbox.me(graph.body.access_token)).status, 200);
	});

	test('rotates keys', async () => {
		const { body } = await control('POST', 'keys/rotate', { keepOld: false });
		const { kid } = jose.decodeProtectedHeader(await entra.mintUserToken());
		assert.equal(kid, body.kid);
	});

	test('orders failures of either service, even for always, and clears them', async () => {
		await control('POST', 'fail', { target: 'graph', kind: 'forbidden',
			times: 'always' });
		await control('POST', 'fail', { target: 'entra', on: 'token', kind: 'http_503' });
		const token = await entra.mintGraphToken();
		assert.equal((await sandbox.me(token)).status, 403);
		assert.equal((await sandbox.me(token)).status, 403);
		assert.equal((await sandbox.post()).status, 503);
		await control('DELETE', 'fail');
		assert.equal((await sandbox.me(token)).status, 200);
	});

	test('counts, users and requests of both services can be read and reset', async () => {
		const { body } = await sandbox.exchange();
		await sandbox.me(body.access_token);
		const counts = (await control('GET', 'counts')).body;
		assert.equal(counts.entra.exchanges, 1);
		assert.equal(counts.graph.me, 1);
		const requests = (await control('GET', 'requests')).body;
		assert.equal(requests.entra[0].form.client_id, entra.clientId);
		assert.equal(requests.graph[0].url, '/v1.0/me');
		assert.equal((await control('GET', 'users')).body.adele.oid, entra.users.adele.oid);
		await control('DELETE', 'counts');
		assert.equal((await control('GET', 'counts')).body.entra.exchanges, 0);
	});

	test('settings change later answers, and null unsets refreshIn', async () => {
		await control('POST', 'settings', { expiresIn: 60, refreshIn: 30, latencyMs: 50 });
		const begun = performance.now();
		const { body } = await sandbox.exchange();
		assert.ok(performance.now() - begun >= 48);
		assert.equal(body.expires_in, 60);
		assert.equal(body.refresh_in, 30);
		await control('POST', 'settings', { refreshIn: null, graphLatencyMs: 1 });
		assert.equal(entra.refreshIn, undefined);
		assert.equal(sandbox.graph.latencyMs, 1);
	});

	test('a bad order is answered with what is wrong', async () => {
		for (const [method, path, order, status, reason] of [
			['GET', 'nothing', undefined, 404, /POST \/sandbox\/token/],
			['POST', 'token', { user: 'nobody' }, 400, /unknown user/],
			['POST', 'token', { hostile: 'nothing' }, 400, /alg-none/],
			['POST', 'fail', { kind: 'nothing' }, 400, /unknown kind/],
			['POST', 'fail', { target: 'moon', kind: 'close' }, 400, /target/],
			['POST', 'settings', { latencyMs: 'x' }, 400, /number/],
			['POST', 'settings', { speed: 1 }, 400, /none of/],
			['POST', 'token', [], 400, /object/]]) {
			const answer = await control(method, path, order);
			assert.equal(answer.status, status, path);
			assert.match(answer.body.error, reason);
		}
	});

	test('orders are not counted as requests', async () => {
		await control('GET', 'counts');
		assert.equal(entra.requests.length, 0);
	});
});
