/*
 * The official SDK clients, version 1 and version 2 in each way it finds the era, over HTTP and stdio, call every tool
 * of the catalogue with ids that other tools gave, and check each result against the schema that they were told.
 */
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { TOOLS } from '../../endpoint_table.mjs';
import { assertHealthy, binary, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { catalogueCalls, permissions } from '../stage/catalogue/calls.mjs';
import { everyTool, listed, readTools } from '../stage/catalogue/definitions.mjs';
import { FLAVOURS, SDK2, negotiating } from '../stage/sdk.mjs';

const catalogue = readTools();
const names = catalogue.map(({ name }) => name).sort();
const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra } = sandbox;
beforeEach(() => entra.consentGraph(permissions, 'adele'));
const token = await entra.mintUserToken();
const env = { ...sandbox.env, ...everyTool() };
const MAIL = { ...env, GRAPH_TOOLS: 'mail' };

const whole = use(() => startAlone({ env, keeps: sandbox }));
const mail = use(() => startAlone({ env: MAIL, keeps: sandbox }));
const logs = []; /* of the handlers that clients start, for a sanitizer's report */
after(() => assertHealthy(logs));

const overHttp = (sdk, { handler, bearer = token }) => new sdk.Http(new URL(`${handler().url}/mcp`),
	{ requestInit: { headers: { authorization: `Bearer ${bearer}` } } });
function overStdio(sdk, { settings, bearer = token }) {
	const transport = new sdk.Stdio({ command: binary, args: ['--stdio'], stderr: 'pipe', env: { ...settings, ACCESS_TOKEN: bearer } });
	transport.stderr?.on('data', (text) => logs.push({ text: `${text}` }));
	return transport;
}
const WHOLE = { handler: whole, settings: env };

async function connected(t, { Client }, options, transport) {
	const client = new Client({ name: 'catalogue test', version: '1' }, options);
	await client.connect(transport);
	t.after(() => client.close());
	return client;
}

/* The error of a call that failed. */
async function failure(client, name, args = {}) {
	const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
	assert.equal(isError, true, JSON.stringify(content));
	assert.equal(structuredContent, undefined);
	return JSON.parse(content[1].text).error;
}

for (const [where, transportOf] of [['http', overHttp], ['stdio', overStdio]]) {
	for (const [flavour, sdk, options] of FLAVOURS)
		describe(`${flavour} over ${where}`, () => { works(sdk, (t, to = WHOLE) => connected(t, sdk, options, transportOf(sdk, to))); });
}

function works(sdk, open) {
	test('lists the whole catalogue, each tool as its definition says', async (t) => {
		const { tools } = await (await open(t)).listTools();
		assert.deepEqual(tools.map(({ name }) => name), [...TOOLS, ...names].sort());
		for (const definition of catalogue) {
			const { name, title, inputSchema, annotations } = tools.find((tool) => tool.name === definition.name);
			const { inputSchema: { properties, required }, ...expected } = listed(definition);
			assert.deepEqual([title, annotations], [expected.title, expected.annotations], name);
			assert.deepEqual([Object.keys(inputSchema.properties), inputSchema.required], [Object.keys(properties), required], name);
		}
	});

	test('calls every tool, and finds each result to be what its schema says', async (t) => {
		const client = await open(t);
		await client.listTools(); /* from here on it checks results */
		const { answers, calls, writes } = catalogueCalls();
		for (const [name, from = () => ({})] of [...calls, ...writes]) {
			const { structuredContent, content, isError } = await client.callTool({ name, arguments: from() });
			assert.ok(!isError, `${name}: ${JSON.stringify(content)}`);
			assert.deepEqual(JSON.parse(content[0].text), structuredContent);
			const { as, others } = catalogue.find((tool) => tool.name === name).result;
			assert.equal(structuredContent.othersWrote !== undefined, others !== undefined, name);
			assert.ok(as ? structuredContent[as].length > 0 : Object.keys(structuredContent).length > 0, name);
			answers[name] = structuredContent;
		}
		assert.deepEqual(Object.keys(answers).sort(), names);
	});

	test('is told which argument a tool does not take, and goes on', async (t) => {
		const client = await open(t);
		await client.listTools();
		for (const [name, args, word] of [['list_mail', { limit: 51 }, 'limit'], ['list_mail', { search: 'x', unread: true }, 'unread'],
			['list_mail', { cursor: 's.10.0.https://evil.example' }, 'cursor'], ['get_mail', {}, 'id'], ['get_mail', { id: '../../users' }, 'id'],
			['list_events', { start: 'tomorrow', end: '2026-12-01T00:00:00Z' }, 'start']]) {
			const { code, message } = await failure(client, name, args);
			assert.equal(code, 'bad_request');
			assert.match(message, new RegExp(`\\b${word}\\b`));
		}
		assert.equal((await failure(client, 'get_user', { id: 'nobody@contoso.example' })).code, 'not_found');
		assert.equal((await client.callTool({ name: 'my_presence', arguments: {} })).isError ?? false, false);
	});

	test('knows nothing of a tool that is off', async (t) => {
		const client = await open(t, { handler: mail, settings: MAIL });
		const { tools } = await client.listTools();
		assert.ok(tools.some(({ name }) => name === 'get_mail') && !tools.some(({ name }) => name === 'my_presence'));
		await assert.rejects(client.callTool({ name: 'my_presence', arguments: {} }), { code: -32602 });
	});

	test('is told where consent is to be given, tool by tool', async (t) => {
		const client = await open(t, { ...WHOLE, bearer: await entra.mintUserToken({ user: 'zoe' }) });
		for (const [name, permission] of [['my_presence', 'Presence.Read'], ['list_teams', 'Team.ReadBasic.All']]) {
			const { code, consentUrl } = await failure(client, name);
			assert.equal(code, 'consent_required');
			assert.match(new URL(consentUrl).searchParams.get('scope'), new RegExp(`(^|[ /])${permission.replaceAll('.', '\\.')}( |$)`));
		}
	});
}

describe('consent that is missing for one tool', () => {
	for (const mode of ['auto', { pin: '2026-07-28' }]) {
		test(`is asked for by a client that can open a page: ${JSON.stringify(mode)}`, async (t) => {
			const asked = [];
			const open = async () => {
				const client = await connected(t, SDK2, { ...negotiating(mode), capabilities: { elicitation: { url: {} } } },
					overHttp(SDK2, { handler: whole, bearer: await entra.mintUserToken({ user: 'zoe' }) }));
				client.setRequestHandler('elicitation/create', ({ params }) => {
					asked.push(params);
					return { action: 'decline' };
				});
				return client;
			};
			const { consentUrl } = await failure(await open(), 'my_presence');
			assert.deepEqual(asked.map(({ mode: how, url }) => [how, url]), [['url', consentUrl]]);
			assert.match(new URL(consentUrl).searchParams.get('scope'), /\/Presence\.Read$/);
			entra.consentGraph(['Presence.Read'], 'zoe');
			const { structuredContent } = await (await open()).callTool({ name: 'my_presence', arguments: {} });
			assert.ok(structuredContent.availability);
			assert.equal(asked.length, 1);
		});
	}
});
