/* Which kinds are searched: those whose permissions other tools that are on ask for. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { assertError, during, runHandler, startAlone, startSandbox } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const MAIL = 'Mail.Read';
const CHAT = 'Chat.Read ChannelMessage.Read.All';

/* What tools are on, what search and fetch then may use, and the kinds that are searched. */
const SETTINGS = [
	['mail', MAIL, MAIL, ['message']],
	['list_events', 'Calendars.Read', 'Calendars.Read', ['event']],
	['sites', 'Sites.Read.All', 'Sites.Read.All', ['driveItem,listItem,site']],
	['list_chat_messages,list_channel_messages', CHAT, CHAT, ['chatMessage']],
	['list_chat_messages,list_mail', MAIL, `${MAIL} Chat.Read`, ['message']],
	['*', `${MAIL} Calendars.Read ${CHAT} Sites.Read.All`, `${MAIL} Calendars.Read ${CHAT} Sites.Read.All`,
		['chatMessage', 'driveItem,listItem,site', 'event', 'message']],
];

/* {tool: permissions} of --permissions. */
async function permissionsOf(names) {
	const { out } = await runHandler({ args: ['--permissions'], env: { GRAPH_TOOLS: names } });
	return Object.fromEntries(out.split('\n').filter((line) => line.includes('\t')).map((line) => line.split('\t')));
}

for (const [names, searching, fetching, kinds] of SETTINGS)
	test(`beside ${names} search uses ${searching}`, async (t) => {
		const { search, fetch } = await permissionsOf(`search,${names}`);
		assert.deepEqual([search, fetch], [searching, fetching].map((all) => all.split(' ').sort().join(' ')));
		entra.consentGraph(searching.split(' '), 'adele');
		const handler = await during(t, startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: `search,${names}` }, keeps: sandbox }));
		const { status, json, text } = await callTool(handler, 'search', { query: 'the' }, { token: await entra.mintUserToken() });
		assert.equal(status, 200, text);
		assert.equal(json.notSearched, undefined, text);
		assert.deepEqual(graph.requests.map(({ body }) => JSON.parse(body).requests[0].entityTypes.join()).sort(), kinds);
	});

test('alone it is off, and start and /status say why', async (t) => {
	const handler = await during(t, startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: 'search,list_chats' }, keeps: sandbox }));
	const { graphTools } = (await handler.ask('/status')).json;
	assert.deepEqual(graphTools.problems.map(({ tool, place }) => [tool, place]), [['search', 'GRAPH_TOOLS'], ['fetch', 'GRAPH_TOOLS']]);
	assert.match(graphTools.problems[0].problem, /^It finds nothing: /);
	assert.equal((await callTool(handler, 'search', { query: 'a' }, { token: await entra.mintUserToken() })).status, 404);
});

test('a kind that is not on is not fetched', async (t) => {
	const handler = await during(t, startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: 'search,mail' }, keeps: sandbox }));
	entra.consentGraph('all', 'adele');
	const { error } = assertError(await callTool(handler, 'fetch', { id: 'event:AAMk' }, { token: await entra.mintUserToken() }), 400, 'bad_request').json;
	assert.match(error.message, /Calendars\.Read/);
	assert.equal(graph.requests.length, 0);
});
