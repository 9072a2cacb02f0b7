/*
 * WRITE_RECIPIENT_DOMAINS: nobody outside is reached, wherever they stand, be it in what the arguments only point to.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, startAlone, use } from '../stage/fixture.mjs';
import { AGREED, SETTINGS, calling, startGuarded } from '../stage/graph_guard/stage.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { clientOf } from '../stage/mcp.mjs';

const sandbox = await startGuarded();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const INSIDE = ['AdeleV@contoso.example', 'alex@Contoso.Example'];
const OUTSIDE = 'eve@evil.example';
const env = { ...sandbox.env, ...SETTINGS, WRITE_RECIPIENT_DOMAINS: 'contoso.example, xn--bcher-kva.example' };
const handler = use(() => startAlone({ env, keeps: sandbox }));

const call = async (name, args) => callTool(handler(), name, args, { token: await entra.mintUserToken() });
async function refused(name, args, named = OUTSIDE) {
	const { json } = assertError(await call(name, args), 403, 'recipient_not_allowed');
	assert.ok(json.error.message.includes(named), json.error.message);
	assert.deepEqual(sandbox.done(), [], 'Graph was given something to do');
}
async function done(name, args) {
	const answer = await call(name, args);
	assert.equal(answer.status, 200, answer.text);
	assert.equal(sandbox.done().length, 1);
}

const MAIL = { subject: 'S', body: 'B' };
const EVENT = { subject: 'S', start: '2026-11-27T09:00:00', end: '2026-11-27T10:00:00' };
const some = (more) => [...INSIDE, ...more];

describe('of the arguments', () => {
	for (const name of ['send_mail', 'draft_mail']) {
		test(`${name} takes who is inside, and neither to nor cc outside`, async () => {
			await refused(name, { ...MAIL, to: some([OUTSIDE]) });
			await refused(name, { ...MAIL, to: INSIDE, cc: some([OUTSIDE]) });
			await done(name, { ...MAIL, to: INSIDE, cc: INSIDE });
		});
	}

	test('create_event takes no attendee outside, and needs none', async () => {
		await refused('create_event', { ...EVENT, attendees: some([OUTSIDE]) });
		await done('create_event', { ...EVENT, attendees: INSIDE });
		graph.writes.length = 0;
		await done('create_event', EVENT);
	});

	test('an address that another reader could take for another is outside', async () => {
		for (const address of ['eve@evil.example@contoso.example', '"eve@evil.example"@contoso.example', 'eve%evil.example@contoso.example',
			'eve_evil.example#EXT#@contoso.example', 'alex@contoso.example,eve@evil.example', '<alex@contoso.example>', 'alex@contoso.example.',
			'alex@sub.contoso.example', 'alex@contoso.example.evil.example', 'alex@bücher.example', 'alex@contoso.example\u0000x', 'alex@',
			'alex@contoso.example\n', 'Alex<eve@evil.example>'])
			assert.ok([400, 403].includes((await call('send_mail', { ...MAIL, to: [address] })).status), address);
		assert.deepEqual(sandbox.done(), []);
		await done('send_mail', { ...MAIL, to: ['alex@xn--bcher-kva.example'] });
	});
});

describe('of a draft', () => {
	for (const place of ['to', 'cc', 'bcc']) {
		test(`send_draft reads ${place}`, async () => {
			const people = { to: [INSIDE[0]], cc: [INSIDE[1]], bcc: [INSIDE[0]] };
			await refused('send_draft', { id: await sandbox.draft({ ...people, [place]: [OUTSIDE] }) });
			await refused('send_draft', { id: await sandbox.draft({ ...people, [place]: some([OUTSIDE]) }) });
			await done('send_draft', { id: await sandbox.draft(people) });
		});
	}

	test('that was changed after it was looked at once is looked at again', async () => {
		const id = await sandbox.draft({ to: INSIDE });
		await sandbox.change(id, { to: [OUTSIDE] });
		await refused('send_draft', { id });
	});

	test('to nobody, or to who has no address, is not sent', async () => {
		await refused('send_draft', { id: await sandbox.draft({}) }, 'does not name');
		graph.fail({ kind: 'raw', times: 1, status: 200, headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ subject: 'S', toRecipients: [{ emailAddress: { name: 'Eve', address: null } }], ccRecipients: [], bccRecipients: [] }) });
		await refused('send_draft', { id: 'x' }, 'Eve');
	});

	test('that cannot be read is not sent', async () => {
		const id = await sandbox.draft({ to: INSIDE });
		graph.fail({ kind: 'forbidden', times: 1 });
		assertError(await call('send_draft', { id }), 403, 'graph_forbidden');
		assertError(await call('send_draft', { id: 'AAkALgAAnone' }), 400, 'bad_request');
		graph.fail({ kind: 'raw', times: 1, status: 404, headers: { 'content-type': 'application/json' }, body: '{"error":{"code":"ErrorItemNotFound"}}' });
		assertError(await call('send_draft', { id }), 404, 'not_found');
		assert.deepEqual(sandbox.done(), []);
	});
});

/* What Graph says when something is looked at, once. */
const looked = (body) => graph.fail({ kind: 'raw', times: 1, status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const person = (address, name = 'N') => ({ emailAddress: { name, address } });

describe('of what is answered', () => {
	const letter = (more) => ({ subject: 'S', from: person(INSIDE[0]), replyTo: [], toRecipients: [person(INSIDE[0])], ccRecipients: [], ...more });

	for (const [what, mail, all, outside] of [
		['who wrote', { from: person(OUTSIDE) }, false, true], ['where replies go', { replyTo: [person(OUTSIDE)] }, false, true],
		['who else has it, in a reply to all', { toRecipients: [person(INSIDE[0]), person(OUTSIDE)] }, true, true],
		['who has a copy, in a reply to all', { ccRecipients: [person(OUTSIDE)] }, true, true],
		['not who else has it, in a reply to one', { toRecipients: [person(OUTSIDE)], ccRecipients: [person(OUTSIDE)] }, false, false],
	]) {
		test(`draft_reply reads ${what}`, async () => {
			const args = { id: (await sandbox.first('/me/messages'))[0].id, body: 'B', all };
			looked(letter(mail));
			if (outside)
				return refused('draft_reply', args);
			return done('draft_reply', args);
		});
	}

	test('respond_event reads the organizer', async () => {
		looked({ subject: 'S', organizer: person(OUTSIDE) });
		await refused('respond_event', { id: 'x', answer: 'decline', comment: 'Secret' });
		looked({ subject: 'S', organizer: { emailAddress: { name: 'Eve' } } });
		await refused('respond_event', { id: 'x', answer: 'decline' }, 'Eve');
		looked({ subject: 'S' });
		await refused('respond_event', { id: 'x', answer: 'decline' }, 'does not name');
	});

	test('send_chat_message reads every member, and takes who has no address for outside', async () => {
		const [{ id }] = await sandbox.first('/me/chats');
		for (const [members, named] of [[[{ displayName: 'Eve', email: OUTSIDE }], OUTSIDE], [[{ displayName: 'Phone', email: null }], 'Phone'],
			[[{ displayName: null, email: null }], 'does not name'], [[null], 'does not name']]) {
			looked({ value: [{ displayName: 'Adele', email: INSIDE[0] }, ...members] });
			await refused('send_chat_message', { chat_id: id, text: 'T' }, named);
		}
		looked({ '@odata.nextLink': 'https://graph.example/x', value: [{ displayName: 'Adele', email: INSIDE[0] }] });
		await refused('send_chat_message', { chat_id: id, text: 'T' }, 'does not name');
		await done('send_chat_message', { chat_id: id, text: 'T' });
	});
});

test('what reaches nobody else is not looked at for it', async () => {
	const [{ id }] = await sandbox.first('/me/messages');
	await done('update_mail', { id, read: true });
});

test('the person\'s agreement does not stand in for the operator\'s', async () => {
	const guarded = await startAlone({ env: { ...env, CONFIRM_WRITES: 'true' } });
	after(() => guarded.stop());
	const { body, headers } = calling('send_mail', { ...MAIL, to: [OUTSIDE] }, { answer: AGREED });
	const { json } = await clientOf(guarded, { token: await entra.mintUserToken() }).post(body, { headers });
	assert.equal(JSON.parse(json.result.content[1].text).error.code, 'recipient_not_allowed');
});
