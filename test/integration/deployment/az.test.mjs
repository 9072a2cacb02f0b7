/* How the deployment runs az: what it makes of its answers, its refusals and its silence. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { az, tokenFor } from '../../../apim/deploy/az.mjs';
import { uploadPackage } from '../../../apim/deploy/functions.mjs';
import { Run } from '../../../apim/deploy/run.mjs';
import { HANGS_MS } from '../../sandbox/common/until.mjs';

/* An environment whose az is that script; undefined: there is none. */
function azOf(t, script) {
	const folder = mkdtempSync(join(tmpdir(), 'az-'));
	t.after(() => rmSync(folder, { recursive: true }));
	if (script) writeFileSync(join(folder, 'az'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	return { PATH: script ? `${folder}:/usr/bin:/bin` : folder, FOLDER: folder };
}

test('what az prints is read as JSON; nothing is nothing', async (t) => {
	assert.deepEqual(await az(['account', 'show'], { env: azOf(t, 'echo "{\\"id\\": \\"$1 $2 $4 $5\\"}"') }), { id: 'account show --output json' });
	assert.equal(await az(['x'], { env: azOf(t, 'true') }), undefined);
	await assert.rejects(az(['x', 'y'], { env: azOf(t, 'echo no') }), /az x y printed what is no JSON/);
});

test('a refusal is told in az\'s own words, without its warnings', async (t) => {
	const env = azOf(t, 'echo "WARNING: old" >&2; echo "ERROR: Please run az login" >&2; exit 1');
	await assert.rejects(az(['account', 'show'], { env }), (error) => /^az account show failed: ERROR: Please run az login$/.test(error.message) && !/old/.test(error.message));
});

test('an az that is not there is named, with what to do', async (t) => {
	await assert.rejects(az(['x'], { env: azOf(t) }), ({ message, advice }) => /not installed/.test(message) && /az login/.test(advice));
});

test('an az that does not end is ended, with whatever it started', { timeout: HANGS_MS }, async (t) => {
	const env = azOf(t, 'sleep 600 & echo $! >"$FOLDER/pid"; wait');
	await assert.rejects(az(['functionapp', 'deployment'], { env, limitS: 0.3 }), /az functionapp deployment did not end in 0.3 seconds/);
});

test('a token is taken until the time that az says, old or new', async (t) => {
	const { PATH } = process.env;
	t.after(() => { process.env.PATH = PATH; });
	process.env.PATH = azOf(t, 'echo "{\\"accessToken\\": \\"t\\", \\"expires_on\\": 5, \\"expiresOn\\": \\"x\\"}"').PATH;
	assert.deepEqual(await tokenFor('a'), { value: 't', endsMs: 5000 });
	process.env.PATH = azOf(t, 'echo "{\\"accessToken\\": \\"t\\", \\"expiresOn\\": \\"2026-01-01T00:00:00Z\\"}"').PATH;
	assert.deepEqual(await tokenFor('a'), { value: 't', endsMs: Date.parse('2026-01-01T00:00:00Z') });
});

test('an az that waits for an app for ever has ZIP_LIMIT_S, then it is said where to look, and the package stays to be brought', { timeout: HANGS_MS }, async (t) => {
	const { PATH } = process.env;
	t.after(() => { process.env.PATH = PATH; });
	const { PATH: silent, FOLDER } = azOf(t, 'sleep 600');
	process.env.PATH = silent;
	writeFileSync(join(FOLDER, 'x.zip'), 'zip');
	const run = new Run({ options: { TRIES: 3, WAIT_S: 0, RG: 'rg', PACKAGE: join(FOLDER, 'x.zip'), ZIP_LIMIT_S: 0.3 }, print: () => {} });
	const it = { run, options: run.options, names: { site: 'app-1' }, provider: (path) => path, known: { FUNCTION_APP_URL: 'https://app' },
		arm: { get: () => ({}), tag: () => assert.fail('the app has not got it') } };
	await assert.rejects(uploadPackage(it), ({ message, advice }) => /did not end in 0\.3 seconds/.test(message) && /https:\/\/app\/status and at the log stream of app-1/.test(advice));
});
