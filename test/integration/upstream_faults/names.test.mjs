/*
 * Names that move, are not found or not told: by a hosts file and a name service of the handler's own, in a
 * mount namespace where the system allows one.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { closing, startFront, to } from '../../sandbox/common/front.mjs';
import { ownAddress } from '../../sandbox/host/client.mjs';
import { assertError, binary, during, startAlone, startSandbox, until } from '../stage/fixture.mjs';

const NAME = 'graph.microsoft.com'; /* the handler knows no other but at port 443; the sandbox's certificate has it */
const ADDRESSES = [2, 3, 4].map(ownAddress);
const NAME_SERVER = ownAddress(53);
const CACHED_MS = 60_000; /* by libcurl, unless told otherwise */
/* Where it would be too much to ask of the system: a mount of one's own, and ports below 1024. */
const skip = !await allowed() && 'needs mount namespaces and low ports';

async function allowed() {
	const front = await startFront(closing, ADDRESSES[0], 443).catch(() => undefined);
	front?.stop();
	return front && spawnSync('unshare', ['-rm', 'mount', '--bind', '/etc/hosts', '/etc/hosts']).status === 0;
}

const files = mkdtempSync(join(tmpdir(), 'names-'));
after(() => rmSync(files, { recursive: true }));
const hosts = (...lines) => writeFileSync(join(files, 'hosts'), lines.map((line) => `${line}\n`).join(''));
hosts();
writeFileSync(join(files, 'resolv.conf'), `nameserver ${NAME_SERVER}\n`);
const command = join(files, 'handler');
writeFileSync(command, `#!/bin/sh
exec unshare -rm sh -c 'mount --bind ${files}/hosts /etc/hosts && mount --bind ${files}/resolv.conf /etc/resolv.conf &&
	exec ${binary} "$@"' handler "$@"
`, { mode: 0o755 });

/* A handler that knows Graph by its name, and what it asks. */
async function stage(t) {
	const sandbox = await during(t, startSandbox({ tls: true }));
	const graphPort = Number(new URL(sandbox.graph.url).port);
	const front = await startFront(to(graphPort), ADDRESSES[0], 443);
	t.after(() => front.stop());
	const handler = await during(t, startAlone({ command, keeps: sandbox, env: { ...sandbox.env, GRAPH_DEADLINE_MS: '4000',
		GRAPH_BASE_URL: `https://${NAME}` } }));
	const token = await sandbox.entra.mintUserToken();
	return { ...sandbox, handler, front, graphPort, me: () => handler.ask('/me', { token }) };
}

test('a name that moved leads to its new address long before a minute is over', { skip }, async (t) => {
	hosts(`${ADDRESSES[0]} ${NAME}`);
	const { me, front, graphPort } = await stage(t);
	assert.equal((await me()).status, 200);
	const moved = await startFront(to(graphPort), ADDRESSES[1], 443);
	t.after(() => moved.stop());
	await front.shut();
	hosts(`${ADDRESSES[1]} ${NAME}`);
	await until(async () => (await me()).status === 200, { limitMs: CACHED_MS / 2 });
	assert.equal(moved.connections, 1);
});

test('of two addresses the one that answers is taken', { skip }, async (t) => {
	hosts(`${ADDRESSES[2]} ${NAME}`, `${ADDRESSES[0]} ${NAME}`);
	const { me } = await stage(t);
	assert.equal((await me()).status, 200);
});

test('a name that is not found is a 503, and once it is found all is well', { skip }, async (t) => {
	hosts();
	const { me, entra, handler } = await stage(t);
	const answer = assertError(await me(), 503, 'upstream_unavailable');
	assert.equal(answer.json.error.upstream.service, 'graph');
	assert.equal((await handler.ask('/hello')).status, 200);
	hosts(`${ADDRESSES[0]} ${NAME}`);
	assert.equal((await me()).status, 200);
	assert.equal(entra.counts.token, 1, 'the token was kept');
});

test('a name service that says nothing costs a call its deadline, and the others nothing', { skip }, async (t) => {
	const silent = dgram.createSocket('udp4');
	t.after(() => silent.close());
	silent.bind(53, NAME_SERVER);
	await once(silent, 'listening');
	hosts();
	const { me, entra, handler } = await stage(t);
	let asked = false;
	silent.on('message', () => { asked = true; });
	const waiting = [me(), me()];
	await until(() => asked);
	for (let i = 0; i < 5; i++)
		assert.equal((await handler.ask('/hello')).status, 200);
	for (const answer of await Promise.all(waiting))
		assertError(answer, 504, 'upstream_timeout');
	assert.equal(entra.counts.token, 1, 'Entra was reached meanwhile');
	hosts(`${ADDRESSES[0]} ${NAME}`);
	assert.equal((await me()).status, 200);
});
