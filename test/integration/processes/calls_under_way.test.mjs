/* What becomes of a call that is under way when the process is told to end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answersAt, assertError, assertHealthy, startAlone, startSandbox, until } from '../stage/fixture.mjs';

const FOR_EVER_MS = 150_000;
const SOON_MS = 20_000; /* on a busy machine too, and far from that */

describe('a call under way when SIGTERM comes', { concurrency: 2 }, () => {
	/* Ends the handler while Graph takes its time: the call's answer, and how long both took. */
	async function endDuringCall(t, latencyMs, meanwhile = () => {}) {
		const { entra, graph, env, stop } = await startSandbox();
		t.after(stop);
		const handler = await startAlone({ env: { ...env, GRAPH_DEADLINE_MS: '200000' } });
		const token = await entra.mintUserToken();
		assert.equal((await handler.ask('/me', { token })).status, 200);
		graph.resetCounts();
		graph.latencyMs = latencyMs;
		const call = handler.ask('/me', { token });
		await until(() => graph.counts.me === 1);
		const begun = performance.now();
		handler.child.kill('SIGTERM');
		await meanwhile(handler, call);
		const answer = await call;
		const answeredMs = performance.now() - begun;
		const end = await handler.ending();
		assert.deepEqual(end, { code: 143, signal: null });
		assert.ok(performance.now() - begun < SOON_MS, 'the process was gone in time');
		assertHealthy(handler.lines);
		return { answer, answeredMs };
	}

	test('is the last: no connection is taken any more, and its own is closed behind it', async (t) => {
		let answered = false;
		const { answer } = await endDuringCall(t, FOR_EVER_MS, async ({ port }, call) => {
			call.then(() => { answered = true; });
			await until(async () => !await answersAt(port));
			assert.equal(answered, false, 'connections were taken while it waited');
		});
		assert.equal(answer.headers.connection, 'close');
	});

	test('is finished when that takes a moment', async (t) => {
		const { answer } = await endDuringCall(t, 150);
		assert.equal(answer.status, 200);
		assert.equal(answer.json.givenName, 'Adele');
	});

	test('is cut short with a 503 in JSON when it would take long', async (t) => {
		const { answer, answeredMs } = await endDuringCall(t, FOR_EVER_MS);
		assertError(answer, 503, 'upstream_unavailable');
		assert.ok(answeredMs < SOON_MS, `${answeredMs} ms`);
	});
});
