/*
 * Proxying mode: YARP with the host's retry handler.  Path and query untouched, bodies streamed
 * both ways, hop-by-hop headers stripped, response headers held until the first body byte.
 */
import { once } from 'node:events';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { headerPairs, headerValue, joinRepeated, send, touch } from './client.mjs';

/* Pauses between the ten attempts: 1.85 s in all. */
const RETRY_PAUSES_MS = [50, 100, 200, 250, 250, 250, 250, 250, 250];

const HOP_BY_HOP = new Set(['connection', 'transfer-encoding', 'keep-alive', 'upgrade',
	'proxy-connection', 'proxy-authenticate', 'proxy-authorization',
	'proxy-authentication-info', 'proxy-features', 'proxy-instruction', 'te', 'alt-svc',
	'http2-settings', 'upgrade-insecure-requests', 'close', 'alpn', 'security-scheme']);

/* Request headers that are dropped or written anew. */
const REPLACED = new Set(['host', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for',
	'x-forwarded-prefix', 'forwarded', 'x-azure-functions-hostversion',
	'x-azure-functions-invocationid', 'x-ms-invocation-id']);

const WRITES_LENGTH_WITHOUT_BODY = new Set(['POST', 'PUT', 'PATCH']);

/* Runs one call and writes the answer to the client itself.  Throws on failure: before headers
 * the caller answers 500 with no body, after them it drops the client connection.  A client that
 * goes away closes the handler connection and is no failure. */
export async function proxy(call) {
	const stop = new AbortController();
	const idle = idleTimer(call.idleMs, () => stop.abort(new Error('idle too long')));
	const left = () => call.res.writableFinished || stop.abort(new Error('client left'));
	call.res.once('close', left);
	try {
		const signal = AbortSignal.any([stop.signal, call.signal]);
		const response = await sendWithRetries(call, requestOf(call, idle, stop), signal);
		idle.touch();
		await relay(call, response, idle, signal);
	} finally {
		idle.stop();
		call.res.removeListener('close', left);
	}
}

function requestOf(call, idle, stop) {
	const inbound = headerPairs(call.req.rawHeaders);
	const length = headerValue(inbound, 'content-length');
	const chunked = headerValue(inbound, 'transfer-encoding') !== undefined;
	const hasBody = chunked || Number(length ?? 0) > 0;
	return {
		port: call.handlerPort,
		method: call.req.method,
		path: call.rawPath + call.rawQuery,
		headers: proxiedHeaders(call, inbound, { chunked, length }),
		body: hasBody ? meter(call, idle, stop) : null,
	};
}

function proxiedHeaders(call, inbound, { chunked, length }) {
	const kept = inbound.filter(([name]) =>
		!HOP_BY_HOP.has(name.toLowerCase()) && !REPLACED.has(name.toLowerCase()));
	const out = [['Host', `127.0.0.1:${call.handlerPort}`]];
	out.push(...(call.joinHeaders ? joinRepeated(kept) : kept));
	out.push(['X-Forwarded-For', call.req.socket.remoteAddress ?? '']);
	out.push(['X-Forwarded-Host', headerValue(inbound, 'host') ?? '']);
	out.push(['X-Forwarded-Proto', 'http']);
	out.push(['X-Azure-Functions-HostVersion', call.version]);
	out.push(['X-Azure-Functions-InvocationId', call.invocationId]);
	out.push(['x-ms-invocation-id', call.invocationId]);
	if (chunked) out.push(['Transfer-Encoding', 'chunked']);
	else if (length === undefined && WRITES_LENGTH_WITHOUT_BODY.has(call.req.method)) {
		out.push(['Content-Length', '0']);
	}
	return out;
}

/* The client's body on its way: every read counts against the idle limit and the size limit. */
function meter(call, idle, stop) {
	let seen = 0;
	const counter = new Transform({
		transform(chunk, _encoding, done) {
			idle.touch();
			seen += chunk.length;
			if (seen > call.bodyLimit) stop.abort(tooLarge());
			done(null, chunk);
		},
	});
	counter.on('error', () => {});
	return call.req.pipe(counter);
}

/* Ten attempts while no headers came.  A body that was touched cannot be sent again: what is left
 * are empty connections, then the failure. */
async function sendWithRetries(call, request, signal) {
	let spent = null;
	for (let attempt = 0; ; attempt++) {
		try {
			if (spent === null) return await send(call.proxyPool, request, signal);
			await touch(call.handlerPort);
		} catch (err) {
			if (request.body !== null && err.bodySent) spent = err;
			else if (attempt === RETRY_PAUSES_MS.length) throw err;
		}
		if (signal.aborted) throw signal.reason;
		if (attempt === RETRY_PAUSES_MS.length) throw spent;
		await delay(RETRY_PAUSES_MS[attempt], undefined, { signal });
	}
}

/* Relayed as read; the head goes out together with the first body byte. */
async function relay(call, response, idle, signal) {
	const { res } = call;
	const head = () => res.headersSent || writeHead(res, response);
	for await (const chunk of response) {
		idle.touch();
		head();
		if (!res.write(chunk)) await once(res, 'drain', { signal });
		idle.touch();
	}
	head();
	res.end();
}

function writeHead(res, response) {
	const headers = headerPairs(response.rawHeaders)
		.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
	res.removeHeader('connection');
	res.writeHead(response.statusCode, response.statusMessage, headers.flat());
}

function tooLarge() {
	return Object.assign(new Error('body too large'), { status: 413 });
}

function idleTimer(ms, onIdle) {
	const timer = setTimeout(onIdle, ms);
	return { touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}
