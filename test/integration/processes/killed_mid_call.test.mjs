/*
 * The handler killed without warning by its host while calls are under way: what each client sees, and that the
 * next handler begins as if nothing had been.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { during, send, startHosted, startSandbox, until } from '../stage/fixture.mjs';

const CALLS = 12;
const RPC = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'me', arguments: {} } });

const seen = ({ status, text }) => status === 500 ? `500 ${text || 'empty'}` : `${status}`;

/* What a call of each kind sees: with a body (as a tool) and without. */
const EXPECTED = {
	forwarding: { tool: ['500 empty'], plain: ['500 empty'] },
	payload: { tool: ['500 empty'], plain: ['500 empty'] },
	proxying: { tool: ['500 empty'], plain: ['200'] }, /* the host sends it again, to the next handler */
};

describe('killed with calls under way', { concurrency: 3 }, () => {
	for (const [mode, expected] of Object.entries(EXPECTED)) {
		test(`${mode}: each client hears of it, and the next handler serves at once and knows nothing of them`, async (t) => {
			const { entra, graph, env } = await during(t, startSandbox({ tls: true }));
			const handler = await during(t, startHosted({ env, mode }));
			const { host } = handler;
			const pid = host.handlerPid;
			const home = readdirSync(dirname(`/proc/${pid}/cwd/x`)).sort();
			const authorizations = await Promise.all(Array.from({ length: CALLS }, async (_, i) => {
				entra.addUser(`u${i}`, { username: `u${i}@contoso.example` });
				return `Bearer ${await entra.mintUserToken({ user: `u${i}` })}`;
			}));
			graph.latencyMs = 600_000;
			const ask = (tool, authorization) => send(`${handler.url}/${tool ? 'mcp' : 'me'}`, tool ? { method: 'POST', body: RPC,
				headers: { authorization, 'content-type': 'application/json', accept: 'application/json, text/event-stream' } }
				: { headers: { authorization } });
			const calls = authorizations.map((authorization, i) => ask(i % 2 === 1, authorization));
			await until(() => graph.counts.me === CALLS);
			graph.latencyMs = 0;
			await host.kill();
			assert.equal((await handler.ask('/hello')).status, 200);
			const answers = await Promise.all(calls);
			assert.deepEqual([...new Set(answers.filter((_, i) => i % 2 === 1).map(seen))], expected.tool);
			assert.deepEqual([...new Set(answers.filter((_, i) => i % 2 === 0).map(seen))], expected.plain);
			assert.equal((await ask(false, authorizations[0])).status, 200);
			assert.notEqual(host.handlerPid, pid);
			assert.equal(existsSync(`/proc/${pid}`), false);
			assert.deepEqual(readdirSync(`/proc/${host.handlerPid}/cwd`).sort(), home);
			const { counters } = (await handler.ask('/status')).json;
			assert.ok(counters.me.requests <= CALLS / 2 + 1 && counters.mcp.requests === 0, JSON.stringify(counters));
		});
	}
});
