/*
 * A wall clock that jumps by a day, in either direction, and comes back: nobody is let in whom that clock does
 * not let in, nobody is kept out afterwards, and what measures durations does not notice.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { answersAt, assertError, assertHealthy, during, send, spawnHandler, startAlone, startSandbox, until } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { preload, unlessShared, wrongClock } from '../stage/scarcity/preload.mjs';

const DAY_S = 86_400;
const library = unlessShared || preload('clock');

/* A sandbox, a handler whose clock can be set, and a token that is good two days before and after. */
async function start(t, more = {}) {
	const sandbox = await during(t, startSandbox());
	const clock = wrongClock(library);
	const handler = await during(t, startAlone({ env: { ...sandbox.env, ...clock.env, ...more } }));
	const now = Math.floor(Date.now() / 1000);
	const claims = { iat: now - 2 * DAY_S, nbf: now - 2 * DAY_S, exp: now + 2 * DAY_S };
	const token = await sandbox.entra.mintUserToken({ claims });
	return { ...sandbox, handler, set: clock.set, token, claims, me: (of = token) => handler.ask('/me', { token: of }) };
}

describe('a wall clock that jumps', { concurrency: 3, skip: unlessShared }, () => {
	for (const [where, ahead] of [['a day ahead', DAY_S], ['a day back', -DAY_S]]) {
		test(`${where}: a token that is not good then is refused, known or not, and taken as soon as the clock is right`, async (t) => {
			const { entra, me, set } = await start(t);
			const tokens = [await entra.mintUserToken(), await entra.mintUserToken({ user: 'zoe' })];
			assert.equal((await me(tokens[0])).status, 200);
			set(ahead);
			for (const token of tokens)
				assertError(await me(token), 401, 'invalid_token');
			set(0);
			for (const token of tokens)
				assert.equal((await me(token)).status, 200);
		});

		test(`${where} and back: a Graph token of then is not used`, async (t) => {
			const { entra, me, set } = await start(t);
			assert.equal((await me()).status, 200);
			set(ahead);
			assert.equal((await me()).status, 200);
			assert.equal(entra.counts.exchanges, 2);
			set(0);
			assert.equal((await me()).status, 200);
			assert.ok(entra.counts.exchanges <= 3);
			assert.equal((await me()).status, 200);
			assert.ok(entra.counts.exchanges <= 3, 'one that was made by the right clock is kept');
		});

		test(`${where}: a refusal of Entra's to be asked holds no longer than the clock is wrong`, async (t) => {
			const { entra, me, set } = await start(t);
			set(ahead);
			entra.fail({ kind: 'http_429', on: 'token', retryAfter: 3000 });
			assert.equal((await me()).status, 429);
			set(0);
			assert.equal((await me()).status, 200);
		});

		test(`${where}: keys that could not be fetched then are fetched at once when it is right`, async (t) => {
			const { entra, me, set, claims } = await start(t);
			assert.equal((await me()).status, 200);
			await entra.rotateKeys();
			const token = await entra.mintUserToken({ claims });
			set(ahead);
			entra.fail({ kind: 'http_503', on: 'keys', times: Infinity });
			await until(async () => (await me(token)).status === 503);
			entra.clearFailures();
			set(0);
			assert.equal((await me(token)).status, 200);
		});

		test(`${where}: a date to come again is as far away as it is for who named it`, async (t) => {
			const { graph, me, set } = await start(t, { GRAPH_DEADLINE_MS: '3000' });
			set(ahead);
			const date = new Date(Date.now() + 60_000).toUTCString();
			graph.fail({ kind: 'http_429', retryAfter: date, times: Infinity });
			const answer = await me();
			assert.equal(answer.status, 429);
			const wait = Number(answer.headers['retry-after']);
			assert.ok(wait > 0 && wait <= 60, `${wait} s`);
		});

		test(`${where}: durations are what they are, and lines have the clock's time`, async (t) => {
			const { handler, me, set } = await start(t);
			assert.equal((await me()).status, 200);
			set(ahead);
			const status = await handler.ask('/status');
			const { uptimeSeconds, upstreams } = status.json;
			for (const seconds of [uptimeSeconds, upstreams.graph.lastOkSecondsAgo, upstreams.entraKeys.lastOkSecondsAgo])
				assert.ok(seconds >= 0 && seconds < 600, `${seconds} s`);
			const { ms, time } = await handler.logOf(status);
			assert.ok(ms >= 0 && ms < 600_000, ms);
			assert.ok(Math.abs(Date.parse(time) - Date.now() - ahead * 1000) < 600_000, time);
		});
	}
});

const YEARS_S = 10 * 365 * DAY_S;
const AGED = ['unshare', '--map-root-user', '--time', '--monotonic', String(YEARS_S), '--boottime', String(YEARS_S), '--fork', '--kill-child', '--'];
const mayNot = spawnSync(AGED[0], [...AGED.slice(1), 'true']).status === 0 ? false : 'this machine lets nobody have another clock';

test('on a system that has been up for ten years calls have the time they are given', { skip: mayNot }, async (t) => {
	const { entra, graph, env } = await during(t, startSandbox());
	const port = await freePort();
	const { child, lines, ending } = spawnHandler({ below: AGED, args: ['--port', String(port)], env: { ...env, GRAPH_DEADLINE_MS: '300' } });
	await until(() => answersAt(port));
	const headers = { authorization: `Bearer ${await entra.mintUserToken()}` };
	const me = async () => (await send(`http://127.0.0.1:${port}/me`, { headers })).status;
	await until(async () => await me() === 200); /* the first has to do the most, and a busy machine may be late */
	graph.latencyMs = 60_000;
	assert.equal(await me(), 504);
	const { uptimeSeconds } = (await send(`http://127.0.0.1:${port}/status`)).json;
	assert.ok(uptimeSeconds >= 0 && uptimeSeconds < 600, `${uptimeSeconds} s`);
	process.kill(Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')), 'SIGTERM');
	assert.deepEqual(await ending(), { code: 143, signal: null });
	assertHealthy(lines);
});
