/*
 * A double of the Azure Functions host for a custom handler: starts the executable host.json
 * names, probes it, sends it calls in one of three modes, restarts it and kills it as the real
 * host does.  It knows nothing of what the handler answers.
 *
 * By hand:  node test/sandbox/host/host.mjs --root . --mode forwarding --port 7071
 */
import { once } from 'node:events';
import { createPool, freePort } from './client.mjs';
import { loadConfig } from './config.mjs';
import { createFront } from './front.mjs';
import { HandlerProcess } from './process.mjs';

const LOOPBACK = '127.0.0.1';
const MINUTE_MS = 60_000;

/* The flags decide by age: hosts that know proxying use it, older ones forward. */
const VERSIONS = {
	forwarding: '4.1037.0.0',
	proxying: '4.1045.0.0',
	payload: '4.1037.0.0',
};

const DEFAULTS = {
	payloadChunked: true, /* envelope chunked (Azure); false: Content-Length (Core Tools) */
	queryAsString: false, /* old hosts send the envelope's Query as the string "{}" */
	joinHeaders: false, /* true: repeated client headers on one line, as .NET writes them */
	idleMs: 240_000, /* proxying: no byte either way for this long ends the call */
	bodyLimit: 104_857_600, /* FUNCTIONS_REQUEST_BODY_SIZE_LIMIT */
	callWaitMs: 120_000, /* a call waits this long for a handler, then the host stops */
	keys: undefined, /* function key or keys; unset: none is asked for */
};

/*
 * Starts the host and its handler; resolves when the handler has answered its first probe.
 * Rejects when the files are wrong, the port is taken, or the handler cannot be executed, exits
 * with 0, crashes three times or never listens; that error carries lines and exits.
 * Options: root, mode (default: by host.json's flags), port, env, functionTimeoutMs,
 * probeTimeoutMs, poolIdleMs, onLine(stream, line), onHost(text), and those of DEFAULTS.
 */
export async function startHost(given) {
	const { root, mode, env = {}, functionTimeoutMs } = given;
	const config = loadConfig({ root, mode, env });
	if (functionTimeoutMs !== undefined) config.functionTimeoutMs = functionTimeoutMs;
	const host = new Host(config, given);
	await host.listen(given.port ?? 0);
	try {
		await host.start(given);
	} catch (err) {
		await host.stop();
		throw Object.assign(err, { lines: host.lines, exits: host.exits });
	}
	return host;
}

class Host {
	#server;
	#stop = new AbortController();

	constructor(config, given) {
		this.config = config;
		this.mode = config.mode;
		this.version = VERSIONS[config.mode];
		this.options = { ...DEFAULTS };
		for (const key of Object.keys(DEFAULTS)) {
			if (given[key] !== undefined) this.options[key] = given[key];
		}
		this.onHost = given.onHost;
		this.invocations = [];
		this.pool = createPool({ idleMs: given.poolIdleMs });
		this.proxyPool = createPool({ idleMs: given.poolIdleMs });
		this.#server = createFront(this);
	}

	get handlerPid() {
		return this.handler.pid;
	}

	get readyMs() {
		return this.handler.readyMs;
	}

	get lines() {
		return this.handler?.lines ?? [];
	}

	get exits() {
		return this.handler?.exits ?? [];
	}

	get restarts() {
		return this.handler.restarts;
	}

	/* Aborted when the host stops: ends every call under way. */
	get stopped() {
		return this.#stop.signal;
	}

	async listen(port) {
		try {
			this.#server.listen(port, LOOPBACK);
			await once(this.#server, 'listening');
		} catch (err) {
			if (err.code !== 'EADDRINUSE') throw err;
			throw new Error(`port ${port} is already in use: stop what listens there, `
				+ `or choose another with --port ${port + 1} (make start PORT=${port + 1})`, { cause: err });
		}
		this.url = `http://${LOOPBACK}:${this.#server.address().port}`;
	}

	async start({ env = {}, probeTimeoutMs = 30_000, onLine, onHost }) {
		this.handlerPort = this.config.handlerPort || await freePort();
		this.handler = new HandlerProcess({
			exec: this.config.exec,
			root: this.config.root,
			env,
			flags: this.config.flags,
			port: this.handlerPort,
			pool: this.pool,
			probeTimeoutMs,
			probeAnswerMs: this.config.functionTimeoutMs + MINUTE_MS,
			errorsOnlyOnStderr: this.config.errorsOnlyOnStderr,
			onLine,
			onHost,
		});
		this.handler.start();
		const state = await this.handler.whenFirstSettled();
		if (state !== 'ready') throw new Error(this.#whyNot(state));
	}

	/* Health ping: GET / again; its result is ignored, as the host does. */
	async ping() {
		await this.handler.ping().catch(() => {});
	}

	/* SIGKILL to the handler, as a crash; resolves when it is gone, before the restart. */
	async kill() {
		await this.handler.kill();
	}

	/* Resolves to the handler's state once it is ready again, or will never be. */
	async settled() {
		return this.handler.whenSettled(this.options.callWaitMs);
	}

	/* Resolves when the host has stopped, of itself (third crash, no handler) or by stop(). */
	async givenUp() {
		await this.handler.whenStopped();
	}

	/* Takes the host down: SIGKILL to the handler's pid only, then the listener. */
	async stop() {
		this.#stop.abort(new Error('the host stops'));
		await this.handler?.stop();
		this.pool.destroy();
		this.proxyPool.destroy();
		if (!this.#server.listening) return;
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}

	/* A line of Logs[] in a payload answer: Information, tied to its call. */
	onLog(text, invocationId) {
		this.lines.push({ stream: 'log', level: 'Information', text, invocationId });
	}

	#whyNot(state) {
		const { file } = this.config.exec;
		if (state === 'failed') {
			return `Failed to start Worker Channel: ${file} cannot be executed (does `
				+ 'it exist, has it the x bit, is it of this machine? try make)';
		}
		if (state === 'exited') return `${file} exited with code 0 before it was ready`;
		const exits = this.exits.map(({ code, signal }) => code ?? signal).join(', ');
		return [`${file} never answered on port ${this.handlerPort} (exits: ${exits})`,
			...this.handler.lastErrors()].join('\n');
	}
}

if (import.meta.main) {
	const { main } = await import('./cli.mjs');
	await main(startHost);
}
