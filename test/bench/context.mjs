/*
 * What tools/list costs in a model's context, ours beside @softeria/ms-365-mcp-server's: tokens of o200k over
 * name, description and input schema, and bytes of the whole.
 *
 *   make test/node_modules/.bin/node && test/node_modules/.bin/node test/bench/context.mjs
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { costOf } from '../integration/stage/catalogue/cost.mjs';
import { listed, readTools } from '../integration/stage/catalogue/definitions.mjs';
import { PEERS, install } from './measuring/peers.mjs';

const home = mkdtempSync(join(tmpdir(), 'context-'));

/* All tools that a server lists over standard input and output. */
async function toolsOf(command, args) {
	const child = spawn(command, args, { cwd: home, env: { PATH: process.env.PATH, HOME: home }, stdio: ['pipe', 'pipe', 'ignore'] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	let last = 0;
	const ask = async (method, params = {}) => {
		child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++last, method, params })}\n`);
		for (;;) {
			const { value, done } = await lines.next();
			if (done)
				throw new Error(`${args.join(' ')} ended before it answered ${method}`);
			const message = JSON.parse(value);
			if (message.id === last)
				return message.result;
		}
	};
	await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'context', version: '1' } });
	child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
	const tools = [];
	for (let cursor; ;) {
		const page = await ask('tools/list', cursor && { cursor });
		tools.push(...page.tools);
		if (!(cursor = page.nextCursor))
			break;
	}
	child.kill();
	await once(child, 'close');
	return tools;
}

const peer = PEERS.find(({ folder }) => folder === 'softeria');
const server = join(await install(peer), 'node_modules/@softeria/ms-365-mcp-server/dist/index.js');
const rows = { 'our catalogue': readTools().map(listed) };
for (const modes of [[], ['--org-mode'], ['--org-mode', '--read-only']])
	rows[[peer.name, ...modes].join(' ')] = await toolsOf(process.execPath, [server, ...modes]);
rmSync(home, { recursive: true });

console.log('| server | tools | tokens: total | average | worst | bytes: total | average | worst |\n|---|---|---|---|---|---|---|---|');
for (const [name, tools] of Object.entries(rows)) {
	const { tokens, bytes } = costOf(tools);
	const numbers = [tools.length, ...[tokens, bytes].flatMap(({ total, average, worst }) => [total, average, worst])];
	console.log(`| ${name} | ${numbers.map((number) => number.toLocaleString('en')).join(' | ')} |`);
}
