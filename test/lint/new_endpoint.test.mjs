/*
 * docs/endpoint.md, done as it says in a copy of the project: its steps are enough, and lint names
 * each that is left out, with its file.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../endpoint_table.mjs';
import { forgotten } from './endpoints.mjs';

const COPY = mkdtempSync(join(tmpdir(), 'endpoint-'));
after(() => rmSync(COPY, { recursive: true }));
const NODE = 'test/node_modules/.bin/node';

const { NODE_TEST_CONTEXT, MAKEFLAGS, MAKELEVEL, ...env } = process.env;
const run = (command, ...args) => execFileSync(command, args, { cwd: COPY, env, encoding: 'utf8', stdio: 'pipe' });
/* The copy has this project's Node and packages, which make is not to install. */
const make = (target) => run('make', '-j2', '-o', NODE, `COMMIT=${readFileSync(join(ROOT, 'build/release/commit'), 'utf8').trim()}`, target);

/* [{path, text}]: a step's file, which is the first that it names, and its block. */
const STEPS = readFileSync(join(ROOT, 'docs/endpoint.md'), 'utf8').split(/^## \d\. /m).slice(1)
	.map((step) => ({ path: step.match(/`([\w/]+\.\w+)`/)[1], text: step.match(/^```\w+\n([^]*?)^```$/m)[1] }));
const BY_HAND = STEPS.slice(0, -1);

/* Before which line a step's text goes into a file that there is. */
const BEFORE = { 'handler/endpoints/endpoints.h': '\n/* Over HTTP. */', 'handler/endpoints/table.c': '\t{"tools",',
	'apim/openapi.yaml': '  /.well-known/oauth-protected-resource:\n' };

/* The text of a file once its step is done. */
function done({ path, text }) {
	if (!existsSync(join(COPY, path))) return text;
	const found = readFileSync(join(COPY, path), 'utf8');
	assert.ok(found.includes(BEFORE[path]), `${path} has ${BEFORE[path]}`);
	return found.replace(BEFORE[path], () => text + BEFORE[path]);
}

before(() => {
	const files = execFileSync('test/lint/files.sh', { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
	const built = ['handler', 'commit', 'obj/handler'].map((path) => `build/release/${path}`);
	execFileSync('cp', ['-a', '--parents', ...files, ...built, COPY], { cwd: ROOT });
	symlinkSync(join(ROOT, 'test/node_modules'), join(COPY, 'test/node_modules'));
	for (const step of BY_HAND) {
		if (step.text.startsWith('cp ')) run('sh', '-c', step.text);
		else writeFileSync(join(COPY, step.path), done(step));
	}
	make('bin/handler');
});

test('what can be written is named, with the command that writes it', () => {
	const written = [/^time\/function\.json: is missing; `make endpoints` writes it$/m, /^README\.md: .*; `make endpoints` writes it$/m,
		/^test\/golden\/tool_time\.json: .* `make endpoints` writes it$/m];
	const lines = forgotten(COPY);
	assert.equal(lines.length, written.length, lines.join('\n'));
	for (const line of written) assert.match(lines.join('\n'), line);
});

test("the document's steps are enough for lint", () => {
	make(STEPS.at(-1).text.match(/^make (\w+)$/m)[1]);
	assert.deepEqual(forgotten(COPY), []);
	run(NODE, '--test', '--test-isolation=none', '--test-reporter=dot', ...['endpoints', 'structure', 'shape', 'gateway'].map((name) => `test/lint/${name}.test.mjs`));
	run(NODE, 'apim/render.mjs', '--settings', 'apim/settings.example.json', '--preauth', 'apim/preauth.example.json');
	run('mono', join(ROOT, 'build/gateway/gateway.exe'), 'lint', '--apim', 'build/apim', '--placeholders');
	assert.match(readFileSync(join(COPY, 'README.md'), 'utf8'), /^\| `\/time` \| GET \| no \| tell the time in UTC or in a zone \|$/m);
});

test('the endpoint answers as a tool', () => {
	const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'time', arguments: { zone: '+02:00' } } };
	const answer = execFileSync(join(COPY, 'bin/handler'), ['--stdio'], { input: `${JSON.stringify(message)}\n`, env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
	assert.match(JSON.parse(answer).result.structuredContent.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+02:00$/);
});

const compiled = (path) => /\.[ch]$/.test(path);

for (const { path } of BY_HAND) {
	test(`${path}, left out, is named`, () => {
		const file = join(COPY, path);
		const text = readFileSync(file, 'utf8');
		if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), file);
		else rmSync(file);
		const lines = forgotten(COPY);
		const { stderr } = compiled(path) ? spawnSync('make', ['-o', NODE, 'endpoints'], { cwd: COPY, env, encoding: 'utf8' }) : {};
		writeFileSync(file, text);
		assert.ok(lines.some((line) => line.startsWith(`${path}: `)), `lint says of it:\n${lines.join('\n')}`);
		if (compiled(path)) assert.match(stderr, new RegExp(`^${path}: `), 'before the compiler does');
	});
}
