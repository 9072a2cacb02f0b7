/*
 * The host's public side: what a client meets before and around the handler.  Routing, keys, size
 * limit, waiting for a handler that restarts, functionTimeout, and the dispatch to one of the
 * three modes.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import http from '../common/http.mjs';
import { forward } from './forwarding.mjs';
import { invoke } from './payload.mjs';
import { proxy } from './proxying.mjs';
import { decodePath, matchRoute, parseQuery, splitTarget } from './routes.mjs';

const MAX_INVOCATIONS = 1000;
const MAX_HEADERS = 32 * 1024;
const IDLE_MS = 130_000; /* Kestrel's KeepAliveTimeout: the client, never the host, is the first to close */

/* The HTTP server.  host: what startHost() assembled (config, handler, pools, options). */
export function createFront(host) {
	const gate = createGate(host.config.maxConcurrentRequests);
	const options = { maxHeaderSize: MAX_HEADERS, keepAliveTimeout: IDLE_MS, requestTimeout: 0, requireHostHeader: false };
	return http.createServer(options, (req, res) => {
		req.on('error', () => {});
		res.on('error', () => {});
		serve(host, gate, req, res).catch((err) => fail(host, res, err));
	});
}

/* Answered without the handler: reserved paths, no route or wrong method (404), bad key (401),
 * body over the limit (413). */
async function serve(host, gate, req, res) {
	const target = splitTarget(req.url);
	const path = decodePath(target.rawPath);
	if (/^\/admin(\/|$)/i.test(path)) return end(res, 401);
	if (/^\/runtime(\/|$)/i.test(path)) return end(res, 404);
	const match = matchRoute(host.config.functions, path, req.method);
	if (!match) return req.method === 'GET' && path === '/' ? homePage(res) : end(res, 404);
	const query = parseQuery(target.rawQuery);
	if (!hasKey(host, match.fn, req, query)) return end(res, 401);
	const length = Number(req.headers['content-length'] ?? 0);
	if (length > host.options.bodyLimit) return end(res, 413);
	const release = await gate();
	try {
		await run(host, req, res, { ...target, ...match, path, query });
	} finally {
		release();
	}
}

async function run(host, req, res, route) {
	const invocationId = randomUUID();
	const startedAt = performance.now();
	res.once('close', () => {
		const status = res.headersSent ? res.statusCode : 0;
		const ms = performance.now() - startedAt;
		const { name } = route.fn;
		host.invocations.push({ invocationId, function: name, status, ms });
		if (host.invocations.length > MAX_INVOCATIONS) host.invocations.shift();
	});
	const state = await host.handler.whenSettled(host.options.callWaitMs);
	if (state === 'stopped') return end(res, 503);
	if (state !== 'ready') return end(res, 500);
	await underTimeout(host, (signal) =>
		dispatch(host, { ...route, req, res, invocationId, signal }));
}

/* Beyond functionTimeout the host kills the whole process, whatever else it is doing. */
async function underTimeout(host, work) {
	const timeout = new AbortController();
	const ms = host.config.functionTimeoutMs;
	const timer = Number.isFinite(ms) && setTimeout(() => {
		timeout.abort(new Error('functionTimeout'));
		host.handler.timedOut();
	}, ms);
	try {
		await work(AbortSignal.any([timeout.signal, host.stopped]));
	} finally {
		clearTimeout(timer);
	}
}

async function dispatch(host, route) {
	const call = {
		...route,
		...host.options,
		handlerPort: host.handlerPort,
		version: host.version,
		pool: host.pool,
		proxyPool: host.proxyPool,
		body: () => readBody(route.req, host.options.bodyLimit),
		onLog: (text) => host.onLog(text, route.invocationId),
	};
	const mode = route.fn.plainHttp ? host.mode : 'payload';
	if (mode === 'proxying') return proxy(call);
	const answer = await (mode === 'forwarding' ? forward : invoke)(call);
	return write(route.res, answer);
}

function write(res, { status, reason, headers, body }) {
	res.removeHeader('connection');
	res.writeHead(status, reason ?? http.STATUS_CODES[status] ?? '', headers.flat());
	res.end(body);
}

/* Every failure of the handler is 500 with no body; after the head the connection is dropped. */
function fail(host, res, err) {
	host.onHost?.(`call failed: ${err.message}`);
	if (res.headersSent) res.destroy();
	else end(res, err.status ?? 500);
}

function end(res, status) {
	if (!res.writable || res.headersSent) return;
	res.removeHeader('connection');
	res.writeHead(status, { 'Content-Length': '0' });
	res.end();
}

function homePage(res) {
	const body = '<!DOCTYPE html><title>Your Functions app is up and running</title>';
	res.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': body.length });
	res.end(body);
}

/* With a key configured, authLevel function and admin want it in x-functions-key or ?code=. */
function hasKey({ options: { keys } }, fn, req, query) {
	if (keys === undefined || fn.authLevel === 'anonymous') return true;
	const code = query.find(({ key }) => key.toLowerCase() === 'code')?.values[0];
	const given = req.headers['x-functions-key'] ?? code ?? '';
	const digest = (text) => createHash('sha256').update(text).digest();
	return [keys].flat().some((key) => timingSafeEqual(digest(key), digest(given)));
}

async function readBody(req, limit) {
	const chunks = [];
	let size = 0;
	for await (const chunk of req) {
		size += chunk.length;
		if (size > limit) throw Object.assign(new Error('body too large'), { status: 413 });
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/* extensions.http.maxConcurrentRequests: calls beyond it queue.  -1 is without limit. */
function createGate(limit) {
	const waiting = [];
	let running = 0;
	const release = () => {
		running--;
		waiting.shift()?.();
	};
	return async () => {
		const full = limit > 0 && running >= limit;
		if (full) await new Promise((resolve) => waiting.push(resolve));
		running++;
		return release;
	};
}
