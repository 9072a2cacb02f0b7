/* Many calls that Graph throttles at once: what of the handler is left for everybody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError, atSomeScale, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

test('throttled calls that wait leave threads to the others, and most do not wait', (t) => atSomeScale(async (scale) => {
	const THREADS = 64;
	const CALLS = 60;
	const { entra, graph, env } = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: { ...env, SERVER_THREADS: String(THREADS), CALLS_PER_CALLER_MAX: String(CALLS),
		GRAPH_DEADLINE_MS: String(8000 * scale) } })); /* room for one wait, not for two */
	const me = (token) => handler.ask('/me', { token });
	const token = await entra.mintUserToken();
	const other = await entra.mintUserToken({ user: 'zoe' });
	for (const one of [token, other])
		assert.equal((await me(one)).status, 200);
	const retryAfter = 5 * scale;
	graph.resetCounts();
	graph.fail({ kind: 'throttle', retryAfter, user: 'adele', times: Infinity });
	let answered = 0;
	const calls = Array.from({ length: CALLS }, async () => {
		const answer = await me(token);
		answered++;
		return answer;
	});
	await until(() => answered >= CALLS - THREADS / 8);
	for (const path of ['/', '/hello', '/']) {
		assert.equal((await handler.ask(path)).status, 200);
	}
	assert.equal((await me(other)).status, 200);
	const waiting = CALLS - answered;
	assert.ok(waiting > 0, 'some did wait meanwhile');
	assert.equal(graph.counts.me, CALLS + 1, 'nobody was tried again before the others were answered');
	for (const answer of await Promise.all(calls)) {
		assertError(answer, 429, 'throttled');
		assert.equal(answer.headers['retry-after'], String(retryAfter));
	}
	assert.equal(graph.counts.me, CALLS + 1 + waiting, 'who waited was tried again');
}, [1, 4]));
