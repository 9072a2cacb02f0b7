/*
 * civetweb gives each of its threads 100 KiB of stack and nothing at its end but a page that kills
 * the process: no call may come near it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { during, startAlone, startSandbox } from '../stage/fixture.mjs';

const STACK_KB = 100;
const LEFT_KB = 12; /* what the deepest call has to leave */

/* The memory that was ever used of each thread's stack, in KiB; none where the stacks are larger, as
 * a sanitizer's are.  What a file is mapped to is no stack. */
function stacksOf(pid) {
	const maps = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
	return maps.filter((map) => / 00:00 0 *$/m.test(map) && map.includes(`Size: ${String(STACK_KB).padStart(18)} kB`))
		.map((map) => Number(/^Rss:\s+(\d+) kB/m.exec(map)[1]));
}

/* Everything is new to it: the keys, the caller's token, the Graph token. */
test('a batch that calls me for the first time leaves stack to its thread', async (t) => {
	const sandbox = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: sandbox.env }));
	const params = { name: 'me', arguments: { include: ['photo', 'manager'] } };
	const answer = await handler.ask('/mcp', { method: 'POST',
		token: await sandbox.entra.mintUserToken(), headers: { 'content-type': 'application/json' },
		body: JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'tools/call', params }]) });
	assert.equal(answer.json[0].result.structuredContent.displayName, 'Adele Vance');
	for (const used of stacksOf(handler.pid))
		assert.ok(used <= STACK_KB - LEFT_KB, `${used} KiB of ${STACK_KB}`);
});
