/*
 * Payload mode, the way in: a call wrapped in the host's JSON envelope and posted to
 * /<FunctionName>.  The way back is payload_answer.mjs.
 */
import { randomUUID } from 'node:crypto';
import { collect, headerPairs, headerValue, send } from './client.mjs';
import { answerFrom } from './payload_answer.mjs';
import { queryObject } from './routes.mjs';

const MAX_REDIRECTS = 50;
const REDIRECTS = new Set([300, 301, 302, 303, 307, 308]);

/* .NET's empty ClaimsIdentity: what an anonymous caller looks like. */
const ANONYMOUS = {
	AuthenticationType: null,
	IsAuthenticated: false,
	Actor: null,
	BootstrapContext: null,
	Claims: [],
	Label: null,
	Name: null,
	NameClaimType: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
	RoleClaimType: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
};

/* Runs one call; returns {status, headers, body}.  Throws where the host answers 500 empty, and
 * never settles on an answer the host waits for: the caller's functionTimeout ends that. */
export async function invoke(call) {
	const envelope = Buffer.from(JSON.stringify(await envelopeOf(call)));
	const response = await sendFollowing(call, {
		port: call.handlerPort,
		method: 'POST',
		path: `/${encodeURIComponent(call.fn.name)}`,
		headers: requestHeaders(call, envelope),
		body: envelope,
	});
	return answerFrom(call, response, await collect(response));
}

/* The envelope of one call: Data.<trigger name> and Metadata. */
export async function envelopeOf(call) {
	const headers = groupedHeaders(call.req.rawHeaders);
	const body = await bodyOf(call);
	const query = queryObject(call.query);
	const trigger = {
		Url: `http://${call.req.headers.host ?? ''}${call.path}${call.rawQuery}`,
		Method: call.req.method,
		Query: call.queryAsString ? JSON.stringify(query) : query,
		Headers: headers,
		Params: call.params,
		Identities: [ANONYMOUS],
		...(body === null ? {} : { Body: body }),
	};
	return {
		Data: { [call.fn.trigger]: trigger },
		Metadata: metadataOf(call, { query, headers, body }),
	};
}

/* Only a body with Content-Length is seen: text as a string, JSON too; binary as base64. */
async function bodyOf(call) {
	const inbound = headerPairs(call.req.rawHeaders);
	if (!(Number(headerValue(inbound, 'content-length') ?? 0) > 0)) return null;
	const bytes = await call.body();
	const type = (headerValue(inbound, 'content-type') ?? '').trim();
	const binary = /^(application\/octet-stream|multipart\/)/i.test(type);
	return bytes.toString(binary ? 'base64' : 'utf8');
}

/* Query without code, route and top-level body values as binding data, scalars as JSON text. */
function metadataOf(call, { query, headers, body }) {
	const joined = Object.entries(headers).map(([name, values]) => [name, values.join(',')]);
	const { code, ...shown } = query;
	return {
		Query: query,
		Headers: Object.fromEntries(joined),
		sys: {
			MethodName: call.fn.name,
			UtcNow: new Date().toISOString().replace('Z', '000Z'),
			RandGuid: randomUUID(),
		},
		...encoded(bodyValues(body)),
		...encoded(shown),
		...encoded(present(call.params)),
	};
}

function bodyValues(body) {
	try {
		const value = JSON.parse(body);
		if (!isObject(value) || Array.isArray(value)) return {};
		const kept = Object.entries(value).filter(([, item]) => !Array.isArray(item));
		return Object.fromEntries(kept);
	} catch {
		return {};
	}
}

/* "7" becomes "\"7\"", 7 becomes "7"; objects stay objects. */
function encoded(values) {
	return Object.fromEntries(Object.entries(values).map(([name, value]) =>
		[name, isObject(value) ? value : JSON.stringify(value)]));
}

function isObject(value) {
	return value !== null && typeof value === 'object';
}

function present(params) {
	return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
}

function groupedHeaders(rawHeaders) {
	const groups = Object.groupBy(headerPairs(rawHeaders), ([name]) => name.toLowerCase());
	return Object.fromEntries(Object.values(groups).map((group) =>
		[group[0][0], group.map(([, value]) => value)]));
}

/* Nothing of the client's; chunked in Azure, Content-Length under Core Tools. */
function requestHeaders(call, envelope) {
	return [
		['Host', `127.0.0.1:${call.handlerPort}`],
		['X-Azure-Functions-HostVersion', call.version],
		['X-Azure-Functions-InvocationId', call.invocationId],
		['User-Agent', `Azure-Functions-Host/${call.version}`],
		call.payloadChunked ? ['Transfer-Encoding', 'chunked']
			: ['Content-Length', String(envelope.length)],
		['Content-Type', 'application/json; charset=utf-8'],
	];
}

/* .NET's HttpClient follows 3xx: 301, 302, 303 of a POST turn into a GET without body, 307 and
 * 308 repeat it. */
async function sendFollowing(call, first) {
	let request = first;
	for (let hop = 0; ; hop++) {
		const response = await send(call.pool, request, call.signal);
		const { location } = response.headers;
		const redirect = REDIRECTS.has(response.statusCode) && location;
		if (!redirect || hop === MAX_REDIRECTS) return response;
		await collect(response);
		request = redirected(request, response.statusCode, location);
	}
}

function redirected(request, status, location) {
	const from = `http://127.0.0.1:${request.port}${request.path}`;
	const to = new URL(location, from);
	const host = ([name, value]) => (name === 'Host' ? [name, to.host] : [name, value]);
	const next = {
		...request,
		port: Number(to.port || 80),
		path: to.pathname + to.search,
		headers: request.headers.map(host),
	};
	if (status === 307 || status === 308) return next;
	const framing = /^(transfer-encoding|content-length|content-type)$/i;
	const headers = next.headers.filter(([name]) => !framing.test(name));
	return { ...next, method: 'GET', headers, body: null };
}
