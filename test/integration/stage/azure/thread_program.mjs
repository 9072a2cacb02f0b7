/* What runs in the thread (thread.mjs): the program, with another fetch. */
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';

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

globalThis.fetch = (address, { method = 'GET', headers, body } = {}) => new Promise((resolve, reject) => {
	const { port1, port2 } = new MessageChannel();
	port1.once('message', (given) => {
		port1.close();
		if (given.cut) reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }));
		else resolve(new Answer(given));
	});
	parentPort.postMessage({ address: String(address), method, headers: named(headers), body, reply: port2 }, [port2]);
});

await import(workerData);
