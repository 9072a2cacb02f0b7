/*
 * The word shared in GRAPH_TOOLS: what is offered with it and without it, and that a mailbox comes through by every way to call
 * a tool: REST, MCP in both eras, stdio with a credential, and stdio over the gateway's handler.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, assertHealthy, runHandler, spawnHandler, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { listed, readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { folderOf, tool } from '../stage/graph_tools/definitions.mjs';
import { clientOf, failureOf } from '../stage/mcp.mjs';

const SUPPORT = 'support@contoso.example';
const OPEN = { mailbox: SUPPORT, limit: 2 };
const catalogue = readTools().filter(({ writes }) => !writes);

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const started = (GRAPH_TOOLS, more) => use(() => startAlone({ env: { ...sandbox.env, GRAPH_TOOLS, ...more }, keeps: sandbox }));
const [without, withWord, both] = [started('*'), started('*,shared'), started('mail, shared')];
const signedIn = (consented = 'all') => {
	entra.consentGraph(consented);
	return entra.mintUserToken();
};
const permissionsOf = async (GRAPH_TOOLS, more) => {
	const { out, ...rest } = await runHandler({ args: ['--permissions'], env: { GRAPH_TOOLS, ...more } });
	return { ...rest, text: out, lines: out.split('\n\n')[0].split('\n'), all: out.split('\n\n')[1].split(' ') };
};

describe('without the word', () => {
	test('no tool names a mailbox', async () => {
		const { json, text } = await without().ask('/tools');
		assert.doesNotMatch(text, /mailbox"/);
		for (const definition of catalogue)
			assert.deepEqual(json.tools.find(({ name }) => name === definition.name), listed(definition));
	});

	test('one that is given is refused by REST and by MCP, and nobody is asked', async () => {
		const token = await signedIn();
		assertError(await callTool(without(), 'list_mail', OPEN, { token }), 400, 'bad_request');
		const answer = await (await clientOf(without(), { token })).call('list_mail', OPEN);
		assert.equal(failureOf(answer).code, 'bad_request');
		assert.deepEqual([graph.requests.length, entra.counts.exchanges], [0, 0]);
	});

	test('no permission of it is named, with * and with writing too', async () => {
		for (const names of ['*', 'mail,calendar', catalogue.map(({ name }) => name).join()]) {
			const { code, text } = await permissionsOf(names, { GRAPH_TOOLS_WRITE: 'true' });
			assert.equal(code, 0);
			assert.doesNotMatch(text, /\.Shared/);
		}
	});
});

describe('with the word', () => {
	test('the tools of mail and calendar take a mailbox, and no other tool', async () => {
		const { tools } = (await withWord().ask('/tools')).json;
		for (const definition of catalogue)
			assert.deepEqual(tools.find(({ name }) => name === definition.name), listed(definition, { withShared: true }));
		assert.ok(tools.filter(({ inputSchema }) => inputSchema.properties.mailbox).length >= 5);
	});

	test('their permissions are named beside the others, tool by tool and once among all', async () => {
		const { code, lines, all } = await permissionsOf('*,shared');
		assert.equal(code, 0);
		assert.ok(lines.includes('list_mail\tMail.Read Mail.Read.Shared'));
		assert.ok(lines.includes('find_free_time\tCalendars.ReadBasic'));
		assert.deepEqual(all, [...new Set(catalogue.flatMap(({ permissions, shared = [] }) => [...permissions, ...shared]))].sort());
	});

	test('a writing tool\'s are named where it is on', async () => {
		const named = async (write) => (await permissionsOf('mail,calendar,shared', { GRAPH_TOOLS_WRITE: write })).all.filter((name) => /Write|Send/.test(name));
		assert.deepEqual(await named('false'), []);
		assert.deepEqual(await named('true'), ['Calendars.ReadWrite', 'Calendars.ReadWrite.Shared', 'Mail.ReadWrite', 'Mail.ReadWrite.Shared', 'Mail.Send', 'Mail.Send.Shared']);
	});

	test('a definition of one\'s own takes a mailbox as well', async () => {
		const GRAPH_TOOLS_DIR = folderOf({ 'own.json': { set: 'own', tools: [tool('rules', { permissions: ['Mail.Read'], shared: ['Mail.Read.Shared'],
			request: { path: '/me/mailFolders/inbox' } })] } });
		const { lines } = await permissionsOf('own,shared', { GRAPH_TOOLS_DIR });
		assert.deepEqual(lines, ['rules\tMail.Read Mail.Read.Shared']);
	});

	test('beside no tool that has a mailbox it is a mistake that is told', async () => {
		const { code, err } = await permissionsOf('files,shared');
		assert.equal(code, 1);
		assert.match(err, /tool=shared place=GRAPH_TOOLS detail="None of the tools that are on has a mailbox\."/);
	});
});

async function overStdio(settings, calls) {
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe', env: { ...sandbox.env, GRAPH_TOOLS: 'mail,shared',
		ACCESS_TOKEN: await signedIn(), ...settings } });
	const messages = () => lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => JSON.parse(text));
	for (const [id, args] of calls.entries()) {
		child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'list_mail', arguments: args } })}\n`);
		await until(() => messages().some((message) => message.id === id));
	}
	child.stdin.end();
	await ending();
	assertHealthy(lines);
	return calls.map((_, id) => messages().find((message) => message.id === id).result);
}

describe('a mailbox comes through', () => {
	const errorOf = ({ isError, content }) => isError && JSON.parse(content[1].text).error;
	const rest = async () => (await callTool(both(), 'list_mail', OPEN, { token: await signedIn() })).json;

	test('by MCP in both eras as by REST', async () => {
		const wanted = await rest();
		assert.equal(wanted.mails.length, 2);
		for (const way of ['call', 'legacyCall']) {
			const client = await clientOf(both(), { token: await signedIn() });
			assert.deepEqual((await client[way]('list_mail', OPEN)).json.result.structuredContent, wanted);
		}
	});

	for (const [what, settings] of [['over stdio with a credential', () => ({})],
		['over stdio by the gateway\'s handler', () => ({ CLIENT_SECRET: undefined, APIM_GATEWAY_URL: both().url })]])
		test(`${what}, its refusals too`, async () => {
			const wanted = await rest();
			const [mails, next, closed, none] = await overStdio(settings(), [OPEN, { mailbox: SUPPORT, cursor: wanted.cursor },
				{ mailbox: 'board@contoso.example' }, { mailbox: 'me' }]);
			assert.deepEqual(mails.structuredContent, wanted);
			assert.notDeepEqual(next.structuredContent.mails, wanted.mails);
			assert.equal(errorOf(closed).code, 'graph_forbidden');
			assert.match(errorOf(closed).message, /^Perhaps the user may not open this mailbox/);
			assert.equal(errorOf(none).code, 'bad_request');
		});

	test('not by a gateway\'s handler that has not the word', async () => {
		const [refused] = await overStdio({ CLIENT_SECRET: undefined, APIM_GATEWAY_URL: without().url }, [OPEN]);
		assert.equal(errorOf(refused).code, 'bad_request');
		assert.equal(graph.requests.length, 0);
	});
});
