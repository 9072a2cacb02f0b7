/*
 * What the tests of the real handler stand on: the handler alone or below the host's double, a
 * sandbox Entra and Graph, a client that checks what every answer must have, and the log lines.
 *
 * HANDLER names the binary under test (default bin/handler); a sanitizer's report on its stderr
 * fails the test that stops it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync,
	symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { startHost } from '../../sandbox/host/host.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { readLines } from '../../sandbox/host/console.mjs';
import { repo } from '../../sandbox/common/repo.mjs';
import { sandboxCertificate } from '../../sandbox/common/tls.mjs';
import { HANGS_MS, until } from '../../sandbox/common/until.mjs';

export { HANGS_MS, repo, until };

export const binary = resolve(process.env.HANDLER ?? join(repo, 'bin/handler'));
/* Then times and memory are the sanitizer's. */
export const sanitized = /__[at]san_init/.test(readFileSync(binary, 'latin1'));
export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SANITIZER = /Sanitizer|runtime error:|Assertion .* failed/;

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

/* Starts something before the tests of a suite or file and stops it after them; returns a function
 * that gives it. */
export function use(start) {
	let it;
	before(async () => { it = await start(); });
	after(() => it?.stop());
	return () => it;
}

/* The same for one test. */
export async function during(t, starting) {
	const it = await starting;
	t.after(() => it.stop());
	return it;
}

/* For a rule about two times, of which neither can be an event.  A busy machine adds to what is measured,
 * so the rule is tried with longer and longer times until it holds; what breaks it does so at every
 * scale. */
export async function atSomeScale(rule, [scale, ...longer] = [1, 4, 16]) {
	try {
		return await rule(scale);
	} catch (error) {
		if (!(error instanceof assert.AssertionError) || longer.length === 0)
			throw error;
		return atSomeScale(rule, longer);
	}
}

/* A copy of what the Functions host reads, with bin/handler a link to a binary: the one under test. */
export function scriptRoot(command = binary) {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'handler-root-')));
	const folders = readdirSync(repo).filter((name) =>
		existsSync(join(repo, name, 'function.json')));
	for (const name of [...folders, 'host.json', 'graph-tools'])
		cpSync(join(repo, name), join(root, name), { recursive: true });
	mkdirSync(join(root, 'bin'));
	symlinkSync(command, join(root, 'bin/handler'));
	return root;
}

/* Entra (with more options of startEntra) and Graph with the settings (env) of a handler beside them.
 * Half of what a test would load is theirs, and many tests start neither. */
export async function startSandbox({ tls = false, ...options } = {}) {
	const { startEntra } = await import('../../sandbox/entra/entra.mjs');
	const { startGraph } = await import('../../sandbox/graph/graph.mjs');
	const entra = await startEntra({ tls, ...options });
	const graph = await startGraph({ entra, tls });
	const env = { CLIENT_ID: entra.clientId, CLIENT_SECRET: entra.clientSecret,
		TENANT_ID: entra.tenantId, APIM_GATEWAY_URL: 'https://gateway.example/api',
		AUTHORITY_HOST: entra.url, GRAPH_BASE_URL: graph.url,
		GRAPH_SCOPE: `${entra.graphAudience}/User.Read`,
		...(tls ? { CA_BUNDLE_FILE: (await sandboxCertificate()).caFile } : {}) };
	const seen = new Set();
	const gather = () => {
		for (const { assertion, client_assertion, client_secret, code, code_verifier, refresh_token } of
			entra.requests.map(({ form }) => form ?? {}))
			[assertion, client_assertion, client_secret, code, code_verifier, refresh_token].forEach((one) => seen.add(one));
		for (const { headers } of graph.requests)
			seen.add(headers.authorization?.replace(/^Bearer /, ''));
		seen.delete(undefined);
	};
	return { entra, graph, env,
		/* Every token and secret that Entra and Graph have been sent so far. */
		get secrets() {
			gather();
			return [...seen];
		},
		/* Back to the state of a fresh sandbox, keys excepted. */
		reset() {
			gather();
			for (const service of [entra, graph]) {
				service.clearFailures();
				service.resetCounts();
			}
			Object.assign(entra, { expiresIn: 3599, refreshIn: undefined, latencyMs: 0 });
			entra.resetSignIn();
			graph.latencyMs = 0;
			graph.resetData();
		},
		stop: () => Promise.all([entra.close(), graph.close()]) };
}

/* One request on a connection of its own (unless an agent is given), bytes left as they came:
 * {status, reason, headers, bytes, text, json}.  target: the request's, to the letter, where the
 * URL's own path would be tidied up. */
export async function send(url, { method = 'GET', headers = {}, body, agent = false, target } = {}) {
	const request = http.request(url, { method, headers, agent, ...target && { path: target } });
	request.setTimeout(HANGS_MS, () => request.destroy(new Error(`no answer: ${url}`)));
	request.end(body);
	const [response] = await once(request, 'response');
	request.on('error', () => {}); /* whoever is answered early need not get rid of the rest */
	const bytes = Buffer.concat(await response.toArray());
	return { status: response.statusCode, reason: response.statusMessage, headers: response.headers, bytes,
		get text() { return bytes.toString(); }, get json() { return JSON.parse(this.text); } };
}

/* What every answer of the handler carries, whatever it answers. */
export function assertGuarded({ headers }) {
	assert.match(headers['x-request-id'], /^[\w.:-]{1,128}$/);
	assert.equal(headers['x-content-type-options'], 'nosniff');
	assert.equal(headers['x-frame-options'], 'DENY');
	assert.match(headers['content-security-policy'], /default-src 'none'/);
	assert.equal(headers['referrer-policy'], 'no-referrer');
	assert.match(headers['strict-transport-security'], /^max-age=\d{7,}/);
	assert.equal(headers['cache-control'], 'no-store');
}

/* {service, code, requestId}: who failed, in its own words and with its own id for it. */
function assertUpstream({ service, code, requestId, ...rest }) {
	assert.deepEqual(rest, {});
	assert.match(service, /^(entra|graph)$/);
	assert.match(code ?? 'none', service === 'entra' ? /^(AADSTS\d{1,9}|[a-z_]+)$/ : /^\w{1,63}$/);
	assert.match(requestId ?? 'none', /^[\w-]{4,64}$/);
}

/* {"error":{"code","message","requestId"}} and nothing else (but where to consent, and upstream). */
export function assertError(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.headers['content-type'], 'application/json');
	const { error, ...rest } = answer.json;
	const { consentUrl, upstream, ...common } = error;
	assert.deepEqual(rest, {});
	assert.deepEqual(Object.keys(common), ['code', 'message', 'requestId']);
	assert.equal(error.code, code, answer.text);
	assert.match(error.message, /^\S.*\.$/s);
	assert.equal(error.requestId, answer.headers['x-request-id']);
	assert.equal(consentUrl !== undefined, code === 'consent_required');
	if (upstream)
		assertUpstream(upstream);
	return answer;
}

/* Asks a handler by path; every answer is checked for what all must have, and kept in answers.  What
 * it logs meanwhile comes when it comes: logOf waits for its line. */
function asking(target) {
	target.answers = [];
	target.sent = new Set(); /* the callers' tokens */
	target.ask = async (path, { token, headers, ...options } = {}) => {
		target.sent.add(token ?? '');
		const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
		const all = { ...authorization, ...headers };
		const answer = await send(target.url + path, { ...options, headers: all });
		target.answers.push(answer);
		assertGuarded(answer);
		if (answer.status >= 400 && options.method !== 'HEAD' && !path.includes('ready=1'))
			assertError(answer, answer.status, answer.json.error.code);
		return answer;
	};
	/* The key=value fields of the log line of one answer's request. */
	target.logOf = async (answer) => {
		const id = ` request_id=${answer.headers['x-request-id']}`;
		const mine = ({ text }) => `${text} `.includes(`${id} `);
		await until(() => target.lines.some(mine));
		const text = target.lines.find(mine).text;
		return Object.fromEntries([...text.matchAll(/(\w+)=("(?:\\.|[^"])*"|\S+)/g)]
			.map(([, name, value]) => [name, value]));
	};
	return target;
}

/* Only what the test gives, PATH, and the sanitizers' own settings: nothing of the developer's. */
export function environment(env = {}) {
	const own = Object.entries(process.env).filter(([name]) =>
		/^(PATH|HOME|[AULT]\w*SAN_OPTIONS)$/.test(name));
	const all = Object.entries({ ...Object.fromEntries(own), ...env });
	return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/* One that a failed test left behind neither holds up the end of its file nor survives it. */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

function setLoose(child) {
	children.add(child);
	child.once('exit', () => children.delete(child));
	for (const handle of [child, child.stdin, child.stdout, child.stderr])
		handle?.unref();
}

/* Runs the binary with its output collected; does not wait for it.  below: a program, with its arguments, that
 * becomes the binary, as prlimit does. */
export function spawnHandler({ args = [], env = {}, command = binary, stdin = 'ignore', below = [] } = {}) {
	const [program, ...its] = [...below, command, ...args];
	const child = spawn(program, its, { cwd: tmpdir(), env: environment(env),
		stdio: [stdin, 'pipe', 'pipe'] });
	setLoose(child);
	const lines = [];
	for (const stream of ['stdout', 'stderr'])
		readLines(child[stream], (text) => lines.push({ stream, text }));
	const closed = once(child, 'close').then(([code, signal]) => ({ code, signal }));
	/* Its end, waited for; one that does not come in time is forced, and seen in the signal. */
	const ending = async () => {
		const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_MS);
		return closed.finally(() => clearTimeout(timer));
	};
	return { child, lines, ending };
}

/* Runs the binary to its end: {code, signal, out, err}. */
export async function runHandler(options) {
	const { lines, ending } = spawnHandler(options);
	const end = await ending();
	const text = (wanted) => lines.filter(({ stream }) => stream === wanted)
		.map((line) => line.text).join('\n');
	return { ...end, out: text('stdout'), err: text('stderr') };
}

export function assertHealthy(lines) {
	const report = lines.findIndex(({ text }) => SANITIZER.test(text));
	const shown = lines.slice(report, report + 40).map(({ text }) => text).join('\n');
	assert.equal(report, -1, shown);
}

/* A fresh connection is taken. */
export async function answersAt(port) {
	const socket = net.connect(port, '127.0.0.1');
	const taken = await once(socket, 'connect').then(() => true, () => false);
	socket.destroy();
	return taken;
}

/* The handler by itself, or another binary (command), or below a program (spawnHandler).  hosted: as the host passes the port,
 * instead of --port.  stop() sends SIGTERM and wants the orderly exit that a sanitizer's leak check
 * turns into another code; then nothing of the callers' tokens and the secrets of keeps, a sandbox,
 * may have been seen. */
export async function startAlone({ env = {}, hosted = false, port, args = [], keeps,
	command, below } = {}) {
	port ??= await freePort();
	const run = spawnHandler(hosted
		? { env: { ...env, FUNCTIONS_CUSTOMHANDLER_PORT: String(port) }, args, command, below }
		: { env, args: ['--port', String(port), ...args], command, below });
	const { child, lines, ending } = run;
	await until(async () => ended(child) || answersAt(port));
	const url = `http://127.0.0.1:${port}`;
	if (ended(child) || (await send(`${url}/`)).status !== 200)
		assert.fail(`the handler did not start: ${lines.map(({ text }) => text).join('\n')}`);
	return asking({ url, port, child, pid: child.pid, lines, ending,
		async stop() {
			const stopped = !ended(child) && child.kill('SIGTERM');
			const end = await ending();
			assertHealthy(lines);
			if (stopped)
				assert.deepEqual(end, { code: 143, signal: null });
			if (keeps && this.answers.length > 0)
				assertKept(this, [...keeps.secrets, ...this.sent]);
		} });
}

/* The handler below the host's double; options as for startHost. */
export async function startHosted({ env = {}, ...options }) {
	const root = scriptRoot();
	const host = await startHost({ root, env: environment(env), ...options })
		.catch((error) => {
			rmSync(root, { recursive: true });
			throw error;
		});
	return asking({ url: host.url, host, lines: host.lines,
		async stop() {
			await host.stop();
			rmSync(root, { recursive: true });
			assertHealthy(host.lines);
		} });
}

const CHALLENGE_PARAM = /\s*([!#$%&'*+.^`|~\w-]+)="((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;

/* The parameters of the one Bearer challenge in an answer (RFC 9110 §11.6.1); undefined if none.
 * Anything else than name="quoted" parameters, a name twice, and an empty value is a failure. */
export function challengeOf({ headers }) {
	const value = headers['www-authenticate'];
	if (value === undefined)
		return undefined;
	assert.match(value, /^Bearer /);
	const params = {};
	CHALLENGE_PARAM.lastIndex = 'Bearer '.length;
	while (CHALLENGE_PARAM.lastIndex < value.length) {
		const found = CHALLENGE_PARAM.exec(value);
		assert.ok(found, `not a challenge: ${value}`);
		assert.ok(!Object.hasOwn(params, found[1]), `${found[1]} twice: ${value}`);
		assert.notEqual(found[2], '', `${found[1]} is empty, which the official Go SDK takes for malformed: ${value}`);
		params[found[1]] = found[2].replace(/\\(.)/g, '$1');
	}
	return params;
}

/* Pieces of a token (or any secret) that must not be seen anywhere: each part's beginning, middle
 * and end.  The header of an unremarkable token is the same for all, and as secret. */
export function fragmentsOf(secret) {
	const size = 20;
	return secret.split('.').filter((part) => part.length >= 8).flatMap((part) => [
		part.slice(0, size), part.slice(part.length >> 1).slice(0, size), part.slice(-size)]);
}

/* No log line, header or body of any answer holds a fragment of any of the secrets. */
export function assertKept({ lines, answers }, secrets) {
	const seen = [...lines.map(({ text }) => text),
		...answers.map(({ headers, text }) => `${JSON.stringify(headers)}\n${text}`)];
	assert.ok(lines.length > 0 && answers.length > 0 && secrets.length > 0);
	for (const fragment of new Set(secrets.flatMap(fragmentsOf))) {
		const leak = seen.find((text) => text.includes(fragment));
		assert.equal(leak, undefined, `"${fragment}" is in: ${leak}`);
	}
}

/* A bare connection, for what no HTTP client would send.  answer() gives the next response, or
 * undefined when the handler closed without one; a response cut short is a failure. */
export async function wire(t, port) {
	const socket = net.connect(port, '127.0.0.1');
	let held = Buffer.alloc(0);
	let gone = false;
	socket.on('data', (chunk) => { held = Buffer.concat([held, chunk]); });
	socket.on('error', () => {});
	socket.on('close', () => { gone = true; });
	await once(socket, 'connect');
	t.after(() => socket.destroy());
	async function answer({ head = false } = {}) {
		let found;
		await until(() => (found = takeResponse(held, head)) || gone);
		assert.ok(found || held.length === 0, `cut short: ${held}`);
		held = found ? held.subarray(found.size) : held;
		return found;
	}
	return { socket, answer, write: (bytes) => socket.write(bytes),
		ended: () => until(() => gone), get gone() { return gone; } };
}

/* The first whole response in the bytes, or undefined while it is not all there. */
function takeResponse(bytes, head) {
	const end = bytes.indexOf('\r\n\r\n');
	if (end < 0)
		return undefined;
	const [line, ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n');
	assert.match(line, /^HTTP\/1\.1 \d{3} /);
	const headers = Object.fromEntries(fields.map((field) => {
		const colon = field.indexOf(':');
		return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
	}));
	const size = end + 4 + (head ? 0 : Number(headers['content-length'] ?? 0));
	const body = bytes.subarray(end + 4, size);
	return bytes.length < size ? undefined : { status: Number(line.split(' ')[1]), headers, size,
		bytes: body, text: body.toString(), get json() { return JSON.parse(this.text); } };
}
