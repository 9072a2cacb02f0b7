/*
 * The tenant's signing keys: fetched when needed, fetched again for a key id never seen, never
 * because of junk, and survived when Entra is away.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertError, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

/* Each test has an Entra of its own: a rotated key stays rotated. */
async function pair(t, more = {}) {
	const sandbox = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...sandbox.env, ...more } }));
	const state = async (token) => (await handler.ask('/status', { token })).json
		.authentication.state;
	return { ...sandbox, handler, state, mint: (options) => sandbox.entra.mintUserToken(options) };
}

describe('signing keys', { concurrency: 4 }, () => {
	test('are fetched once, whoever comes first, and none before a token comes', async (t) => {
		const { entra, handler, state, mint } = await pair(t);
		await handler.ask('/hello');
		assert.equal(entra.counts.keys, 0);
		const tokens = await Promise.all(Array.from({ length: 40 }, () => mint()));
		const states = await Promise.all(tokens.map(state));
		assert.ok(states.every((one) => one === 'authenticated'), states.join());
		assert.equal(entra.counts.keys, 1);
		assert.equal(entra.counts.metadata, 1);
		assert.equal(entra.counts.metadataV1, 0); /* no v1 token came */
		assert.equal(await state(await mint({ version: 1 })), 'authenticated');
		assert.equal(entra.counts.metadataV1, 1);
		assert.equal(entra.counts.keys, 1);
	});

	test('a v2 token does not wait for the v1 metadata', async (t) => {
		const { entra, state, mint } = await pair(t);
		entra.fail({ on: 'metadataV1', kind: 'stall', times: Infinity });
		assert.equal(await state(await mint()), 'authenticated');
		await entra.rotateKeys();
		assert.equal(await state(await mint()), 'authenticated');
		assert.equal(entra.counts.metadataV1, 0);
	});

	test('a stranger with a made-up key id keeps no new key from its users', async (t) => {
		const { entra, handler, state, mint } = await pair(t);
		assert.equal(await state(await mint()), 'authenticated');
		const junk = await mint({ header: { kid: 'junk' }, key: 'unpublished' });
		for (let i = 0; i < 20; i++)
			assertError(await handler.ask('/me', { token: junk }), 401, 'invalid_token');
		await entra.rotateKeys();
		assert.equal((await handler.ask('/me', { token: await mint() })).status, 200);
	});

	test('while a fetch of the keys is withheld a new one is a 503 with Retry-After', async (t) => {
		const { entra, handler, state, mint } = await pair(t, { KEYS_REFRESH_MIN_S: '86400' });
		const known = await mint();
		assert.equal(await state(known), 'authenticated');
		for (let i = 0; i < 40; i++)
			await state(await mint({ header: { kid: `junk-${i}` }, key: 'unpublished' }));
		const spent = entra.counts.keys;
		assert.equal(spent, 11); /* the first need, and ten for unknown key ids */
		await entra.rotateKeys();
		const answer = await handler.ask('/me', { token: await mint() });
		assertError(answer, 503, 'upstream_unavailable');
		const wait = Number(answer.headers['retry-after']);
		assert.ok(wait >= 1 && wait <= 8640, `Retry-After: ${wait}`);
		assert.equal(await state(known), 'authenticated');
	});

	test('a rotated key costs one refresh and no refusal, the old one stays good', async (t) => {
		const { entra, handler, mint } = await pair(t);
		const old = await mint();
		assert.equal((await handler.ask('/me', { token: old })).status, 200);
		await entra.rotateKeys();
		const fresh = await Promise.all(Array.from({ length: 20 }, () => mint()));
		const answers = await Promise.all(fresh.map((token) => handler.ask('/me', { token })));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(entra.counts.keys, 2);
		assert.equal((await handler.ask('/me', { token: old })).status, 200);
		assert.equal(entra.counts.keys, 2);
	});

	test('a key that is gone after a refresh is trusted no more', async (t) => {
		const { entra, state, mint } = await pair(t);
		const old = await mint();
		assert.equal(await state(old), 'authenticated');
		await entra.rotateKeys({ keepOld: false });
		assert.equal(await state(await mint()), 'authenticated');
		assert.equal(entra.counts.keys, 3); /* once more for the one that is gone */
		assert.equal(await state(old), 'invalid');
		assert.equal(await state(await mint({ key: 'rotated-out' })), 'invalid');
	});

	test('unknown key ids do not hammer Entra', async (t) => {
		const { entra, handler, state, mint } = await pair(t, { KEYS_REFRESH_MIN_S: '86400' });
		assert.equal(await state(await mint()), 'authenticated');
		const junk = await Promise.all(Array.from({ length: 60 }, (_, i) =>
			mint({ header: { kid: `junk-${i}` }, key: 'unpublished' })));
		const answers = await Promise.all(junk.map((token) => handler.ask('/me', { token })));
		for (const token of junk.slice(0, 10)) /* and one after the other */
			answers.push(await handler.ask('/me', { token }));
		for (const answer of answers) {
			if (answer.status === 503) /* its key could not be asked for */
				assert.ok(answer.headers['retry-after']);
			else
				assertError(answer, 401, 'invalid_token');
		}
		assert.ok(entra.counts.keys <= 11); /* the first need, and ten for unknown key ids */
		assert.equal(entra.counts.token, 0);
		assert.equal(await state(await mint()), 'authenticated');
	});

	test('a set with a tag is asked for by it, and not sent again while unchanged', async (t) => {
		const { entra, state, mint } = await pair(t, { KEYS_REFRESH_MIN_S: '60' });
		const tags = () => entra.requests.filter(({ path }) => path.endsWith('/keys'))
			.map(({ headers }) => headers['if-none-match']);
		entra.keyTags = true;
		assert.equal(await state(await mint()), 'authenticated');
		assert.equal(await state(await mint({ key: 'unpublished' })), 'invalid');
		assert.equal(entra.counts.keysUnchanged, 1);
		const [first, second] = tags();
		assert.equal(first, undefined);
		assert.match(second, /^"[\w-]+"$/);
		assert.equal(await state(await mint()), 'authenticated');
	});

	test('a bad signature under a known key id refreshes nothing', async (t) => {
		const { entra, handler, state, mint } = await pair(t);
		assert.equal(await state(await mint()), 'authenticated');
		for (const kind of ['bad-signature', 'tampered-payload', 'foreign-cloud-key',
			'tenant-bound-key', 'ps256-called-rs256']) {
			const token = await entra.mintHostile(kind);
			assertError(await handler.ask('/me', { token }), 401, 'invalid_token');
		}
		assert.equal(entra.counts.keys, 1);
	});

	for (const on of ['metadata', 'keys']) {
		test(`while ${on} cannot be had a token is a 503, afterwards a 200`, async (t) => {
			const { entra, handler, mint } = await pair(t, { ENTRA_TIMEOUT_MS: '1500' });
			const token = await mint();
			for (const kind of ['http_503', 'http_500_html', 'not_json', 'empty_body', 'close',
				'truncated_json', 'huge', 'gzip']) {
				entra.fail({ on, kind, times: Infinity });
				const answer = await handler.ask('/me', { token });
				assertError(answer, 503, 'upstream_unavailable');
				entra.clearFailures();
			}
			await until(async () => (await handler.ask('/me', { token })).status === 200);
			const { upstreams } = (await handler.ask('/status')).json;
			assert.equal(upstreams.entraKeys.state, 'ok');
			assert.ok(upstreams.entraKeys.failures > 0);
		});
	}

	for (const on of ['metadata', 'keys', 'token']) {
		test(`a call's own time ends a wait for ${on}, however long Entra's is`, async (t) => {
			const { entra, handler, mint } = await pair(t,
				{ GRAPH_DEADLINE_MS: '500', ENTRA_TIMEOUT_MS: '60000' });
			entra.fail({ on, kind: 'stall', times: Infinity });
			const start = Date.now();
			const answer = await handler.ask('/me', { token: await mint() });
			assertError(answer, 504, 'upstream_timeout');
			assert.ok(Date.now() - start < 45_000, `${Date.now() - start} ms`);
		});
	}

	test('an Entra that hangs is given up after ENTRA_TIMEOUT_MS with 504', async (t) => {
		const { entra, handler, mint } = await pair(t, { ENTRA_TIMEOUT_MS: '400' });
		entra.fail({ on: 'keys', kind: 'stall', times: Infinity });
		const answer = await handler.ask('/me', { token: await mint() });
		assertError(answer, 504, 'upstream_timeout');
	});

	test('with Entra away the keys at hand serve on', async (t) => {
		const { entra, handler, state, mint } = await pair(t);
		const known = await mint();
		assert.equal(await state(known), 'authenticated');
		entra.fail({ on: 'keys', kind: 'http_503', times: Infinity });
		assert.equal(await state(await mint({ key: 'unpublished' })), 'invalid');
		assert.equal(await state(known), 'authenticated');
		const { upstreams } = (await handler.ask('/status')).json;
		assert.equal(upstreams.entraKeys.state, 'failing');
	});

	test('keys of other clouds and tenants, EC and broken entries are passed over', async (t) => {
		const { entra, state, mint } = await pair(t);
		const set = await fetch(`${entra.url}/${entra.tenantId}/discovery/v2.0/keys`);
		const { keys } = await set.json();
		assert.ok(keys.length >= 5 && keys[0].kty === 'EC');
		assert.equal(await state(await mint()), 'authenticated');
		assert.equal(await state(await mint({ header: { kid: keys[0].kid } })), 'invalid');
	});

	test('that could not be fetched after a rotation are a 503, not the caller\'s fault',
		async (t) => {
			const { entra, handler, mint } = await pair(t);
			const me = (token) => handler.ask('/me', { token });
			assert.equal((await me(await mint())).status, 200);
			await entra.rotateKeys();
			const fresh = await mint();
			entra.fail({ on: 'keys', kind: 'http_503' });
			assertError(await me(fresh), 503, 'upstream_unavailable');
			const failed = performance.now();
			assertError(await me(fresh), 503, 'upstream_unavailable');
			if (performance.now() - failed < 900) /* the pause is 2 s, counted in whole ones */
				assert.equal(entra.counts.keys, 2, 'asked again before the pause was over');
			await until(async () => {
				const answer = await me(fresh);
				return answer.status === 200
					|| !assertError(answer, 503, 'upstream_unavailable');
			}, { limitMs: 20_000, pauseMs: 50 });
			assert.equal(entra.counts.keys, 3);
		});
});
