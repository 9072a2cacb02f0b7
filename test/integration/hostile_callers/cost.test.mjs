/* Bodies that cost more than they weigh. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertError, during, startAlone, startSandbox } from '../stage/fixture.mjs';

const MIB = 1024 * 1024;

/* A sanitizer's own memory says nothing about the handler's. */
const isSanitized = (pid) => /lib[at]san/.test(readFileSync(`/proc/${pid}/maps`, 'utf8'));

/* The most memory that the process ever had resident. */
function peakBytes(pid) {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)[1]) * 1024;
}

test('JSON of too many values is refused before it takes its memory', async (t) => {
	const { env } = await during(t, startSandbox());
	const one = await during(t, startAlone({ env }));
	const ones = '1,'.repeat((MIB - 20) / 2);
	const bodies = [`{"a":[${ones}1]}`, `{"a":[${'{},'.repeat(MIB / 3 - 10)}1]}`,
		`[${'[],'.repeat(MIB / 3 - 10)}1]`];
	const before = peakBytes(one.pid);
	for (const body of bodies) {
		assert.ok(body.length <= MIB);
		const calls = Array.from({ length: 40 }, () => one.ask('/hello', { method: 'POST',
			headers: { 'content-type': 'application/json' }, body }));
		for (const answer of await Promise.all(calls))
			assert.match(assertError(answer, 400, 'bad_request').json.error.message,
				/too many values/);
	}
	const grown = peakBytes(one.pid) - before;
	if (!isSanitized(one.pid))
		assert.ok(grown < 150 * MIB, `${grown} bytes more than before`);
});
