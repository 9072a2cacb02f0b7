/*
 * What tests of the host double stand on: a script root whose handler does as it is told, and a
 * plain client.
 */
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import http from '../common/http.mjs';
import { until } from '../common/until.mjs';
import { startHost } from './host.mjs';

const FAKE = new URL('./fake_handler.mjs', import.meta.url).href;

/* A temporary script root: functions echo (catch-all) and open, the telling handler as bin/handler.
 * The caller removes it. */
export function scriptRoot() {
	const dir = realpathSync(mkdtempSync(join(tmpdir(), 'host-double-')));
	writeJson(join(dir, 'host.json'), {
		version: '2.0',
		extensions: { http: { routePrefix: '' } },
		customHandler: {
			description: { defaultExecutablePath: 'bin/handler' },
			enableForwardingHttpRequest: true,
			enableProxyingHttpRequest: true,
		},
	});
	addFunction(dir, 'echo', { methods: ['get', 'head', 'post'], route: 'echo/{*rest}' });
	addFunction(dir, 'open', { methods: ['get'], authLevel: 'anonymous', route: 'open/raw' });
	mkdirSync(join(dir, 'bin'));
	writeFileSync(join(dir, 'bin/handler'), `#!/usr/bin/env -S "${process.execPath}"\nimport('${FAKE}');\n`);
	chmodSync(join(dir, 'bin/handler'), 0o755);
	return dir;
}

function addFunction(dir, name, trigger) {
	mkdirSync(join(dir, name));
	const type = { type: 'httpTrigger', direction: 'in', name: 'req', authLevel: 'function' };
	const out = { type: 'http', direction: 'out', name: 'res' };
	writeJson(join(dir, name, 'function.json'), { bindings: [{ ...type, ...trigger }, out] });
}

function writeJson(file, value) {
	writeFileSync(file, JSON.stringify(value));
}

/* Gives hostFor(t, options): starts a host on that root for one test, which takes it down.  The
 * probe's console line has arrived by then, so that counts of lines are exact. */
export function hostsOf(root) {
	return async (t, options) => {
		const host = await startHost({ root, ...options });
		t.after(() => host.stop());
		if (!options.env?.FAKE_START) await until(() => seen(host, 'request').length > 0);
		return host;
	};
}

/* Sends a request on a connection of its own; with Expect the body follows 100 Continue. */
export function open(host, path, { method = 'GET', headers = {}, body } = {}) {
	const req = http.request(host.url + path, { method, headers, agent: false });
	if (!headers.Expect) req.end(body);
	else req.on('continue', () => req.end(body)).flushHeaders();
	return req;
}

/* The same, to the end of the answer: {status, headers, body}. */
export async function ask(host, path, options) {
	const [res] = await once(open(host, path, options), 'response');
	const body = Buffer.concat(await res.toArray()).toString();
	return { status: res.statusCode, headers: res.headers, body };
}

/* Options of open() and ask() for a POST. */
export function post(headers = {}, body = '') {
	return { method: 'POST', headers, body };
}

/* What the handler wrote about itself: lines of one kind. */
export function seen(host, kind) {
	return host.lines.filter(({ text }) => text.startsWith(kind));
}

/* Lets every answer of the handler's that waits for it take its next step. */
export async function goOn(host) {
	const steps = () => seen(host, 'went on').length;
	const before = steps();
	process.kill(host.handlerPid, 'SIGUSR2');
	await until(() => steps() > before);
}
