/* The fetch of a thread, which the thread that started it answers (thread.mjs). */
import { parentPort } from 'node:worker_threads';
import http from '../../../sandbox/common/http.mjs';

const named = (headers = {}) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/* What the programs use of a Response: to load the library of the real one takes as long as a deployment that changes nothing. */
class Answer {
	#bytes;

	constructor({ status, reason, headers, body }) {
		Object.assign(this, { status, statusText: reason ?? http.STATUS_CODES[status], ok: status < 300, headers: new Map(Object.entries(named(headers))) });
		this.#bytes = Buffer.from(body ?? '');
	}

	arrayBuffer = async () => this.#bytes;
	text = async () => this.#bytes.toString();
	json = async () => JSON.parse(this.#bytes);
}

const asked = [];
globalThis.fetch = (address, { method = 'GET', headers, body } = {}) => new Promise((resolve, reject) => {
	const id = asked.push({ resolve, reject }) - 1;
	parentPort.postMessage({ id, address: String(address), method, headers: named(headers), body: body instanceof URLSearchParams ? `${body}` : body });
});

function answered(id, given) {
	const { resolve, reject } = asked[id];
	delete asked[id];
	if (given.cut) reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }));
	else resolve(new Answer(given));
}

parentPort.on('message', ({ id, answer }) => answer && answered(id, answer));
