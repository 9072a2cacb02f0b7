/*
 * Graph tools over stdio: with a credential the handler asks Graph, without one the gateway.
 */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { assertHealthy, spawnHandler, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { MAILS, answering, toolSettings } from '../stage/graph_tools/definitions.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const tools = toolSettings();
const gateway = use(() => startAlone({ env: { ...sandbox.env, ...tools, GRAPH_TOOLS: 'own', GRAPH_TOOLS_WRITE: 'false' }, keeps: sandbox }));

/* The results of some calls by a client of its own; each call: [name, arguments]. */
async function results(settings, calls) {
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe', env: { ...sandbox.env, ...tools,
		ACCESS_TOKEN: await entra.mintUserToken(), ...settings } });
	const messages = () => lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => JSON.parse(text));
	for (const [id, [name, args]] of calls.entries()) {
		child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } })}\n`);
		await until(() => messages().some((message) => message.id === id));
	}
	child.stdin.end();
	await ending();
	assertHealthy(lines);
	return calls.map((_, id) => messages().find((message) => message.id === id).result);
}
const codeOf = ({ isError, content }) => isError && JSON.parse(content[1].text).error.code;

test('a handler with a credential asks Graph with the user\'s token', async () => {
	const [who, wrong] = await results({}, [['who', {}], ['list_mail', { limit: 0 }]]);
	assert.equal(who.structuredContent.name, 'Adele Vance');
	assert.equal(codeOf(wrong), 'bad_request');
	assert.equal(entra.counts.exchanges, 1);
});

test('one without asks the gateway\'s handler, whose results and refusals it passes on', async () => {
	graph.fail(answering(MAILS));
	const unset = { CLIENT_SECRET: undefined, APIM_GATEWAY_URL: gateway().url };
	const [mail, excluded, off, who] = await results(unset, [['list_mail', { folder: 'inbox', limit: 2 }],
		['list_mail', { search: 'x', unread: true }], ['send_mail', { to: [] }], ['who', {}]]);
	assert.deepEqual(mail.structuredContent.mails, [{ subject: 'One' }, { subject: 'Two' }]);
	assert.ok(mail.structuredContent.cursor);
	assert.equal(codeOf(excluded), 'bad_request');
	assert.equal(codeOf(off), 'not_found'); /* it has switches of its own */
	assert.equal(who.structuredContent.name, 'Adele Vance');
	assert.equal(entra.counts.exchanges, 1); /* the gateway's */
});
