/* Proves the sandbox Graph's calendars: the expanded view, zones, and who is busy when. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allPages, assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const ask = graphClient(sandbox, { scopes: ['Calendars.Read'] });
const VIEW = '/me/calendarView';
const WEEK = { startDateTime: '2026-11-23T00:00:00Z', endDateTime: '2026-11-30T00:00:00Z', $top: 100 };
const view = async (query, options) => assertGiven(await ask(VIEW, { query: { ...WEEK, ...query }, ...options })).value;
const wanting = async (query, status, code) => assertRefusedByGraph(await ask(VIEW, { query }), status, code);
const named = (events, subject) => events.filter((one) => one.subject === subject);

describe('the view of a calendar', () => {
	test('expands recurrences, each occurrence with an id of its own; the list of events does not', async () => {
		const standUps = named(await view(), 'Stand-up');
		assert.equal(standUps.length, 7);
		assert.equal(new Set(standUps.map(({ id }) => id)).size, 7);
		assert.ok(standUps.every(({ type, recurrence, seriesMasterId }) => type === 'occurrence' && recurrence === null && seriesMasterId));
		const { items } = await allPages(ask, '/me/events');
		const [master, ...rest] = named(items, 'Stand-up');
		assert.deepEqual([master.type, master.recurrence.pattern.type, rest.length, master.id], ['seriesMaster', 'daily', 0, standUps[0].seriesMasterId]);
		assert.equal(assertGiven(await ask(`/me/events/${encodeURIComponent(standUps[3].id)}`)).start.dateTime, standUps[3].start.dateTime);
	});

	test('holds a moved occurrence, and not one that was cancelled', async () => {
		const all = named(await view({ startDateTime: '2026-09-01T00:00:00Z', endDateTime: '2026-11-30T00:00:00Z', $top: 1000 }), 'Weekly with Priya');
		const weeks = all.map(({ start }) => Date.parse(start.dateTime) / 86_400_000);
		assert.equal(all.filter(({ type }) => type === 'exception').length, 1);
		assert.ok(weeks.some((one, i) => i > 0 && one - weeks[i - 1] > 13));
	});

	test('keeps the clock on the wall when the clocks change', async () => {
		const days = named(await view({ startDateTime: '2026-10-24T00:00:00Z', endDateTime: '2026-10-27T00:00:00Z' }), 'Stand-up');
		assert.deepEqual(days.map(({ start }) => start.dateTime.slice(11, 16)), ['07:15', '08:15', '08:15']);
		const local = named(await view({ startDateTime: '2026-10-24T00:00:00Z', endDateTime: '2026-10-27T00:00:00Z' },
			{ headers: { prefer: 'outlook.timezone="W. Europe Standard Time"' } }), 'Stand-up');
		assert.ok(local.every(({ start }) => start.dateTime === `${start.dateTime.slice(0, 10)}T09:15:00.0000000`
			&& start.timeZone === 'W. Europe Standard Time'));
	});

	test('reads offsets in the range, and UTC where there is none', async () => {
		const count = async (startDateTime, endDateTime) => named(await view({ startDateTime, endDateTime }), 'Stand-up').length;
		assert.equal(await count('2026-11-24T08:00:00Z', '2026-11-24T08:20:00Z'), 1);
		assert.equal(await count('2026-11-24T08:00:00', '2026-11-24T08:20:00'), 1);
		assert.equal(await count('2026-11-24T09:00:00+01:00', '2026-11-24T09:20:00+01:00'), 1);
		assert.equal(await count('2026-11-24T08:00:00+01:00', '2026-11-24T08:20:00+01:00'), 0);
	});

	test('without a range, or with one that is none, is a 400', async () => {
		const { startDateTime, endDateTime } = WEEK;
		for (const query of [{}, { startDateTime }, { endDateTime }, { startDateTime: 'tomorrow', endDateTime }, { startDateTime: endDateTime,
			endDateTime: startDateTime }])
			await wanting(query, 400, 'ErrorInvalidParameter');
	});

	test('pages by $skip, ten at a time, in an order that was asked for', async () => {
		const query = { startDateTime: '2026-11-01T00:00:00Z', endDateTime: '2026-12-15T00:00:00Z', $orderby: 'start/dateTime',
			$select: 'subject,start' };
		assert.equal(assertGiven(await ask(VIEW, { query })).value.length, 10);
		const { items, links } = await allPages(ask, VIEW, { query });
		assert.ok(items.length > 40 && links.length > 3);
		assert.match(links[0], /startDateTime=2026-11-01T00%3A00%3A00Z.*%24skip=10$/);
		const starts = items.map(({ start }) => start.dateTime);
		assert.deepEqual(starts, starts.toSorted());
		assert.deepEqual(Object.keys(items[0]).toSorted(), ['@odata.etag', 'id', 'start', 'subject']);
	});

	test('knows zones of Windows and of the IANA, and no others', async () => {
		const [event] = await view({ $top: 1 }, { headers: { prefer: 'outlook.timezone="Asia/Tokyo"' } });
		assert.equal(event.start.timeZone, 'Asia/Tokyo');
		const headers = { prefer: 'outlook.timezone="Mars"' };
		assertRefusedByGraph(await ask(VIEW, { query: WEEK, headers }), 400, 'TimeZoneNotSupportedException', /'Mars'/);
	});

	test('gives immutable ids, which read an event too, and text for bodies where that is preferred', async () => {
		const [event] = named(await view({}, { headers: { prefer: 'IdType="ImmutableId", outlook.body-content-type="text"' } }), 'Stand-up');
		assert.ok(event.body.content.includes('notes & figures') && event.body.contentType === 'text');
		const [plain] = named(await view(), 'Stand-up');
		assert.notEqual(event.id, plain.id);
		assert.equal(assertGiven(await ask(`/me/events/${encodeURIComponent(event.id)}`)).id, plain.id);
	});

	test('shows no body to Calendars.ReadBasic', async () => {
		const [event] = await view({}, { scopes: ['Calendars.ReadBasic'] });
		assert.ok(event.subject && !('body' in event) && !('bodyPreview' in event));
	});
});

test('an event that is not there is a 404, and a user without a mailbox has none', async () => {
	assertRefusedByGraph(await ask(`/me/events/AAMk${'A'.repeat(60)}=`), 404, 'ErrorItemNotFound');
	assertRefusedByGraph(await ask(VIEW, { user: 'bare', query: WEEK }), 404, 'MailboxNotEnabledForRESTAPI');
});

describe('getSchedule', () => {
	const at = (dateTime) => ({ dateTime, timeZone: 'UTC' });
	const body = { schedules: ['AdeleV@contoso.example', 'Priya.Raman@contoso.example'], startTime: at('2026-11-24T08:00:00'),
		endTime: at('2026-11-24T12:00:00'), availabilityViewInterval: 30 };
	const scheduleOf = async (fields, options) => ask('/me/calendar/getSchedule', { scopes: ['Calendars.ReadBasic'], method: 'POST',
		body: { ...body, ...fields }, ...options });

	test('says when each is busy, a digit a slot, in the zone preferred', async () => {
		const { value: [adele, priya] } = assertGiven(await scheduleOf({}, { headers: { prefer: 'outlook.timezone="W. Europe Standard Time"' } }));
		assert.deepEqual([adele.scheduleId, priya.scheduleId], body.schedules);
		assert.equal(adele.availabilityView, '30002000'); /* the dentist, over the stand-up, and the weekly */
		assert.ok(adele.scheduleItems.length > 1);
		const [first] = adele.scheduleItems.filter(({ start }) => start.dateTime.endsWith('T09:15:00.0000000'));
		assert.deepEqual([first.status, first.start.timeZone, 'subject' in first], ['busy', 'W. Europe Standard Time', false]);
	});

	test('tells an address that nobody has from one that is free', async () => {
		const { value: [nobody] } = assertGiven(await scheduleOf({ schedules: ['nobody@contoso.example'] }));
		assert.equal(nobody.error.responseCode, 'ErrorMailRecipientNotFound');
	});

	test('takes slots of 5 to 1440 minutes, a time without an offset and a zone, and nothing else', async () => {
		assertGiven(await scheduleOf({ availabilityViewInterval: 1440 }));
		for (const wrong of [{ availabilityViewInterval: 4 }, { availabilityViewInterval: 1441 }, { availabilityViewInterval: '30' },
			{ schedules: [] }, { schedules: [1] },
			{ schedules: 'x' }, { startTime: at('2026-11-24T08:00:00Z') }, { startTime: at('noon') }, { startTime: {} },
				{ endTime: body.startTime }, { startTime: undefined }])
			assertRefusedByGraph(await scheduleOf(wrong), 400, 'ErrorInvalidRequest');
		assertRefusedByGraph(await scheduleOf({ more: 1 }), 400, 'BadRequest', /'more'/);
		assertRefusedByGraph(await scheduleOf({}, { headers: { 'content-type': 'text/plain' } }), 400, 'BadRequest', /Content-Type/);
	});
});
