/* Meetings that are made and answered. */
import { hasMailbox, personOf, recipient } from '../data/cast.mjs';
import { htmlOf } from '../data/letters.mjs';
import { page, textOf } from '../data/html.mjs';
import { base32, outlookId } from '../data/seed.mjs';
import { noMailbox } from '../refusal.mjs';
import { EVENT, bodyMoment, eventOf, shownEvent } from './calendar.mjs';
import { accepted, addressOf, bodyOf, checkKnown, checkPeople, conflict, created, invalid, parameters } from './writing.mjs';

const PROVIDERS = ['teamsForBusiness', 'unknown', 'skypeForBusiness', 'skypeForConsumer'];

/* An online meeting has its address in the body too. */
function meetingOf(user, n, { isOnlineMeeting, onlineMeetingProvider = 'teamsForBusiness' }) {
	if (!isOnlineMeeting)
		return { isOnlineMeeting: false, onlineMeetingProvider: 'unknown', onlineMeeting: null };
	if (!PROVIDERS.includes(onlineMeetingProvider))
		throw invalid('Cannot read the value of \'onlineMeetingProvider\'.', 'RequestBodyRead');
	const joinUrl = `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${base32(20, user.oid, 'written', n)}%40thread.v2/0?context=%7b%7d`;
	return { isOnlineMeeting: true, onlineMeetingProvider, onlineMeeting: { joinUrl } };
}

function attendeesOf(list = []) {
	checkPeople(list, 'attendees');
	const wrong = list.map(addressOf).find((address) => !/^[^\s@<>]+@[^\s@<>]+$/.test(address));
	if (wrong !== undefined)
		throw invalid(`At least one attendee is not valid., '${wrong}' is no address.`, 'ErrorInvalidRecipients');
	return list.map(({ type = 'required', emailAddress }) => ({ type, status: { response: 'none', time: '0001-01-01T00:00:00Z' }, emailAddress }));
}

function spanOf({ start, end }) {
	if (start === undefined || end === undefined)
		throw invalid(`The required property '${start === undefined ? 'Start' : 'End'}' is missing.`, 'ErrorPropertyValidationFailure');
	const span = { start: bodyMoment(start, 'start'), end: bodyMoment(end, 'end') };
	if (span.end < span.start)
		throw invalid('The end of the event is before its start.', 'ErrorPropertyValidationFailure');
	return span;
}

function makeEvent(call, body, n) {
	const { subject = '', location = { displayName: '' }, showAs = 'busy', sensitivity = 'normal', isAllDay = false, transactionId = null, attendees } = body;
	const key = [call.user.oid, 'written event', n];
	const given = bodyOf(body.body);
	const content = body.body === undefined ? page('') : htmlOf(given);
	return { id: outlookId('AAMkAGI2', ...key), immutableId: outlookId('AAkALgAA', ...key), ...spanOf(body), subject, isAllDay, type: 'singleInstance',
		recurrence: null, seriesMasterId: null, showAs, sensitivity, isCancelled: false, organizer: recipient(personOf(call.user)), isOrganizer: true,
		transactionId, responseRequested: true, attendees: attendeesOf(attendees), responseStatus: { response: 'organizer', time: '0001-01-01T00:00:00Z' },
		location, ...meetingOf(call.user, n, body), body: { contentType: 'html', content }, bodyPreview: textOf(content).slice(0, 255) };
}

function create(call) {
	if (!hasMailbox(call.user))
		throw noMailbox();
	const { body } = call;
	checkKnown(body, EVENT);
	const { events, instances } = call.world.calendar;
	const event = makeEvent(call, body, call.world.next());
	if (event.transactionId !== null && events.some(({ transactionId }) => transactionId === event.transactionId))
		throw conflict('ErrorDuplicateTransactionId', 'Your request can\'t be completed. The TransactionId specified in the request has already been used '
			+ 'to create a different event.');
	events.push(event);
	instances.push(event);
	if (event.attendees.length > 0)
		call.sent.push({ by: call.caller.oid, from: call.user.mail, to: event.attendees.map(addressOf), cc: [], bcc: [], subject: event.subject,
			invitation: event.id });
	return created(shownEvent(call, event));
}

const answer = (response) => (call) => {
	const event = eventOf(call);
	const { comment = '', Comment = comment, sendResponse = true, SendResponse = sendResponse } = parameters(call,
		['comment', 'Comment', 'sendResponse', 'SendResponse', 'proposedNewTime']);
	if (typeof Comment !== 'string' || typeof SendResponse !== 'boolean')
		throw invalid('The parameters in the request payload cannot be read.', 'RequestBodyRead');
	if (event.isOrganizer)
		throw invalid('Your request can\'t be completed. You can\'t respond to this meeting because you\'re the meeting organizer.');
	if (event.isCancelled)
		throw invalid('Your request can\'t be completed. The meeting was canceled.', 'ErrorCalendarIsCancelledForAccept');
	event.responseStatus = { response, time: new Date(call.world.moment(call.world.next())).toISOString() };
	if (SendResponse)
		call.sent.push({ by: call.caller.oid, from: call.user.mail, to: [addressOf(event.organizer)], cc: [], bcc: [], subject: event.subject, response,
			comment: Comment });
	return accepted();
};

export const EVENT_WRITES = {
	'POST /me/events': create,
	'POST /me/events/{id}/accept': answer('accepted'),
	'POST /me/events/{id}/decline': answer('declined'),
	'POST /me/events/{id}/tentativelyAccept': answer('tentativelyAccepted'),
};
