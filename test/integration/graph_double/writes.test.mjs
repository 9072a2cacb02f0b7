/* Proves how the sandbox Graph takes meetings, answers to them, chat messages and tasks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { graph } = sandbox;
const ask = graphClient(sandbox, { scopes: ['Calendars.ReadWrite', 'Chat.ReadWrite', 'Tasks.ReadWrite'] });
const post = (path, body, options) => ask(path, { method: 'POST', body, ...options });
const at = (time, timeZone = 'Europe/Berlin') => ({ dateTime: `2026-12-01T${time}`, timeZone });
const EVENT = { subject: 'Meet', start: at('10:00:00'), end: at('11:00:00') };
const guests = (...addresses) => addresses.map((address) => ({ emailAddress: { address }, type: 'optional' }));

describe('a meeting', () => {
	test('stands in the calendar at its time, whatever zone that is shown in', async () => {
		const made = assertGiven(await post('/me/events', EVENT), 201);
		assert.deepEqual([made.start, made.isOrganizer], [{ dateTime: '2026-12-01T09:00:00.0000000', timeZone: 'UTC' }, true]);
		const query = { startDateTime: '2026-12-01T09:30:00Z', endDateTime: '2026-12-01T09:40:00Z', $select: 'subject' };
		const { value } = assertGiven(await ask('/me/calendarView', { query }));
		assert.ok(value.some(({ id }) => id === made.id));
		assert.equal(assertGiven(await ask(`/me/events/${made.id}`)).subject, 'Meet');
		assert.deepEqual(graph.sent, []);
	});

	test('invites its attendees, and has an address where it is online', async () => {
		const made = assertGiven(await post('/me/events', { ...EVENT, attendees: guests('q@b.example'), isOnlineMeeting: true,
			onlineMeetingProvider: 'teamsForBusiness', body: { contentType: 'text', content: 'Bring <notes>' } }), 201);
		assert.match(made.onlineMeeting.joinUrl, /^https:\/\/teams\.microsoft\.com\/l\/meetup-join\//);
		assert.match(made.body.content, /Bring &lt;notes>/);
		assert.deepEqual(made.attendees.map(({ type, status }) => [type, status.response]), [['optional', 'none']]);
		assert.deepEqual(graph.sent.map(({ to, invitation }) => [to, invitation]), [[['q@b.example'], made.id]]);
	});

	test('with a time that is none, or ends before it begins, or lacks one, is refused', async () => {
		for (const [change, code] of [[{ start: at('10:00:00Z') }, 'ErrorInvalidRequest'], [{ start: at('25:00:00') }, 'ErrorInvalidRequest'],
			[{ start: at('10:00:00', 'Mars') }, 'TimeZoneNotSupportedException'], [{ end: at('09:00:00') }, 'ErrorPropertyValidationFailure'],
			[{ end: undefined }, 'ErrorPropertyValidationFailure'], [{ attendees: guests('nobody') }, 'ErrorInvalidRecipients'],
			[{ colour: 1 }, 'RequestBodyRead']])
			assertRefusedByGraph(await post('/me/events', { ...EVENT, ...change }), 400, code);
		assert.deepEqual([graph.sent, graph.writes], [[], []]);
	});

	test('with the transaction of another is not made again', async () => {
		const twice = { ...EVENT, transactionId: 't-1' };
		assertGiven(await post('/me/events', twice), 201);
		assertRefusedByGraph(await post('/me/events', twice), 409, 'ErrorDuplicateTransactionId');
		assert.equal(graph.writes.length, 1);
	});
});

describe('an answer to a meeting', () => {
	const meetings = async () => assertGiven(await ask('/me/events', { query: { $top: 50 } })).value;
	const others = async () => (await meetings()).find(({ isOrganizer, isCancelled }) => !isOrganizer && !isCancelled);

	test('goes to its organizer with the comment, unless none is wanted', async () => {
		const { id, organizer } = await others();
		for (const [action, response] of [['accept', 'accepted'], ['decline', 'declined'], ['tentativelyAccept', 'tentativelyAccepted']]) {
			const answer = await post(`/me/events/${id}/${action}`, { comment: 'fine' });
			assert.deepEqual([answer.status, answer.bytes.length], [202, 0]);
			assert.equal(assertGiven(await ask(`/me/events/${id}`)).responseStatus.response, response);
		}
		assert.equal((await post(`/me/events/${id}/accept`, { sendResponse: false })).status, 202);
		assert.deepEqual(graph.sent.map(({ to, response, comment }) => [to, response, comment]),
			['accepted', 'declined', 'tentativelyAccepted'].map((response) => [[organizer.emailAddress.address], response, 'fine']));
	});

	test('is refused to the organizer, and of what is no meeting', async () => {
		const { id } = (await meetings()).find(({ isOrganizer }) => isOrganizer);
		assertRefusedByGraph(await post(`/me/events/${id}/accept`, {}), 400, 'ErrorInvalidRequest', /organizer/);
		assertRefusedByGraph(await post(`/me/events/AAMk${'A'.repeat(60)}=/accept`, {}), 404, 'ErrorItemNotFound');
		assertRefusedByGraph(await post(`/me/events/${(await others()).id}/accept`, { mood: 1 }), 400, 'BadRequest', /'mood'/);
		assert.deepEqual(graph.sent, []);
	});
});

describe('a chat message', () => {
	const chat = async () => assertGiven(await ask('/me/chats?$top=1')).value[0];

	test('is the newest of its chat', async () => {
		const { id } = await chat();
		const made = assertGiven(await post(`/chats/${id}/messages`, { body: { content: 'hello' } }), 201);
		const [first] = assertGiven(await ask(`/chats/${id}/messages?$top=1`)).value;
		assert.deepEqual([first.id, first.body, first.from.user.displayName], [made.id, { contentType: 'text', content: 'hello' }, 'Adele Vance']);
		assert.equal(assertGiven(await ask(`/chats/${id}/messages/${made.id}`)).id, made.id);
		assert.deepEqual(graph.sent.map((one) => [one.chat, one.body.content]), [[id, 'hello']]);
	});

	test('without a text, too long, or to a chat that is not there is refused', async () => {
		const { id } = await chat();
		assertRefusedByGraph(await post(`/chats/${id}/messages`, {}), 400, 'BadRequest');
		assertRefusedByGraph(await post(`/chats/${id}/messages`, { body: { content: 'x'.repeat(30_000) } }), 413, 'RequestEntityTooLarge');
		assertRefusedByGraph(await post('/chats/19:x@thread.v2/messages', { body: { content: 'x' } }), 404, 'NotFound');
		assert.deepEqual(graph.sent, []);
	});
});

describe('a task', () => {
	const tasks = async () => `/me/todo/lists/${assertGiven(await ask('/me/todo/lists')).value[0].id}/tasks`;

	test('is made, changed and done', async () => {
		const path = await tasks();
		const made = assertGiven(await post(path, { title: 'Buy', dueDateTime: at('00:00:00', 'UTC'), body: { content: 'milk', contentType: 'text' } }), 201);
		assert.deepEqual([made.title, made.status, made.body.content], ['Buy', 'notStarted', 'milk']);
		const patch = (body) => ask(`${path}/${made.id}`, { method: 'PATCH', body });
		const done = assertGiven(await patch({ status: 'completed', title: 'Bought' }));
		assert.deepEqual([done.title, done.status, done.completedDateTime.timeZone], ['Bought', 'completed', 'UTC']);
		assert.ok(!('completedDateTime' in assertGiven(await patch({ status: 'inProgress' }))));
		assert.equal(assertGiven(await ask(`${path}/${made.id}`)).dueDateTime.dateTime, '2026-12-01T00:00:00');
	});

	test('without a title, with a state or a time that is none, is refused', async () => {
		const path = await tasks();
		for (const [body, code] of [[{}, 'invalidRequest'], [{ title: '' }, 'invalidRequest'], [{ title: 'x', status: 'done' }, 'BadRequest'],
			[{ title: 'x', dueDateTime: '2026-12-01' }, 'ErrorInvalidRequest'], [{ title: 'x', colour: 1 }, 'RequestBodyRead']])
			assertRefusedByGraph(await post(path, body), 400, code);
		assert.deepEqual(graph.writes, []);
	});
});
