/*
 * What the bench does to this machine: starts servers on one core and load on the other, measures
 * what they use, and takes them down again.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const BUILT = join(ROOT, 'build/bench');
/* What is of use to this run alone. */
export const SCRATCH = join(BUILT, `run-${process.pid}`);
const START_MS = 60_000;
const TICKS_PER_S = 100; /* USER_HZ, the same on every Linux */

mkdirSync(SCRATCH, { recursive: true });

/* Server on core 0, load on core 1; with a single core nothing is pinned. */
const CORES = availableParallelism() >= 2 ? { server: 0, load: 1 } : {};

export const tool = (name) => join(BUILT, 'bin', name);
export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export function pinned(role, command, args) {
	const core = CORES[role];
	return core === undefined ? [command, args] : ['taskset', ['-c', String(core), command, ...args]];
}

export const serverCore = CORES.server ?? -1;

/* Sends bytes, resolves to all that comes back within a whole answer (by its length). */
export async function exchange(port, bytes) {
	const socket = net.connect(port, '127.0.0.1');
	let got = Buffer.alloc(0);
	socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
	socket.write(bytes);
	try {
		for await (const piece of socket) {
			got = Buffer.concat([got, piece]);
			const end = got.indexOf('\r\n\r\n');
			const head = got.subarray(0, Math.max(end, 0)).toString();
			const length = /content-length: *(\d+)/i.exec(head)?.[1];
			const whole = length === undefined ? got.toString().endsWith('0\r\n\r\n')
				: got.length >= end + 4 + Number(length);
			if (end >= 0 && whole)
				return got;
		}
	} finally {
		socket.destroy();
	}
	throw new Error(`an answer cut short: ${got}`);
}

/* Every process below pid, itself included. */
export function family(pid) {
	const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => {
		const stat = readIf(`/proc/${name}/stat`);
		return [Number(name), Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
	});
	const all = [pid];
	for (const parent of all)
		all.push(...parents.filter(([, its]) => its === parent).map(([one]) => one));
	return all;
}

function readIf(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}

export function usageOf(pid) {
	const fields = readIf(`/proc/${pid}/stat`)?.replace(/^.*\) /s, '').split(' ') ?? [];
	const status = readIf(`/proc/${pid}/status`) ?? '';
	const number = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
	let files = 0;
	try {
		files = readdirSync(`/proc/${pid}/fd`).length;
	} catch { /* it has ended */ }
	return { cpu_s: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_S,
		rss_kb: number('VmRSS'), peak_kb: number('VmHWM'), threads: number('Threads'), files };
}

/* A server that was started: {name, port, pid, usage(), stop()}. */
class Server {
	constructor(name, port, child) {
		Object.assign(this, { name, port, child, pid: child.pid });
	}

	/* Of the process and its children together. */
	usage() {
		const all = family(this.pid).map(usageOf);
		return Object.fromEntries(Object.keys(all[0]).map((key) =>
			[key, all.reduce((sum, one) => sum + one[key], 0)]));
	}

	async stop() {
		const pids = family(this.pid).slice(1);
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const gone = once(this.child, 'exit');
			this.child.kill('SIGKILL');
			await gone;
		}
		for (const pid of pids) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch { /* it went with its parent */ }
		}
	}
}

const children = new Set();
process.on('exit', () => {
	children.forEach((child) => child.kill('SIGKILL'));
	rmSync(SCRATCH, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => process.exit(1));

/* Starts a server on its core and waits until it takes connections on the port.  log: 'ignore', or
 * 'pipe': read and thrown away, as the Functions host reads it. */
export async function startServer({ name, port, command, args = [], env = {}, cwd, log = 'ignore' }) {
	const [file, rest] = pinned('server', command, args);
	const child = spawn(file, rest, { cwd, stdio: ['ignore', log, log],
		env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } });
	children.add(child);
	child.once('exit', () => children.delete(child));
	child.stdout?.resume();
	child.stderr?.resume();
	const end = performance.now() + START_MS;
	while (!await takes(port)) {
		if (performance.now() > end || child.exitCode !== null)
			throw new Error(`${name} does not listen on ${port}`);
		await sleep(20);
	}
	return new Server(name, port, child);
}

async function takes(port) {
	const socket = net.connect(port, '127.0.0.1');
	const taken = await once(socket, 'connect').then(() => true, () => false);
	socket.destroy();
	return taken;
}

/* Runs one of our tools on the load's core; resolves to the JSON it prints. */
export async function measure(name, args, limitMs = 120_000) {
	const [file, rest] = pinned('load', tool(name), args.map(String));
	const { stdout } = await run(file, rest, { timeout: limitMs, maxBuffer: 1 << 26 });
	return JSON.parse(stdout);
}

/* Runs a load; the errors it saw are added up in bad. */
export async function load({ port, file, connections = 1, seconds = 3, warmup, rate, count, fresh }) {
	const args = ['--port', port, '--file', file, '--connections', connections,
		'--seconds', seconds];
	for (const [name, value] of Object.entries({ warmup, rate, count, fresh })) {
		if (value)
			args.push(`--${name}`, value);
	}
	const got = await measure('load', args, (seconds + (warmup ?? 0) + 30) * 1000);
	return { ...got, bad: got.bad_status + got.bad_body + got.broken + got.late };
}

/* wrk's rate for a GET. */
export async function wrk(port, path, connections, seconds) {
	const [file, args] = pinned('load', 'wrk', ['-t', '1', '-c', String(connections), '-d',
		String(seconds), `http://127.0.0.1:${port}${path}`]);
	const { stdout } = await run(file, args, { timeout: (seconds + 30) * 1000 });
	return Number(/Requests\/sec: *([\d.]+)/.exec(stdout)[1]);
}

/* The fake Entra and Graph, beside the load on its core. */
export async function startUpstream({ folder, users, clientId, tenantId, http1 = false }) {
	mkdirSync(folder, { recursive: true });
	const [file, args] = pinned('load', tool('upstream'),
		[folder, String(users), clientId, tenantId, ...(http1 ? ['h1'] : [])]);
	const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	children.add(child);
	let text = '';
	for await (const piece of child.stdout) {
		text += piece;
		if (text.endsWith('\n'))
			break;
	}
	const ports = JSON.parse(text);
	const control = async (path) => (await fetch(`http://127.0.0.1:${ports.control}${path}`)).json();
	return { ports, control, ca: join(folder, 'ca.pem'),
		tokens: readFileSync(join(folder, 'tokens'), 'utf8').trim().split('\n'),
		graphUrl: `https://127.0.0.1:${ports.graph}`, entraUrl: `https://127.0.0.1:${ports.entra}`,
		usage: () => usageOf(child.pid),
		stop: () => { child.kill('SIGKILL'); } };
}

/* What a reader needs to know of where the figures come from. */
export function describeMachine() {
	return { cpu: cpus()[0].model, cores: availableParallelism(), pinned: CORES.server !== undefined,
		memory_gb: Math.round(totalmem() / 2 ** 30), kernel: readIf('/proc/sys/kernel/osrelease')?.trim(),
		load_before: loadavg()[0] };
}

/* CPU time this virtual machine was refused by its host, and what others on it used. */
export function processorTimes() {
	const [, user, nice, system, idle, wait, irq, soft, steal] =
		readIf('/proc/stat').split('\n')[0].split(/\s+/).map(Number);
	return { busy: user + nice + system + irq + soft, idle: idle + wait, steal };
}
