/*
 * One gateway emulator that checks documents, for all the instances of this process: it says whether API Management
 * takes a policy, its C# compiled.  What was asked once is not asked again; what it took, by no other process either, as
 * long as it is the same emulator: most tests of the deployment store the same policies.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM } from '../../gateway/gateway.mjs';
import { readLines } from '../../host/console.mjs';

let running;
const answers = new Map();
const TAKEN = join(dirname(PROGRAM), 'taken');	/* an empty file for each document */
/* Every secret of the double is another each time, and made of letters that any document takes. */
const SECRETS = /SECRET-[\w-]+=*/g;

function start() {
	const child = spawn('mono', [PROGRAM, 'check'], { stdio: ['pipe', 'pipe', 'inherit'] });
	const waiting = [];
	const stop = (reason) => {
		running = undefined;
		for (const { reject } of waiting.splice(0)) reject(new Error(`the policy check ended (${reason}): make gateway builds it`));
	};
	child.once('error', ({ message }) => stop(message));
	child.once('exit', (code) => stop(`exit ${code}`));
	child.stdin.on('error', () => {});
	readLines(child.stdout, (line) => waiting.shift().resolve(JSON.parse(line)));
	process.on('exit', () => child.kill('SIGKILL'));
	/* Whoever asks has a connection open meanwhile. */
	for (const one of [child, child.stdin, child.stdout]) one.unref();
	return { ask(line) {
		const { promise, resolve, reject } = Promise.withResolvers();
		waiting.push({ resolve, reject });
		child.stdin.write(`${line}\n`);
		return promise;
	} };
}

let program;
function markOf(line) {
	program ??= readFileSync(PROGRAM);
	return join(TAKEN, createHash('sha256').update(program).update(line.replace(SECRETS, 'SECRET-')).digest('hex'));
}

async function answerTo(line) {
	const mark = markOf(line);
	if (existsSync(mark)) return [];
	running ??= start();
	const found = await running.ask(line);
	if (found.length === 0) {
		mkdirSync(TAKEN, { recursive: true });
		writeFileSync(mark, '');
	}
	return found;
}

/* What is wrong with {file (says the scope, as docs/gateway-emulator.md), text (XML), values, fragments}: [{path, text}]. */
export function checkPolicy(asked) {
	const line = JSON.stringify(asked);
	if (!answers.has(line)) answers.set(line, answerTo(line));
	return answers.get(line);
}
