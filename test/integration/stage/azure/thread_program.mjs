/* What runs in the thread (thread.mjs): one program after another, with another fetch. */
import { parentPort } from 'node:worker_threads';

const named = (headers = {}) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/* What the programs use of a Response: to load the library of the real one takes as long as a deployment that changes nothing. */
class Answer {
	#bytes;

	constructor({ status, headers, body }) {
		Object.assign(this, { status, ok: status < 300, headers: new Map(Object.entries(named(headers))) });
		this.#bytes = Buffer.from(body ?? '');
	}

	arrayBuffer = async () => this.#bytes;
	text = async () => this.#bytes.toString();
	json = async () => JSON.parse(this.#bytes);
}

const asked = [];
globalThis.fetch = (address, { method = 'GET', headers, body } = {}) => new Promise((resolve, reject) => {
	const id = asked.push({ resolve, reject }) - 1;
	parentPort.postMessage({ id, address: String(address), method, headers: named(headers), body });
});

function answered(id, given) {
	const { resolve, reject } = asked[id];
	delete asked[id];
	if (given.cut) reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }));
	else resolve(new Answer(given));
}

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

parentPort.on('message', ({ id, answer, ...program }) => (answer ? answered(id, answer) : run(program)));
