/*
 * The handler's process as the Functions host treats it: probed, killed without warning, started
 * again on the same port, orphaned; and as a person treats it: stopped by signal.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { answersAt, assertHealthy, binary, during, send, spawnHandler, startAlone, startHosted,
	startSandbox, until, wire } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
afterEach(() => sandbox.reset());

describe('below the host', () => {
	test('killed, it is back on the same port, and its callers wait for it', async (t) => {
		const handler = await during(t, startHosted({ env, mode: 'forwarding' }));
		const { host } = handler;
		const { handlerPort, handlerPid } = host;
		const token = await entra.mintUserToken();
		assert.equal((await handler.ask('/me', { token })).status, 200);
		const idle = await wire(t, handlerPort); /* leaves the port in use behind */
		idle.write('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
		await idle.answer();
		await host.kill();
		const answers = await Promise.all(Array.from({ length: 10 }, () => handler.ask('/hello')));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(host.handlerPort, handlerPort);
		assert.notEqual(host.handlerPid, handlerPid);
		assert.equal((await handler.ask('/me', { token })).status, 200);
		assert.equal(entra.counts.exchanges, 2); /* nothing is kept on disk */
	});

	test('a call that is cut off by a kill leaves nothing behind', async (t) => {
		const handler = await during(t, startHosted({ env, mode: 'proxying' }));
		graph.latencyMs = 60_000;
		const token = await entra.mintUserToken();
		const cut = send(`${handler.url}/echo`, { method: 'POST', body: 'x' });
		const hanging = send(`${handler.url}/me`, { headers: {
			authorization: `Bearer ${token}` } }).catch((error) => error);
		await until(() => graph.counts.me === 1);
		assert.equal((await cut).status, 200);
		await handler.host.kill();
		graph.latencyMs = 0;
		assert.equal((await handler.ask('/me', { token })).status, 200);
		assert.ok(await hanging);
	});

	test('health pings change no counter and leave no line', async (t) => {
		const handler = await during(t, startHosted({ env, mode: 'forwarding' }));
		await handler.logOf(await handler.ask('/tools'));
		const { length } = handler.lines;
		for (let i = 0; i < 5; i++)
			await handler.host.ping();
		const status = await handler.ask('/status');
		await handler.logOf(status);
		assert.equal(handler.lines.length, length + 1);
		const { counters } = status.json;
		const all = Object.values(counters).map(({ requests }) => requests ?? 0);
		assert.equal(all.reduce((sum, one) => sum + one), 1);
	});

	test('what it writes is information, but for what is wrong', async (t) => {
		const handler = await during(t, startHosted({ env: { ...env, TENANT_ID: '' },
			mode: 'forwarding' }));
		await handler.logOf(await handler.ask('/hello'));
		await handler.logOf(await handler.ask('/me'));
		const levelOf = (part) => handler.lines.find(({ text }) => text.includes(part)).level;
		assert.equal(levelOf('event=listening'), 'Information');
		assert.equal(levelOf('endpoint=hello'), 'Information');
		assert.equal(levelOf('event=setting'), 'Warning');
		assert.equal(levelOf('code=not_configured'), 'Warning');
	});

	test('it is ready with Entra and Graph out of reach', async (t) => {
		const away = { ...env, AUTHORITY_HOST: `http://127.0.0.1:${await freePort()}`,
			GRAPH_BASE_URL: `http://127.0.0.1:${await freePort()}` };
		const handler = await during(t, startHosted({ env: away, mode: 'forwarding' }));
		assert.equal((await handler.ask('/hello')).status, 200);
		assert.equal((await handler.ask('/status?ready=1')).status, 200);
	});
});

describe('orphaned', () => {
	/* A shell in the host's place: starts the handler, says its pid, waits to be killed. */
	async function parentOf(t, settings) {
		const script = '"$0" --port "$PORT" & echo "pid $!"; wait';
		const run = spawnHandler({ command: '/bin/sh', args: ['-c', script, binary],
			env: { ...env, ...settings } });
		const { lines } = run;
		await until(() => lines.some(({ text }) => text.includes('event=listening')));
		const pid = Number(lines.find(({ text }) => text.startsWith('pid ')).text.slice(4));
		t.after(() => {
			try {
				process.kill(pid, 'SIGKILL');
			} catch { /* gone, as it should be */ }
		});
		return { ...run, pid };
	}

	test('it exits when the host is gone', async (t) => {
		const port = String(await freePort());
		const { child, ending, lines } = await parentOf(t, { PORT: port,
			FUNCTIONS_CUSTOMHANDLER_PORT: port });
		assert.ok(await answersAt(port));
		child.kill('SIGKILL');
		await until(async () => !await answersAt(port));
		await ending(); /* of its pipes, which the handler holds as long as it lives */
		assert.ok(lines.some(({ text }) => text.includes('event=orphaned')));
		assertHealthy(lines);
	});

	/* A thread that is woken, or looks, has switched; and those of requests are others. */
	test('it waits for that without looking', async (t) => {
		const port = String(await freePort());
		const { pid } = await parentOf(t, { PORT: port, FUNCTIONS_CUSTOMHANDLER_PORT: port });
		const switches = async () => (await readFile(`/proc/${pid}/status`, 'utf8'))
			.match(/^voluntary_ctxt_switches:\t(\d+)$/m)[1];
		await until(async () => { /* it may still be on its way there */
			const before = await switches();
			await delay(2500);
			return await switches() === before;
		});
	});

	test('started by hand, it outlives the shell', async (t) => {
		const port = String(await freePort());
		const { child, pid, lines } = await parentOf(t, { PORT: port });
		const gone = once(child, 'exit');
		child.kill('SIGKILL');
		await gone;
		const hello = () => send(`http://127.0.0.1:${port}/hello`);
		const adopted = async () => (await parentPid(pid)) !== child.pid;
		await until(adopted);
		assert.equal((await hello()).status, 200);
		assert.ok(!lines.some(({ text }) => text.includes('event=orphaned')));
	});

	async function parentPid(pid) {
		return Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ')[1]);
	}
});

const PATIENT = { GRAPH_DEADLINE_MS: '200000', ENTRA_TIMEOUT_MS: '60000' };
const SOON_MS = 45_000; /* on a busy machine too, and far from all of that */

describe('signals', { concurrency: 4 }, () => {
	for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]]) {
		test(`${signal} ends it promptly with ${code}, never with 0`, async () => {
			const handler = await startAlone({ env });
			const begun = performance.now();
			handler.child.kill(signal);
			assert.deepEqual(await handler.ending(), { code, signal: null });
			assert.ok(performance.now() - begun < SOON_MS);
			assertHealthy(handler.lines);
		});

		test(`${signal} does not wait for calls under way or open connections`, async (t) => {
			const own = await during(t, startSandbox());
			const handler = await startAlone({ env: { ...own.env, ...PATIENT } });
			own.graph.latencyMs = 150_000;
			own.entra.fail({ kind: 'stall', user: 'zoe' });
			const tokens = [await own.entra.mintUserToken(),
				await own.entra.mintUserToken({ user: 'zoe' })];
			const calls = tokens.map((token) => send(`${handler.url}/me`, { headers: {
				authorization: `Bearer ${token}` } }).then(({ status }) => status, () => 0));
			const idle = await wire(t, handler.port);
			idle.write('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
			await idle.answer();
			const half = await wire(t, handler.port);
			half.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
			await until(() => own.graph.counts.me === 1 && own.entra.counts.token === 2);
			const begun = performance.now();
			handler.child.kill(signal);
			assert.deepEqual(await handler.ending(), { code, signal: null });
			assert.ok(performance.now() - begun < SOON_MS);
			for (const status of await Promise.all(calls))
				assert.ok(status === 0 || status >= 500);
			assertHealthy(handler.lines);
		});
	}

	test('waiting for a throttled Graph does not hold up the end', async (t) => {
		const own = await during(t, startSandbox());
		const handler = await startAlone({ env: { ...own.env, ...PATIENT } });
		own.graph.fail({ kind: 'throttle', retryAfter: 150, times: Infinity });
		const token = await own.entra.mintUserToken();
		const call = send(`${handler.url}/me`, { headers: {
			authorization: `Bearer ${token}` } }).catch((error) => error);
		await until(() => own.graph.counts.me === 1);
		const begun = performance.now();
		handler.child.kill('SIGTERM');
		await handler.ending();
		assert.ok(performance.now() - begun < SOON_MS);
		assert.ok(await call);
	});

	test('a reader that closes its pipe does not end it', async (t) => {
		const port = await freePort();
		const child = spawn(binary, ['--port', String(port)], { env: {},
			stdio: ['ignore', 'pipe', 'pipe'] });
		t.after(() => child.kill('SIGKILL'));
		await until(() => answersAt(port));
		child.stdout.destroy();
		child.stderr.destroy();
		for (let i = 0; i < 5; i++)
			assert.equal((await send(`http://127.0.0.1:${port}/hello`)).status, 200);
		assert.equal(child.exitCode ?? child.signalCode, null);
	});
});
