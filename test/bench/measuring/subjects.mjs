/* The servers that are measured, ready to be asked. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../../sandbox/host/client.mjs';
import { ROOT, SCRATCH, exchange, startServer, tool } from './machine.mjs';
import { PEERS, install, isInstalled } from './peers.mjs';
import { listTools, shotsFile } from './shots.mjs';

export const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
export const TENANT_ID = '99999999-2222-3333-4444-555555555555';

export const HANDLER = resolve(process.env.HANDLER ?? join(ROOT, 'bin/handler'));

/* Complete settings; without upstream the addresses are nobody's. */
export function settings(upstream, more = {}) {
	return { CLIENT_ID, TENANT_ID, CLIENT_SECRET: 'bench', MCP_AUTH: 'optional',
		APIM_GATEWAY_URL: 'https://gateway.example/api', SERVER_THREADS: '300', CALLS_PER_CALLER_MAX: '8192',
		AUTHORITY_HOST: upstream?.entraUrl ?? 'http://127.0.0.1:9',
		GRAPH_BASE_URL: upstream?.graphUrl ?? 'http://127.0.0.1:9',
		...(upstream ? { CA_BUNDLE_FILE: upstream.ca } : {}), ...more };
}

export async function startHandler({ upstream, env, log, command = HANDLER } = {}) {
	const port = await freePort();
	return startServer({ name: 'handler', port, command, args: ['--port', String(port)],
		env: settings(upstream, env), log });
}

let answers = 0;

/* The handler's own answer to a request, in a file: what the ceiling and the floor send. */
async function answerFile(server, shot) {
	const path = join(SCRATCH, `answer-${++answers}`);
	writeFileSync(path, await exchange(server.port, shot.bytes));
	return path;
}

async function startFixed(name, program, args) {
	const port = await freePort();
	return startServer({ name, port, command: tool(program), args: [String(port), ...args] });
}

const CEILINGS = {
	civetweb: (file) => startFixed('civetweb', 'civetweb_fixed', ['300', file]),
	floor: (file) => startFixed('epoll floor', 'floor', [file]),
};

/* Bare civetweb and the epoll floor, sending what the handler answers to the shot. */
export async function startCeilings(handler, shot, names) {
	const file = await answerFile(handler, shot);
	return Promise.all(names.map((name) => CEILINGS[name](file)));
}

/* The handler's tools, for the peers that can be given them. */
async function toolsFile() {
	const path = join(SCRATCH, 'tools.json');
	const handler = await startHandler();
	const answer = await exchange(handler.port, listTools().bytes);
	await handler.stop();
	const { result } = JSON.parse(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
	writeFileSync(path, JSON.stringify(result));
	return path;
}

/* The shot of a workload, answered once so that nothing is measured that is still waking up. */
async function firstShot(peer, port, workload) {
	const greeting = peer.hail && await exchange(port, peer.hail().bytes);
	const session = /mcp-session-id: *(\S+)/i.exec(greeting ?? '')?.[1];
	const shot = peer.shots[workload](session);
	const answer = await exchange(port, shot.bytes);
	if (!answer.includes(shot.expected))
		throw new Error(`it answers ${answer.subarray(0, 200).toString().replace(/\s+/g, ' ')}`);
	return shot;
}

/* Installs what is wanted beforehand, so that no build runs beside a measurement. */
export async function installPeers(bench) {
	for (const peer of bench.quick ? [] : PEERS) {
		await install(peer).catch(({ message }) => {
			bench.skipped.set(peer.name, message);
			bench.say(`left out: ${peer.name}: ${message}`);
		});
	}
}

async function startPeer(bench, peer, workload, env) {
	const folder = await install(peer);
	bench.toolsFile ??= await toolsFile();
	const port = await freePort();
	const how = peer.start(folder, String(port), bench.toolsFile);
	const server = await startServer({ name: peer.name, port, cwd: folder, ...how,
		env: { ...env, ...how.env } });
	try {
		return { name: peer.name, folder: peer.folder, server,
			shot: workload === 'me' ? undefined : await firstShot(peer, port, workload) };
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/* Starts every peer that can be asked this; those that cannot be had are noted once. */
export async function startPeers(bench, workload, { env = {} } = {}) {
	const started = [];
	for (const peer of PEERS.filter(({ shots, proxies }) => (workload === 'me' ? proxies : shots[workload]))) {
		if (bench.skipped.has(peer.name) || (bench.quick && !(peer.name.startsWith('Go') && isInstalled(peer))))
			continue;
		try {
			started.push(await startPeer(bench, peer, workload, env));
		} catch (error) {
			bench.skipped.set(peer.name, error.message);
			bench.say(`left out: ${peer.name}: ${error.message}`);
		}
	}
	return started;
}

/* What rounds() takes. */
export const subject = (server, shots, name = server.name) => ({ name, server, file: shotsFile(shots) });

