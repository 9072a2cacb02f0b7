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
import { repo, until } from './fixture.mjs';

const PROGRAM = join(repo,
	'test/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const LIMIT_MS = 300_000; /* of a server too, for the tests of its whole file */

function start(args, env = {}) {
	const home = mkdtempSync(join(tmpdir(), 'inspector-'));
	const { PATH, NODE_COMPILE_CACHE } = process.env;
	const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: home,
		stdio: ['ignore', 'pipe', 'pipe'], env: { PATH, NODE_COMPILE_CACHE, HOME: home,
			MCP_INSPECTOR_SECRET_STORE: 'memory', ...env } });
	const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
	const closed = once(child, 'close').finally(() => {
		clearTimeout(timer);
		rmSync(home, { recursive: true });
	});
	return { child, closed, home };
}

/* Runs its command line to the end: {code, out, err}; out is JSON where it says anything. */
export async function inspect(...args) {
	const { child, closed } = start(['--cli', ...args, '--format', 'json', '--stored-auth-only']);
	const [out, err] = [child.stdout.toArray(), child.stderr.toArray()];
	const [code] = await closed;
	const text = Buffer.concat(await out).toString();
	return { code, err: Buffer.concat(await err).toString(),
		out: text === '' ? undefined : JSON.parse(text) };
}

/* Serves its page for servers {name: {type, url, headers, protocolEra}}: {url, stop}.  env: more of its
 * environment. */
export async function startInspector(servers, env = {}) {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'inspector-config-'));
	const config = join(folder, 'servers.json');
	writeFileSync(config, JSON.stringify({ mcpServers: servers }));
	const { child, closed } = start(['--web', '--config', config], { CLIENT_PORT: String(port),
		MCP_SANDBOX_PORT: '0', MCP_APP_ORIGIN_PORT: '0', MCP_AUTO_OPEN_ENABLED: 'false',
		MCP_INSPECTOR_API_TOKEN: 'inspector-token', ...env });
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
