/*
 * The Makefile anywhere: whatever the path, the release and the tools of the machine.  Reads what
 * `make -n` would do, here and in a copy as a tarball gives it: without .git, inside another repository.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const HOME = mkdtempSync(join(tmpdir(), 'makefile-'));
after(() => rmSync(HOME, { recursive: true }));
const ENV = { PATH: process.env.PATH, HOME, LC_ALL: 'C' };

const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, env: ENV, encoding: 'utf8', maxBuffer: 1 << 26 });
const files = (root) => run(root, 'test/lint/files.sh').trim().split('\n');

/* What make would do for a target, without doing it. */
const would = (...args) => run(ROOT, 'make', '-n', ...args);
const wouldElsewhere = (...args) => run(unpacked(), 'make', '-n', ...args);

/* The groups of packages that a target has installed where nothing is made yet. */
const groups = (target) => new Set([...wouldElsewhere(target).matchAll(/^test\/install\.sh (.*)$/gm)]
	.flatMap(([, list]) => list.split(' ')));

/* The project as a tarball holds it, in a folder with a blank, inside somebody's repository. */
function unpacked() {
	const root = join(HOME, 'a b', 'c');
	if (existsSync(root)) return root;
	mkdirSync(root, { recursive: true });
	run(ROOT, 'cp', '-a', '--parents', ...files(ROOT), root);
	run(join(HOME, 'a b'), 'git', 'init', '-q');
	run(join(HOME, 'a b'), 'git', '-c', 'user.name=a', '-c', 'user.email=a@example', 'commit', '-q', '--allow-empty', '-m', 'theirs');
	return root;
}

test('a switch is off where it says 0, no or nothing, and on where it says 1 or yes', () => {
	const switches = [['run', 'GATEWAY', '--gateway 8080'], ['deploy', 'WHAT_IF', '--what-if']];
	for (const [target, name, option] of switches) {
		for (const off of ['', '0', 'no']) assert.ok(!would(target, `${name}=${off}`).includes(option.split(' ')[0]), `${name}=${off}`);
		for (const on of ['1', 'yes']) assert.ok(would(target, `${name}=${on}`).includes(option), `${name}=${on}`);
	}
	assert.match(would('run', 'GATEWAY=8081'), /--gateway 8081/);
	/* Itself, not what the makes it calls would do, each of which compiles everything. */
	const asan = (all) => would('asan', `ALL=${all}`, 'MAKE=:');
	assert.match(asan('1'), /VARIANT=asan integration\s*$/);
	for (const off of ['', '0', 'no']) assert.match(asan(off), /VARIANT=asan integration .*hostile_callers\/wire/, off);
});

test('what README has one run, and what must pass before a change lands, are the unit tests, the integration tests and lint', () => {
	const parts = [/test\/run-unit\.sh build/, /--test-concurrency=\d+ test\/integration\/\*/, /^WARNINGS='-Wall .*' test\/lint\/run\.sh$/m];
	const checked = readFileSync(join(ROOT, '.ci/run'), 'utf8');
	const commands = would('test');
	for (const part of parts) assert.match(commands, part);
	for (const target of ['test', 'asan', 'tsan', 'deploy-test', 'fuzz', 'dist-test'])
		assert.match(checked, new RegExp(`^[^#]*\\bmake ${target}\\b`, 'm'), target);
});

/* Lines with $(MAKE), also while the real make runs here. */
test('what make -n runs all the same writes to no file of the checkout', () => {
	const lines = files(ROOT).filter((file) => /(^Makefile|\.mk)$/.test(file))
		.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').split('\n'));
	const run = lines.filter((line) => line.startsWith('\t') && line.includes('$(MAKE)'));
	assert.ok(run.length > 0);
	assert.deepEqual(run.filter((line) => />(?!&|"\$\$)/.test(line)), []);
});

test('make start listens where PORT says, under the host and under its double', () => {
	const commands = would('start', 'PORT=7099');
	assert.match(commands, /func start --port 7099/);
	assert.match(commands, /host\.mjs --root \. --port 7099/);
});

test('a checkout may have a blank in its path', () => {
	for (const target of ['run', 'dist', 'dist-test', 'dist-test-bullseye', 'integration', 'mutate', 'bench', 'floods', 'interop', 'scale-out', 'deploy', 'deploy-test', 'fresh-test']) {
		const unquoted = wouldElsewhere(target, 'RELEASE=trixie').replace(/'[^']*'|"[^"]*"/g, '').split('\n');
		assert.deepEqual(unquoted.filter((line) => line.includes('/a b/')), [], `make ${target}: quote the path`);
	}
});

test('what is not committed here has no commit', () => {
	assert.ok(wouldElsewhere('bin/handler').includes("echo 'unknown'"));
});

test('the sources are found without git', () => {
	const here = files(ROOT);
	assert.ok(here.includes('handler/main.c') && here.includes('.ci/run'));
	assert.deepEqual(here.filter((file) => /^(build|bin|dist)\/|node_modules/.test(file)), []);
	assert.deepEqual(files(unpacked()), here);
});

test('each target has only what it needs installed', () => {
	assert.deepEqual(groups('run'), new Set(['build', 'node']));
	assert.deepEqual(groups('unit'), new Set(['build', 'unit']));
	const wanted = readFileSync(join(ROOT, 'test/install.sh'), 'utf8');
	assert.deepEqual([...wanted.matchAll(/^unit (\S+)/gm)].map(([, probe]) => probe), ['libcmocka-dev']);
});

test('Node.js is the one that the project brings', () => {
	for (const target of ['policies', 'deploy', 'lint', 'run', 'start']) {
		assert.deepEqual(would(target).match(/^node |[;&|] *node /m), null, target);
		assert.ok(wouldElsewhere(target).includes('npm ci'), target);
	}
});

test('where the release has no Newtonsoft.Json, the emulator gets Debian 12\'s', () => {
	const commands = wouldElsewhere('gateway', 'NEWTONSOFT_OF_RELEASE=');
	for (const part of ['packaging/newtonsoft.sh build/gateway/Newtonsoft.Json.dll', '-r:build/gateway/Newtonsoft.Json.dll'])
		assert.ok(commands.includes(part), part);
});

/* Stand-ins for apt-get, which takes a while, and for what asks whether a package is there. */
function standIns() {
	const bin = join(HOME, 'bin');
	const state = join(HOME, 'state');
	for (const folder of [bin, state]) mkdirSync(folder);
	const programs = {
		'apt-get': `[ "$1" != update ] || exit 0
mkdir ${state}/busy || echo two at once >>${state}/log
sleep 0.5
echo installed >>${state}/log
rmdir ${state}/busy`,
		'apt-cache': 'exit 0',
		'dpkg-query': `[ -e ${state}/log ] && echo install ok installed`,
		sudo: 'exec "$@"',
	};
	for (const [name, text] of Object.entries(programs)) {
		writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
		chmodSync(join(bin, name), 0o755);
	}
	return { path: `${bin}:${ENV.PATH}`, log: join(state, 'log') };
}

test('packages are installed by one at a time, and once', async () => {
	const { path, log } = standIns();
	const install = () => promisify(execFile)(join(ROOT, 'test/install.sh'), ['build'], { env: { ...ENV, PATH: path } });
	await Promise.all([install(), install(), install()]);
	assert.equal(readFileSync(log, 'utf8'), 'installed\n');
});
