/* Floods (programs/flood.c): who is held, who was answered what, and what a binary promises of them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, '../../../build/bench/bin/flood');

export const total = (counts, name) => Object.values(counts).reduce((sum, one) => sum + one[name], 0);

/*
 * Opens so many connections of each kind ({idle: 1000, head: 1000}) to the port and holds them.
 * counts: as flood.c printed them last; turn(): resolves when it has printed again.  stop() closes them.
 * pin: makes a command and its arguments one that is bound to a processor.
 */
export async function startFlood(port, kinds, { pin = (command, args) => [command, args] } = {}) {
	const [file, args] = pin(PROGRAM, [String(port), ...Object.entries(kinds).map((kind) => kind.join('='))]);
	const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'exit');
	const lines = createInterface({ input: child.stdout });
	const flood = { counts: {}, turn: () => once(lines, 'line'),
		async stop() {
			child.stdin.end();
			const [code] = await ended;
			if (code !== 0)
				throw new Error(`the flood ended with ${code}`);
		} };
	lines.on('line', (line) => { flood.counts = JSON.parse(line); });
	await Promise.race([flood.turn(), ended]);
	return flood;
}

/* Whether a connection that waits costs this binary no thread. */
export function waitsWithoutThread(binary) {
	return execFileSync(binary, ['--version'], { encoding: 'utf8' }).includes('no thread for a waiting connection');
}
