/* What each write does at Graph, whom it reaches, and what its result says. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { assertError, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { everyTool } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph } = sandbox;
beforeEach(() => {
	sandbox.reset();
	entra.consentGraph('all');
});
const handler = use(() => startAlone({ env: { ...sandbox.env, ...everyTool() }, keeps: sandbox }));
const token = await entra.mintUserToken();
async function call(name, args) {
	const { status, json, text } = await callTool(handler(), name, args, { token });
	assert.equal(status, 200, text);
	return json;
}
const refused = async (name, args, status, code) => assertError(await callTool(handler(), name, args, { token }), status, code).json.error.message;
const written = () => graph.writes.map(({ request }) => request);
const bodies = () => graph.writes.map(({ body }) => body);
const LETTER = { to: ['zoe@contoso.example', 'guest@elsewhere.example'], subject: 'Plan "B" {x}', body: 'One\n<b>two</b> & three' };

describe('mail', () => {
	test('that is drafted is not sent, comes with its recipients, and is sent as it is', async () => {
		const { id, url, ...rest } = await call('draft_mail', { ...LETTER, cc: ['adele@contoso.example'] });
		assert.deepEqual(rest, { draft: true, subject: LETTER.subject, to: LETTER.to, cc: ['adele@contoso.example'] });
		assert.match(url, /^https:/);
		assert.equal(graph.sent.length, 0);
		const drafts = await call('list_mail', { folder: 'drafts' });
		assert.ok(drafts.mails.some((mail) => mail.id === id));
		assert.deepEqual(await call('send_draft', { id }), { done: 'The draft was sent.' });
		const [{ to, cc, subject }, ...none] = graph.sent;
		assert.deepEqual([to, cc, subject, none], [LETTER.to, ['adele@contoso.example'], LETTER.subject, []]);
		assert.deepEqual(bodies()[0].body, { contentType: 'text', content: LETTER.body });
		assert.equal((await call('get_mail', { id })).draft, false, 'its id stays');
	});

	test('that is sent at once is plain text, without copies where none are named', async () => {
		assert.deepEqual(await call('send_mail', LETTER), { done: 'The mail was sent.' });
		assert.deepEqual(graph.sent.map(({ to, cc, body }) => [to, cc, body]), [[LETTER.to, [], { contentType: 'text', content: LETTER.body }]]);
	});

	test('that is answered keeps its quote, and goes to one or to all', async () => {
		const mails = (await call('list_mail', { limit: 50 })).mails;
		const { id, subject } = mails.find(({ to }) => to.length > 1) ?? mails[0];
		const one = await call('draft_reply', { id, body: 'Thank you.' });
		const all = await call('draft_reply', { id, body: 'Thank you.', all: true });
		assert.equal(graph.sent.length, 0);
		assert.ok(all.to.length + (all.cc?.length ?? 0) >= one.to.length);
		assert.equal(one.draft, true);
		assert.match(one.subject, /^RE: /i);
		assert.match(one.othersWrote, /^subject:/);
		const { text } = await call('get_mail', { id: one.id });
		assert.ok(text.startsWith('Thank you.'), text);
		assert.ok(text.includes(`Subject: ${subject}`), text);
		assert.deepEqual(bodies().slice(0, 2), [{ comment: 'Thank you.' }, { comment: 'Thank you.' }]);
	});

	test('is marked, moved or both, under the id it had', async () => {
		const [{ id }] = (await call('list_mail', { limit: 1 })).mails;
		await call('update_mail', { id, read: true });
		assert.equal((await call('get_mail', { id })).read, true);
		await call('update_mail', { id, read: false });
		assert.equal((await call('get_mail', { id })).read, false);
		await call('update_mail', { id, folder: 'archive', read: true });
		assert.equal((await call('get_mail', { id })).read, true);
		assert.ok((await call('list_mail', { folder: 'archive', limit: 50 })).mails.some((mail) => mail.id === id));
		assert.deepEqual(bodies(), [{ isRead: true }, { isRead: false }, { isRead: true }, { destinationId: 'archive' }]);
		assert.equal(await refused('update_mail', { id }, 400, 'bad_request'), 'There is nothing to do; give at least one of: read, folder.');
		assert.equal(await refused('update_mail', { id, read: null }, 400, 'bad_request'),
			'There is nothing to do; give at least one of: read, folder.');
	});

	test('of which only the first part could be done says so', async () => {
		const [{ id }] = (await call('list_mail', { limit: 1 })).mails;
		assert.equal(await refused('update_mail', { id, read: true, folder: id }, 502, 'outcome_unknown'),
			'The mail was marked. Then: There is no mail or no folder of this id.');
		assert.equal((await call('get_mail', { id })).read, true);
	});

	test('wants addresses, and a draft that is there', async () => {
		const [{ id }] = (await call('list_mail', { limit: 1 })).mails;
		for (const to of [[], ['zoe'], ['a@b', 'Zoe <zoe@contoso.example>']])
			assert.match(await refused('send_mail', { ...LETTER, to }, 400, 'bad_request'), /^to/);
		assert.equal(await refused('send_draft', { id: `${id.slice(0, -8)}AAAAAAA=` }, 404, 'not_found'),
			'There is no draft of this id: it may have been sent already.');
		assert.match(await refused('send_draft', { id }, 400, 'bad_request'), /ErrorInvalidOperation/);
		assert.equal(graph.sent.length, 0);
	});
});

describe('an event', () => {
	const SPAN = { subject: 'Plan', start: '2026-11-27T09:00:00', end: '2026-11-27T10:30:00' };

	test('is at the hour that the zone\'s clocks show, with its attendees invited and a link to join', async () => {
		const { id, url, join } = await call('create_event', { ...SPAN, time_zone: 'Europe/Berlin', attendees: LETTER.to, body: LETTER.body, online: true });
		assert.match(url, /^https:/);
		assert.match(join, /^https:/);
		const event = await call('get_event', { id });
		assert.deepEqual([event.start.slice(0, 19), event.end.slice(0, 19), event.zone], ['2026-11-27T08:00:00', '2026-11-27T09:30:00', 'UTC']);
		assert.deepEqual(event.attendees.map(({ address }) => address), LETTER.to);
		assert.deepEqual(graph.sent.map(({ to }) => to), [LETTER.to]);
		assert.deepEqual(bodies()[0].onlineMeetingProvider, 'teamsForBusiness');
	});

	test('without attendees, text, zone and meeting asks for none of them', async () => {
		const { id, join } = await call('create_event', SPAN);
		assert.equal(join, undefined);
		assert.deepEqual(bodies(), [{ subject: 'Plan', start: { dateTime: SPAN.start, timeZone: 'UTC' }, end: { dateTime: SPAN.end, timeZone: 'UTC' } }]);
		assert.equal((await call('get_event', { id })).start.slice(0, 19), SPAN.start);
		await call('create_event', { ...SPAN, online: false });
		assert.deepEqual([bodies()[1].isOnlineMeeting, bodies()[1].onlineMeetingProvider], [false, undefined]);
	});

	test('takes no time with an offset, and a zone that Graph knows', async () => {
		for (const start of ['2026-11-27T09:00:00Z', '2026-11-27T09:00:00+01:00', '2026-11-27', 'tomorrow'])
			assert.match(await refused('create_event', { ...SPAN, start }, 400, 'bad_request'), /^start must match .*for example "2026-11-27T09:00:00"\.$/);
		assert.match(await refused('create_event', { ...SPAN, time_zone: 'Middle/Earth' }, 400, 'bad_request'), /^Microsoft Graph does not take/);
		assert.equal(graph.writes.length, 0);
	});

	for (const [answer, path] of [['accept', 'accept'], ['decline', 'decline'], ['maybe', 'tentativelyAccept']]) {
		test(`is answered with ${answer}, and its organizer told`, async () => {
			const { events } = await call('list_events', { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z', limit: 50 });
			const { id } = events.find(({ response, cancelled }) => response !== 'organizer' && !cancelled);
			assert.deepEqual(await call('respond_event', { id, answer, comment: 'Late.' }), { done: 'The answer was sent to the organizer.' });
			assert.match(graph.writes[0].path ?? '', new RegExp(`/${path}$`));
			assert.equal(graph.sent[0].comment, 'Late.');
		});
	}
});

test('a chat message is plain text', async () => {
	const [{ id }] = (await call('list_chats')).chats;
	assert.deepEqual(await call('send_chat_message', { chat_id: id, text: LETTER.body }), { done: 'The message was sent.' });
	assert.deepEqual(bodies(), [{ body: { contentType: 'text', content: LETTER.body } }]);
	assert.equal(await refused('send_chat_message', { chat_id: '19:none@thread.v2', text: 'x' }, 404, 'not_found'), 'There is no chat of this id.');
});

test('a task is made with its day and note, and changed in what is given', async () => {
	const [{ id: list_id }] = (await call('list_task_lists')).lists;
	const { id, title } = await call('create_task', { list_id, title: 'Plan', due: '2026-11-27', note: 'All of it.' });
	assert.equal(title, 'Plan');
	await call('create_task', { list_id, title: 'Bare' });
	assert.deepEqual(bodies()[1], { title: 'Bare' });
	assert.deepEqual(await call('update_task', { list_id, id, status: 'completed' }), { id, title: 'Plan', status: 'completed' });
	assert.deepEqual(bodies()[2], { status: 'completed' });
	assert.equal((await call('update_task', { list_id, id, title: 'Other', due: '2026-12-01' })).title, 'Other');
	const task = (await call('list_tasks', { list_id, limit: 50 })).tasks.find((one) => one.id === id);
	assert.deepEqual([task.title, task.status, task.due.slice(0, 10), task.note], ['Other', 'completed', '2026-12-01', 'All of it.']);
	assert.equal(await refused('update_task', { list_id, id }, 400, 'bad_request'), 'There is nothing to do; give at least one of: title, due, status.');
	assert.match(await refused('update_task', { list_id, id, due: '27.11.2026' }, 400, 'bad_request'), /^due must match/);
});

test('an id is one segment and nothing else', async () => {
	for (const [name, args] of [['send_draft', { id: 'a/../b' }], ['update_mail', { id: '..', read: true }], ['respond_event', { id: '$batch', answer: 'accept' }],
		['update_task', { list_id: 'x', id: 'a/b', status: 'completed' }], ['send_chat_message', { chat_id: '', text: 'x' }]])
		await refused(name, args, 400, 'bad_request');
	assert.deepEqual([graph.requests.length, written()], [0, []]);
});
