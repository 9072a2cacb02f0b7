/*
 * A plain MCP client for tests of /mcp: messages of both eras over HTTP, byte by byte as asked, and
 * what every answer must have.
 */
import assert from 'node:assert/strict';
import { assertGuarded, send } from './fixture.mjs';

export const MODERN = '2026-07-28';
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
export const META = 'io.modelcontextprotocol/';

/* A modern request's params._meta. */
export const metaOf = ({ capabilities = {}, version = MODERN, ...more } = {}) => ({
	[`${META}protocolVersion`]: version, [`${META}clientCapabilities`]: capabilities, ...more });

/* A modern message with the headers that repeat what it says. */
export function modernMessage(method, params = {}, { id = 1, meta, headers } = {}) {
	const name = method === 'tools/call' ? { 'mcp-name': params.name } : {};
	return { message: { jsonrpc: '2.0', id, method, params: { ...params, _meta: metaOf(meta) } },
		headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...name, ...headers } };
}

/* The text blocks of a result: [sentence, details] of one with isError, else the JSON. */
export const textsOf = ({ content }) => content.filter(({ type }) => type === 'text')
	.map(({ text }) => text);

/* The error that a failed call tells, for models and programs alike; schema of docs/mcp.md. */
export function failureOf(answer) {
	assert.equal(answer.status, 200, answer.text);
	const { result } = answer.json;
	assert.equal(result.isError, true, answer.text);
	assert.equal(result.structuredContent, undefined);
	const [sentence, details, ...none] = textsOf(result);
	assert.deepEqual(none, []);
	const { error } = JSON.parse(details);
	const { code, status, message, requestId, retryAfterSeconds, consentUrl, claims, ...rest } = error;
	assert.deepEqual(rest, {});
	assert.match(code, /^[a-z_]+$/);
	assert.ok(status >= 400);
	assert.equal(claims !== undefined, code === 'insufficient_claims');
	assert.ok(sentence.startsWith(message));
	assert.equal(requestId, answer.headers['x-request-id']);
	assert.equal(sentence.includes(`${retryAfterSeconds} seconds`),
		retryAfterSeconds !== undefined);
	assert.equal(sentence.includes(`${consentUrl}`), consentUrl !== undefined);
	return error;
}

/* An error of JSON-RPC, and the id that it answers (undefined: none could be read). */
export function assertRpcError(answer, status, code, id) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.headers['content-type'], 'application/json');
	const { jsonrpc, error, ...rest } = answer.json;
	assert.equal(jsonrpc, '2.0');
	assert.equal(error.code, code, answer.text);
	assert.match(error.message, /^\S/);
	assert.deepEqual(rest, id === undefined ? {} : { id });
	return error;
}

/* A client of what startAlone or startHosted started; token: undefined sends none. */
export function clientOf(handler, { token } = {}) {
	async function post(body, { method = 'POST', path = '/mcp', headers = {}, ...rest } = {}) {
		const bearer = Object.hasOwn(rest, 'token') ? rest.token : token;
		handler.sent.add(bearer ?? '');
		const text = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
		const answer = await send(handler.url + path, { method, body: text,
			headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }),
				...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }), ...headers } });
		handler.answers.push(answer);
		assertGuarded(answer);
		return answer;
	}
	const legacy = (method, params, { id = 1, ...options } = {}) =>
		post({ jsonrpc: '2.0', id, method, params }, options);
	const modern = (method, params, { id, meta, headers: more, ...options } = {}) => {
		const { message, headers } = modernMessage(method, params, { id, meta, headers: more });
		return post(message, { headers, ...options });
	};
	return { post, legacy, modern,
		call: (name, args, options) => modern('tools/call', { name, arguments: args }, options),
		legacyCall: (name, args, options) =>
			legacy('tools/call', { name, arguments: args }, options) };
}
