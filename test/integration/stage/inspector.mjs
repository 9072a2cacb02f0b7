/*
 * The official MCP Inspector as a program: its command line, and its web page's server.  Both keep
 * what they know in a folder of their own that goes with them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../sandbox/host/client.mjs';
import { readLines } from '../../sandbox/host/console.mjs';
import { until } from './fixture.mjs';
import { program, run, runInTurn, toStart } from './programs/run.mjs';

const PROGRAM = program('@modelcontextprotocol/inspector', 'mcp-inspector');
const LIMIT_MS = 300_000; /* of a server, for the tests of its whole file */
const SECRETS = { MCP_INSPECTOR_SECRET_STORE: 'memory' };

/* A function that runs its command line to the end: {code, out, err}; out is JSON where it says anything. */
const inspecting = (running) => async (...args) => {
	const home = mkdtempSync(join(tmpdir(), 'inspector-'));
	const { out, ...result } = await running(PROGRAM, ['--cli', ...args, '--format', 'json', '--stored-auth-only'],
		{ cwd: home, env: { HOME: home, ...SECRETS } }).finally(() => rmSync(home, { recursive: true }));
	return { ...result, out: out === '' ? undefined : JSON.parse(out) };
};
/* A process of its own, as a person starts it. */
export const inspectAsStarted = inspecting(run);
/* Called again and again. */
export const inspect = inspecting(runInTurn);

/* Serves its page for servers {name: {type, url, headers, protocolEra}}: {url, stop}.  env: more of its
 * environment. */
export async function startInspector(servers, env = {}) {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'inspector-config-'));
	const config = join(folder, 'servers.json');
	writeFileSync(config, JSON.stringify({ mcpServers: servers }));
	const child = spawn(process.execPath, [PROGRAM, '--web', '--config', config], { cwd: folder, timeout: LIMIT_MS, killSignal: 'SIGKILL',
		stdio: ['ignore', 'pipe', 'pipe'], env: { ...toStart(), HOME: folder, ...SECRETS, CLIENT_PORT: String(port),
			MCP_SANDBOX_PORT: '0', MCP_APP_ORIGIN_PORT: '0', MCP_AUTO_OPEN_ENABLED: 'false',
			MCP_INSPECTOR_API_TOKEN: 'inspector-token', ...env } });
	const closed = once(child, 'close');
	const lines = [];
	for (const stream of [child.stdout, child.stderr])
		readLines(stream, (text) => lines.push(text));
	await until(() => lines.some((text) => text.includes('up and running'))
		|| child.exitCode !== null);
	if (child.exitCode !== null)
		throw new Error(`the Inspector did not start: ${lines.join('\n')}`);
	return { url: `http://127.0.0.1:${port}/?MCP_INSPECTOR_API_TOKEN=inspector-token`,
		async stop() {
			child.kill('SIGTERM');
			await closed;
			rmSync(folder, { recursive: true });
		} };
}
