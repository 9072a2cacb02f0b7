/* The rooms of test/: none holds more than one can survey, and no test lies outside of them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const MOST = 20; /* files that a list of names can be read through for */
const RUN = new RegExp(`^test/(${['unit/\\w+/\\w+\\.[ch]', 'integration/\\w+/\\w+\\.test\\.mjs', '(dist|lint|real_az)/\\w+\\.test\\.mjs'].join('|')})$`);

const files = execFileSync(join(ROOT, 'test/lint/files.sh'), { encoding: 'utf8' }).split('\n')
	.filter((file) => file.startsWith('test/') && !file.startsWith('test/fuzz/corpus/'));

test(`no folder below test/ has more than ${MOST} files`, () => {
	const rooms = Map.groupBy(files, dirname);
	const full = [...rooms].filter(([, held]) => held.length > MOST).map(([room, held]) => `${room} has ${held.length} files`);
	assert.ok(!full.length, `fold it by what is proven or by which double is played, at most ${MOST} a folder:\n${full.join('\n')}`);
});

test('every test lies where a runner looks for it', () => {
	const lost = files.filter((file) => (file.startsWith('test/unit/') || file.endsWith('.test.mjs')) && !RUN.test(file));
	assert.ok(!lost.length, `put each into a room (test/unit/ROOM/x.c, test/integration/ROOM/x.test.mjs):\n${lost.join('\n')}`);
});

test('what several rooms share is in none of theirs', () => {
	const inside = files.filter((file) => /^test\/integration\/(?!stage\/)/.test(file) && !file.endsWith('.test.mjs'));
	assert.deepEqual(inside, [], 'it belongs into test/integration/stage');
});

test('a file is named by the rule it holds, not by a number', () => {
	const counted = files.filter((file) => /_\d+\.(test\.)?\w+$/.test(file));
	assert.deepEqual(counted, [], 'say in the name what it proves that its neighbour does not');
});
