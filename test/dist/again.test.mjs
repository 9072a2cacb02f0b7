/*
 * The same sources give the same zip, whoever builds them where: built once more from a clone in
 * another folder, with other permissions for new files, where it is another day.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repo } from '../integration/stage/fixture.mjs';

const home = mkdtempSync(join(tmpdir(), 'handler-again-'));
after(() => rmSync(home, { recursive: true }));

/* Behind or ahead of UTC by so much that the day is another. */
const ANOTHER_DAY = new Date().getUTCHours() < 12 ? 'Etc/GMT+12' : 'Etc/GMT-14';

test('a clone elsewhere makes the same zip and the same bill of materials', () => {
	const git = (...args) => execFileSync('git', args, { cwd: repo, encoding: 'utf8' });
	const clone = join(home, 'somewhere', 'else');
	git('clone', '--quiet', repo, clone);
	const files = git('ls-files', '--cached', '--others', '--exclude-standard').split('\n');
	for (const file of files.filter((name) => name && existsSync(join(repo, name))))
		cpSync(join(repo, file), join(clone, file)); /* what is not committed yet */
	cpSync(join(repo, 'build/dist/files'), join(clone, 'build/dist/files'), { recursive: true });
	execFileSync('sh', ['-c', 'umask 077 && exec make dist'], { cwd: clone,
		env: { PATH: process.env.PATH, HOME: home, LC_ALL: 'C', TZ: ANOTHER_DAY } });
	for (const file of ['dist/functions.zip', 'dist/functions.cdx.json'])
		assert.ok(readFileSync(join(repo, file)).equals(readFileSync(join(clone, file))), file);
});
