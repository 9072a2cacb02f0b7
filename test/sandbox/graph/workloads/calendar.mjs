/* Calendars: events as they are kept, the view of a span with recurrences expanded, and who is busy when. */
import { hasMailbox } from '../data/cast.mjs';
import { textOf } from '../data/html.mjs';
import { MINUTE_MS } from '../data/seed.mjs';
import { collection, data, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, noMailbox, notFound } from '../refusal.mjs';
import { checkZone, dateTimeIn, momentOf } from '../zones.mjs';
import { checkId } from './mail.mjs';

export const EVENT = type('event', `id createdDateTime:date lastModifiedDateTime:date changeKey categories:object transactionId originalStartTimeZone
	originalEndTimeZone iCalUId reminderMinutesBeforeStart:number isReminderOn:bool hasAttachments:bool subject bodyPreview importance sensitivity
	isAllDay:bool isCancelled:bool isOrganizer:bool responseRequested:bool seriesMasterId showAs type webLink onlineMeetingUrl isOnlineMeeting:bool
	onlineMeetingProvider allowNewTimeProposals:bool isDraft:bool hideAttendees:bool responseStatus:object body:object start:object end:object
	location:object locations:object recurrence:object attendees:object organizer:object onlineMeeting:object`);
const FILTERABLE = ['subject', 'start/dateTime', 'end/dateTime', 'isAllDay', 'isCancelled', 'showAs', 'importance', 'sensitivity', 'type',
	'createdDateTime', 'lastModifiedDateTime', 'categories', 'organizer/emailAddress/address'];
const LIST = { type: EVENT, workload: 'outlook', always: ['id'], filterable: FILTERABLE, orderable: FILTERABLE,
	allowed: ['$select', '$top', '$skip', '$filter', '$orderby', '$count'], paging: { by: '$skip', max: 1000, usual: 10 } };
const WHEN = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;
const OFFSET = /(Z|[+-]\d\d:?\d\d)$/;
const VIEW = { free: 0, tentative: 1, busy: 2, oof: 3, workingElsewhere: 4 };
const SCHEDULES_MAX = 20;

const calendarOf = (call) => {
	if (!hasMailbox(call.user))
		throw noMailbox();
	return call.world.calendar;
};
const zoneOf = (call) => checkZone(call.preference('outlook.timezone') ?? 'UTC');

/* As the preferences and the permission let it be seen: Calendars.ReadBasic sees no bodies. */
function shown(call, zone, { immutableId, start, end, ...event }) {
	const ids = call.prefers('IdType', 'ImmutableId') ? { id: immutableId } : {};
	const body = call.prefers('outlook.body-content-type', 'text') ? { contentType: 'text', content: textOf(event.body.content) } : event.body;
	const all = { '@odata.etag': 'W/"k9hdTlqd"', categories: [], changeKey: 'k9hdTlqd', createdDateTime: '2026-09-01T08:00:00Z',
		lastModifiedDateTime: '2026-09-02T08:00:00Z',
		iCalUId: `040000008200E00074C5B7101A82E008${event.id.slice(8, 24)}`, importance: 'normal', hasAttachments: false, responseRequested: true,
			isDraft: false,
		originalStartTimeZone: 'W. Europe Standard Time', originalEndTimeZone: 'W. Europe Standard Time', hideAttendees: false,
			isReminderOn: true, allowNewTimeProposals: true,
		reminderMinutesBeforeStart: 15, onlineMeetingUrl: null, transactionId: null, locations: [event.location],
		webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(event.id)}&exvsurl=1&path=/calendar/item`, ...event, ...ids, body,
		start: dateTimeIn(start, zone), end: dateTimeIn(end, zone) };
	if (!call.mayAny(['Calendars.Read', 'Calendars.ReadWrite']))
		['body', 'bodyPreview'].forEach((name) => delete all[name]);
	return all;
}

/* A moment given in the query; without an offset it is one of UTC. */
function momentGiven(call, name) {
	const text = call.query.get(name.toLowerCase());
	if (text === undefined)
		throw badRequest('This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.',
			'ErrorInvalidParameter');
	const ms = WHEN.test(text) ? Date.parse(OFFSET.test(text) || text.length === 10 ? text : `${text}Z`) : NaN;
	if (Number.isNaN(ms))
		throw badRequest(`The value '${text}' of parameter '${name}' is invalid.`, 'ErrorInvalidParameter');
	return ms;
}

function view(call) {
	const { instances } = calendarOf(call);
	const [from, to] = [momentGiven(call, 'startDateTime'), momentGiven(call, 'endDateTime')];
	if (to < from)
		throw badRequest('The end of the time window is before its start.', 'ErrorInvalidParameter');
	const zone = zoneOf(call);
	const inside = instances.filter(({ start, end }) => start < to && end > from);
	return collection(call, inside.map((event) => shown(call, zone, event)), { ...LIST, context: `users('${call.user.oid}')/calendarView` });
}

function list(call) {
	const zone = zoneOf(call);
	return collection(call, calendarOf(call).events.map((event) => shown(call, zone, event)), { ...LIST, context: `users('${call.user.oid}')/events` });
}

export function eventOf(call) {
	const { events, instances } = calendarOf(call);
	const { id } = call.params;
	checkId(id);
	const found = [...events, ...instances].find((one) => one.id === id || one.immutableId === id);
	if (!found)
		throw notFound('outlook', id);
	return found;
}

export const shownEvent = (call, event) => entity(call, shown(call, zoneOf(call), event), { type: EVENT, always: ['id'],
	context: `users('${call.user.oid}')/events` });

/* A dateTimeTimeZone of the body; its dateTime has no offset, that is said by the zone. */
export function bodyMoment({ dateTime, timeZone } = {}, name) {
	if (typeof dateTime !== 'string' || typeof timeZone !== 'string' || !WHEN.test(dateTime) || OFFSET.test(dateTime.slice(10)))
		throw badRequest(`'${name}' must be a dateTime without an offset and a timeZone.`, 'ErrorInvalidRequest');
	const wall = dateTime.length === 10 ? `${dateTime}T00:00:00` : dateTime.slice(0, 19).padEnd(19, ':00');
	if (Number.isNaN(Date.parse(`${wall}Z`)))
		throw badRequest(`'${name}' is no time.`, 'ErrorInvalidRequest');
	return momentOf(wall, checkZone(timeZone));
}

function readSchedule(call) {
	const { schedules, startTime, endTime, availabilityViewInterval: minutes = 30, ...rest } = call.body;
	if (Object.keys(rest).length > 0)
		throw badRequest(`The parameter '${Object.keys(rest)[0]}' in the request payload is not a valid parameter for the operation 'getSchedule'.`);
	if (!Array.isArray(schedules) || schedules.length === 0 || schedules.length > SCHEDULES_MAX || schedules.some((one) => typeof one !== 'string'))
		throw badRequest(`'schedules' must name 1 to ${SCHEDULES_MAX} addresses.`, 'ErrorInvalidRequest');
	if (!Number.isInteger(minutes) || minutes < 5 || minutes > 1440)
		throw badRequest('\'availabilityViewInterval\' must be between 5 and 1440.', 'ErrorInvalidRequest');
	const [from, to] = [bodyMoment(startTime, 'startTime'), bodyMoment(endTime, 'endTime')];
	if (to <= from)
		throw badRequest('The end time must be after the start time.', 'ErrorInvalidRequest');
	return { schedules, from, to, minutes };
}

function schedule(call, zone, address, { from, to, minutes }) {
	const calendar = call.world.calendarOf(address);
	if (!calendar)
		return { scheduleId: address, availabilityView: '', scheduleItems: [], error: { responseCode: 'ErrorMailRecipientNotFound',
			message: `Unable to resolve e-mail address ${address} to an Active Directory object.` } };
	const busy = calendar.instances.filter(({ start, end, isCancelled }) => start < to && end > from && !isCancelled).sort((a, b) => a.start - b.start);
	const slots = Array.from({ length: Math.ceil((to - from) / (minutes * MINUTE_MS)) }, (_, i) => {
		const [a, b] = [from + i * minutes * MINUTE_MS, from + (i + 1) * minutes * MINUTE_MS];
		return Math.max(0, ...busy.filter(({ start, end }) => start < b && end > a).map(({ showAs }) => VIEW[showAs]));
	});
	const told = call.mayAny(['Calendars.Read', 'Calendars.ReadWrite']);
	return { scheduleId: address, availabilityView: slots.join(''),
		scheduleItems: busy.filter(({ showAs }) => showAs !== 'free').map(({ showAs, subject, location, sensitivity, start, end }) => ({
			isPrivate: sensitivity === 'private', status: showAs, ...(told && sensitivity !== 'private' ? { subject,
				location: location.displayName } : {}),
			start: dateTimeIn(start, zone), end: dateTimeIn(end, zone) })),
		workingHours: { daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], startTime: '08:00:00.0000000', endTime: '17:00:00.0000000',
			timeZone: { name: 'W. Europe Standard Time' } } };
}

function getSchedule(call) {
	calendarOf(call);
	const wanted = readSchedule(call);
	const zone = zoneOf(call);
	return data({ '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)',
		value: wanted.schedules.map((address) => schedule(call, zone, address, wanted)) }, call.applied);
}

export const CALENDAR = {
	'GET /me/calendarView': view,
	'GET /me/calendar/calendarView': view,
	'GET /me/events': list,
	'GET /me/calendar/events': list,
	'GET /me/events/{id}': (call) => shownEvent(call, eventOf(call)),
	'POST /me/calendar/getSchedule': getSchedule,
};
