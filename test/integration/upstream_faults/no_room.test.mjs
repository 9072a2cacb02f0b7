/* A Graph that takes the connection and no request on it, or no request's body. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startGraph } from '../../sandbox/graph/graph.mjs';
import { assertError, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

const sandbox = await startSandbox({ tls: true });
after(() => sandbox.stop());
const { entra } = sandbox;

async function before(t, tls) {
	const graph = await startGraph({ entra, tls });
	t.after(() => graph.close());
	const handler = await during(t, startAlone({ env: { ...sandbox.env, GRAPH_DEADLINE_MS: '2000', GRAPH_BASE_URL: graph.url }, keeps: sandbox }));
	const token = await entra.mintUserToken();
	return { graph, handler, ask: (path) => handler.ask(path, { token }) };
}

test('that lets no stream begin: calls are refused or end at their deadline, and what needs no Graph is answered', async (t) => {
	const { graph, handler, ask } = await before(t, { streams: 0 });
	const calls = Promise.all(Array.from({ length: 10 }, () => ask('/me')));
	assert.equal((await handler.ask('/hello')).status, 200);
	for (const answer of await calls)
		assertError(answer, answer.status, { 503: 'upstream_unavailable', 504: 'upstream_timeout' }[answer.status]);
	assert.equal(graph.counts.me, 0);
});

test('that gives a body no window: only calls that have one wait for it', async (t) => {
	const { handler, ask } = await before(t, { settings: { initialWindowSize: 0 } });
	await until(async () => (await ask('/me')).status === 200); /* the first has to do the most, and a busy machine may be late */
	const stuck = Promise.all(Array.from({ length: 10 }, () => ask('/me?include=manager')));
	for (let i = 0; i < 10; i++)
		assert.equal((await ask('/me')).status, 200);
	for (const answer of await stuck)
		assertError(answer, 504, 'upstream_timeout');
	assert.equal((await handler.ask('/hello')).status, 200);
	assert.equal((await ask('/me')).status, 200);
});
