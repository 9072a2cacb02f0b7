/*
 * How the Azure CLI and the deployment reach the played Azure without a changed address: an HTTP proxy on
 * loopback that answers CONNECT itself and speaks TLS on the same socket, with a certificate for
 * every host name of Azure (common/tls.mjs).  Nothing leaves the machine.
 */
import { once } from 'node:events';
import tls from 'node:tls';
import http from '../common/http.mjs';
import { sandboxCertificate } from '../common/tls.mjs';

const BODY_LIMIT_BYTES = 64 * 1024 * 1024; /* a package is some megabytes */
const IDLE_MS = 300_000;

async function bodyOf(request) {
	const chunks = [];
	let size = 0;
	for await (const chunk of request) {
		size += chunk.length;
		if (size > BODY_LIMIT_BYTES) throw new Error('request body over the sandbox limit');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/* {url, caFile, close()}.  answer({host, method, url, headers, body (bytes)}) gives {status, reason, headers, body
 * (text or bytes)}, or {cut: true}: the connection is broken instead. */
export async function startProxy(answer) {
	const { key, cert, caFile } = await sandboxCertificate();
	const sockets = new Set();
	const inner = http.createServer(async (request, response) => {
		try {
			const { method, headers, socket } = request;
			const url = new URL(request.url, `https://${headers.host}`);
			const given = await answer({ host: socket.playedHost, method, url, headers, body: await bodyOf(request) });
			if (given.cut) return socket.destroy();
			const bytes = Buffer.from(given.body ?? '');
			response.writeHead(given.status, given.reason, { ...given.headers, 'content-length': bytes.length });
			return response.end(bytes);
		} catch (error) {
			/* Named so that a mistake here is never taken for Azure's. */
			response.writeHead(500, { 'content-type': 'text/plain' });
			return response.end(`The sandbox failed: ${error.stack}`);
		}
	});
	inner.keepAliveTimeout = IDLE_MS;
	const secureContext = tls.createSecureContext({ key, cert });
	const proxy = http.createServer((request, response) => response.writeHead(405).end('only CONNECT'));
	proxy.on('connect', ({ url }, socket, head) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket)).on('error', () => {});
		socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
		if (head.length) socket.unshift(head);
		const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
		secure.playedHost = url.replace(/:443$/, '').toLowerCase();
		secure.on('error', () => {});
		inner.emit('connection', secure);
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	return { url: `http://127.0.0.1:${proxy.address().port}`, caFile, close() {
		for (const socket of sockets) socket.destroy();
		return new Promise((resolve) => { proxy.close(resolve); });
	} };
}
