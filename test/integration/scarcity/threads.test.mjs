/* No more threads to be had: at the start, which then says so, and later, when what is there serves on. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { answersAt, assertError, assertHealthy, binary, during, send, spawnHandler, startAlone, startSandbox, until } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { threadsOf } from '../stage/scarcity/process.mjs';
import { scratch } from '../stage/scarcity/preload.mjs';

/* The limit counts what a user runs, and is none for root: whoever runs this gets a user that runs nothing else. */
const root = process.getuid() === 0;
let last = 200_000 + process.pid;
const another = () => root ? ['setpriv', `--reuid=${++last}`, `--regid=${last}`, '--clear-groups'] : ['unshare', '--map-current-user'];
const skip = spawnSync(another()[0], [...another().slice(1), 'true']).status !== 0 && 'this machine lets nobody be another user';
const below = (threads, as = another()) => ['prlimit', `--nproc=${threads}:`, '--', ...as];

/* Where any user may read it. */
const command = scratch('handler');
copyFileSync(binary, command);
chmodSync(command, 0o755);
chmodSync(dirname(command), 0o755);

describe('at the start', { concurrency: 2, skip }, () => {
	for (const threads of [1, 2, 3, 4, 5, 8, 40]) {
		test(`with ${threads} threads it serves, or ends with 1 and says that threads are missing`, async (t) => {
			const { env } = await during(t, startSandbox());
			const port = await freePort();
			const { child, lines, ending } = spawnHandler({ command, below: below(threads), env, args: ['--port', String(port)] });
			const gone = ending();
			await until(async () => child.exitCode !== null || lines.some(({ text }) => text.includes('event=listening')));
			if (child.exitCode === null) {
				assert.equal((await send(`http://127.0.0.1:${port}/hello`)).status, 200);
				child.kill('SIGTERM');
				assert.equal((await gone).code, 143);
			} else {
				assert.equal((await gone).code, 1);
				const failed = lines.map(({ text }) => text).filter((text) => /event=start_failed|no thread to be had/.test(text));
				assert.equal(failed.length, 1, lines.map(({ text }) => text).join('\n'));
				assert.match(failed[0], /thread/);
				assert.equal(await answersAt(port), false);
			}
			assertHealthy(lines);
		});
	}
});

test('once it runs: a call that needs one fails, others do not, and it is as before when there are some again', { skip }, async (t) => {
	const { entra, env } = await during(t, startSandbox());
	const as = another();
	const handler = await during(t, startAlone({ env, command, below: below(1000, as) }));
	const setTo = (count) => execFileSync('env', [...(root ? as : []), 'prlimit', `--nproc=${count}:`, '--pid', String(handler.pid)]);
	const token = await entra.mintUserToken();
	await handler.ask('/hello');
	const threads = threadsOf(handler.pid);
	setTo(1);
	assertError(await handler.ask('/me', { token }), 503, 'upstream_unavailable'); /* the keys are fetched by a thread of their own */
	for (const path of ['/hello', '/status', '/status?ready=1'])
		assert.equal((await handler.ask(path)).status, 200, path);
	assert.ok(threadsOf(handler.pid) <= threads);
	setTo(1000);
	await until(async () => (await handler.ask('/me', { token })).status === 200);
	setTo(1);
	assert.equal((await handler.ask('/me', { token })).status, 200);
});
