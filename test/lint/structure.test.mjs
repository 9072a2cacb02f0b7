/*
 * The rules of the house that no compiler checks: layers, sizes, banned calls, and that the function
 * folders, the settings, the example, the Makefile and the README agree.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileRoute } from '../sandbox/host/routes.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const handler = (...args) => execFileSync(join(ROOT, 'bin/handler'), args, { encoding: 'utf8' });

const FILES = execFileSync('test/lint/files.sh', { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const below = (...folders) => FILES.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));

const sources = below('handler').filter((path) => /\.[ch]$/.test(path));

/* A folder may include those after its name. */
const LAYERS = {
	base: ['base'],
	content: ['content', 'base'],
	http: ['http', 'base'],
	token: ['token', 'http', 'base'],
	graph: ['graph', 'content', 'token', 'http', 'base'],
	mcp: ['mcp', 'http', 'base'],
	door: ['door', 'token', 'http', 'base'],
	endpoints: ['endpoints', 'door', 'mcp', 'graph', 'content', 'token', 'http', 'base'],
};

test('an include only points down the house', () => {
	for (const path of sources) {
		const folder = path.split('/')[1];
		if (!LAYERS[folder]) continue; /* main.c may include all */
		for (const [, included] of read(path).matchAll(/^#include "([^"]+)"/gm)) {
			assert.ok(LAYERS[folder].includes(included.split('/')[0]),
				`${path} includes ${included}`);
		}
	}
});

test('each foreign library has one owner', () => {
	const owners = {
		'curl/': ['handler/http/transfer.h'], /* client.c and transfer.c alone include it */
		civetweb: ['handler/http/incoming.h'], /* incoming.c and server.c alone include it */
		'openssl/': ['handler/base/crypto.c'],
		expat: ['handler/content/xml.c'],
		zlib: ['handler/content/zip.c'],
		'cjson/': ['handler/base/json.h'],
	};
	for (const [library, allowed] of Object.entries(owners)) {
		const users = sources.filter((path) => read(path).includes(`#include <${library}`));
		assert.deepEqual(users, allowed, library);
	}
});

test('nothing is called that cannot be bounded or is not safe in threads', () => {
	const banned = /\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|localtime|gmtime|ctime|asctime|rand|system|popen|alloca|memmem_unsafe|realloc)\(/;
	for (const path of sources) {
		read(path).split('\n').forEach((line, i) => {
			assert.doesNotMatch(line, banned, `${path}:${i + 1}`);
		});
	}
});

/* An endpoint is one of many behind one header. */
test('a source file has a header of its own', () => {
	const paths = sources.filter((path) => /^handler\/(base|content|http|token|graph|mcp|door)\/.*\.c$/.test(path));
	assert.ok(paths.length > 45);
	assert.deepEqual(paths.filter((path) => !existsSync(join(ROOT, path.replace(/c$/, 'h')))), []);
});

test('no two source files have one name, whatever their folders', () => {
	const names = sources.map((path) => path.split('/').at(-1));
	assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});

test('no call across files is switched by a bare true or false', () => {
	for (const path of sources.filter((name) => /^handler\/(base|content|http|token)\/.*\.h$/.test(name)))
		assert.doesNotMatch(read(path), /[(,]\s*bool \w+\s*[,)]/, path);
});

test('a signal is waited for with signalfd, as all else is with poll; only the log has a handler, for what ends the program', () => {
	for (const path of sources)
		assert.doesNotMatch(read(path), /\b(sigwait|sigwaitinfo|sigtimedwait|sigsuspend|pause)\(/, path);
	assert.deepEqual(sources.filter((path) => /\bsigaction\(/.test(read(path))), ['handler/base/log.c']);
});

test('files stay under 400 lines and functions within 70', () => {
	for (const path of [...sources, ...below('test').filter((file) => /\.(mjs|c|h|cs)$/.test(file))]) {
		const lines = read(path).split('\n');
		assert.ok(lines.length <= 401, `${path} has ${lines.length - 1} lines`);
		if (!path.endsWith('.c')) continue;
		let start = 0;
		lines.forEach((line, i) => {
			if (line === '{') start = i;
			if (line !== '}') return;
			assert.ok(i - start <= 71, `${path}:${start + 1} is a function of ${i - start} lines`);
		});
	}
});

test('nothing is left unfinished or points outside the project', () => {
	const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', '../' + 'shared', '.lib' + 'rary'];
	for (const path of [...below('handler', 'test', 'packaging', 'docs', 'apim'), 'README.md', 'Makefile']) {
		if (path.endsWith('package-lock.json')) continue;
		const text = read(path);
		for (const word of words) {
			assert.ok(!new RegExp(`(?<!\\w)${word.replaceAll('.', '\\.')}(?!\\w)`).test(text), `${path} holds ${word}`);
		}
	}
});

test('secrets and local files are not in the repository', { skip: !existsSync(join(ROOT, '.git')) && 'an unpacked tarball' }, () => {
	const forbidden = /(^|\/)(local\.settings\.json|preauth\.json|\.env)$/;
	const committed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
	assert.deepEqual(committed.filter((path) => forbidden.test(path)), []);
});

function functionFolders() {
	return readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'function.json')));
}

test('a function folder holds its function.json and nothing else', () => {
	assert.ok(functionFolders().length >= 5);
	for (const name of functionFolders()) assert.deepEqual(readdirSync(join(ROOT, name)), ['function.json'], name);
});

/* The host authorizes a path by its route and may then send another, made of what the route let in. */
test('no parameter of a route takes what the host would collapse', () => {
	const hostile = ['..', '.', '..\\me', '\\', '%2E%2E', '%2e', '%5C', '..%2Fme', 'a\\..\\..\\me', 'a/b', ''];
	for (const name of functionFolders()) {
		const { route = name } = JSON.parse(read(`${name}/function.json`)).bindings[0];
		for (const [parameter] of route.matchAll(/\{[^}]*\}/g)) {
			assert.match(parameter, /^\{\w+:regex\(\^.+\$\)\??\}$/, `${name}: say what ${parameter} may be`);
			const { regex } = compileRoute('', parameter.replace(/\?\}$/, '}'));
			for (const value of hostile) assert.doesNotMatch(`/${value}`, regex, `${name}: ${parameter}`);
		}
	}
});

test('host.json starts bin/handler, by either way of passing requests on', () => {
	const host = JSON.parse(read('host.json'));
	const { description, ...flags } = host.customHandler;
	assert.equal(host.version, '2.0');
	assert.equal(description.defaultExecutablePath, 'bin/handler');
	assert.deepEqual(flags, { enableForwardingHttpRequest: true, enableProxyingHttpRequest: true });
	assert.equal(host.extensions.http.routePrefix, '');
});

/* [{name, what, fallback}] as the binary itself prints them. */
function settings() {
	const line = /^ {2}([A-Z_]+) +(.+) \[(.*)\]$/gm;
	return [...handler('--help').matchAll(line)]
		.map(([, name, what, fallback]) => ({ name, what, fallback }));
}

test('more threads serve than the host sends requests at once', () => {
	const threads = settings().find(({ name }) => name === 'SERVER_THREADS').fallback;
	const { maxConcurrentRequests } = JSON.parse(read('host.json')).extensions.http;
	assert.ok(Number(threads) >= maxConcurrentRequests + 8);
});

test('local.settings.example.json has every setting, the four required as placeholders', () => {
	const { Values } = JSON.parse(read('local.settings.example.json'));
	const { FUNCTIONS_WORKER_RUNTIME, ...ours } = Values;
	const filledIn = ['CLIENT_ID', 'CLIENT_SECRET', 'TENANT_ID', 'APIM_GATEWAY_URL'];
	assert.equal(FUNCTIONS_WORKER_RUNTIME, 'custom');
	assert.deepEqual(Object.keys(ours), settings().map(({ name }) => name));
	for (const { name, fallback } of settings()) {
		if (filledIn.includes(name)) assert.match(ours[name], /^<.+>$/, name);
		else if (name === 'GRAPH_SCOPE') assert.equal(ours[name], 'https://graph.microsoft.com/User.Read');
		else assert.equal(ours[name], fallback === 'empty' ? '' : fallback, name);
	}
});

/* The cells of the README's table under a heading, without the header rows. */
function tableUnder(heading) {
	const section = read('README.md').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
	assert.ok(section, `README has a section ${heading}`);
	return section.split('\n').filter((line) => line.startsWith('|')).slice(2)
		.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

test("the README's settings are the program's", () => {
	const documented = tableUnder('Settings').map(([name, fallback, what]) => ({
		name: name.replaceAll('`', ''), what, fallback: fallback.replaceAll('`', '') }));
	assert.deepEqual(documented, settings().map(({ name, what, fallback }) => ({ name, what, fallback })));
});

test('every make target that the README names exists, and each has a line in make help', () => {
	const help = execFileSync('make', ['help'], { cwd: ROOT, encoding: 'utf8' });
	const named = [...read('README.md').matchAll(/\bmake ([a-z-]+)/g)].map(([, name]) => name);
	assert.ok(named.includes('run') && named.includes('test'));
	for (const name of named) assert.match(help, new RegExp(`^  make ${name} `, 'm'), name);
});
