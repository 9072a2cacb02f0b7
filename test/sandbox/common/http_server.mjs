/*
 * The HTTP floor under the sandbox Entra and Graph: one listener, plain HTTP/1.1 or TLS with
 * HTTP/2 and HTTP/1.1 side by side, and one Exchange object per request.
 *
 * It knows each request's TCP connection, because a double that cannot break a connection at a
 * chosen moment cannot prove that a client survives it.
 */
import http from './http.mjs';
import { sandboxCertificate } from './tls.mjs';

const BODY_LIMIT_BYTES = 1024 * 1024;
const HEADERS_LIMIT_BYTES = 64 * 1024;	/* oversized tokens must arrive, to be refused */
const IDLE_MS = 300_000;	/* the client, never the sandbox, closes idle connections */

/* Waits without keeping the process alive, so that a slow answer never outlives its test. */
export function pause(ms) {
	return new Promise((resolve) => { setTimeout(resolve, ms).unref(); });
}

const underWay = new WeakMap();	/* socket -> how many exchanges */

function count(socket, res) {
	underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
	res.once('close', () => {
		underWay.set(socket, underWay.get(socket) - 1);
		socket.emit('answered');
	});
}

/* One request and its answer.  An answer is {status, headers, body (string, bytes or object),
 * streamed (no Content-Length)}; the service's baseHeaders are added to every one. */
export class Exchange {
	constructor(req, res, socket) {
		this.req = req;
		this.res = res;
		this.socket = socket;
		this.url = new URL(req.url, 'http://sandbox.invalid');
		this.baseHeaders = {};
	}

	header(name) {
		return this.req.headers[name];
	}

	async bodyText() {
		const chunks = [];
		let size = 0;
		for await (const chunk of this.req) {
			size += chunk.length;
			if (size > BODY_LIMIT_BYTES)
				throw new Error('request body over the sandbox limit');
			chunks.push(chunk);
		}
		return Buffer.concat(chunks).toString('utf8');
	}

	start({ status = 200, headers = {} }, length) {
		const all = { ...this.baseHeaders, ...headers };
		if (length !== undefined)
			all['content-length'] = length;
		this.res.writeHead(status, all);
	}

	get gone() {
		return this.res.destroyed || this.res.writableEnded || this.socket?.destroyed;
	}

	send(answer) {
		if (this.gone)
			return;
		const bytes = bodyBytes(answer.body);
		this.start(answer, answer.streamed ? undefined : bytes.length);
		this.res.end(bytes);
	}

	/* Ends the whole TCP connection, and with it every HTTP/2 stream on it. */
	destroyConnection() {
		this.socket?.destroy();
	}

	/* The same, as a server does it with a connection that nobody uses: what was answered on it has
	 * left, and what is still asked is answered first. */
	async closeConnection() {
		while (underWay.get(this.socket) > 0)
			await new Promise((resolve) => { this.socket.once('answered', resolve); });
		this.socket.end(() => this.socket.destroy());
	}
}

/* The bytes of an answer's body; an object is sent as JSON. */
export function bodyBytes(body) {
	if (body === undefined || body === null)
		return Buffer.alloc(0);
	if (typeof body === 'string' || body instanceof Uint8Array)
		return Buffer.from(body);
	return Buffer.from(JSON.stringify(body));
}

async function createListener(tls, onRequest) {
	if (!tls) {
		const options = { maxHeaderSize: HEADERS_LIMIT_BYTES, keepAliveTimeout: IDLE_MS };
		return http.createServer(options, onRequest);
	}
	const http2 = process.getBuiltinModule('node:http2'); /* loads TLS with it, which most processes do without */
	const { key, cert } = await sandboxCertificate();
	const { streams = 200, ...own } = tls === true ? {} : tls;
	const listener = http2.createSecureServer({ key, cert, allowHTTP1: true,
		maxHeaderSize: HEADERS_LIMIT_BYTES, maxSendHeaderBlockLength: 4 * HEADERS_LIMIT_BYTES,
		settings: { maxHeaderListSize: HEADERS_LIMIT_BYTES, maxConcurrentStreams: streams }, ...own },
	onRequest);
	listener.keepAliveTimeout = IDLE_MS;
	return listener;
}

/* Starts a listener that calls onExchange(exchange) per request.  tls: true, or {streams: how many a
 * connection may have, and options of http2.createSecureServer}.  A throw becomes a 500 naming
 * the sandbox, so that a mistake here is never taken for one of the handler. */
export async function startServer({ host = '127.0.0.1', port = 0, tls = false, onExchange }) {
	const sockets = new Map();
	let connections = 0;
	const keyOf = (socket) => `${socket.remoteAddress}:${socket.remotePort}`;
	const onRequest = async (req, res) => {
		res.on('error', () => {});
		const socket = sockets.get(keyOf(req.socket));
		const exchange = new Exchange(req, res, socket);
		if (socket)
			count(socket, res);
		try {
			await onExchange(exchange);
		} catch (error) {
			const body = { sandbox_error: String(error?.stack ?? error) };
			exchange.send({ status: 500, headers: jsonType, body });
		}
	};
	const listener = await createListener(tls, onRequest);
	listener.on(tls ? 'secureConnection' : 'connection', (socket) => {
		const key = keyOf(socket);
		connections++;
		sockets.set(key, socket);
		socket.on('error', () => {});
		socket.once('close', () => sockets.delete(key));
	});
	await new Promise((resolve, reject) => {
		listener.once('error', reject);
		listener.listen({ host, port, backlog: 1024 }, resolve);
	});
	const shown = host.includes(':') ? `[${host}]` : host;
	return {
		url: `${tls ? 'https' : 'http'}://${shown}:${listener.address().port}`,
		get connections() { return connections; },
		forgetConnections() { connections = 0; },
		close() {
			const closed = new Promise((resolve) => { listener.close(resolve); });
			for (const socket of sockets.values())
				socket.destroy();
			return closed;
		},
	};
}

export const jsonType = { 'content-type': 'application/json; charset=utf-8' };

/* Keeps the latest entries of a list that tests read by reference. */
export function remember(list, entry, limit = 1000) {
	list.push(entry);
	if (list.length > limit)
		list.splice(0, list.length - limit);
}
