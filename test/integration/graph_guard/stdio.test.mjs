/*
 * CONFIRM_WRITES over stdio, line by line: what becomes of a question whose client goes away or takes the call back; a handler that asks
 * another instance; and what permissions all that costs.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertHealthy, during, runHandler, spawnHandler, startAlone, until } from '../stage/fixture.mjs';
import { AGREED, SETTINGS, startGuarded } from '../stage/graph_guard/stage.mjs';

const sandbox = await startGuarded();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = { ...sandbox.env, ...SETTINGS, CONFIRM_WRITES: 'true' };
const MAIL = { to: ['alex@contoso.example'], subject: 'Budget', body: 'Done.' };

/* A client of the legacy era that takes forms. */
async function session(settings = {}) {
	const run = spawnHandler({ args: ['--stdio'], stdin: 'pipe', env: { ...env, ACCESS_TOKEN: await entra.mintUserToken(), ...settings } });
	const said = () => run.lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => JSON.parse(text));
	const say = (message) => run.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
	const hear = async (wanted) => {
		await until(() => said().some(wanted));
		return said().find(wanted);
	};
	say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: { elicitation: {} }, clientInfo: { name: 't', version: '1' } } });
	await hear(({ id }) => id === 0);
	return { said, say, hear,
		call: (id, name, args) => say({ id, method: 'tools/call', params: { name, arguments: args } }),
		question: () => hear(({ method }) => method === 'elicitation/create'),
		answer: (id) => hear((message) => message.id === id && message.result),
		async end() {
			run.child.stdin.end();
			const end = await run.ending();
			assertHealthy(run.lines);
			return end;
		} };
}
const codeOf = ({ result: { isError, content } }) => isError && JSON.parse(content[1].text).error.code;

describe('a question', () => {
	test('that is open when the input ends is taken back, and nothing is done', async () => {
		const client = await session();
		client.call(1, 'send_mail', MAIL);
		const { id } = await client.question();
		assert.deepEqual(await client.end(), { code: 0, signal: null });
		const [taken, refused] = client.said().slice(-2);
		assert.deepEqual([taken.method, taken.params], ['notifications/cancelled', { requestId: id }]);
		assert.equal(codeOf(refused), 'confirmation_required');
		assert.deepEqual(sandbox.done(), []);
	});

	test('of a call that is cancelled is taken back; an answer that comes later does nothing', async () => {
		const client = await session();
		client.call(1, 'send_mail', MAIL);
		const { id } = await client.question();
		client.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
		await client.hear(({ method }) => method === 'notifications/cancelled');
		client.say({ id, result: AGREED });
		client.call(2, 'list_mail', { limit: 1 });
		await client.answer(2);
		await client.end();
		assert.deepEqual(sandbox.done(), []);
	});

	test('holds up no other call', async () => {
		const client = await session();
		client.call(1, 'send_mail', MAIL);
		const { id } = await client.question();
		client.call(2, 'list_mail', { limit: 1 });
		assert.equal(codeOf(await client.answer(2)), false);
		client.say({ id, result: AGREED });
		assert.equal(codeOf(await client.answer(1)), false);
		await client.end();
		assert.equal(graph.sent.length, 1);
	});
});

describe('a handler that asks another instance', () => {
	const unset = (url) => ({ CLIENT_SECRET: undefined, APIM_GATEWAY_URL: url });

	test('asks its own person, by what the arguments say, and the other does it', async (t) => {
		const other = await during(t, startAlone({ env: { ...env, CONFIRM_WRITES: 'false' } }));
		const client = await session(unset(other.url));
		client.call(1, 'send_mail', MAIL);
		const { id, params } = await client.question();
		assert.match(params.message, /^Send this mail\?\nTo: alex@contoso\.example\n/);
		client.say({ id, result: AGREED });
		assert.equal(codeOf(await client.answer(1)), false);
		await client.end();
		assert.equal(graph.sent.length, 1);
	});

	test('lets nothing out to whom only the other sees, where domains are set', async (t) => {
		const other = await during(t, startAlone({ env: { ...env, CONFIRM_WRITES: 'false' } }));
		const client = await session({ ...unset(other.url), CONFIRM_WRITES: 'false', WRITE_RECIPIENT_DOMAINS: 'contoso.example' });
		client.call(1, 'send_draft', { id: await sandbox.draft({ to: ['eve@evil.example'] }) });
		assert.equal(codeOf(await client.answer(1)), 'recipient_not_allowed');
		client.call(2, 'send_mail', MAIL);
		assert.equal(codeOf(await client.answer(2)), false);
		await client.end();
		assert.deepEqual(graph.sent.map(({ to }) => to), [MAIL.to]);
	});

	test('is refused where the other asks too: it has nobody to ask', async (t) => {
		const other = await during(t, startAlone({ env }));
		const client = await session(unset(other.url));
		client.call(1, 'send_mail', MAIL);
		const { id } = await client.question();
		client.say({ id, result: AGREED });
		assert.equal(codeOf(await client.answer(1)), 'confirmation_required');
		await client.end();
		assert.deepEqual(sandbox.done(), []);
	});
});

test('what is looked at is among the permissions where it is looked at, and only there', async () => {
	const permissions = async (settings) => {
		const { out, code } = await runHandler({ args: ['--permissions'], env: { ...sandbox.env, ...SETTINGS, GRAPH_TOOLS: 'send_draft,send_chat_message',
			...settings } });
		assert.equal(code, 0);
		return out.split('\n').filter((line) => line.includes('\t'));
	};
	const PLAIN = ['send_chat_message\tChatMessage.Send', 'send_draft\tMail.Send'];
	const LOOKING = ['send_chat_message\tChat.ReadBasic ChatMessage.Send', 'send_draft\tMail.Read Mail.Send'];
	assert.deepEqual(await permissions({}), PLAIN);
	assert.deepEqual(await permissions({ CONFIRM_WRITES: 'true' }), LOOKING);
	assert.deepEqual(await permissions({ WRITE_RECIPIENT_DOMAINS: 'contoso.example' }), LOOKING);
});
