/*
 * A Graph, or an instance of this service, over plain HTTP that dies on order: before it reads a request, in its midst, when it
 * has all of it, or in the midst of its answer.  What comes later it answers, so that a request that is sent again is done
 * twice, and counted.
 */
import { once } from 'node:events';
import net from 'node:net';

export const DEATHS = ['before its bytes', 'in their midst', 'after its bytes', 'in its answer'];

/* The request at the beginning of the bytes, {method, path, headers, body, whole}; undefined before its head is there. */
function takeRequest(bytes) {
	const end = bytes.indexOf('\r\n\r\n');
	if (end < 0)
		return undefined;
	const head = bytes.subarray(0, end).toString('latin1');
	const [method, path] = head.split(' ');
	const length = Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? 0);
	return { method, path, head, size: end + 4 + length, whole: bytes.length >= end + 4 + length,
		body: bytes.subarray(end + 4, end + 4 + length).toString() };
}

/* answer: {status, body (JSON)} to a request. */
export async function startMortal(answer = () => ({ status: 200, body: {} })) {
	const taken = []; /* each request of which a byte was read */
	const sockets = new Set();
	let death;

	const dying = (when) => when === death && !(death = undefined);
	function respond(socket, request) {
		const { status, headers = {}, body } = answer(request, taken.length);
		const text = JSON.stringify(body);
		const lines = Object.entries({ 'content-type': 'application/json', 'content-length': text.length, ...headers });
		const bytes = `HTTP/1.1 ${status} OK\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
		if (dying('in its answer'))
			return void socket.write(bytes.slice(0, -1), () => socket.destroy());
		socket.write(bytes);
	}
	function serve(socket) {
		let held = Buffer.alloc(0);
		let open; /* the request under way */
		if (dying('before its bytes'))
			return void socket.destroy();
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => {});
		socket.on('data', (chunk) => {
			held = Buffer.concat([held, chunk]);
			for (let request; (request = takeRequest(held)); held = held.subarray(request.size)) {
				if (!open)
					taken.push(open = {});
				Object.assign(open, request);
				if (dying('in their midst') || (request.whole && dying('after its bytes')))
					return void socket.destroy();
				if (!request.whole)
					return;
				open = undefined;
				respond(socket, request);
			}
		});
	}
	const server = net.createServer(serve).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { taken, url: `http://127.0.0.1:${server.address().port}`,
		/* Dies so at the next occasion: a connection that is kept is no new one. */
		die(when) {
			death = when;
			if (when === 'before its bytes')
				sockets.forEach((socket) => socket.destroy());
		},
		stop() {
			sockets.forEach((socket) => socket.destroy());
			server.close();
		} };
}
