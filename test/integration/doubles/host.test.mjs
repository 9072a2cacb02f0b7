/*
 * The double of the Functions host, proven against a handler that does as it is told.  What these
 * tests fix are the host's rules; the real handler's tests can then lean on them.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../../sandbox/common/until.mjs';
import { startHost } from '../../sandbox/host/host.mjs';
import { levelOf, readLines } from '../../sandbox/host/console.mjs';
import { ask, goOn, hostsOf, open, post, scriptRoot, seen } from '../../sandbox/host/fixture.mjs';
import { compileRoute, decodePath, matchRoute } from '../../sandbox/host/routes.mjs';

const HOST = fileURLToPath(new URL('../../sandbox/host/host.mjs', import.meta.url));
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const root = scriptRoot();
const hostFor = hostsOf(root);
after(() => rmSync(root, { recursive: true }));

const firstLines = (text) => text.split('\r\n');

test('process: the handler gets port, id, root, app settings, no more', async (t) => {
	process.env.HOST_DOUBLE_LEAK = 'x';
	const host = await hostFor(t, { mode: 'forwarding', env: { SETTING: 'on' } });
	const { env, cwd } = JSON.parse(seen(host, 'env')[0].text.slice(4));
	assert.equal(env.FUNCTIONS_CUSTOMHANDLER_PORT, String(host.handlerPort));
	assert.equal(env.FUNCTIONS_HTTPWORKER_PORT, env.FUNCTIONS_CUSTOMHANDLER_PORT);
	assert.match(env.FUNCTIONS_CUSTOMHANDLER_WORKER_ID, GUID);
	assert.equal(env.FUNCTIONS_APP_ROOT_PATH, root);
	assert.equal(cwd, root);
	assert.equal(env.SETTING, 'on');
	assert.equal(env.HOST_DOUBLE_LEAK, undefined);
});

test('process: the probe is GET / with Host alone, anything but refusal is ready', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	assert.ok(host.readyMs > 0);
	const probe = JSON.parse(seen(host, 'request')[0].text.slice(8));
	assert.equal(probe, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${host.handlerPort}\r\n\r\n`);
	await host.ping();
	await until(() => seen(host, 'request').length === 2);
	await hostFor(t, { mode: 'forwarding', env: { FAKE_START: 'garbage' } });
});

test('process: a crash restarts on the same port, calls wait; the third stops', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const { handlerPort, handlerPid } = host;
	await host.kill();
	assert.equal((await ask(host, '/echo/raw')).status, 200);
	assert.equal(host.handlerPort, handlerPort);
	assert.notEqual(host.handlerPid, handlerPid);
	assert.equal(host.restarts, 1);
	assert.equal((await ask(host, '/echo/crash')).status, 500);
	await until(() => host.exits.length === 2);
	assert.equal(host.exits[1].signal, 'SIGSEGV');
	await host.settled();
	await host.kill();
	assert.equal((await ask(host, '/echo/raw')).status, 503);
	assert.equal(host.restarts, 2);
});

test('process: exit 200 restarts uncounted, exit 0 never', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	for (let i = 1; i <= 3; i++) {
		await ask(host, '/echo/exit200');
		await until(() => host.exits.length === i);
		assert.equal(await host.settled(), 'ready');
	}
	assert.equal(host.restarts, 3);
	await ask(host, '/echo/exit0');
	await until(() => host.exits.length === 4);
	assert.equal((await ask(host, '/echo/raw')).status, 500);
	assert.equal(host.restarts, 3);
});

test('process: startHost rejects: exit 0, three crashes, deaf, not executable', async () => {
	const failing = (env, more) => startHost({ root, mode: 'forwarding', env, ...more });
	await assert.rejects(failing({ FAKE_START: 'exit0' }), /exited with code 0/);
	await assert.rejects(failing({ FAKE_START: 'exit3' }), (err) => {
		assert.deepEqual(err.exits.map(({ code }) => code), [3, 3, 3]);
		assert.match(err.message, /no luck/);
		return true;
	});
	const deaf = failing({ FAKE_START: 'deaf' }, { probeTimeoutMs: 50 });
	await assert.rejects(deaf, /never answered/);
	const path = 'AzureFunctionsJobHost__customHandler__description__defaultExecutablePath';
	await assert.rejects(failing({ [path]: 'echo' }), /Failed to start Worker Channel/);
});

test('process: stop kills the handler at once and frees the address', async () => {
	const host = await startHost({ root, mode: 'forwarding' });
	const call = ask(host, '/echo/hang').catch((err) => err);
	await until(() => seen(host, 'request').length === 2);
	await host.stop();
	await until(() => host.exits.length === 1);
	assert.equal(host.exits[0].signal, 'SIGKILL');
	assert.ok(await call);
	await assert.rejects(ask(host, '/echo/raw'), { code: 'ECONNREFUSED' });
});

test('process: console lines end at \\n, \\r\\n and \\r and get a level', async () => {
	const lines = [];
	const pipe = new PassThrough();
	readLines(pipe, (line) => lines.push(line));
	for (const part of ['a\r', '\nb\rc\n', '\nd', 'e']) pipe.write(part);
	await once(pipe.end(), 'end');
	assert.deepEqual(lines, ['a', 'b', 'c', '', 'de']);
	assert.equal(levelOf('stdout', 'error'), 'Information');
	assert.equal(levelOf('stderr', 'a WARNing'), 'Warning');
	assert.equal(levelOf('stderr', 'anything'), 'Error');
	assert.equal(levelOf('stderr', 'anything', false), 'Information');
	assert.equal(levelOf('stderr', 'has failed', false), 'Error');
});

const route = (template, methods = null) => ({ methods, route: compileRoute('api', template) });

test('routing: literals beat parameters beat catch-alls, in any case, slash or not', () => {
	const [all, one, exact] = [route('{*path}'), route('a/{id?}'), route('a/b')];
	const found = (path) => matchRoute([all, one, exact], path, 'GET');
	assert.equal(found('/API/A/B/').fn, exact);
	assert.deepEqual(found('/api/a/c'), { fn: one, params: { id: 'c' } });
	assert.deepEqual(found('/api/a'), { fn: one, params: { id: null } });
	assert.deepEqual(found('/api/x/y'), { fn: all, params: { path: 'x/y' } });
	assert.equal(found('/other'), null);
	assert.equal(matchRoute([route('n/{id:int}')], '/api/n/x', 'GET'), null);
	assert.equal(matchRoute([route('n', ['POST'])], '/api/n', 'GET'), null);
});

test('routing: the path is decoded but for %2F, dots collapse', () => {
	assert.equal(decodePath('/a%20b/%2e%2E/c%2Fd/%C3%A9/%ff/.'), '/c%2Fd/é/%ff/');
});

test('routing: a regex constraint admits the whole value or nothing, also of what is optional', () => {
	const fn = route('w/{name:regex(^(one|t-wo)$)}/{a:regex(^[a-z]+$)?}/{b:regex(^[a-z]+$)?}');
	const params = (path) => matchRoute([fn], `/api/w/${path}`, 'GET')?.params;
	assert.deepEqual(params('T-WO'), { name: 't-wo'.toUpperCase(), a: null, b: null });
	assert.deepEqual(params('one/x/y/'), { name: 'one', a: 'x', b: 'y' });
	for (const path of ['', 'three', 'onex', 'one/1', 'one/x/..', 'one/x\\y', 'one/x/y/z'])
		assert.equal(params(path), undefined, path);
});

test('before the handler: 404, 401, 413 and the home page never reach it', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding', keys: 'k1', bodyLimit: 10 });
	const status = async (...args) => (await ask(host, ...args)).status;
	assert.equal(await status('/nowhere'), 404);
	assert.equal(await status('/open/raw', { method: 'POST' }), 404);
	assert.equal(await status('/admin/x'), 401);
	assert.equal(await status('/'), 200);
	assert.equal(await status('/echo/raw'), 401);
	assert.equal(await status('/echo/raw', { headers: { 'x-functions-key': 'k2' } }), 401);
	assert.equal(await status('/echo/raw?code=k1', post({}, 'x'.repeat(11))), 413);
	assert.equal(seen(host, 'request').length, 1);
	assert.equal(await status('/open/raw'), 200);
	assert.equal(await status('/ECHO/raw/?code=k1'), 200);
	assert.deepEqual(host.invocations.map((call) => call.function), ['open', 'echo']);
	assert.match(host.invocations[0].invocationId, GUID);
});

test('before the handler: a client\'s idle connection is kept for 130 s, longer than clients keep one', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const { headers } = await ask(host, '/', { headers: { Connection: 'keep-alive' } });
	assert.equal(headers['keep-alive'], 'timeout=130');
});

test('forwarding: the request is rebuilt: path, query, headers, sized body', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const id = '11111111-2222-3333-4444-555555555555';
	const headers = { Host: 'public.example', 'x-CASE': ['1', '2'], Expires: '0',
		connection: 'close', 'Content-Type': 'text/x', 'User-Agent': 'cli/1',
		'X-Azure-Functions-InvocationId': id };
	const path = '/echo/a%20b/c%2Fd/e%3Ff?a=1&A=%32&flag&c=x+y/z';
	const answer = await ask(host, path, post(headers, 'hello'));
	const lines = firstLines(answer.body);
	assert.equal(lines[0],
		'POST /echo/a%20b/c%2Fd/e?a=1,2&flag=&c=x%20y%2Fz HTTP/1.1');
	assert.deepEqual(lines.slice(1, 6), ['Host: public.example', 'x-CASE: 1', 'x-CASE: 2',
		'connection: close', `User-Agent: cli/1 Azure-Functions-Host/${host.version}`]);
	assert.ok(lines[6].startsWith(`X-Azure-Functions-InvocationId: ${id}, `));
	assert.match(lines[6].slice(-36), GUID);
	assert.deepEqual(lines.slice(7), [`X-Azure-Functions-HostVersion: ${host.version}`,
		'Content-Type: text/x', 'Content-Length: 5', '', 'hello']);
	assert.equal(answer.headers['x-fake'], 'a, b');
});

test('forwarding: the path that was authorized collapses when it is written anew', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	for (const dots of ['..%5C', '%2E%2e%5c', '%252E%252E/', '.%5C..%5C', '%252e./'])
		assert.equal(firstLines((await ask(host, `/echo/${dots}open/raw`)).body)[0], 'GET /open/raw HTTP/1.1');
	const kept = firstLines((await ask(host, '/echo/..%2Fraw')).body)[0];
	assert.equal(kept, 'GET /echo/..%2Fraw HTTP/1.1');
});

test('forwarding: a chunked request is 500 unseen, a body-less POST says so', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const chunked = post({ 'Transfer-Encoding': 'chunked' }, 'x');
	const { status, body } = await ask(host, '/echo/raw', chunked);
	assert.deepEqual([status, body], [500, '']);
	assert.equal(seen(host, 'request').length, 1);
	assert.match((await ask(host, '/echo/raw', post())).body, /\r\nContent-Length: 0\r\n\r\n$/);
});

/* The answer of a call whose handler waits for its two steps. */
async function goneOn(host, call, calls = 1) {
	await until(() => seen(host, 'request "GET /echo/stream').length >= calls);
	await goOn(host);
	await goOn(host);
	return call;
}

test('forwarding: the answer is buffered, any status passed, failures 500 empty', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const streamed = await goneOn(host, ask(host, '/echo/stream'));
	assert.equal(streamed.headers['content-length'], '6');
	assert.equal(streamed.headers['transfer-encoding'], undefined);
	assert.equal((await ask(host, '/echo/teapot')).status, 418);
	assert.equal((await ask(host, '/echo/redirect')).status, 302);
	for (const task of ['garbage', 'short', 'reset']) {
		const { status, body } = await ask(host, `/echo/${task}`);
		assert.deepEqual([status, body], [500, ''], task);
	}
});

test('forwarding: closing without an answer replays a body-less request three times', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const tries = (method) => seen(host, `request "${method} /echo/eof`).length;
	assert.equal((await ask(host, '/echo/eof')).status, 500);
	await until(() => tries('GET') === 4);
	const sized = post({ 'Content-Length': '1' }, 'x');
	assert.equal((await ask(host, '/echo/eof', sized)).status, 500);
	await until(() => tries('POST') === 1);
	await host.ping();
	assert.equal(tries('POST'), 1);
});

test('forwarding: Expect is forwarded, waited for 1 s; a refusal withholds the body', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	const expecting = post({ Expect: '100-continue', 'Content-Length': '1' }, 'x');
	const timed = async (path) => {
		const startedAt = performance.now();
		const answer = await ask(host, path, expecting);
		return { ...answer, ms: performance.now() - startedAt };
	};
	assert.match((await timed('/echo/x')).body, /\r\nExpect: 100-continue\r\n/);
	await until(async () => (await timed('/echo/x')).ms < 900); /* which no waiting host is, ever */
	const silent = await timed('/echo/silent');
	assert.equal(silent.status, 200);
	assert.ok(silent.ms > 950);
	assert.equal((await ask(host, '/echo/refuse', expecting)).status, 418);
	await until(() => seen(host, 'closed').length === 1);
	assert.equal(seen(host, 'late body').length, 0);
});

const connectionOf = async (host, path) => (await ask(host, path)).headers['x-connection'];

test('forwarding: idle connections are reused, newest first', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding' });
	assert.equal(await connectionOf(host, '/echo/raw'), '1');
	const slow = connectionOf(host, '/echo/stream');
	await until(() => seen(host, 'request "GET /echo/stream').length === 1);
	assert.equal(await connectionOf(host, '/echo/raw'), '2');
	assert.equal(await goneOn(host, slow), '1');
	assert.equal(await connectionOf(host, '/echo/raw'), '1');
});

test('forwarding: an idle connection is closed at the idle limit, and not used again', async (t) => {
	const host = await hostFor(t, { mode: 'forwarding', poolIdleMs: 50 });
	const last = Number(await connectionOf(host, '/echo/raw'));
	await until(() => seen(host, 'closed').length === last);
	assert.equal(await connectionOf(host, '/echo/raw'), String(last + 1));
});

test('forwarding: maxConcurrentRequests queues the rest', async (t) => {
	const env = { AzureFunctionsJobHost__extensions__http__maxConcurrentRequests: '1' };
	const host = await hostFor(t, { mode: 'forwarding', env });
	const calls = [1, 2, 3].map(() => connectionOf(host, '/echo/stream'));
	const any = Promise.race(calls);
	for (let i = 1; i <= 3; i++)
		await goneOn(host, any, i);
	assert.deepEqual(await Promise.all(calls), ['1', '1', '1']);
});

test('proxying: URL untouched, forwarded headers replaced, hop-by-hop gone', async (t) => {
	const host = await hostFor(t, { mode: 'proxying' });
	const headers = { Host: 'public.example', 'X-Forwarded-For': '9.9.9.9', Forwarded: 'for=9',
		TE: 'trailers', Connection: 'close', 'x-CASE': ['1', '2'], 'User-Agent': 'cli/1' };
	const { body } = await ask(host, '/echo/a%20b%2F?a=1&a=2&flag', { headers });
	const id = GUID.exec(body)[0];
	assert.deepEqual(firstLines(body), ['GET /echo/a%20b%2F?a=1&a=2&flag HTTP/1.1',
		`Host: 127.0.0.1:${host.handlerPort}`, 'x-CASE: 1', 'x-CASE: 2',
		'User-Agent: cli/1', 'X-Forwarded-For: 127.0.0.1',
		'X-Forwarded-Host: public.example', 'X-Forwarded-Proto: http',
		`X-Azure-Functions-HostVersion: ${host.version}`,
		`X-Azure-Functions-InvocationId: ${id}`,
		`x-ms-invocation-id: ${id}`, '', '']);
});

test('proxying: a body without length travels chunked, one with a length sized', async (t) => {
	const host = await hostFor(t, { mode: 'proxying' });
	const chunked = post({ 'Transfer-Encoding': 'chunked' }, 'xyz');
	assert.match((await ask(host, '/echo/raw', chunked)).body,
		/\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n$/);
	assert.match((await ask(host, '/echo/raw', post({ 'Content-Length': '3' }, 'xyz'))).body,
		/Content-Length: 3\r\n[^]*xyz$/);
});

test('proxying: headers wait for the first body byte, bytes are relayed as read', async (t) => {
	const host = await hostFor(t, { mode: 'proxying' });
	let headersCame = false;
	const response = once(open(host, '/echo/stream'), 'response').finally(() => { headersCame = true; });
	await until(() => seen(host, 'request "GET /echo/stream').length === 1);
	await delay(60); /* the handler's headers are with the host by then */
	assert.equal(headersCame, false);
	await goOn(host);
	const [res] = await response;
	assert.equal(res.headers['x-head'], '1');
	assert.equal(res.headers['keep-alive'], undefined);
	const chunks = res[Symbol.asyncIterator]();
	assert.equal(String((await chunks.next()).value), 'one');
	await goOn(host);
	assert.equal(String((await chunks.next()).value), 'two');
	assert.equal((await chunks.next()).done, true);
});

test('proxying: a client that leaves closes the handler connection', async (t) => {
	const host = await hostFor(t, { mode: 'proxying' });
	const req = open(host, '/echo/hang').on('error', () => {});
	await until(() => seen(host, 'request "GET /echo/hang').length === 1);
	const closed = seen(host, 'closed').length;
	req.destroy();
	await until(() => seen(host, 'closed').length > closed);
});

test('proxying: failure before headers 500 empty, after them the connection drops', async (t) => {
	const hasty = await hostFor(t, { mode: 'proxying', idleMs: 80 });
	const { status, body } = await ask(hasty, '/echo/hang');
	assert.deepEqual([status, body], [500, '']);
	assert.equal((await ask(hasty, '/echo/headers')).status, 500);
	const patient = await hostFor(t, { mode: 'proxying', bodyLimit: 5 }); /* the headers come in time */
	const large = post({ 'Transfer-Encoding': 'chunked' }, 'xyzxyz');
	assert.equal((await ask(patient, '/echo/raw', large)).status, 413);
	for (const task of ['short', 'broken']) await assert.rejects(ask(patient, `/echo/${task}`));
});

test('proxying: ten attempts in 1.85 s; with a body sent, empty connections', async (t) => {
	const host = await hostFor(t, { mode: 'proxying' });
	const startedAt = performance.now();
	const sized = post({ 'Content-Length': '1' }, 'x');
	const calls = await Promise.all([ask(host, '/echo/reset'), ask(host, '/echo/eof', sized)]);
	assert.deepEqual(calls.map(({ status }) => status), [500, 500]);
	assert.ok(performance.now() - startedAt > 1800);
	await until(() => seen(host, 'connection').length === 21);
	await until(() => seen(host, 'request "GET /echo/reset').length === 10);
	assert.equal(seen(host, 'request "POST /echo/eof').length, 1);
});

test('by hand: prints functions, names the way out of a taken port, dies on Ctrl-C', async (t) => {
	const run = (at) => spawn(process.execPath, [HOST, '--root', root, '--port', at]);
	const child = run('0');
	t.after(() => child.kill('SIGKILL'));
	let out = '';
	child.stdout.on('data', (chunk) => { out += chunk; });
	await until(() => out.includes('Ctrl-C'));
	const [, port] = /echo: \[GET,HEAD,POST\] http:\/\/127\.0\.0\.1:(\d+)\/echo/.exec(out);
	const second = run(port);
	let err = '';
	second.stderr.on('data', (chunk) => { err += chunk; });
	assert.deepEqual(await once(second, 'close'), [1, null]);
	assert.match(err, /already in use.*--port \d+ \(make start PORT=\d+\)/);
	const handler = Number(/handler (\d+) on port/.exec(out)[1]);
	child.kill('SIGINT');
	assert.deepEqual(await once(child, 'close'), [0, null]);
	await until(() => { try { return !process.kill(handler, 0); } catch { return true; } });
});
