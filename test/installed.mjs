/*
 * Programs of other ecosystems: each is copied from its folder to where it is built, and made there when
 * it is first wanted or has changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_MS = 900_000;

/* Changes with the program's files. */
function stamp(source) {
	const hash = createHash('sha256');
	for (const file of readdirSync(source, { recursive: true, withFileTypes: true })) {
		if (file.isFile())
			hash.update(readFileSync(join(file.parentPath, file.name)));
	}
	return hash.digest('hex');
}

export function isInstalled(source, folder) {
	const mark = join(folder, '.installed');
	return existsSync(mark) && readFileSync(mark, 'utf8') === stamp(source);
}

/* steps: commands ([command, arguments]) that install or build it, in folder.  Throws with the reason,
 * and the step, when it cannot be had. */
export async function install({ source, folder, steps }) {
	if (isInstalled(source, folder))
		return;
	mkdirSync(folder, { recursive: true });
	cpSync(source, folder, { recursive: true });
	for (const step of steps) {
		const [command, args] = step;
		await run(command, args, { cwd: folder, timeout: INSTALL_MS, maxBuffer: 1 << 26 })
			.catch(({ code, stderr, killed }) => {
				const why = killed ? 'took too long' : stderr?.trim().split('\n').pop() || code;
				throw Object.assign(new Error(`${command} ${args[0]}: ${why}`), { step });
			});
	}
	writeFileSync(join(folder, '.installed'), stamp(source));
}
