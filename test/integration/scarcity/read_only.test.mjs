/* Nowhere to write: every file system read-only, and nothing in /tmp, unless the program itself is there.  Nothing is
 * kept on disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { during, startAlone, startSandbox } from '../stage/fixture.mjs';

/* What a mount of its own kind cannot be made of (/proc, /sys) nobody could write files to either. */
const SCRIPT = `case "$1$PWD/" in */tmp/*) ;; *) mount -t tmpfs -o ro,mode=000 none /tmp || exit 98 ;; esac
while read -r _ at _; do mount -o remount,bind,ro "$at" 2>/dev/null; done </proc/mounts
for at in / /tmp /var/tmp /dev/shm /run .; do ! touch "$at/probe" 2>/dev/null || exit 99; done
exec "$@"`;
const NOWHERE = ['unshare', '--map-root-user', '--mount', 'sh', '-c', SCRIPT, 'sh'];
const mayNot = spawnSync(NOWHERE[0], [...NOWHERE.slice(1), 'true']).status === 0 ? false : 'this machine lets nobody mount';

test('with nowhere to write all is served, and no file is open', { skip: mayNot }, async (t) => {
	const { entra, env } = await during(t, startSandbox({ tls: true }));
	const handler = await during(t, startAlone({ env, below: NOWHERE }));
	const token = await entra.mintUserToken();
	for (const path of ['/hello', '/me', '/me', '/status?ready=1'])
		assert.equal((await handler.ask(path, { token })).status, 200, path);
	const echo = await handler.ask('/echo', { method: 'POST', body: 'x'.repeat(1_000_000) });
	assert.equal(echo.bytes.length, 1_000_000);
	const open = readdirSync(`/proc/${handler.pid}/fd`).map((fd) => readlinkSync(`/proc/${handler.pid}/fd/${fd}`));
	assert.deepEqual(open.filter((name) => !/^(socket|pipe|anon_inode):|^\/dev\/null$/.test(name)), []);
});
