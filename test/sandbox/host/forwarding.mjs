/*
 * Forwarding mode: the original request rebuilt from its parsed form, sent buffered, the answer
 * buffered.  Streams and chunked requests do not survive it, and that is the point of having it.
 */
import { collect, headerPairs, headerValue, joinRepeated, send } from './client.mjs';
import { collapseDots } from './routes.mjs';

/* Content headers .NET refuses on a request, and framing that is written anew. */
const LOST = new Set(['allow', 'expires', 'last-modified', 'content-disposition',
	'content-encoding', 'content-language', 'content-location', 'content-md5', 'content-range',
	'content-length', 'content-type']);

const WRITES_LENGTH_WITHOUT_BODY = new Set(['POST', 'PUT', 'PATCH']);
const BODILESS_STATUS = new Set([204, 304]);

/* Runs one call; returns {status, reason, headers, body}.  Throws when the handler is refused,
 * breaks off or speaks no HTTP: the caller then answers 500 with no body, never 502. */
export async function forward(call) {
	const inbound = headerPairs(call.req.rawHeaders);
	if (headerValue(inbound, 'transfer-encoding')) {
		throw new Error('.NET refuses Transfer-Encoding: chunked without content');
	}
	const length = Number(headerValue(inbound, 'content-length') ?? 0);
	const body = length > 0 ? await call.body() : null;
	const response = await send(call.pool, {
		port: call.handlerPort,
		method: call.req.method,
		path: forwardedPath(call.path) + forwardedQuery(call.query),
		headers: forwardedHeaders(call, inbound, body),
		body,
	}, call.signal);
	return answerOf(call, response, await collect(response));
}

/* The decoded path escaped again: %2F survives, '?' and '#' that were escaped now truncate it,
 * a decoded %XX is taken for an escape, '\' turns into '/', and then dot segments collapse (.NET
 * Uri): what was routed, and authorized, need not be what is sent. */
export function forwardedPath(path) {
	const cut = path.replace(/[?#].*$/s, '').replaceAll('\\', '/');
	const escaped = cut.replace(/%([0-9a-f]{2})|%|[^\w\-.~:/[\]@!$&'()*+,;=%]+/gi, (part, hex) => {
		if (hex) return unreserved(hex) ?? part;
		return part === '%' ? '%25' : encodeURIComponent(part.toWellFormed());
	});
	return collapseDots(escaped);
}

/* The query rebuilt: equal keys comma-joined, "?flag" becomes "?flag=", '+' becomes %20; what
 * .NET's UrlEncoder.Default leaves alone is left alone. */
export function forwardedQuery(query) {
	const pairs = query.map(({ key, values }) => `${encode(key)}=${encode(values.join(','))}`);
	return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/* Client headers in their order, the host's own appended, content headers last. */
function forwardedHeaders(call, inbound, body) {
	const kept = inbound.filter(([name]) => !LOST.has(name.toLowerCase()));
	const out = call.joinHeaders ? joinRepeated(kept) : kept;
	appendTo(out, 'X-Azure-Functions-HostVersion', call.version, ', ');
	appendTo(out, 'X-Azure-Functions-InvocationId', call.invocationId, ', ');
	appendTo(out, 'User-Agent', `Azure-Functions-Host/${call.version}`, ' ');
	if (body === null) {
		const { method } = call.req;
		if (WRITES_LENGTH_WITHOUT_BODY.has(method)) out.push(['Content-Length', '0']);
		return out;
	}
	const type = headerValue(inbound, 'content-type');
	if (type) out.push(['Content-Type', type]);
	out.push(['Content-Length', String(body.length)]);
	return out;
}

function appendTo(pairs, name, value, separator) {
	const known = pairs.findLast(([key]) => key.toLowerCase() === name.toLowerCase());
	if (known) known[1] += separator + value;
	else pairs.push([name, value]);
}

/* All but Transfer-Encoding is passed on; Content-Length is computed where it was missing. */
function answerOf(call, response, body) {
	const headers = headerPairs(response.rawHeaders)
		.filter(([name]) => name.toLowerCase() !== 'transfer-encoding');
	const hasBody = call.req.method !== 'HEAD' && !BODILESS_STATUS.has(response.statusCode);
	if (hasBody && headerValue(headers, 'content-length') === undefined) {
		headers.push(['Content-Length', String(body.length)]);
	}
	return { status: response.statusCode, reason: response.statusMessage, headers, body };
}

function encode(text) {
	return encodeURIComponent(text.toWellFormed()).replace(/%(24|2C|3B|3A|40)|'/g,
		(part, hex) => (hex ? String.fromCharCode(parseInt(hex, 16)) : '%27'));
}

function unreserved(hex) {
	const char = String.fromCharCode(parseInt(hex, 16));
	return /[A-Za-z0-9\-._~]/.test(char) ? char : undefined;
}
