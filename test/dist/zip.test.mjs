/*
 * dist/functions.zip as `make dist` left it: what is in it and how, its bill of materials, the checks
 * that its binary had to pass, and that it runs where it is unpacked.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repo, send } from '../integration/stage/fixture.mjs';
import { startHost } from '../sandbox/host/host.mjs';

const zipFile = join(repo, 'dist/functions.zip');
const zip = readFileSync(zipFile);
const bill = JSON.parse(readFileSync(join(repo, 'dist/functions.cdx.json'), 'utf8'));
const lock = readFileSync(join(repo, 'packaging/sources.lock'), 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#')).map((line) => line.split(' '));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const scratch = mkdtempSync(join(tmpdir(), 'handler-dist-'));
after(() => rmSync(scratch, { recursive: true }));

/* The entries of the central directory (APPNOTE 4.3.12): {name, system, mode, extra}. */
function entries() {
	const found = [];
	let at = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06') + 16);
	while (zip.readUInt32LE(at) === 0x02014b50) {
		const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
		found.push({ name: zip.toString('utf8', at + 46, at + 46 + name), extra,
			system: zip[at + 5], mode: zip.readUInt32LE(at + 38) >>> 16 });
		at += 46 + name + extra + comment;
	}
	return found;
}

test('the zip holds host.json, every function, the Graph tools and bin/handler, and nothing else', () => {
	const functions = readdirSync(repo).filter((name) =>
		existsSync(join(repo, name, 'function.json'))).map((name) => `${name}/function.json`);
	assert.ok(functions.length >= 5);
	const tools = readdirSync(join(repo, 'graph-tools')).map((name) => `graph-tools/${name}`);
	assert.ok(tools.length >= 5);
	const names = entries().map(({ name }) => name);
	assert.deepEqual(names, ['bin/handler', 'host.json', ...functions, ...tools].sort());
	const { description } = JSON.parse(readFileSync(join(repo, 'host.json'))).customHandler;
	assert.ok(names.includes(description.defaultExecutablePath));
});

test('the zip is a Unix one: bin/handler may be executed by all, the rest read', () => {
	for (const { name, system, mode, extra } of entries()) {
		assert.equal(system, 3, name);
		assert.equal(mode, name === 'bin/handler' ? 0o100755 : 0o100644, name);
		assert.equal(extra, 0, 'no field that differs from one machine to the next');
	}
});

test('the zip stays below 4 MB', () => {
	assert.ok(zip.length < 4 * 1024 * 1024, String(zip.length));
});

test('unpacked, it runs under the host, forwarding and proxying, and finds its Graph tools', async () => {
	const root = join(scratch, 'wwwroot');
	execFileSync('unzip', ['-q', zipFile, '-d', root]);
	assert.equal(statSync(join(root, 'bin/handler')).mode & 0o777, 0o755);
	for (const mode of ['forwarding', 'proxying']) {
		const host = await startHost({ root, mode, env: { PATH: process.env.PATH, GRAPH_TOOLS: 'get_mail' } });
		try {
			const answer = await send(`${host.url}/hello?name=Zip`);
			assert.deepEqual(answer.json, { message: 'Hello, Zip!' });
			assert.ok((await send(`${host.url}/tools`)).json.tools.some(({ name }) => name === 'get_mail'));
		} finally {
			await host.stop();
		}
	}
});

test('the bill of materials names each of our own changes to a library', () => {
	const named = bill.components.flatMap(({ name, pedigree }) => (pedigree?.patches ?? [])
		.map(({ diff }) => [name, diff.url]));
	const changes = globSync('packaging/patches/*/*.patch', { cwd: repo }).sort()
		.map((path) => [path.split('/')[2], path]);
	assert.ok(changes.length);
	assert.deepEqual(named.sort(), changes.sort());
});

test('the bill of materials names the zip and all that is locked, with hash and licence', () => {
	assert.equal(bill.bomFormat, 'CycloneDX');
	assert.equal(bill.specVersion, '1.5');
	const hashOf = ({ hashes }) => hashes.find(({ alg }) => alg === 'SHA-256').content;
	assert.equal(hashOf(bill.metadata.component.components[0]), sha256(zip));
	const names = new Set(lock.map(([, name]) => name));
	assert.deepEqual(new Set(bill.components.map(({ name }) => name)), names);
	for (const one of bill.components) {
		const rows = lock.filter(([, name]) => name === one.name);
		const [kind, name, version, licence, hash] = rows[0];
		assert.equal(one.version, version);
		assert.equal(one.purl, `pkg:deb/debian/${name}@${encodeURIComponent(version)}`
			+ `?arch=${kind === 'source' ? kind : 'amd64'}&distro=debian-12`);
		assert.equal(hashOf(one), hash);
		const [{ license, expression }] = one.licenses;
		assert.equal(license?.id ?? expression, licence.replaceAll('_', ' '));
		const files = Object.fromEntries(one.components.map((file) => [file.name, hashOf(file)]));
		for (const [, , , , content, file] of rows)
			assert.equal(files[file], content, file);
		assert.ok(Object.keys(files).some((file) => file.endsWith('.a')), 'what was linked');
	}
	assert.deepEqual(bill.dependencies[0].dependsOn.length, names.size);
});

/* Compiles a program of its own and has it checked; gives what the check complains of. */
function complaints(name, flags, source) {
	const at = (suffix) => join(scratch, name + suffix);
	writeFileSync(at('.c'), source ?? '#include <stdio.h>\n#include <string.h>\n'
		+ 'int main(int n, char **v) { char b[64]; snprintf(b, n * 8, "%s", v[0]); return puts(b); }\n');
	const base = ['-O2', '-fPIE', '-fcf-protection=full', '-fstack-protector-strong',
		'-D_FORTIFY_SOURCE=2', ...flags];
	execFileSync('gcc-12', [...base, '-c', '-o', at('.o'), at('.c')]);
	execFileSync('ar', ['rcD', at('.a'), at('.o')]);
	execFileSync('gcc-12', ['-static-pie', '-Wl,-z,relro,-z,now', ...base, '-o', at(''), at('.o')]);
	const { stderr, status } = spawnSync(join(repo, 'packaging/check-binary.sh'), [at(''), at('.a')],
		{ encoding: 'utf8' });
	assert.equal(status !== 0, stderr !== '');
	return stderr;
}

test('the check lets nothing pass that lacks one of the protections', () => {
	assert.equal(complaints('sound', []), '');
	const bytes = (release) => `#include <stdio.h>\n#include <string.h>\nint main(int n, char **v) { char b[64]; snprintf(b, n * 8, "%s", v[0]);
		__asm__ volatile("mov %%rsp, %%rbx; ${release}; mov %%rbx, %%rsp" ::: "rbx"); return puts(b); }\n`;
	assert.equal(complaints('released', [], bytes('sub $-0x80, %%rsp')), '');
	assert.match(complaints('unprobed', [], bytes('sub $0x2000, %%rsp')), /entered unprobed/);
	for (const [name, flags, complaint] of [
		['dynamic', ['-pie'], /needs an interpreter.*\n.*needs shared libraries/],
		['fixed', ['-static', '-no-pie'], /not position-independent/],
		['norelro', ['-Wl,-z,norelro'], /no RELRO segment/],
		['lazy', ['-Wl,-z,lazy'], /full RELRO/],
		['execstack', ['-Wl,-z,execstack'], /executable stack/],
		['noprotector', ['-fno-stack-protector'], /no stack protector/],
		['nofortify', ['-U_FORTIFY_SOURCE'], /no fortified calls/],
		['nocet', ['-fcf-protection=none'], /not marked for CET/]])
		assert.match(complaints(name, flags), complaint, name);
});

/* Runs a copy of packaging/ with a lock of civetweb alone, changed, so that nothing here is touched; with the lists that apt has here. */
function fetchWith(change) {
	const home = join(scratch, 'fetching');
	for (const folder of ['packaging', 'build/dist/apt'])
		cpSync(join(repo, folder), join(home, folder), { recursive: true });
	const rows = lock.filter(([, one]) => one === 'civetweb');
	writeFileSync(join(home, 'packaging/sources.lock'),
		`${rows.map((row) => change(row).join(' ')).join('\n')}\n`);
	return spawnSync(join(home, 'packaging/fetch.sh'), { encoding: 'utf8' });
}

test('a version that Debian has replaced is explained, and how to take the new one', () => {
	const { status, stderr } = fetchWith(([kind, name, , ...rest]) =>
		[kind, name, '1.0-0', ...rest]);
	assert.notEqual(status, 0);
	assert.match(stderr, /no longer offers civetweb 1\.0-0.*it offers: 1\./s);
	assert.match(stderr, /make dist-lock/);
});

test('a file that is not the one locked stops the build', () => {
	const { status, stderr } = fetchWith((row) => row.with(4, sha256('other')));
	assert.notEqual(status, 0);
	assert.match(stderr, /not the one that packaging\/sources\.lock names/);
});
