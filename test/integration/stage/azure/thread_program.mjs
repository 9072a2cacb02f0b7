/* What runs in the thread (thread.mjs): the program, with another fetch. */
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';

globalThis.fetch = (address, { method = 'GET', headers, body } = {}) => new Promise((resolve, reject) => {
	const { port1, port2 } = new MessageChannel();
	port1.once('message', (given) => {
		port1.close();
		if (given.cut) reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } }));
		else resolve(new Response([204, 304].includes(given.status) ? null : given.body, { status: given.status, statusText: given.reason, headers: given.headers }));
	});
	parentPort.postMessage({ address: String(address), method, headers: Object.fromEntries(new Headers(headers)), body, reply: port2 }, [port2]);
});

await import(workerData);
