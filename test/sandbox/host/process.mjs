/*
 * The handler's process as the host keeps it: start, readiness probe, exit and restart rules,
 * console, kill.  One object for the life of the host; the port never changes, so a restarted
 * handler must be able to listen on the one its predecessor used.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { collect, send } from './client.mjs';
import { levelOf, readLines } from './console.mjs';

const PROBE_PAUSE_MS = 25;
const CALL_WAIT_MS = 120_000; /* 4 x 30 s, then the host stops */
const MAX_CRASHES = 3;
const CRASH_MEMORY_MS = 30 * 60_000;
const STOP_WAIT_MS = 1000;
const DRAIN_MS = 1000; /* at most, for the last lines of a process that is gone */

/*
 * settings: {exec: {file, args, cwd}, root, env, flags, port, pool, probeTimeoutMs, probeAnswerMs,
 * errorsOnlyOnStderr, onLine(stream, line), onHost(text)}.
 * state: starting, ready, exited (code 0), failed (could not be executed), stopped (host stops).
 */
export class HandlerProcess {
	constructor(settings) {
		Object.assign(this, { lines: [], exits: [], restarts: 0, readyMs: undefined });
		this.settings = settings;
		this.state = 'stopped';
		this.crashes = 0;
		this.crashedAt = -Infinity;
		this.changed = Promise.withResolvers();
	}

	get pid() {
		return this.child?.pid;
	}

	/* Starts the process; whenSettled() tells how it went. */
	start() {
		const { settings } = this;
		const { exec } = settings;
		const startedAt = performance.now();
		const child = spawn(exec.file, exec.args, {
			cwd: exec.cwd,
			env: environment(settings),
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.child = child;
		this.#become('starting');
		for (const stream of ['stdout', 'stderr']) {
			readLines(child[stream], (text) => this.#line(stream, text));
		}
		child.on('error', (err) => this.#notExecuted(child, err));
		child.on('exit', (code, signal) => this.#exited(child, code, signal));
		if (child.pid !== undefined) this.#probe(child, startedAt).catch(() => {});
	}

	/* Waits while the handler starts or restarts, as calls do; returns the state.  After 120 s
	 * without a handler the host stops.  One that could not be executed is waited for too. */
	async whenSettled(waitMs = CALL_WAIT_MS) {
		const timer = new AbortController();
		const tooLong = delay(waitMs, 'late', { signal: timer.signal }).catch(() => {});
		try {
			while (this.state === 'starting' || this.state === 'failed') {
				const news = await Promise.race([this.changed.promise, tooLong]);
				if (news === 'late') this.#giveUp();
			}
			return this.state;
		} finally {
			timer.abort();
		}
	}

	/* First outcome of a start: also returns on 'failed', which calls wait out. */
	async whenFirstSettled() {
		while (this.state === 'starting') await this.changed.promise;
		return this.state;
	}

	/* Resolves when the host stops, of itself or on request. */
	async whenStopped() {
		while (this.state !== 'stopped') await this.changed.promise;
	}

	/* GET / with a Host header only; any answer will do, its body is read.  False: refused. */
	async ping() {
		const { pool, port, probeAnswerMs } = this.settings;
		const headers = [['Host', `127.0.0.1:${port}`]];
		const finite = Number.isFinite(probeAnswerMs);
		const limit = finite ? AbortSignal.timeout(probeAnswerMs) : undefined;
		try {
			const request = { port, method: 'GET', path: '/', headers, body: null };
			await collect(await send(pool, request, limit));
			return true;
		} catch (err) {
			if (limit?.aborted) throw err;
			return !err.refused;
		}
	}

	/* A call ran into functionTimeout: the host kills the process, restarts it, uncounted. */
	timedOut() {
		if (this.state !== 'ready') return;
		this.#host('Timeout value exceeded: killing and restarting the handler');
		this.killedByHost = this.child;
		this.child.kill('SIGKILL');
	}

	/* Simulated crash: SIGKILL as the kernel would send it; the restart rules then apply. */
	async kill() {
		const { child } = this;
		if (child?.pid === undefined || gone(child)) return;
		const exited = once(child, 'exit');
		child.kill('SIGKILL');
		await exited;
	}

	/* Host stop: SIGKILL to the pid alone, no SIGTERM, no tree; waits at most 1 s. */
	async stop() {
		const { child } = this;
		this.#become('stopped');
		if (child?.pid === undefined || gone(child)) return;
		const exited = once(child, 'exit');
		child.kill('SIGKILL');
		await Promise.race([exited, pause(STOP_WAIT_MS)]);
	}

	/* Any status is ready, so is a connection accepted and then closed, reset or answered with
	 * garbage; only a refused one is tried again.  The limit counts the pauses alone. */
	async #probe(child, startedAt) {
		const probes = Math.ceil(this.settings.probeTimeoutMs / PROBE_PAUSE_MS);
		for (let probe = 0; probe < probes && this.#isStarting(child); probe++) {
			const answered = await this.ping().catch(() => null);
			if (answered === null) break;
			if (answered && this.#isStarting(child)) {
				this.readyMs = performance.now() - startedAt;
				this.#become('ready');
				return;
			}
			await delay(PROBE_PAUSE_MS);
		}
		if (!this.#isStarting(child)) return;
		this.#host(`the handler did not answer GET / on 127.0.0.1:${this.settings.port}`);
		child.kill('SIGKILL');
	}

	#isStarting(child) {
		return this.child === child && this.state === 'starting' && !gone(child);
	}

	/* No x bit, no such file or no interpreter: logged, never restarted. */
	#notExecuted(child, err) {
		if (child !== this.child || child.pid !== undefined) return;
		const { file } = this.settings.exec;
		this.#host(`Failed to start Worker Channel. ${file}: ${err.message}`);
		this.#become('failed');
	}

	/* Exit 0: no restart.  200 or killed by the host: restart, not counted.  Any other: restart
	 * after the 1st and 2nd, host stop at the 3rd; forgotten after 30 min without one. */
	async #exited(child, code, signal) {
		this.exits.push({ code, signal, at: Date.now() });
		if (child !== this.child || this.state === 'stopped') return;
		this.#become(code === 0 ? 'exited' : 'starting');
		if (code === 0) this.#host('the handler exited with 0: no restart, calls get 500');
		await Promise.race([once(child, 'close'), pause(DRAIN_MS)]);
		if (code === 0 || this.state === 'stopped') return;
		const uncounted = code === 200 || this.killedByHost === child;
		if (uncounted || this.#mayCrashAgain(code ?? signal)) {
			this.restarts++;
			this.start();
		} else {
			this.#giveUp();
		}
	}

	#mayCrashAgain(how) {
		const now = Date.now();
		if (now - this.crashedAt > CRASH_MEMORY_MS) this.crashes = 0;
		this.crashedAt = now;
		this.crashes++;
		this.#host(`the handler exited with ${how}. ${this.lastErrors().join(', ')}`);
		return this.crashes < MAX_CRASHES;
	}

	/* The last three stderr error lines, which the host logs with an exit code. */
	lastErrors() {
		return this.lines.filter(({ level }) => level === 'Error').slice(-3)
			.map(({ text }) => text);
	}

	#giveUp() {
		this.#host('no handler: the host stops');
		this.child?.kill('SIGKILL');
		this.#become('stopped');
	}

	#become(state) {
		this.state = state;
		const { resolve } = this.changed;
		this.changed = Promise.withResolvers();
		resolve(state);
	}

	#line(stream, text) {
		const level = levelOf(stream, text, this.settings.errorsOnlyOnStderr);
		this.lines.push({ stream, level, text });
		this.settings.onLine?.(stream, text);
	}

	#host(text) {
		this.settings.onHost?.(text);
	}
}

/* A minimal environment plus the app settings plus what the host adds; the GUID is new per start.
 * Not the whole of process.env: a variable of the developer's must not make a test pass. */
function environment({ env, port, root, flags }) {
	const id = randomUUID();
	return {
		PATH: process.env.PATH,
		HOME: process.env.HOME,
		...flags,
		...env,
		FUNCTIONS_CUSTOMHANDLER_PORT: String(port),
		FUNCTIONS_CUSTOMHANDLER_WORKER_ID: id,
		FUNCTIONS_HTTPWORKER_PORT: String(port),
		FUNCTIONS_HTTPWORKER_ID: id,
		FUNCTIONS_APP_ROOT_PATH: root,
	};
}

/* A wait that does not keep the test process alive. */
function pause(ms) {
	return delay(ms, undefined, { ref: false });
}

function gone(child) {
	return child.exitCode !== null || child.signalCode !== null;
}
