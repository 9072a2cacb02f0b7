/*
 * The installation of the real az below build/: whole or not at all, and a line that says why not.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { repo } from '../../sandbox/common/repo.mjs';

const AZ = 'test/sandbox/azure/az';
const TOOLS = ['sh', 'cat', 'cut', 'dirname', 'mkdir', 'rm', 'sha256sum', 'tail', 'chmod'];

/* A checkout with the installer alone, and a PATH with what it may find; venv, pip: what python3 does there, which is missing without the first. */
function checkout(t, { venv, pip = 'mkdir "$home/wheels"' }) {
	const root = mkdtempSync(join(tmpdir(), 'az install-'));
	t.after(() => rmSync(root, { recursive: true }));
	cpSync(join(repo, AZ), join(root, AZ), { recursive: true });
	mkdirSync(join(root, 'bin'));
	for (const tool of TOOLS)
		symlinkSync(process.env.PATH.split(delimiter).map((folder) => join(folder, tool)).find(existsSync), join(root, 'bin', tool));
	if (venv) writeFileSync(join(root, 'bin/python3'), `#!/bin/sh\nhome=build/azure-cli\ncase $2 in\nvenv) ${venv} ;;\npip) echo "$@" >>asked; ${pip} ;;\nesac\n`, { mode: 0o755 });
	const install = () => execFileSync(join(root, AZ, 'install.sh'), { env: { PATH: join(root, 'bin') }, encoding: 'utf8' });
	return { root, install, home: join(root, 'build/azure-cli'), asked: () => readFileSync(join(root, 'asked'), 'utf8') };
}

/* The environment's python unpacks nothing here. */
const VENV = 'mkdir -p "$home/bin" && printf "#!/bin/sh\n" >"$home/bin/python" && chmod +x "$home/bin/python"';

for (const [what, fakes, words] of [
	['python3', {}, /^azure-cli: there is no python3; what needs the real az is skipped\n$/],
	['venv', { venv: 'exit 1' }, /^azure-cli: python3 has no venv; /],
	['PyPI', { venv: VENV, pip: 'echo "no route to host" >&2; exit 1' }, /\nazure-cli: PyPI did not give it \(no route to host\); /],
])
	test(`where ${what} is missing it says one line, leaves nothing and does not fail`, (t) => {
		const { install, home } = checkout(t, fakes);
		assert.match(install(), words);
		assert.equal(existsSync(home), false);
	});

test('it installs the whole list without its dependencies, once, and anew when the list changes', (t) => {
	const { root, install, asked } = checkout(t, { venv: VENV });
	install();
	assert.match(asked(), /^-m pip download .*--no-deps --only-binary :all: --dest build\/azure-cli\/wheels -r test\/sandbox\/azure\/az\/requirements\.txt\n$/);
	assert.equal(install(), '');
	writeFileSync(join(root, AZ, 'requirements.txt'), 'azure-cli==0.0.0\n');
	install();
	assert.equal(asked().split('\n').length, 3);
});

test('every package of the list has its version', () => {
	const lines = readFileSync(join(repo, AZ, 'requirements.txt'), 'utf8').trim().split('\n');
	assert.deepEqual(lines.filter((line) => !/^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$/.test(line)), []);
	assert.ok(lines.some((line) => line.startsWith('azure-cli==')));
});
