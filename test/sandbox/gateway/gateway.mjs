/*
 * The gateway emulator as a process: build/gateway/gateway.exe over a folder of policies, and the
 * rendering of the project's own.  See docs/gateway-emulator.md.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { render } from '../../../apim/render.mjs';
import { repo } from '../common/repo.mjs';
import { readLines } from '../host/console.mjs';

export const PROGRAM = process.env.GATEWAY_EXE ?? join(repo, 'build/gateway/gateway.exe');
const KEPT = join(dirname(PROGRAM), 'expressions');
const SCOPE_ID = '5c0b1a7e-2f64-4d7a-9a3f-8d4e6b1c9f20';

/* Renders apim/ with these settings, for these client applications, into a folder. */
export function renderPolicies({ settings, clients, out }) {
	const listed = clients.map((appId) => ({ appId, delegatedPermissionIds: [SCOPE_ID] }));
	render({ given: settings, preauth: { clients: listed, problems: [] }, out });
}

/* One that is left behind does not survive this process. */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/* Starts it over such a folder; args and env: what it is given besides; kept: the same policies are
 * served again and again, with no more than a sandbox's secrets.  Resolves when it listens;
 * rejects with what it said when it does not.  onLine(line): what it says. */
export async function startEmulator({ apim, args = [], env = {}, kept = false, onLine = () => {} }) {
	if (kept) mkdirSync(KEPT, { recursive: true });
	const child = spawn('mono', ['--debug', PROGRAM, '--apim', apim, ...(kept ? ['--kept', KEPT] : []), ...args],
		{ env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
	children.add(child);
	const lines = [];
	const { promise: listening, resolve, reject } = Promise.withResolvers();
	for (const stream of [child.stderr, child.stdout]) {
		readLines(stream, (line) => {
			lines.push(line);
			onLine(line);
			if (line.startsWith('gateway: control on')) resolve();
		});
	}
	child.once('error', ({ message }) => reject(new Error(`mono cannot be started (${message}): make gateway installs it`)));
	const ended = new Promise((done) => { child.once('close', done); });
	ended.then((code) => {
		children.delete(child);
		reject(new Error(`exit ${code}: ${lines.join('\n')}`));
	});
	await listening;
	const place = (what) => lines.find((line) => line.startsWith(`gateway: ${what} on`)).split(' ').pop();
	return { url: place('listening'), control: `${place('control')}/__control`, pid: child.pid, lines, ended,
		async stop() {
			child.kill();
			await ended;
		} };
}
