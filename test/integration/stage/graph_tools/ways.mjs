/* The ways a Graph tool is called, each as (name, arguments) => its result, or {failed: the error that is told}. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { assertHealthy, spawnHandler, startAlone, until } from '../fixture.mjs';
import { clientOf } from '../mcp.mjs';
import { callTool } from './call.mjs';

const outcomeOf = ({ isError, content, structuredContent }) => (isError ? { failed: JSON.parse(content[1].text).error } : structuredContent);

/* A client of --stdio: call a tool, or tell and wait by hand. */
export function startStdio(env) {
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe', env });
	const messages = () => lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => JSON.parse(text));
	let last = 0;
	const client = {
		tell: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
		begin(name, args) {
			client.tell({ id: ++last, method: 'tools/call', params: { name, arguments: args } });
			return last;
		},
		answerTo: (id) => messages().find((message) => message.id === id),
		async call(name, args) {
			const id = client.begin(name, args);
			await until(() => client.answerTo(id));
			return outcomeOf(client.answerTo(id).result);
		},
		async stop() {
			child.stdin.end();
			assert.deepEqual(await ending(), { code: 0, signal: null }, lines.map(({ text }) => text).join('\n'));
			assertHealthy(lines);
		} };
	return client;
}

/* {way: call} for tests of one file: REST, both eras of MCP over HTTP, stdio that asks Graph, and stdio that asks another instance. */
export async function startWays({ env, token, keeps }) {
	const handler = await startAlone({ env, keeps });
	const own = startStdio({ ...env, ACCESS_TOKEN: token });
	const asking = startStdio({ ...env, ACCESS_TOKEN: token, CLIENT_SECRET: undefined, APIM_GATEWAY_URL: handler.url });
	[own, asking, handler].forEach((one) => after(() => one.stop()));
	const overHttp = (era) => async (name, args) =>
		outcomeOf((await clientOf(handler, { token })[era]('tools/call', { name, arguments: args })).json.result);
	return {
		async REST(name, args) {
			const { status, json } = await callTool(handler, name, args, { token });
			return status === 200 ? json : { failed: json.error };
		},
		'MCP over HTTP': overHttp('legacy'),
		'the newer MCP over HTTP': overHttp('modern'),
		stdio: (name, args) => own.call(name, args),
		'stdio and another instance': (name, args) => asking.call(name, args),
	};
}
