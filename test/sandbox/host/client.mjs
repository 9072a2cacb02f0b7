/*
 * The host's HTTP client: .NET's SocketsHttpHandler as far as a handler can notice.  Always
 * HTTP/1.1, connections without limit, newest idle one first, idle ones dropped after 60 s,
 * response headers up to 64 KB, Expect: 100-continue waited for at most 1 s, and a request
 * without a body replayed when the handler closed without a byte of response.
 */
import net from 'node:net';
import http from '../common/http.mjs';

const IDLE_MS = 60_000;
const EXPECT_WAIT_MS = 1000;
const MAX_REPLAYS = 3;
const MAX_RESPONSE_HEADERS = 64 * 1024;
const LOOPBACK = '127.0.0.1';

/* A request that brought no response.  refused: no connection; cleanEof: closed in order with no
 * byte of response; bodySent: the body was touched, so it cannot be sent again. */
export class TransportError extends Error {
	constructor(cause, facts) {
		super(cause.message, { cause });
		Object.assign(this, facts);
	}
}

/* One connection pool.  Proxying has its own beside the one for everything else. */
export function createPool({ idleMs = IDLE_MS } = {}) {
	return new http.Agent({
		keepAlive: true,
		maxSockets: Infinity,
		maxFreeSockets: Infinity,
		scheduling: 'lifo',
		timeout: idleMs,
	});
}

/*
 * Sends {port, method, path, headers: [[name, value]], body: null | Buffer | Readable} and gives
 * the response once its head is there.  Only the headers given go out, in that order and case.
 * Rejects with TransportError.  The signal also ends a response under way.
 */
export async function send(pool, request, signal) {
	for (let replays = 0; ; replays++) {
		try {
			return await sendOnce(pool, request, signal);
		} catch (err) {
			const mayReplay = request.body === null && err.cleanEof && !signal?.aborted;
			if (!mayReplay || replays === MAX_REPLAYS) throw err;
		}
	}
}

/* Reads a response to its end; rejects when it breaks off. */
export async function collect(response) {
	const chunks = [];
	for await (const chunk of response) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/* Connects and closes without a byte: what .NET does with a request whose body is gone. */
export function touch(port) {
	const { promise, resolve } = Promise.withResolvers();
	const socket = net.connect(port, LOOPBACK, () => socket.end());
	socket.on('error', resolve).on('close', resolve).resume();
	return promise;
}

/* Below those that the kernel gives to connections, which would take one that was found free. */
const PORTS = { from: 12_000, count: 20_000, step: 20 };
let tried = process.pid * PORTS.step; /* so that processes side by side look elsewhere */

/* Whether a server, which is closed at the end of a process at the latest, could listen there. */
function listens(server, ...where) {
	const { promise, resolve } = Promise.withResolvers();
	server.on('error', () => resolve(false)).listen(...where, () => resolve(true)).unref();
	return promise;
}

/* A loopback port that nobody listens at.  No other process is given it while this one lives: a name in Linux's
 * abstract namespace, which ends with its process, says that it is taken. */
export async function freePort() {
	for (;;) {
		const port = PORTS.from + tried++ % PORTS.count;
		const [name, probe] = [net.createServer(), net.createServer()];
		if (!await listens(name, `\0port ${port}`))
			continue;
		const free = await listens(probe, port, LOOPBACK);
		probe.close();
		if (free)
			return port;
		name.close();
	}
}

/* A loopback address that this process has for itself, for servers whose port is given; host: 2 to 254. */
export const ownAddress = (host) => `127.${1 + (process.pid >> 8) % 255}.${process.pid & 255}.${host}`;

/* [name, value, name, value] as pairs. */
export function headerPairs(rawHeaders) {
	return Array.from({ length: rawHeaders.length / 2 }, (_, i) =>
		[rawHeaders[2 * i], rawHeaders[2 * i + 1]]);
}

/* First value of a header in pairs, any case, or undefined. */
export function headerValue(pairs, name) {
	return pairs.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/* Repeated headers on one line, as .NET's client writes them. */
export function joinRepeated(pairs) {
	const byName = new Map();
	for (const [name, value] of pairs) {
		const known = byName.get(name.toLowerCase());
		const separator = { cookie: '; ', 'user-agent': ' ' }[name.toLowerCase()] ?? ', ';
		if (known) known[1] += separator + value;
		else byName.set(name.toLowerCase(), [name, value]);
	}
	return [...byName.values()];
}

function sendOnce(pool, request, signal) {
	const { promise, resolve, reject } = Promise.withResolvers();
	const sent = { body: false, response: null, readBefore: 0 };
	const req = http.request({
		agent: pool,
		host: LOOPBACK,
		port: request.port,
		method: request.method,
		path: request.path,
		setHost: false,
		maxHeaderSize: MAX_RESPONSE_HEADERS,
	});
	writeHeaders(req, request.headers);
	const stop = () => (sent.response ?? req).destroy(new Error('call given up'));
	signal?.addEventListener('abort', stop);
	req.on('socket', (socket) => whenConnected(socket, () => {
		sent.readBefore = socket.bytesRead;
		startBody(req, request, sent);
	}));
	req.on('response', (response) => {
		sent.response = response;
		response.on('error', () => {});
		resolve(response);
	});
	req.on('error', (cause) => reject(new TransportError(cause, factsOf(cause, req, sent))));
	req.on('close', () => signal?.removeEventListener('abort', stop));
	if (signal?.aborted) stop();
	return promise;
}

/* setHeader keeps the spelling; an absent Connection header stays absent (node would add one). */
function writeHeaders(req, pairs) {
	const values = Object.groupBy(pairs, ([name]) => name.toLowerCase());
	for (const group of Object.values(values)) {
		const list = group.map(([, value]) => value);
		req.setHeader(group[0][0], list.length > 1 ? list : list[0]);
	}
	if (!values.connection) req.removeHeader('connection');
}

function whenConnected(socket, then) {
	if (socket.connecting) socket.once('connect', then);
	else then();
}

/* The body starts only on a connection, so that a refused one leaves it whole. */
function startBody(req, request, sent) {
	if (request.body === null) {
		req.end();
		return;
	}
	const go = () => {
		if (sent.body || req.destroyed) return;
		sent.body = true;
		if (Buffer.isBuffer(request.body)) req.end(request.body);
		else request.body.pipe(req);
	};
	if (!/100-continue/i.test(req.getHeader('expect') ?? '')) go();
	else awaitContinue(req, go);
}

/* .NET: the body follows 100 Continue, 1 s of silence or a final 2xx; after a final refusal it is
 * withheld and the connection dropped. */
function awaitContinue(req, go) {
	req.flushHeaders();
	const timer = setTimeout(go, EXPECT_WAIT_MS);
	req.on('close', () => clearTimeout(timer));
	req.on('continue', go);
	req.on('response', (response) => {
		clearTimeout(timer);
		if (response.statusCode < 300) go();
		else if (!req.writableEnded) response.once('end', () => req.destroy());
	});
}

function factsOf(cause, req, sent) {
	const silent = (req.socket?.bytesRead ?? 0) === sent.readBefore;
	return {
		refused: cause.syscall === 'connect',
		cleanEof: cause.code === 'ECONNRESET' && cause.syscall === undefined && silent,
		bodySent: sent.body,
	};
}
