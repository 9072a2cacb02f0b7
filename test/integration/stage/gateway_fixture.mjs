/*
 * What the tests of the gateway emulator stand on: a folder of policies made for a test, the
 * emulator over it, and a backend that tells what reached it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import http from '../../sandbox/common/http.mjs';
import { PROGRAM, startEmulator } from '../../sandbox/gateway/gateway.mjs';
import { HANGS_MS, send } from './fixture.mjs';

const BASE = '<base />';

/* A policy document; a section that is not given has only <base/>, and null leaves it out. */
export function policy({ inbound = BASE, backend = BASE, outbound = BASE, onError = BASE } = {}) {
	const section = (name, content) => content === null ? '' : `\t<${name}>\n${content}\n\t</${name}>\n`;
	return `<policies>\n${section('inbound', inbound)}${section('backend', backend)}${
		section('outbound', outbound)}${section('on-error', onError)}</policies>\n`;
}

export const respond = (status, body = '', headers = '') => `<return-response>
	<set-status code="${status}" reason="Test" />${headers}<set-body>${body}</set-body>
</return-response>`;

/* Answers with the value of an expression. */
export const show = (expression) => respond(200, `@(${escape(expression)})`);

export const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/* Writes the agreed layout into a folder of its own.  operations: {id: {method, template, ...}} of
 * the main API, a policy's sections among the fields, or xml for the whole document; apis: more
 * entries of apis.json as they are; files: {path: content} besides. */
export function writeFolder({ global, api = {}, path = '', operations = {}, fragments = {}, values = [],
	backends = [], apis = [], files = {} }) {
	const root = mkdtempSync(join(tmpdir(), 'gateway-test-'));
	const write = (file, content) => {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		writeFileSync(join(root, file), content);
	};
	if (global)
		write('policies/global.xml', policy(global));
	write('policies/api.xml', api.xml ?? policy(api));
	const listed = Object.entries(operations).map(([id, operation]) => {
		const { method = 'GET', template = `/${id}`, xml, ...sections } = operation;
		write(`policies/operations/${id}.xml`, xml ?? policy(sections));
		return { id, method, urlTemplate: template, policy: `policies/operations/${id}.xml` };
	});
	for (const [id, content] of Object.entries(fragments))
		write(`fragments/${id}.xml`, `<fragment>\n${content}\n</fragment>\n`);
	write('named-values.json', JSON.stringify(values));
	write('apis.json', JSON.stringify({ backends,
		apis: [{ id: 'main', path, policy: 'policies/api.xml', operations: listed }, ...apis] }));
	for (const [file, content] of Object.entries(files))
		write(file, content);
	return root;
}

/* Runs the emulator to its end: {code, out, err}.  For what ends by itself. */
export function runGateway(args, env = {}) {
	const { promise, resolve } = Promise.withResolvers();
	execFile('mono', [PROGRAM, ...args], { env: { ...process.env, ...env }, timeout: HANGS_MS },
		(error, out, err) => resolve({ code: error ? error.code : 0, out, err }));
	return promise;
}

/* The emulator over a folder of its own; options as for writeFolder. */
export async function startGateway({ args = [], env = {}, ...options }) {
	const root = writeFolder(options);
	const gateway = await startEmulator({ apim: root, args, env, kept: true });
	const { url, lines } = gateway;
	const order = async (method, path = '', body = undefined) => {
		const answer = await send(gateway.control + path, { method,
			body: body && JSON.stringify(body) });
		assert.equal(answer.status, 200, answer.text);
		return answer.json;
	};
	return { url, lines,
		ask: (path, request) => send(url + path, request),
		seen: () => order('GET'),
		advance: (seconds) => order('POST', '/clock', { advance_s: seconds }),
		forget: (what) => order('DELETE', `/${what}`),
		async stop() {
			await gateway.stop();
			rmSync(root, { recursive: true });
			assert.deepEqual(lines.filter((line) => line.includes('fault')), []);
		} };
}

/* A backend that answers with what it was sent, or as ordered for one request: with a function of
 * (request, response), the body already read. */
export async function startBackend() {
	const orders = [];
	const requests = [];
	const server = http.createServer(async (request, response) => {
		const body = Buffer.concat(await request.toArray()).toString();
		const { method, url, headers } = request;
		requests.push({ method, url, headers, body });
		const ordered = orders.shift();
		if (ordered)
			return ordered(request, response);
		response.setHeader('content-type', 'application/json');
		return response.end(JSON.stringify({ method, url, headers, body }));
	});
	server.keepAliveTimeout = HANGS_MS;
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { requests, orders, server,
		url: `http://127.0.0.1:${server.address().port}`,
		order: (...functions) => orders.push(...functions),
		stop() {
			server.closeAllConnections();
			return new Promise((resolve) => { server.close(resolve); });
		} };
}

/* A backend and the emulator before it; the backend's id is "double", and map an origin that leads
 * to it as well. */
export async function startBoth({ args = [], map, ...rest }) {
	const backend = await startBackend();
	const there = ['--backend', `double=${backend.url}`, ...(map ? ['--map', `${map}=${backend.url}`] : [])];
	const gateway = await startGateway({ ...rest, args: [...args, ...there] })
		.catch(async (error) => {
			await backend.stop();
			throw error;
		});
	return { ...gateway, backend,
		async stop() {
			await backend.stop();
			await gateway.stop();
		} };
}
