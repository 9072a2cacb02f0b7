/*
 * The gateway's files are what API Management takes, and agree with the handler's and the documents: errors,
 * settings, variables; the workflows hold no secret.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';
import yaml from 'js-yaml';
import http from '../sandbox/common/http.mjs';
import { OPTIONS } from '../../apim/deploy/options.mjs';
import { readRefusals } from '../../apim/refusals.mjs';
import { SETTINGS } from '../../apim/settings.mjs';
import { readOperations, withPaths } from '../../apim/openapi.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const contract = () => yaml.load(read('apim/openapi.yaml'));
const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'];

/* [{path, method, operation}] as a real parser reads them. */
function operations(document = contract()) {
	return Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item)
		.map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
}

test('openapi.yaml is valid OpenAPI 3.0.3', async () => {
	const api = await SwaggerParser.validate(contract());
	assert.equal(api.openapi, '3.0.3');
});

test('openapi.yaml is what API Management can import', () => {
	const text = read('apim/openapi.yaml');
	assert.ok(Buffer.byteLength(text) < 4 * 1024 * 1024);
	for (const [, target] of text.matchAll(/\$ref: '([^']+)'/g)) assert.match(target, /^#\/components\/schemas\/\w+$/);
	for (const { path, method, operation } of operations()) {
		assert.ok(METHODS.includes(method.toLowerCase()), `${method} ${path}: an OPTIONS operation would switch cors off`);
		assert.match(operation.operationId, /^[a-z][a-z-]{0,75}$/, 'the id that API Management makes of it is the same');
		for (const { name, in: where, required } of operation.parameters ?? [])
			assert.ok(where === 'query' ? !required : where === 'path' && path.includes(`{${name}}`), `${path}: ${name}`);
		assert.ok((operation.description ?? '').length <= 1000, `${path}: the description of an operation is longer than API Management keeps`);
	}
});

test("the renderer's own reading of openapi.yaml is the parser's", () => {
	const parsed = operations().map(({ path, method, operation }) => ({ id: operation.operationId, method, urlTemplate: path }));
	assert.deepEqual(readOperations(read('apim/openapi.yaml')), parsed);
});

test('the document without some paths is the same but for them', async () => {
	const part = yaml.load(withPaths(read('apim/openapi.yaml'), (path) => !path.startsWith('/.well-known'), 'A note.'));
	const { paths, info, ...rest } = contract();
	const kept = Object.fromEntries(Object.entries(paths).filter(([path]) => !path.startsWith('/.well-known')));
	assert.ok(Object.keys(kept).length < Object.keys(paths).length);
	assert.deepEqual(part, { ...rest, info: { ...info, description: `A note.\n\n${info.description}` }, paths: kept });
	await SwaggerParser.validate(part);
});

/* code -> "status sentence", as the handler's table has them. */
function errors() {
	const rows = read('handler/base/err.c').matchAll(/^\t\{ERR_\w+, (\d+), "(\w+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}/gm);
	const text = (parts) => [...parts.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join('').replaceAll('\\"', '"');
	const all = [...rows].map(([, status, code, parts]) => [code, `${status} ${text(parts)}`]);
	assert.ok(all.length >= 20);
	return new Map(all.filter(([code]) => code !== 'none'));
}

test("docs/errors.md is the handler's table of errors, sentence by sentence", () => {
	const documented = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)]
		.map(([, code, status, sentence]) => [code, `${status} ${sentence}`]);
	assert.deepEqual(documented, [...errors()]);
});

/* [{code, status, reason, error, wait}]: what the gateway says in OAuth's form. */
function oauthRows() {
	const rows = [...read('apim/policies/parts/oauth-refuse.xml')
		.matchAll(/((?:case "\w+":\s*)+|default: )row = "(\d+)\|([^|]+)\|(\w+)\|[^|]*\|(\d*)"/g)]
		.flatMap(([, cases, status, reason, error, wait]) => (cases.match(/(?<=")\w+/g) ?? ['internal_error'])
			.map((code) => ({ code, status, reason, error, wait })));
	assert.ok(rows.length >= 5);
	return rows;
}

test("an error in OAuth's form has the status, the word and the wait that the handler gives it", () => {
	const source = read('handler/door/oauth_error.c');
	const wait = /#define UNAVAILABLE_WAIT_S (\d+)/.exec(source)[1];
	const late = /code == ERR_(\w+) \? 503/.exec(source)[1].toLowerCase();
	for (const { code, wait: waits, status, error, reason } of oauthRows()) {
		const expected = code === late ? '503' : errors().get(code).split(' ')[0];
		assert.deepEqual([status, reason, waits], [expected, http.STATUS_CODES[expected], expected === '503' ? wait : ''], code);
		assert.equal(error, code === 'throttled' || expected === '503' ? 'temporarily_unavailable'
			: Number(expected) < 500 ? 'invalid_request' : 'server_error', code);
	}
});

test('the gateway lets through to /oauth/ as much as the handler reads', () => {
	const [, limit] = /"Content-Length", "0"\)\) > (\d+)\)/.exec(read('apim/policies/operations/oauth.xml'));
	for (const [path, name] of [['form.h', 'FORM_BYTES_MAX'], ['registration.c', 'METADATA_BYTES_MAX']])
		assert.match(read(`handler/door/${path}`), new RegExp(`#define ${name} ${limit}\\b`));
});

test("every error that a policy can give is one of the handler's, with its status, reason and sentence", () => {
	const table = errors();
	const part = read('apim/policies/parts/refuse.xml');
	const rows = [...part.matchAll(/(?:case "(\w+)":|default: code = "(\w+)";) row = "(\d+)\|([^|]+)\|((?:[^"\\]|\\.)*)"/g)]
		.map(([, listed, otherwise, status, reason, text]) => ({ code: listed ?? otherwise, status, reason, text }));
	assert.ok(rows.length >= 10);
	const plain = (text) => text.replaceAll('&apos;', "'").replaceAll('&lt;', '<').replaceAll('\\"', '"');
	for (const { code, status, reason, text } of rows) {
		assert.equal(`${status} ${plain(text)}`, table.get(code), code);
		assert.equal(reason, http.STATUS_CODES[status], code);
	}
	const known = new Set([...rows.map(({ code }) => code), ...oauthRows().map(({ code }) => code), '']);
	for (const { code } of readRefusals()) assert.ok(known.has(code), `an exchange is answered ${code}`);
	const files = ['policies', 'policies/operations', 'policies/parts', 'fragments']
		.flatMap((folder) => readdirSync(join(ROOT, 'apim', folder)).map((name) => join('apim', folder, name)));
	for (const path of files.filter((name) => name.endsWith('.xml'))) {
		const setsCode = [...read(path).matchAll(/<set-variable name="(?:code|decision)" value=(?:"(\w+)"|'@\{([\s\S]*?)\}' \/>)/g)];
		for (const [, word, expression] of setsCode) {
			const codes = word ? [word] : [...expression.matchAll(/return[^;]*;/g)]
				.flatMap(([statement]) => [...statement.matchAll(/"([a-z_]+)"/g)].map(([, code]) => code));
			for (const code of codes) assert.ok(known.has(code), `${path} answers ${code}`);
		}
	}
});

test('in every section of an API or operation the outer policies run too, but where it forwards or answers itself', () => {
	const files = globSync('policies/{*.xml,operations/*.xml,metadata/*.xml}', { cwd: join(ROOT, 'apim') }).filter((name) => name !== 'policies/global.xml');
	assert.ok(files.length >= 8);
	const enough = { backend: /^\t\t<(base|forward-request\b.*) \/>$/m, 'on-error': /^\t\t<(base \/|\?part (oauth-)?on-error\?)>$/m };
	for (const path of files) {
		const sections = [...read(join('apim', path)).matchAll(/^\t<(inbound|backend|outbound|on-error)>([\s\S]*?)^\t<\/\1>/gm)];
		assert.equal(sections.length, 4, path);
		for (const [, name, content] of sections) assert.match(content, enough[name] ?? /^\t\t<base \/>$/m, `${path}: ${name}`);
	}
});

test("docs/errors.md lists Entra's refusals as the handler's table has them", () => {
	const section = read('docs/errors.md').split('\n## What Entra refuses\n')[1].split('\n## ')[0];
	const documented = [...section.matchAll(/^\| [^|]+ \| ([^|]+) \| (\d+) `(\w+)` \|$/gm)].flatMap(([, said, status, code]) => said.split('; ')
		.flatMap((part) => [...part.matchAll(/(?<=[ `])[a-z0-9_]+(?=[,`]|$)/g)]
			.map(([word]) => `${part.startsWith('AADSTS') ? '' : `${part.split(' ')[0]} `}${word}: ${status} ${code}`)));
	const statuses = new Map([...errors()].map(([code, row]) => [code, row.split(' ')[0]]));
	const table = readRefusals().map(({ sign, code }) => `${sign}: ${statuses.get(code)} ${code}`);
	assert.ok(table.length >= 150);
	assert.deepEqual(documented.sort(), table.sort());
	assert.equal(new Set(table.map((row) => row.split(':')[0])).size, table.length, 'no sign stands in two rows');
});

test("docs/gateway.md's settings are the renderer's", () => {
	const section = read('docs/gateway.md').split('\n## Settings\n')[1].split('\n## ')[0];
	const documented = [...section.matchAll(/^\| `(\w+)` \| (.*) \| (.*) \|$/gm)].map(([, name, fallback, what]) => [name, fallback.replaceAll('`', ''), what]);
	const settings = SETTINGS.map(([name, , fallback, what]) => [name, fallback === undefined ? 'required' : fallback === '' ? 'empty'
		: typeof fallback === 'function' ? fallback({ GRAPH_HOST: 'GRAPH_HOST' }) : fallback, what]);
	assert.deepEqual(documented, settings);
});

test("docs/deploy.md's variables are the deployment's", () => {
	const section = read('docs/deploy.md').split('\n## Variables\n')[1].split('\n## ')[0];
	const documented = [...section.matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(([, name, fallback]) => [name, fallback.replaceAll('`', '')]);
	const options = OPTIONS.map(([name, fallback]) => [name, fallback === undefined ? 'required' : fallback]);
	assert.deepEqual(documented.map(([name]) => name), options.map(([name]) => name));
	/* A default that depends on something is said in words. */
	for (const [i, [name, fallback]] of options.entries()) if (fallback) assert.equal(documented[i][1], fallback, name);
});

/* API Management reads policies as XML, where an attribute's line ends are blanks: the rest of a document would be a comment. */
test('no attribute of a policy that is longer than a line has a comment to the end of a line', () => {
	const decode = (text) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
	const commented = (value) => value.includes('\n') && decode(value).replace(/"(?:\\.|[^"\\])*"/g, '""').includes('//');
	const found = (xml) => [...xml.replace(/<!--[\s\S]*?-->/g, '').matchAll(/[\w-]+=(?:"([^"]*)"|'([^']*)')/g)].map(([, a, b]) => a ?? b).filter(commented);
	assert.equal(found(`<a b='@{\n return "https://x"; // why\n}' />`).length, 1);
	assert.equal(found(`<a b='@{\n return "https://x"; /* why */\n}' />`).length, 0);
	for (const path of globSync('apim/{policies,fragments}/**/*.xml', { cwd: ROOT })) assert.deepEqual(found(read(path)), [], path);
});

test('the workflows are well-formed, hold no secret and ask for no more rights than they use', () => {
	const workflows = readdirSync(join(ROOT, '.github/workflows'));
	assert.deepEqual(workflows.sort(), ['ci.yml', 'deploy.yml']);
	for (const name of workflows) {
		const text = read(`.github/workflows/${name}`);
		const { on, jobs, permissions } = yaml.load(text);
		assert.ok(on && Object.keys(jobs).length, name);
		assert.deepEqual(permissions, { contents: 'read', ...(name === 'deploy.yml' ? { 'id-token': 'write' } : {}) }, name);
		for (const [, expression] of text.matchAll(/\$\{\{ *([^}]*?) *\}\}/g))
			assert.match(expression, /^(vars\.\w+( \|\| '[\w:/]+')?|github\.ref|inputs\.what_if && '--what-if' \|\| '')$/, `${name}: ${expression}`);
		for (const { uses } of Object.values(jobs).flatMap(({ steps }) => steps))
			if (uses) assert.match(uses, /^(actions\/checkout|azure\/login)@v\d+$/);
	}
});

test('the workflows run the make targets that exist', () => {
	const makefile = read('Makefile');
	for (const name of ['ci.yml', 'deploy.yml']) {
		for (const [, target] of read(`.github/workflows/${name}`).matchAll(/run: make (\w+)/g))
			if (target !== 'dist') assert.match(makefile, new RegExp(`^${target}:.*## `, 'm'), target);
	}
});
