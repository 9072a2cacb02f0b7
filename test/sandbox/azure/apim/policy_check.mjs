/*
 * One gateway emulator that checks documents, for all the instances of this process: it says whether API Management
 * takes a policy, its C# compiled.  What was asked once is not asked again.
 */
import { spawn } from 'node:child_process';
import { PROGRAM } from '../../gateway/gateway.mjs';
import { readLines } from '../../host/console.mjs';

let running;
const answers = new Map();

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

/* What is wrong with {file (says the scope, as docs/gateway-emulator.md), text (XML), values, fragments}: [{path, text}]. */
export function checkPolicy(asked) {
	const line = JSON.stringify(asked);
	if (!answers.has(line)) {
		running ??= start();
		answers.set(line, running.ask(line));
	}
	return answers.get(line);
}
