/*
 * Mail that is written: drafts, replies, sending, changing and moving.  What was sent stands in graph.sent and in Sent Items; nothing
 * is delivered to the sandbox's other mailboxes.
 */
import { quoting, makeLetter } from '../data/letters.mjs';
import { textOf } from '../data/html.mjs';
import { iso, outlookId } from '../data/seed.mjs';
import { MESSAGE, folderOf, mailboxOf, messageOf, shownMessage } from './mail.mjs';
import { accepted, addressOf, bodyOf, checkKnown, checkPeople, created, invalid, parameters } from './writing.mjs';

const PEOPLE = ['toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo'];
const OF_DRAFTS = [...PEOPLE, 'subject', 'body', 'from', 'sender', 'internetMessageId', 'isDeliveryReceiptRequested', 'isReadReceiptRequested'];
const OF_ALL = ['categories', 'importance', 'inferenceClassification', 'isRead', 'flag'];

const wellKnown = (call, name) => folderOf(call, name).id;

function readMessage(body) {
	checkKnown(body, MESSAGE);
	PEOPLE.forEach((name) => checkPeople(body[name], name));
	if (body.subject !== undefined && typeof body.subject !== 'string')
		throw invalid('Cannot convert the literal to the expected type \'Edm.String\'.', 'RequestBodyRead');
	return { ...body, body: bodyOf(body.body) };
}

function keep(call, folder, message, isDraft = true) {
	const n = call.world.next();
	const entry = makeLetter({ user: call.user, n, ms: call.world.moment(n), folder, isDraft }, message);
	const box = mailboxOf(call);
	box.mails.unshift(entry);
	box.recount();
	return entry;
}

const draft = (call, message) => created(shownMessage(call, keep(call, wellKnown(call, 'drafts'), message)));

function createDraft(call) {
	mailboxOf(call);
	return draft(call, readMessage(call.body));
}

const subjectOf = (subject) => (/^re:/i.test(subject) ? subject : `RE: ${subject}`);

/* Whom a reply goes to: who wrote, or wants replies; to all: the others too, the user aside. */
function answered({ from, replyTo, toRecipients, ccRecipients }, all, user) {
	const others = (list) => list.filter((one) => ![user.mail, user.username].some((own) => own?.toLowerCase() === addressOf(one).toLowerCase()));
	const to = replyTo.length > 0 ? replyTo : [from];
	return all ? { toRecipients: [...to, ...others(toRecipients)], ccRecipients: others(ccRecipients) } : { toRecipients: to };
}

const reply = (all) => (call) => {
	const { mail } = messageOf(call);
	const { comment = '', message = {} } = parameters(call, ['comment', 'message']);
	if (typeof comment !== 'string')
		throw invalid('Cannot convert the literal to the expected type \'Edm.String\'.', 'RequestBodyRead');
	const { body, ...given } = message;
	if (comment !== '' && body !== undefined)
		throw invalid('The Comment and the Message.Body parameters can\'t both be specified.', 'ErrorInvalidArgument');
	if (mail.isDraft)
		throw invalid('The reference item does not support the requested operation.', 'ErrorInvalidReferenceItem');
	const { body: own, ...rest } = readMessage({ ...given, body });
	const content = body === undefined ? { contentType: 'html', content: quoting(comment, mail) } : own;
	return draft(call, { subject: subjectOf(mail.subject), conversationId: mail.conversationId, ...answered(mail, all, call.user), ...rest, body: content });
};

function checkRecipients({ toRecipients = [], ccRecipients = [], bccRecipients = [] }) {
	const all = [...toRecipients, ...ccRecipients, ...bccRecipients];
	if (all.length === 0)
		throw invalid('At least one recipient isn\'t valid., A message can\'t be sent because it contains no recipients.', 'ErrorInvalidRecipients');
	const wrong = all.map(addressOf).find((address) => !/^[^\s@<>]+@[^\s@<>]+$/.test(address));
	if (wrong !== undefined)
		throw invalid(`At least one recipient is not valid., Recipient '${wrong}' is not resolved. All recipients must be resolved before a message can be submitted.`,
			'ErrorInvalidRecipients');
}

/* What went out, as a test looks at it. */
const letter = (call, { toRecipients = [], ccRecipients = [], bccRecipients = [], subject = '', body }) => ({ by: call.caller.oid, from: call.user.mail,
	to: toRecipients.map(addressOf), cc: ccRecipients.map(addressOf), bcc: bccRecipients.map(addressOf), subject, body });

function sendMail(call) {
	mailboxOf(call);
	const { Message, message = Message, SaveToSentItems, saveToSentItems = SaveToSentItems ?? true } = parameters(call,
		['message', 'Message', 'saveToSentItems', 'SaveToSentItems']);
	if (message === null || typeof message !== 'object')
		throw invalid('The parameter \'message\' is missing.', 'ErrorInvalidParameter');
	const read = readMessage(message);
	checkRecipients(read);
	if (saveToSentItems)
		keep(call, wellKnown(call, 'sentitems'), read, false);
	call.sent.push(letter(call, read));
	return accepted();
}

function sendDraft(call) {
	const entry = messageOf(call);
	if (!entry.mail.isDraft)
		throw invalid('The message isn\'t a draft.', 'ErrorInvalidOperation');
	checkRecipients(entry.mail);
	place(call, entry, wellKnown(call, 'sentitems'));
	Object.assign(entry.mail, { isDraft: false, sentDateTime: iso(call.world.moment(call.world.next())) });
	call.sent.push(letter(call, entry.mail));
	return accepted();
}

/* In another folder it has another id, and the immutable one it had. */
function place(call, entry, folder) {
	const n = call.world.next();
	Object.assign(entry, { folder, mail: { ...entry.mail, id: outlookId('AAMkAGI2', call.user.oid, 'moved', n), parentFolderId: folder } });
	mailboxOf(call).recount();
}

function move(call) {
	const entry = messageOf(call);
	const { DestinationId, destinationId = DestinationId } = parameters(call, ['destinationId', 'DestinationId']);
	if (typeof destinationId !== 'string' || destinationId === '')
		throw invalid('The parameter \'DestinationId\' is missing.', 'ErrorInvalidParameter');
	place(call, entry, wellKnown(call, destinationId));
	return created(shownMessage(call, entry));
}

function change(call) {
	const entry = messageOf(call);
	const { body } = call;
	checkKnown(body, MESSAGE);
	const fixed = Object.keys(body).find((name) => !OF_ALL.includes(name) && !(entry.mail.isDraft && OF_DRAFTS.includes(name)));
	if (fixed !== undefined)
		throw invalid(`The property '${fixed}' can't be changed.`, 'ErrorInvalidPropertySet');
	if (body.isRead !== undefined && typeof body.isRead !== 'boolean')
		throw invalid('Cannot convert the literal to the expected type \'Edm.Boolean\'.', 'RequestBodyRead');
	PEOPLE.forEach((name) => checkPeople(body[name], name));
	const content = body.body === undefined ? {} : { body: bodyOf(body.body), uniqueBody: bodyOf(body.body) };
	entry.mail = { ...entry.mail, ...body, ...content, lastModifiedDateTime: iso(call.world.moment(call.world.next())) };
	entry.text = textOf(entry.mail.body.content);
	mailboxOf(call).recount();
	return shownMessage(call, entry);
}

export const MAIL_WRITES = {
	'POST /me/messages': createDraft,
	'POST /me/messages/{id}/createReply': reply(false),
	'POST /me/messages/{id}/createReplyAll': reply(true),
	'POST /me/messages/{id}/send': sendDraft,
	'POST /me/messages/{id}/move': move,
	'PATCH /me/messages/{id}': change,
	'POST /me/sendMail': sendMail,
};
