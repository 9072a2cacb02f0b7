/*
 * Programs of npm's packages, run to their end: as a person starts them, each a process of its own, or one
 * after another in a process that stays.  Nearly all that one costs is the loading of its modules.
 */
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after } from 'node:test';
import { readLines } from '../../../sandbox/host/console.mjs';
import { repo } from '../fixture.mjs';

const LIMIT_MS = 300_000; /* on a busy machine */

/* The file that a package's command runs. */
export function program(name, command = name) {
	const folder = join(repo, 'test/node_modules', name);
	return join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin[command]);
}

/* The environment that a program needs to be found and to start soon. */
export const toStart = () => {
	const { PATH, NODE_COMPILE_CACHE } = process.env;
	return { PATH, NODE_COMPILE_CACHE };
};

/* Both streams are read from here on, line by line. */
function heard({ stdout, stderr }, onLine = () => {}) {
	const [out, err] = [[], []];
	for (const [stream, lines] of [[stdout, out], [stderr, err]])
		readLines(stream, (text) => { lines.push(text); onLine(text); });
	return (code) => ({ code, out: out.join('\n'), err: err.join('\n') });
}

/* {code, out, err} of a script that is started as a command; onLine sees each line of both streams. */
export async function run(script, args, { cwd, env, limitMs = LIMIT_MS, onLine }) {
	const child = spawn(process.execPath, [script, ...args],
		{ cwd, env: { ...toStart(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' });
	const result = heard(child, onLine);
	const [code] = await once(child, 'close');
	return result(code);
}

let one; /* the process that stays, as long as the file's tests */
let busy = false;
after(async () => {
	one?.disconnect();
	await (one && once(one, 'exit'));
});

/* The same, but in the process that stays. */
export async function runInTurn(script, args, { cwd, env, limitMs = LIMIT_MS, onLine }) {
	assert.ok(!busy, 'one after another');
	busy = true;
	one ??= fork(new URL('one_process.mjs', import.meta.url), { env: toStart(), execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
	const result = heard(streams, onLine);
	const timer = setTimeout(() => one.kill('SIGKILL'), limitMs);
	one.send({ script, args, cwd, env: { ...toStart(), ...env } });
	const code = await new Promise((resolve) => {
		one.removeAllListeners('exit').removeAllListeners('message').once('exit', (status) => { one = undefined; resolve(status); })
			.on('message', ({ ended, stream, text }) => (stream ? streams[stream].write(text) : resolve(ended)));
	});
	clearTimeout(timer);
	await Promise.all(Object.values(streams).map((stream) => once(stream.end(), 'end')));
	busy = false;
	return result(code);
}
