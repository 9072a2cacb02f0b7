/*
 * local.settings.json as the host double reads it, and the other files written by hand: what is wrong
 * in one is named with file, line and key.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../sandbox/common/until.mjs';
import { scriptRoot } from '../../sandbox/host/fixture.mjs';

const REPO = new URL('../../..', import.meta.url).pathname;
const HOST = join(REPO, 'test/sandbox/host/host.mjs');
const SETTINGS = 'local.settings.json';

/* The double over a root whose file has these lines: {at, child, out, err, ended}. */
function run(t, lines, { name = SETTINGS } = {}) {
	const root = scriptRoot();
	const at = join(root, name);
	copyFileSync(join(REPO, 'local.settings.example.json'), join(root, 'local.settings.example.json'));
	writeFileSync(at, lines.join('\n'));
	const child = spawn(process.execPath, [HOST, '--root', root, '--port', '0'], { env: {} });
	const it = { at, child, out: '', err: '', ended: once(child, 'close') };
	for (const name of ['out', 'err'])
		child[`std${name}`].on('data', (chunk) => { it[name] += chunk; });
	t.after(async () => {
		child.kill();
		await it.ended;
		rmSync(root, { recursive: true });
	});
	return it;
}

/* It ends, and says this of the file. */
async function refuses(t, lines, said, options) {
	const it = run(t, lines, options);
	await until(() => it.out.includes('Ctrl-C') || it.child.exitCode !== null);
	assert.ok(!it.out, it.out);
	assert.deepEqual(await it.ended, [1, null], it.err);
	assert.equal(it.err, `${it.at}:${said}\n`);
}

/* The handler starts; what was said of the file before, and the environment that the handler got. */
async function takes(t, lines) {
	const it = run(t, lines);
	await until(() => it.out.includes('Ctrl-C') || it.child.exitCode !== null);
	assert.ok(it.out.includes('Ctrl-C'), it.err);
	const said = it.err.split('\n').filter((line) => line.includes(SETTINGS))
		.map((line) => line.replace(`[host] ${it.at}:`, ''));
	return { said, env: JSON.parse(/^env (.*)$/m.exec(it.out)[1]).env };
}

const file = (...values) => ['{', '"IsEncrypted": false,', '"Values": {', ...values, '}', '}'];

describe('local.settings.json', { concurrency: 4 }, () => {
	for (const [what, lines, said] of [
		['a comma that is missing', file('"A": "1"', '"B": "2"'), '4: a comma is missing, after "A"'],
		['a comma too many', file('"A": "1",', '"B": "2",'), '5: a comma with nothing behind it, after "B"'],
		['a comma too many between members', ['{', '"Values": {},', '}'], '2: a comma with nothing behind it, after "Values"'],
		['a colon that is missing', file('"A" "1"'), '4: a colon is missing, after "A"'],
		['a value that is missing', file('"A": ,', '"B": "2"'), '4: a value is missing, after "A"'],
		['a key that is missing', file('"A": "1", 2'), '4: a key is missing, after "A"'],
		['a key without quotes', file('A: "1"'), '4: something is no JSON, after "Values"'],
		['single quotes', file('"A": "1",', "'B': '2'"), '5: single quotes, where JSON has double ones, after "A"'],
		['a comment', file('"A": "1", // one', '"B": "2"'), '4: a comment, which JSON has not, after "A"'],
		['a text that does not end', file('"A": "1,', '"B": "2"'), '4: a text does not end on its line or has a lone backslash, after "A"'],
		['a lone backslash', file('"A": "C:\\dir"'), '4: a text does not end on its line or has a lone backslash, after "A"'],
		['a file that ends early', file('"A": "1"').slice(0, 4), '4: the file ends here, with something still open, after "A"'],
		['something behind the end', [...file(), '}'], '6: something stands behind the end, after "Values"'],
		['an empty file', [], '1: the file ends here, with something still open'],
		['a list', ['[]'], '1: is no object'],
		['values', ['{', '"values": {"A": "1"}', '}'], '2: "values" must be "Values"'],
		['Vaules', ['{', '"IsEncrypted": false,', '"Vaules": {"A": "1"}', '}'], '3: "Vaules" must be "Values"'],
		['isEncrypted', ['{', '"isEncrypted": true,', '"Values": {}', '}'], '2: "isEncrypted" must be "IsEncrypted"'],
		['no Values', ['{', '"IsEncrypted": false', '}'], '1: has no "Values"'],
		['Values that are no object', ['{', '"Values": []', '}'], '2: "Values" is no object'],
		['encrypted values', ['{', '"IsEncrypted": true,', '"Values": {"A": "1"}', '}'],
			'2: "IsEncrypted" is true, and only func can read encrypted values: func settings decrypt'],
		['a value that is no text', file('"A": "1",', '"B": ["2"]'), '5: "B" is neither text, number nor boolean'],
		['a value that is null', file('"A": null'), '4: "A" is neither text, number nor boolean'],
	])
		test(`${what}: file, line and key`, (t) => refuses(t, lines, said));

	test('its values are the handler\'s environment, whatever else the file holds', async (t) => {
		const { said, env } = await takes(t, ['\ufeff{', '"IsEncrypted": false, "Host": {"CORS": "*"}, "ConnectionStrings": {},',
			'"Values": {"FUNCTIONS_WORKER_RUNTIME": "custom", "LOG_LEVEL": "debug\\u0021", "SERVER_THREADS": 64, "ACCEPT_GRAPH_TOKENS": true}}']);
		assert.deepEqual(said, []);
		assert.deepEqual([env.LOG_LEVEL, env.SERVER_THREADS, env.ACCEPT_GRAPH_TOKENS], ['debug!', '64', 'true']);
	});

	test('a key that looks like a setting, stands twice or outside of Values is named, and the rest works', async (t) => {
		const { said, env } = await takes(t, ['{', '"CLIENT_ID": "1", "Test": {},', '"Values": {', '"ALLOWED_CLIENT_ID": "1",', '"allowed_client_ids": "2",',
			'"OTHER": "3",', '"TENANT_ID": "4",', '"TENANT_ID": "5"', '}', '}']);
		assert.deepEqual(said.sort(), ['2: "CLIENT_ID" stands outside of "Values", where nobody reads it',
			'2: "Test" stands outside of "Values", where nobody reads it',
			'4: "ALLOWED_CLIENT_ID" is no setting; "ALLOWED_CLIENT_IDS" is',
			'5: "allowed_client_ids" is no setting; "ALLOWED_CLIENT_IDS" is',
			'8: "TENANT_ID" stands here again; the last one counts']);
		assert.deepEqual([env.OTHER, env.TENANT_ID], ['3', '5']);
	});
});

test('host.json and function.json are named with line and key too', async (t) => {
	const lines = ['{', '"version": "2.0"', '"customHandler": {}', '}'];
	await refuses(t, lines, '2: a comma is missing, after "version"', { name: 'host.json' });
	await refuses(t, ['{', '"bindings": [', '{"type": "httpTrigger"},', ']', '}'],
		'3: a comma with nothing behind it, after "type"', { name: 'echo/function.json' });
});
