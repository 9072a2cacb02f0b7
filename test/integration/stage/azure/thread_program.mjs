/* What runs in the thread (thread.mjs): one program after another, with another fetch and another az. */
import { parentPort } from 'node:worker_threads';
import './thread_fetch.mjs';
import './thread_az.mjs';

/* Each stream's words, of which the console's are some. */
const said = {};
for (const name of ['stdout', 'stderr'])
	process[name].write = (text) => Boolean(said[name] += text);

let programs = 0;
/* As if it had been started: its own module is a new one each time; those that it imports keep nothing between programs. */
async function run({ program, args, env }) {
	Object.assign(said, { stdout: '', stderr: '' });
	process.env = env;
	process.argv.splice(1, Infinity, program, ...args);
	process.exitCode = undefined;
	const status = await import(`${program}?${programs++}`).then(() => process.exitCode ?? 0, (error) => {
		said.stderr += `${error.stack}\n`;
		return 1;
	});
	parentPort.postMessage({ ended: { status, output: said.stdout, errors: said.stderr } });
}

parentPort.on('message', ({ answer, ...program }) => answer ?? run(program));
