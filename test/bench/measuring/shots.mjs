/* The requests of the bench, as bytes, and the files the load reads them from. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCRATCH } from './machine.mjs';

/* A request and what the body of its answer must hold. */
export function request({ method = 'GET', path, headers = {}, body, expected = '' }) {
	const bytes = Buffer.from(body ?? '');
	const fields = { Host: '127.0.0.1', ...headers,
		...(body === undefined ? {} : { 'Content-Length': bytes.length }) };
	const head = [`${method} ${path} HTTP/1.1`,
		...Object.entries(fields).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
	return { bytes: Buffer.concat([Buffer.from(head), bytes]), expected: Buffer.from(expected) };
}

let files = 0;

/* Writes them where `load --file` finds them; returns the path. */
export function shotsFile(shots) {
	const path = join(SCRATCH, `shots-${++files}`);
	writeFileSync(path, Buffer.concat([shots].flat().flatMap(({ bytes, expected }) =>
		[Buffer.from(`${bytes.length} ${expected.length}\n`), bytes, expected])));
	return path;
}

export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

export const hello = () => request({ path: '/hello?name=Adele', expected: 'Hello, Adele!' });

export function echo(size) {
	const body = 'x'.repeat(size);
	return request({ method: 'POST', path: '/echo', body, expected: body,
		headers: { 'Content-Type': 'text/plain' } });
}

const LEGACY = '2025-11-25';
const MODERN = '2026-07-28';

/* One JSON-RPC message to an MCP endpoint. */
export function rpc(method, params, { path = '/mcp', token, headers = {}, expected }) {
	return request({ method: 'POST', path, expected,
		body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params ? { params } : {}) }),
		headers: { 'Content-Type': 'application/json',
			Accept: 'application/json, text/event-stream', ...bearer(token), ...headers } });
}

const legacy = (options) => ({ ...options,
	headers: { 'MCP-Protocol-Version': LEGACY, ...options.headers } });

export const initialize = (options = {}) => rpc('initialize', { protocolVersion: LEGACY,
	capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
{ expected: 'protocolVersion', ...options });

export const discover = (options = {}) => rpc('server/discover', {
	_meta: { 'io.modelcontextprotocol/protocolVersion': MODERN,
		'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
		'io.modelcontextprotocol/clientCapabilities': {} } },
{ expected: 'supportedVersions', ...options,
	headers: { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'server/discover', ...options.headers } });

export const listTools = (options = {}) =>
	rpc('tools/list', undefined, legacy({ expected: '"tools":[{', ...options }));

export const callHello = (options = {}) => rpc('tools/call',
	{ name: 'hello', arguments: { name: 'Adele' } }, legacy({ expected: 'Hello, Adele!', ...options }));

/* A Graph tool without arguments, over REST. */
export const callTool = (name, { token, expected }) => request({ method: 'POST', path: `/tools/${name}`, body: '{}', expected,
	headers: { 'Content-Type': 'application/json', ...bearer(token) } });

/* GET /me as that user of the fake upstream: the answer must be that user's. */
export const me = (tokens, user) => request({ path: '/me', headers: bearer(tokens[user]),
	expected: `"id":"00000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}"` });
