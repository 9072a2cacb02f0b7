/*
 * What the tests of the scripts in apim/ stand on: a desk with a stand-in for az and curl
 * (test/sandbox/az/stand_in.mjs), where a script is run and every call is seen.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startAzStandIn } from '../../sandbox/az/stand_in.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const PREAUTH = join(ROOT, 'apim/preauth.example.json');

/* A folder with az, curl and a package; run() starts the deployment in it, start() another script. */
export async function desk(t) {
	const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
	const file = (name) => join(folder, name);
	const azure = await startAzStandIn(file('bin'));
	t.after(() => {
		azure.stop();
		rmSync(folder, { recursive: true });
	});
	mkdirSync(file('tmp'));
	writeFileSync(file('functions.zip'), 'a package');
	async function start(script, more, ...args) {
		azure.calls.length = 0;
		const env = { PATH: `${file('bin')}:${process.env.PATH}`, HOME: folder, TMPDIR: file('tmp'), RG: 'rg-test',
			LOCATION: 'westeurope', TRIES: '2', WAIT_S: '0', PREAUTH, PACKAGE: file('functions.zip'), RENDERED: file('build'), ...more };
		const child = spawn(join(ROOT, 'apim', script), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
		const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
		assert.deepEqual(readdirSync(file('tmp')), [], 'nothing is left in the temporary folder');
		const lines = azure.calls.map(({ program, argv }) => [program, ...argv].join(' '));
		return { status, output, errors, lines, calls: [...azure.calls], changes: azure.calls.filter((call) => call.changes) };
	}
	const run = (more = {}, ...args) => start('deploy.sh', more, ...args);
	return { run, start, azure, file };
}

export async function deployed(t, more) {
	const it = await desk(t);
	const first = await it.run(more);
	assert.equal(first.status, 0, first.errors);
	return { ...it, first, state: it.azure.state };
}

/* The calls that match the patterns, which must occur in this order. */
export function inOrder(lines, patterns) {
	let from = 0;
	for (const pattern of patterns) {
		const found = lines.findIndex((line, i) => i >= from && pattern.test(line));
		assert.ok(found >= from, `${pattern} after call ${from}`);
		from = found + 1;
	}
}
