/*
 * What the handler remembers: Graph tokens renewed in the background, refusals and throttles of
 * one user token, tokens whose signature was checked.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertError, atSomeScale, during, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { b64json } from '../../sandbox/entra/user_tokens.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug', CALLS_PER_CALLER_MAX: '50' }, keeps: sandbox }));
afterEach(() => sandbox.reset());

const mint = (options) => entra.mintUserToken(options);
const me = (token) => handler().ask('/me', { token });
const bearers = () => graph.requests.map(({ headers }) => headers.authorization);

describe('refresh_in', () => {
	/* A user token whose Graph token Entra already wants renewed. */
	async function due() {
		sandbox.reset();
		const token = await mint();
		entra.refreshIn = 1;
		assert.equal((await me(token)).status, 200);
		const [old] = bearers();
		entra.refreshIn = undefined;
		await delay(2100); /* whole seconds are counted */
		sandbox.reset();
		return { token, old };
	}

	test('50 calls at once are served the old token and cause one exchange', () => atSomeScale(async (scale) => {
		const { token, old } = await due();
		entra.latencyMs = 1500 * scale;
		const answers = await Promise.all(Array.from({ length: 50 }, () => me(token)));
		assert.ok(answers.every(({ status }) => status === 200));
		for (const answer of answers)
			assert.equal((await handler().logOf(answer)).token, 'hit');
		assert.deepEqual(new Set(bearers()), new Set([old]));
		await until(() => entra.counts.exchanges === 1);
		await until(async () => (await me(token)).status === 200 && bearers().at(-1) !== old);
		assert.equal(entra.counts.token, 1);
		const [{ form }] = entra.requests;
		assert.equal(form.assertion, token);
	}, [1, 1.8, 1.8])); /* less than the silence at which a connection is given up */

	test('a renewal that fails leaves the old token in service, and is not repeated', async () => {
		for (const [kind, asked] of [['http_503', 2], ['consent_required', 1], ['http_429', 1],
			['invalid_client', 1], ['not_json', 1]]) {
			const { token, old } = await due();
			entra.fail({ kind, times: Infinity });
			assert.equal((await me(token)).status, 200);
			await until(() => entra.counts.token === asked);
			await delay(700);
			for (let i = 0; i < 5; i++)
				assert.equal((await me(token)).status, 200);
			assert.deepEqual(new Set(bearers()), new Set([old]), kind);
			assert.equal(entra.counts.token, asked, kind);
		}
	});

	test('a stop waits for a renewal under way', async (t) => {
		const other = await during(t, startAlone({ env: { ...env, ENTRA_TIMEOUT_MS: '60000' }, keeps: sandbox }));
		const token = await mint();
		entra.refreshIn = 1;
		assert.equal((await other.ask('/me', { token })).status, 200);
		await delay(2100);
		entra.fail({ kind: 'stall', times: Infinity });
		assert.equal((await other.ask('/me', { token })).status, 200);
		await until(() => entra.counts.token === 2);
		const begun = performance.now();
		await other.stop();
		assert.ok(performance.now() - begun < 45_000, 'not until Entra is given up');
	});
});

describe('a refusal', () => {
	for (const [kind, status, code] of [['consent_required', 403, 'consent_required'],
		['mfa_no_claims', 401, 'interaction_required'], ['access_blocked', 403, 'access_blocked'],
		['assertion_expired', 401, 'invalid_token'],
		['interaction_required', 401, 'insufficient_claims']]) {
		test(`"${kind}" is asked for once per user token, others go on`, async () => {
			const [refused, again, zoe] = [await mint(), await mint(), await mint({ user: 'zoe' })];
			entra.fail({ kind });
			const first = assertError(await me(refused), status, code);
			for (let i = 0; i < 5; i++) {
				const next = assertError(await me(refused), status, code);
				assert.equal(next.headers['www-authenticate'], first.headers['www-authenticate']);
				const { requestId, ...rest } = next.json.error;
				const { requestId: own, ...expected } = first.json.error;
				assert.deepEqual(rest, expected);
				assert.notEqual(requestId, own);
			}
			assert.equal(entra.counts.token, 1);
			assert.equal((await me(again)).status, 200);
			assert.equal((await me(zoe)).status, 200);
			assert.equal(entra.counts.token, 3);
			assert.equal(graph.counts.me, 2);
		});
	}
});

describe('a throttle', () => {
	test('holds for its Retry-After, for that user token alone', () => atSomeScale(async (scale) => {
		sandbox.reset();
		const [adele, zoe, other, bare] = [await mint(), await mint({ user: 'zoe' }),
			await mint({ user: 'zoe' }), await mint({ user: 'bare' })];
		assert.equal((await me(adele)).status, 200);
		entra.resetCounts();
		entra.fail({ kind: 'http_429', retryAfter: 3 * scale, user: 'zoe' });
		const first = assertError(await me(zoe), 429, 'throttled');
		assert.equal(first.headers['retry-after'], String(3 * scale));
		assert.equal(first.json.error.upstream.service, 'entra');
		const again = assertError(await me(zoe), 429, 'throttled');
		const wait = Number(again.headers['retry-after']);
		assert.ok(wait > 0 && wait <= 3 * scale);
		assert.equal(entra.counts.token, 1);
		for (const token of [adele, bare, other])
			assert.equal((await me(token)).status, 200);
		assert.equal(entra.counts.token, 3);
		const left = [];
		await until(async () => {
			const { status, headers } = await me(zoe);
			left.push(Number(headers['retry-after'] ?? 0));
			return status === 200;
		}, { pauseMs: 100 });
		assert.deepEqual(left, left.toSorted((a, b) => b - a), 'what is left grows smaller');
		assert.ok(left.some((seconds) => seconds > 0 && seconds <= scale) && left.length > 5);
		assert.equal(entra.counts.token, 4);
	}));

	test('may give its time as a date', async () => {
		const at = new Date(Date.now() + 90_000).toUTCString();
		entra.fail({ kind: 'http_429', retryAfter: at });
		const token = await mint();
		for (let i = 0; i < 3; i++) {
			const answer = assertError(await me(token), 429, 'throttled');
			assert.match(answer.headers['retry-after'], /^(8[5-9]|9[01])$/);
		}
		assert.equal(entra.counts.token, 1);
	});

	test('told by number is one too', async () => {
		entra.fail({ kind: 'raw', status: 400, headers: { 'content-type': 'application/json' },
			body: { error: 'invalid_grant', error_codes: [50196] } });
		const token = await mint();
		for (let i = 0; i < 3; i++)
			assert.equal(assertError(await me(token), 429, 'throttled')
				.json.error.upstream.code, 'AADSTS50196');
		assert.equal(entra.counts.token, 1);
	});
});

describe('a checked token', () => {
	test('is refused once its key is gone, although all of it is in the cache', async (t) => {
		const own = await during(t, startSandbox());
		const other = await during(t, startAlone({ env: own.env, keeps: own }));
		const old = await own.entra.mintUserToken();
		for (let i = 0; i < 3; i++)
			assert.equal((await other.ask('/me', { token: old })).status, 200);
		await own.entra.rotateKeys({ keepOld: false });
		assert.equal((await other.ask('/me', { token: old })).status, 200, 'not known yet');
		const fresh = await own.entra.mintUserToken();
		assert.equal((await other.ask('/me', { token: fresh })).status, 200);
		assert.equal(own.entra.counts.keys, 3); /* once more for the one that is gone */
		own.graph.resetCounts();
		assertError(await other.ask('/me', { token: old }), 401, 'invalid_token');
		const { authentication } = (await other.ask('/status', { token: old })).json;
		assert.equal(authentication.state, 'invalid');
		assert.equal(own.graph.counts.me, 0);
	});

	test('vouches for no other: a copy with one thing changed is refused', async () => {
		const token = await mint();
		assert.equal((await me(token)).status, 200);
		const [head, body, signature] = token.split('.');
		const claims = JSON.parse(Buffer.from(body, 'base64url'));
		const header = JSON.parse(Buffer.from(head, 'base64url'));
		const swapped = signature[100] === 'A' ? 'B' : 'A';
		entra.resetCounts();
		for (const copy of [
			`${head}.${b64json({ ...claims, oid: entra.users.zoe.oid })}.${signature}`,
			`${head}.${b64json({ ...claims, exp: claims.exp + 1 })}.${signature}`,
			`${head}.${b64json({ ...claims, uti: randomUUID() })}.${signature}`,
			`${b64json({ ...header, extra: 1 })}.${body}.${signature}`,
			`${head}.${body}.${signature.slice(0, 100)}${swapped}${signature.slice(101)}`,
			`${head}.${body}.${signature.slice(0, -4)}`,
			`${head}.${body}.`,
			`${token}A`]) {
			assertError(await me(copy), 401, 'invalid_token');
			assert.equal((await me(token)).status, 200);
		}
		assert.deepEqual([entra.counts.token, entra.counts.keys], [0, 0]);
	});

	test('says who is calling as the first check did', async () => {
		const token = await mint({ user: 'zoe', version: 1, scp: 'access_as_user other' });
		const who = async () => {
			const { user } = (await handler().ask('/status', { token })).json.authentication;
			delete user.expiresInSeconds;
			return user;
		};
		assert.deepEqual(await who(), await who());
	});
});
