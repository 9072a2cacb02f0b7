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
import { repo } from '../../sandbox/common/repo.mjs';
import { until } from '../../sandbox/common/until.mjs';
import { scriptRoot } from '../../sandbox/host/fixture.mjs';
import { startHost } from '../../sandbox/host/host.mjs';
import { readSettings } from '../../sandbox/host/settings.mjs';

const HOST = join(repo, 'test/sandbox/host/host.mjs');
const SETTINGS = 'local.settings.json';

/* A root whose file has these lines: {root, at (the file)}. */
function rootOf(t, lines, name = SETTINGS) {
	const root = scriptRoot();
	t.after(() => rmSync(root, { recursive: true }));
	copyFileSync(join(repo, 'local.settings.example.json'), join(root, 'local.settings.example.json'));
	writeFileSync(join(root, name), lines.join('\n'));
	return { root, at: join(root, name) };
}

/* The double as a program over it: {at, child, out, err, ended}; it runs, or it has ended. */
async function run(t, lines) {
	const { root, at } = rootOf(t, lines);
	const child = spawn(process.execPath, [HOST, '--root', root, '--port', '0'], { env: {} });
	const it = { at, child, out: '', err: '', ended: once(child, 'close') };
	for (const name of ['out', 'err'])
		child[`std${name}`].on('data', (chunk) => { it[name] += chunk; });
	t.after(async () => {
		child.kill();
		await it.ended;
	});
	await until(() => it.out.includes('Ctrl-C') || child.exitCode !== null);
	return it;
}

/* The handler starts; what was said of the file before, and the environment that the handler got. */
async function takes(t, lines) {
	const it = await run(t, lines);
	assert.ok(it.out.includes('Ctrl-C'), it.err);
	const said = it.err.split('\n').filter((line) => line.includes(SETTINGS))
		.map((line) => line.replace(`[host] ${it.at}:`, ''));
	return { said, env: JSON.parse(/^env (.*)$/m.exec(it.out)[1]).env };
}

const file = (...values) => ['{', '"IsEncrypted": false,', '"Values": {', ...values, '}', '}'];

describe('local.settings.json', () => {
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
		test(`${what}: file, line and key`, (t) => {
			const { root, at } = rootOf(t, lines);
			assert.throws(() => readSettings(root), { message: `${at}:${said}` });
		});

	test('what is wrong ends the program, which says so and no more', async (t) => {
		const it = await run(t, file('"A": "1"', '"B": "2"'));
		assert.deepEqual([it.out, await it.ended], ['', [1, null]], it.err);
		assert.equal(it.err, `${it.at}:4: a comma is missing, after "A"\n`);
	});

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
	for (const [name, lines, said] of [
		['host.json', ['{', '"version": "2.0"', '"customHandler": {}', '}'], '2: a comma is missing, after "version"'],
		['echo/function.json', ['{', '"bindings": [', '{"type": "httpTrigger"},', ']', '}'], '3: a comma with nothing behind it, after "type"'],
	]) {
		const { root, at } = rootOf(t, lines, name);
		await assert.rejects(startHost({ root }), { message: `${at}:${said}` });
	}
});
