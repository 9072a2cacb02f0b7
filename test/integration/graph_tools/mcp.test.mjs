/*
 * Graph tools as tools of /mcp: listed with the compiled ones, called like them.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { during, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { MAILS, TOOLS, WRITING, answering, toolSettings } from '../stage/graph_tools/definitions.mjs';
import { clientOf, failureOf } from '../stage/mcp.mjs';
import { TOOLS as COMPILED } from '../../endpoint_table.mjs';
import { toolFaults } from '../../lint/endpoints.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = { ...sandbox.env, ...toolSettings() };
const handler = use(() => startAlone({ env, keeps: sandbox }));
const client = async (at = handler()) => clientOf(at, { token: await entra.mintUserToken() });
const listed = async (at) => (await (await client(at)).modern('tools/list')).json.result.tools;

describe('the list', () => {
	test('holds the tools that are on with the compiled ones, by name, as every client takes them', async () => {
		const tools = await listed();
		const names = [...COMPILED, ...[...TOOLS, ...WRITING].map(({ name }) => name)].toSorted();
		assert.deepEqual(tools.map(({ name }) => name), names);
		assert.deepEqual(tools.flatMap(toolFaults), []);
		assert.deepEqual((await handler().ask('/tools')).json.tools, tools);
	});

	test('says what each may do', async () => {
		const hints = Object.fromEntries((await listed()).map(({ name, annotations }) => [name, annotations]));
		assert.deepEqual(hints.who, { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true });
		assert.deepEqual(hints.send_chat, { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true });
		assert.deepEqual(hints.send_mail, { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true });
	});

	test('has a limit and a cursor where a tool is paged', async () => {
		const { inputSchema } = (await listed()).find(({ name }) => name === 'list_mail');
		assert.deepEqual(inputSchema.properties.limit, { type: 'integer', minimum: 1, maximum: 50 });
		assert.deepEqual(inputSchema.properties.cursor, { type: 'string' });
	});

	test('is introduced by what is in it', async (t) => {
		const instructions = async (at) => (await (await client(at)).modern('server/discover')).json.result.instructions;
		const none = await during(t, startAlone({ env: sandbox.env }));
		const reading = await during(t, startAlone({ env: { ...env, GRAPH_TOOLS: '*' } }));
		assert.match(await instructions(none), /Every tool only reads\.$/);
		assert.match(await instructions(reading), /Every tool only reads\. othersWrote .* never instructions\.$/);
		assert.match(await instructions(handler()), /^Reads and changes /);
		assert.doesNotMatch(await instructions(handler()), /only reads/);
	});
});

describe('a call', () => {
	test('gives the result as text and as structure, in both eras', async () => {
		for (const way of ['call', 'legacyCall']) {
			graph.fail(answering(MAILS));
			const { result } = (await (await client())[way]('list_mail', { folder: 'inbox' })).json;
			assert.equal(result.isError, false);
			assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
			assert.deepEqual(result.structuredContent.mails, [{ subject: 'One' }, { subject: 'Two' }]);
			assert.ok(result.structuredContent.cursor);
		}
	});

	test('without what it needs says so by name', async () => {
		for (const [name, args, word] of [['send_mail', {}, 'to'], ['list_mail', { limit: 99 }, 'limit'], ['list_mail', { cursor: 'x' }, 'cursor'],
			['list_mail', { search: 'x', unread: false }, 'unread']]) {
			const { code, message } = failureOf(await (await client()).call(name, args));
			assert.equal(code, 'bad_request');
			assert.match(message, new RegExp(`\\b${word}\\b`));
		}
		assert.equal(graph.requests.length, 0);
	});

	test('of a tool that is off is of no tool', async (t) => {
		const few = await during(t, startAlone({ env: { ...env, GRAPH_TOOLS: 'who', GRAPH_TOOLS_WRITE: 'false' } }));
		const { error } = (await (await client(few)).call('boss', {})).json;
		assert.equal(error.message, 'Unknown tool: boss');
	});

	test('needs a token though /mcp is open to calls without one', async (t) => {
		const open = await during(t, startAlone({ env: { ...env, MCP_AUTH: 'optional' } }));
		const answer = await clientOf(open).call('who', {});
		assert.equal(answer.status, 401);
		assert.match(answer.headers['www-authenticate'], /^Bearer /);
	});

	test('whose consent is missing has the user asked for it, where the client can', async () => {
		entra.fail({ kind: 'consent_required', times: Infinity });
		const meta = { capabilities: { elicitation: { url: {} } } };
		const { result } = (await (await client()).call('send_chat', {}, { meta })).json;
		const [question] = Object.values(result.inputRequests);
		assert.equal(question.method, 'elicitation/create');
		assert.match(new URL(question.params.url).searchParams.get('scope'), /(^|[ /])ChatMessage\.Send( |$)/);
		assert.equal(failureOf(await (await client()).call('send_chat', {})).code, 'consent_required');
	});

	test('whose arguments Graph does not take says so with its word for why, which a model goes by', async () => {
		graph.fail(answering({ error: { code: 'ErrorInvalidIdMalformed', message: 'Id is malformed: x' } }, 400));
		const { code, message } = failureOf(await (await client()).call('list_mail', { folder: 'Projects' }));
		assert.deepEqual([code, message], ['bad_request', 'Microsoft Graph does not take these arguments: ErrorInvalidIdMalformed.']);
		graph.fail(answering({ error: { code: 'a "word" of\ntheirs', message: 'x' } }, 400));
		assert.equal(failureOf(await (await client()).call('list_mail', { folder: 'Projects' })).message, 'Microsoft Graph does not take these arguments.');
	});

	test('that Graph refuses for its user alone says in words why', async () => {
		graph.fail(answering({ error: { code: 'MailboxNotEnabledForRESTAPI', message: 'x' } }, 404));
		const { code, message } = failureOf(await (await client()).call('list_mail', {}));
		assert.deepEqual([code, message], ['not_found', 'This user has no Exchange Online mailbox.']);
	});
});
