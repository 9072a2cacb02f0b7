/*
 * A relay before one of the sandbox's services that may say more than it was asked: each whole answer
 * of HTTP/1.1, or each frame of HTTP/2, is given to `mangle`, which writes what it likes to the
 * client.
 */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { sandboxCertificate } from '../../../sandbox/common/tls.mjs';

/* The body of a message in chunks, and where it ends; undefined while it is not all there. */
function takeChunks(bytes, from) {
	const parts = [];
	for (let at = from;;) {
		const line = bytes.indexOf('\r\n', at);
		const size = parseInt(bytes.subarray(at, line).toString('latin1'), 16);
		const end = line + 2 + size;
		if (line < 0 || bytes.length < end + 2)
			return undefined;
		if (size === 0)
			return { body: Buffer.concat(parts), size: end + 2 };
		parts.push(bytes.subarray(line + 2, end));
		at = end + 2;
	}
}

/* The first whole answer in the bytes, {head, body, size}, the head with a length; undefined while
 * it is not all there. */
function takeAnswer(bytes) {
	const end = bytes.indexOf('\r\n\r\n') + 4;
	if (end < 4)
		return undefined;
	const head = bytes.subarray(0, end).toString('latin1');
	if (/^transfer-encoding: chunked\r$/im.test(head)) {
		const taken = takeChunks(bytes, end);
		return taken && { ...taken, head: head.replace(/^transfer-encoding: chunked\r$/im,
			`content-length: ${taken.body.length}\r`) };
	}
	const size = end + Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
	return bytes.length < size ? undefined
		: { head, body: bytes.subarray(end, size), size };
}

/* The first frame in the bytes (RFC 9113 §4.1), {type, flags, stream, payload, bytes, size}. */
function takeFrame(bytes) {
	const size = bytes.length < 9 ? Infinity : 9 + bytes.readUIntBE(0, 3);
	return bytes.length < size ? undefined : { type: bytes[3], flags: bytes[4],
		stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, size),
		bytes: bytes.subarray(0, size), size };
}

function forward(client, upstream, take, onAnswer) {
	let held = Buffer.alloc(0);
	client.pipe(upstream);
	upstream.on('data', (chunk) => {
		held = Buffer.concat([held, chunk]);
		for (let answer; (answer = take(held)); held = held.subarray(answer.size))
			onAnswer(answer);
	});
	for (const [one, other] of [[client, upstream], [upstream, client]]) {
		one.setNoDelay(true); /* or a second answer waits until the first is acknowledged */
		one.on('error', () => {});
		one.on('close', () => other.destroy());
	}
}

/* port: the service's, on 127.0.0.1; options of tls.createServer in place of the relay's own.  relay.mangle(client, {head, body}), or (client, frame) over
 * HTTP/2, may be changed at any time. */
export async function startRelay({ tls: secure, h2 = false, port, ...options }) {
	const ALPNProtocols = [h2 ? 'h2' : 'http/1.1'];
	const { key, cert } = await sandboxCertificate();
	const sockets = new Set();
	const sayings = [];
	const relay = { connections: 0,
		/* All that it says by itself has been said. */
		async silence() { await Promise.all(sayings.splice(0)); },
		mangle: (client, { head, body, bytes }) =>
			client.write(bytes ?? Buffer.concat([Buffer.from(head), body])) };
	const onClient = (client) => {
		relay.connections++;
		const upstream = secure
			? tls.connect({ port, host: '127.0.0.1', ALPNProtocols, rejectUnauthorized: false })
			: net.connect(port, '127.0.0.1');
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.once('close', () => sockets.delete(socket));
		}
		forward(client, upstream, h2 ? takeFrame : takeAnswer, (answer) => sayings.push(relay.mangle(client, answer)));
	};
	const server = secure
		? tls.createServer({ key, cert, ALPNProtocols, ...options }, onClient)
		: net.createServer(onClient);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return Object.assign(relay, {
		url: `${secure ? 'https' : 'http'}://127.0.0.1:${server.address().port}`,
		stop() {
			sockets.forEach((socket) => socket.destroy());
			return new Promise((resolve) => { server.close(resolve); });
		} });
}
