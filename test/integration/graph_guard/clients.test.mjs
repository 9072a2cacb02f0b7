/*
 * CONFIRM_WRITES with the official SDK clients in front of a person: version 1 and version 2, over stdio and HTTP, whose own handling of
 * elicitation answers; every write of the catalogue.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { assertHealthy, binary, startAlone, use } from '../stage/fixture.mjs';
import { AGREED, FORMS, SETTINGS, startGuarded } from '../stage/graph_guard/stage.mjs';
import { FLAVOURS, SDK1 } from '../stage/sdk.mjs';

const sandbox = await startGuarded();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const token = await entra.mintUserToken();
const env = { ...sandbox.env, ...SETTINGS, CONFIRM_WRITES: 'true' };
const handler = use(() => startAlone({ env, keeps: sandbox }));
const logs = [];
after(() => assertHealthy(logs));

function transportOf(sdk, where) {
	if (where === 'http')
		return new sdk.Http(new URL(`${handler().url}/mcp`), { requestInit: { headers: { authorization: `Bearer ${token}` } } });
	const transport = new sdk.Stdio({ command: binary, args: ['--stdio'], stderr: 'pipe', env: { ...env, ACCESS_TOKEN: token } });
	transport.stderr?.on('data', (text) => logs.push({ text: `${text}` }));
	return transport;
}

/* A client with a person who answers so; asked: what they were shown. */
async function connected(t, [, sdk, options], where, answer, capabilities = FORMS) {
	const client = new sdk.Client({ name: 'guard test', version: '1' }, { ...options, capabilities });
	const asked = [];
	if (capabilities.elicitation)
		client.setRequestHandler(sdk === SDK1 ? ElicitRequestSchema : 'elicitation/create', ({ params }) => {
			asked.push(params.message);
			return typeof answer === 'function' ? answer(params) : answer;
		});
	await client.connect(transportOf(sdk, where));
	t.after(() => client.close());
	const failure = async (name, args) => {
		const { isError, content } = await client.callTool({ name, arguments: args });
		assert.equal(isError, true, JSON.stringify(content));
		return JSON.parse(content[1].text).error.code;
	};
	return { client, asked, failure };
}

const MAIL = { to: ['alex@contoso.example'], subject: 'Budget', body: 'Done.' };
const SHOWN = 'Send this mail?\nTo: alex@contoso.example\nSubject: Budget\n\nDone.';

/* Each write, with ids of the sandbox's. */
async function writes() {
	const [mail] = await sandbox.first('/me/messages');
	const [list] = await sandbox.first('/me/todo/lists');
	const [task] = await sandbox.first(`/me/todo/lists/${list.id}/tasks`);
	const [chat] = await sandbox.first('/me/chats');
	const invitation = (await sandbox.first('/me/events')).find(({ isOrganizer, isCancelled }) => !isOrganizer && !isCancelled);
	const when = { start: '2026-11-27T09:00:00', end: '2026-11-27T10:00:00' };
	return [['draft_mail', MAIL, /Draft this mail\?/], ['draft_reply', { id: mail.id, body: 'Yes.', all: true }, /Draft this reply\?/],
		['send_draft', { id: await sandbox.draft({ to: ['alex@contoso.example'] }) }, /Send this draft\?\nTo: .*<alex@contoso\.example>/],
		['send_mail', MAIL, /Send this mail\?/], ['update_mail', { id: mail.id, read: true }, /Change this mail\?\n(.*\n)*Mark as read: yes/],
		['create_event', { subject: 'Talk', ...when, attendees: ['alex@contoso.example'] }, /Invited: alex@contoso\.example/],
		['respond_event', { id: invitation.id, answer: 'accept' }, /Organizer: .+@.+\nAnswer: accept/],
		['send_chat_message', { chat_id: chat.id, text: 'Hello' }, /Chat: .*<.+@.+>.*\n\nHello/],
		['create_task', { list_id: list.id, title: 'Call' }, /Title: Call/],
		['update_task', { list_id: list.id, id: task.id, status: 'completed' }, /Task: .+\nStatus: completed/]];
}

/* Over HTTP a client of the legacy era cannot be asked. */
const WAYS = [...FLAVOURS.map((flavour) => [flavour, 'stdio']), ...FLAVOURS.filter(([, , , era]) => era === 'modern').map((flavour) => [flavour, 'http'])];

for (const [flavour, where] of WAYS) {
	describe(`${flavour[0]} over ${where}`, () => {
		test('asks its person, and does what they agree to', async (t) => {
			const { client, asked } = await connected(t, flavour, where, AGREED);
			const { structuredContent } = await client.callTool({ name: 'send_mail', arguments: MAIL });
			assert.deepEqual(structuredContent, { done: 'The mail was sent.' });
			assert.deepEqual(asked, [SHOWN]);
			assert.deepEqual(graph.sent.map(({ to }) => to), [MAIL.to]);
		});

		test('does nothing that they decline, or close', async (t) => {
			for (const action of ['decline', 'cancel']) {
				const { failure } = await connected(t, flavour, where, { action });
				assert.equal(await failure('send_mail', MAIL), 'declined');
			}
			const { failure } = await connected(t, flavour, where, { action: 'accept', content: { confirm: false } });
			assert.equal(await failure('send_mail', MAIL), 'declined');
			assert.deepEqual(sandbox.done(), []);
		});

		test('asks again about a draft that is changed while they think', async (t) => {
			const id = await sandbox.draft({ to: ['alex@contoso.example'] });
			let times = 0;
			const { client, asked } = await connected(t, flavour, where, async () => {
				if (times++ === 0)
					await sandbox.change(id, { to: ['eve@evil.example'] });
				return AGREED;
			});
			await client.callTool({ name: 'send_draft', arguments: { id } });
			assert.deepEqual(asked.map((text) => /<(\S+)>/.exec(text)[1]), ['alex@contoso.example', 'eve@evil.example']);
			assert.deepEqual(graph.sent.map(({ to }) => to), [['eve@evil.example']]);
		});

		test('asks two questions at once, and does what each is answered with', async (t) => {
			let open = 0, both;
			const two = new Promise((resolve) => { both = resolve; });
			const { client } = await connected(t, flavour, where, async ({ message }) => {
				if (++open === 2)
					both();
				await two;
				return /Subject: one\n/.test(message) ? AGREED : { action: 'decline' };
			});
			const [one, other] = await Promise.all(['one', 'two'].map((subject) => client.callTool({ name: 'send_mail', arguments: { ...MAIL, subject } })));
			assert.deepEqual([one.isError, other.isError], [false, true]);
			assert.deepEqual(graph.sent.map(({ subject }) => subject), ['one']);
		});

		test('asks before each write of the catalogue', async (t) => {
			const { client, asked } = await connected(t, flavour, where, AGREED);
			for (const [name, args, shown] of await writes()) {
				asked.length = graph.writes.length = 0;
				const { isError, content } = await client.callTool({ name, arguments: args });
				assert.ok(!isError, `${name}: ${JSON.stringify(content)}`);
				assert.equal(asked.length, 1, name);
				assert.match(asked[0], shown, name);
				assert.ok(sandbox.done().length === 1, name);
			}
		});

		test('is refused where it takes no forms', async (t) => {
			const { failure } = await connected(t, flavour, where, AGREED, {});
			assert.equal(await failure('send_mail', MAIL), 'confirmation_required');
			assert.deepEqual(sandbox.done(), []);
		});
	});
}

for (const flavour of FLAVOURS.filter(([, , , era]) => era === 'legacy')) {
	test(`${flavour[0]} over http cannot be asked`, async (t) => {
		const { failure, asked } = await connected(t, flavour, 'http', AGREED);
		assert.equal(await failure('send_mail', MAIL), 'confirmation_required');
		assert.deepEqual([asked, sandbox.done()], [[], []]);
	});
}
