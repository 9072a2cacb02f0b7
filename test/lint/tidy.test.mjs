/* tidy.sh in a project of one file: what it refuses, and what makes it ask again about what has passed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROJECT = mkdtempSync(join(tmpdir(), 'tidy-'));
after(() => rmSync(PROJECT, { recursive: true }));

const SOURCE = 'handler/base/one.c';
const OBJECT = 'build/release/obj/handler/base/one.o';
const GOOD = 'int one(int a);\nint one(int a)\n{\n\treturn a;\n}\n';
const UNUSED = GOOD.replace('\treturn', '\tint b;\n\treturn');
const TO_NULL = GOOD.replace('return a', 'int *b = 0;\n\n\treturn a ? a : *b');
const STRING_PLUS = 'const char *one(void);\nconst char *one(void)\n{\n\treturn "text" + 1;\n}\n';

function write(path, text) {
	mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
	writeFileSync(join(PROJECT, path), text);
}

const LONG_AGO = Date.now() / 1000 - 1000;
beforeEach(() => {
	for (const path of ['.clang-tidy', 'test/lint/tidy.sh']) cpSync(join(ROOT, path), join(PROJECT, path));
	rmSync(join(PROJECT, 'build'), { recursive: true, force: true });
	write(SOURCE, GOOD);
	write(OBJECT, '');
	utimesSync(join(PROJECT, OBJECT), LONG_AGO, LONG_AGO);
});

function tidy(env) {
	const { status, stdout } = spawnSync('test/lint/tidy.sh', [SOURCE], { cwd: PROJECT, encoding: 'utf8', env: { PATH: process.env.PATH, WARNINGS: '-Wall', ...env } });
	return status ? stdout : 'passed';
}

test('what the analyzer finds is refused, and what the compiler or clang alone warns of', () => {
	for (const [text, word] of [[TO_NULL, /core\.NullDereference/], [UNUSED, /diagnostic-unused-variable/], [STRING_PLUS, /diagnostic-string-plus-int/]]) {
		write(SOURCE, text);
		assert.match(tidy(), word);
	}
});

test('what has passed is asked about again when its object is made anew, and not before', () => {
	assert.equal(tidy(), 'passed');
	write(SOURCE, STRING_PLUS);
	assert.equal(tidy(), 'passed');
	write(OBJECT, '');
	assert.match(tidy(), /string-plus-int/);
});

test('what has failed is asked about each time', () => {
	write(SOURCE, STRING_PLUS);
	for (const time of ['first', 'second']) assert.match(tidy(), /string-plus-int/, time);
	write(SOURCE, GOOD);
	assert.equal(tidy(), 'passed');
});

/* A clang-tidy that calls itself another. */
write('bin/clang-tidy', `#!/bin/sh\nPATH=${process.env.PATH}\n[ "$1" = --version ] && echo another || exec clang-tidy "$@"\n`);
chmodSync(join(PROJECT, 'bin/clang-tidy'), 0o755);

test('another version, other warnings, DEEP=1 and another configuration have all asked about again', () => {
	assert.equal(tidy(), 'passed');
	write(SOURCE, STRING_PLUS);
	for (const env of [{ PATH: `${join(PROJECT, 'bin')}:${process.env.PATH}` }, { WARNINGS: '-Wall -Wextra' }, { DEEP: '1' }])
		assert.match(tidy(env), /string-plus-int/, JSON.stringify(env));
	appendFileSync(join(PROJECT, '.clang-tidy'), '# more\n');
	assert.match(tidy(), /string-plus-int/);
});
