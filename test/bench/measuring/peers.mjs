/*
 * The servers that ours is compared with.  Each is installed by name from its registry into
 * build/bench/peers/ when it is first wanted; one that cannot be had is left out, with the reason.
 */
import { join } from 'node:path';
import * as installed from '../../installed.mjs';
import { BUILT, ROOT } from './machine.mjs';
import { callHello, hello, initialize, listTools } from './shots.mjs';

const npm = ['npm', ['install', '--no-fund', '--no-audit', '--loglevel=error']];
const node = (folder, ...args) => ({ command: process.execPath, args });

/*
 * steps: commands that install or build it, in its folder.  start(folder, port, toolsFile): the
 * command.  shots: what it is asked, by workload; those that have none are not measured.  hail: the
 * request that opens a session, for one that wants one.
 */
export const PEERS = [
	{ name: 'Go, net/http', folder: 'go', steps: [['go', ['build', '-o', 'peer', '.']]],
		start: (folder, port) => ({ command: join(folder, 'peer'), args: [port] }),
		shots: { hello, call: () => callHello() }, proxies: true },
	{ name: 'Go, mcp-go', folder: 'mcp-go',
		steps: [['go', ['mod', 'tidy']], ['go', ['build', '-o', 'peer', '.']]],
		start: (folder, port, tools) => ({ command: join(folder, 'peer'), args: [port, tools] }),
		shots: { call: () => callHello(), list: () => listTools() } },
	{ name: 'Rust, rmcp', folder: 'rmcp',
		steps: [['cargo', ['build', '--release']]],
		start: (folder, port) => ({ command: join(folder, 'target/release/peer'), args: [port] }),
		shots: { call: () => callHello(), list: () => listTools() } },
	{ name: 'TypeScript SDK v1', folder: 'ts-v1', steps: [npm],
		start: (folder, port, tools) => node(folder, 'server.mjs', port, tools),
		shots: { call: () => callHello(), list: () => listTools() }, proxies: true },
	{ name: 'TypeScript SDK v2', folder: 'ts-v2', steps: [npm],
		start: (folder, port, tools) => node(folder, 'server.mjs', port, tools),
		shots: { call: () => callHello(), list: () => listTools() } },
	{ name: 'Python, FastMCP', folder: 'fastmcp',
		steps: [['python3', ['-m', 'venv', 'venv']],
			['venv/bin/pip', ['install', '--quiet', '-r', 'requirements.txt']]],
		start: (folder, port) => ({ command: join(folder, 'venv/bin/python'), args: ['server.py', port] }),
		shots: { call: () => callHello(), list: () => listTools() } },
	{ name: '@softeria/ms-365-mcp-server', folder: 'softeria', steps: [npm],
		start: (folder, port) => ({ ...node(folder,
			'node_modules/@softeria/ms-365-mcp-server/dist/index.js', '--http', `127.0.0.1:${port}`,
			'--obo', '--allow-unauthenticated-discovery', '--preset', 'users'),
		env: { MS365_MCP_CLIENT_ID: '11111111-2222-3333-4444-555555555555',
			MS365_MCP_CLIENT_SECRET: 'bench', MS365_MCP_TENANT_ID: 'common', MS365_MCP_RATE_LIMIT_DISABLED: 'true' } }),
		shots: { list: () => listTools() } },
	{ name: '@azure/mcp', folder: 'azure', steps: [npm],
		start: (folder, port) => ({ command: join(folder, 'node_modules/.bin/azmcp'),
			args: ['server', 'start', '--transport', 'http', '--dangerously-disable-http-incoming-auth'],
			env: { ASPNETCORE_URLS: `http://127.0.0.1:${port}`, AZURE_MCP_COLLECT_TELEMETRY: 'false',
				ALLOW_INSECURE_EXTERNAL_BINDING: 'false' } }),
		hail: () => initialize({ path: '/' }),
		shots: { list: (session) => listTools({ path: '/', headers: { 'Mcp-Session-Id': session } }) } },
];

const sourceOf = (peer) => join(ROOT, 'test/bench/peers', peer.folder);
const folderOf = (peer) => join(BUILT, 'peers', peer.folder);

export const isInstalled = (peer) => installed.isInstalled(sourceOf(peer), folderOf(peer));

/* The folder it runs in; throws with the reason when it cannot be had. */
export async function install(peer) {
	await installed.install({ source: sourceOf(peer), folder: folderOf(peer), steps: peer.steps });
	return folderOf(peer);
}
