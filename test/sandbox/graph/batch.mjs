/*
 * Graph's JSON batching: several requests in the body of one, each answered for itself ("Combine
 * multiple HTTP requests using JSON batching").
 */
import { bodyBytes } from '../common/http_server.mjs';
import { graphError } from './answers.mjs';

const PARTS_MAX = 20;
const JSON_BODY = /^application\/json\b/;

export class BadBatch extends Error {}

function checkPart(part, ids) {
	if (part === null || typeof part !== 'object' || Array.isArray(part))
		throw new BadBatch('A request is no object.');
	const { id, method, url } = part;
	if (typeof id !== 'string' || id === '' || ids.has(id))
		throw new BadBatch('A request\'s id is missing or was used before.');
	if (typeof method !== 'string' || typeof url !== 'string' || !url.startsWith('/'))
		throw new BadBatch(`Request '${id}' lacks its method or its relative URL.`);
	ids.add(id);
}

/* The requests of a batch: [{id, method, url}]. */
export function readBatch(text) {
	let requests;
	try {
		({ requests } = JSON.parse(text));
	} catch { /* refused below, like any other value that is no batch */ }
	if (!Array.isArray(requests) || requests.length === 0 || requests.length > PARTS_MAX)
		throw new BadBatch(`"requests" must list 1 to ${PARTS_MAX} requests.`);
	const ids = new Set();
	requests.forEach((part) => checkPart(part, ids));
	return requests;
}

export const isJson = (contentType) => JSON_BODY.test((contentType ?? '').toLowerCase());

export function badBatch(ids, message) {
	return graphError({ status: 400, code: 'BadRequest', ids,
		message: `Invalid batch payload format. ${message}` });
}

export function wrongType(ids) {
	return graphError({ status: 415, code: 'UnsupportedMediaType', ids,
		message: 'A batch must be application/json.' });
}

/* Names as Graph writes them inside a batch: Content-Type, WWW-Authenticate. */
const shownName = (name) => (name === 'www-authenticate' ? 'WWW-Authenticate'
	: name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()));

/* An answer as a part: JSON as it is, other bytes as base64 text. */
export function partOf(id, { status = 200, headers = {}, body }) {
	const shown = Object.entries(headers).map(([name, value]) => [shownName(name), value]);
	const part = { id, status, headers: Object.fromEntries(shown) };
	const bytes = bodyBytes(body);
	if (bytes.length === 0)
		return part;
	const json = isJson(headers['content-type']) ? JSON.parse(bytes) : undefined;
	return { ...part, body: json ?? bytes.toString('base64') };
}
