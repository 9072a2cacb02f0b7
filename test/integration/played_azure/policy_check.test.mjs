/* The emulator that says of a policy whether API Management takes it is asked no more often than needed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../stage/azure_desk.mjs';

const MODULE = new URL('../../sandbox/azure/apim/policy_check.mjs', import.meta.url).href;
/* Stands in for the emulator: writes down what it is asked, and refuses what is wrong. */
const MONO = `#!/bin/sh
while read -r line; do
	echo "$line" >>"$ASKED"
	case $line in *wrong*) echo '[{"text":"wrong"}]' ;; *) echo '[]' ;; esac
done
`;

/* {check(text): what another process is told of a document, asked(): the documents that the emulator was asked about, build(source)}. */
function emulator(t) {
	const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = (name) => join(folder, name);
	mkdirSync(file('bin'));
	writeFileSync(file('bin/mono'), MONO, { mode: 0o755 });
	writeFileSync(file('asked'), '');
	const build = (source) => writeFileSync(file('gateway.exe'), source);
	build('one');
	return { build, asked: () => readFileSync(file('asked'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line).text), async check(text) {
		const source = `setInterval(() => {}, 1000); import { checkPolicy } from '${MODULE}'; console.log(JSON.stringify(await checkPolicy({ text: ${JSON.stringify(text)} }))); process.exit()`;
		const { output, errors } = await run(process.execPath, ['--input-type=module', '--eval', source],
			{ PATH: `${file('bin')}:${process.env.PATH}`, GATEWAY_EXE: file('gateway.exe'), ASKED: file('asked') });
		assert.equal(errors, '');
		return JSON.parse(output);
	} };
}

test('a document that was taken is not asked about again by another process, also with another secret in it', async (t) => {
	const { check, asked } = emulator(t);
	for (const text of ['<a>SECRET-One_1==</a>', '<a>SECRET-One_1==</a>', '<a>SECRET-two-2</a>']) assert.deepEqual(await check(text), []);
	assert.deepEqual(asked(), ['<a>SECRET-One_1==</a>']);
	assert.deepEqual(await check('<b />'), []);
	assert.equal(asked().length, 2);
});

test('a document that was refused is refused again, with the emulator\'s words', async (t) => {
	const { check, asked } = emulator(t);
	for (const _ of [1, 2]) assert.deepEqual(await check('<wrong />'), [{ text: 'wrong' }]);
	assert.equal(asked().length, 2);
});

test('another build of the emulator is asked anew', async (t) => {
	const { check, asked, build } = emulator(t);
	await check('<a />');
	build('two');
	await check('<a />');
	assert.equal(asked().length, 2);
});
