/* What Microsoft Search knows of a user's things, in the shapes of its hits: less than the things themselves have. */
import { textOf } from './html.mjs';
import { guid, outlookId } from './seed.mjs';

const cut = (item, names) => Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]));
const zoned = (ms) => ({ dateTime: new Date(ms).toISOString().replace('Z', '0000'), timeZone: 'UTC' });

/* An id as Exchange itself writes it: where Graph has "-" and "_", "/" and "+", which Graph does not take. */
const exchangeId = (id) => id.replaceAll('-', '/').replaceAll('_', '+');

/* A mail's and a meeting's id is the hit's; their resources have none. */
const message = ({ mail, text }) => ({ hitId: exchangeId(mail.id), text: `${mail.subject} ${mail.from.emailAddress.name} ${text}`, resource: {
	'@odata.type': '#microsoft.graph.message', ...cut(mail, ['createdDateTime', 'lastModifiedDateTime', 'receivedDateTime', 'sentDateTime',
		'hasAttachments', 'internetMessageId', 'subject', 'bodyPreview', 'importance', 'replyTo', 'sender', 'from', 'isRead', 'isDraft', 'webLink',
		'conversationId', 'parentFolderId']) } });

const event = (one) => ({ hitId: exchangeId(one.id), text: `${one.subject} ${one.organizer.emailAddress.name} ${textOf(one.body.content)}`, resource: {
	'@odata.type': '#microsoft.graph.event', subject: one.subject, start: zoned(one.start), end: zoned(one.end), isAllDay: one.isAllDay,
	sensitivity: one.sensitivity, type: one.type, isOrganizer: one.isOrganizer, hasAttachments: false, bodyPreview: one.bodyPreview,
	organizer: one.organizer,
	webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(one.id)}&exvsurl=1&path=/calendar/item` } });

/*
 * A message of Teams has an id of its own beside the hit's, and whose it is: a chat's or a channel's.  Its address is called webLink in the
 * documents and webUrl by those who have seen it: here the one of chats, the other of channels.
 */
const chatMessage = (one, { chatId, channelIdentity = {} }) => ({ hitId: exchangeId(outlookId('AAMkAGI2', 'hit', one.id, chatId ?? channelIdentity.channelId)),
	text: textOf(one.body.content), resource: { '@odata.type': 'microsoft.graph.chatMessage',
		...cut(one, ['id', 'etag', 'createdDateTime', 'lastModifiedDateTime', 'importance']), subject: one.subject ?? '',
		from: { emailAddress: { name: one.from?.user?.displayName ?? '', address: '' } }, channelIdentity, ...(chatId ? { chatId } : {}),
		[chatId ? 'webLink' : 'webUrl']: `https://teams.microsoft.com/l/message/${encodeURIComponent(chatId ?? channelIdentity.channelId)}/${one.id}` } });
const told = ({ messageType }) => messageType === 'message';

const driveItem = ({ item, words }) => ({ hitId: item.id, text: `${item.name} ${words}`, resource: { '@odata.type': '#microsoft.graph.driveItem',
	...cut(item, ['id', 'size', 'fileSystemInfo', 'createdBy', 'createdDateTime', 'lastModifiedBy', 'lastModifiedDateTime', 'name', 'parentReference',
		'webUrl']) } });

const listItem = (site, list, item) => ({ hitId: guid('item', list.id, item.id), text: item.fields.Title, resource: {
	'@odata.type': '#microsoft.graph.listItem', id: guid('item', list.id, item.id), ...cut(item, ['createdBy', 'createdDateTime', 'lastModifiedBy',
		'lastModifiedDateTime', 'webUrl']), name: item.fields.Title,
	parentReference: { siteId: site.id, sharepointIds: { listId: list.id, listItemId: item.id, siteId: site.id.split(',')[1], webId: site.id.split(',')[2] } },
	sharepointIds: { listId: list.id, listItemId: item.id }, fields: {} } });

const siteHit = ({ shown }) => ({ hitId: shown.id, text: `${shown.displayName} ${shown.description} ${shown.name}`, resource: {
	'@odata.type': '#microsoft.graph.site', ...cut(shown, ['id', 'createdDateTime', 'description', 'displayName', 'name', 'webUrl']) } });

/* By kind: all that can be found, {hitId, text (that is searched), resource}. */
export const collected = {
	message: ({ mailbox }, has) => (has.mailbox ? mailbox.mails.map(message) : []),
	event: ({ calendar }, has) => (has.mailbox ? calendar.events.toSorted((a, b) => b.start - a.start).map(event) : []),
	chatMessage: ({ chats, teams }) => [
		...chats.flatMap(({ shown, messages }) => messages.filter(told).map((one) => chatMessage(one, { chatId: shown.id }))),
		...teams.flatMap(({ channels }) => channels.flatMap(({ messages }) => messages.filter(told)
			.map((one) => chatMessage(one, { channelIdentity: one.channelIdentity }))))],
	driveItem: ({ drive }, has) => (has.drive ? drive.entries.map(driveItem) : []),
	listItem: ({ sites }) => sites.flatMap((site) => site.lists.flatMap((list) => list.items.map((item) => listItem(site.shown, list.shown, item)))),
	site: ({ sites }) => sites.map(siteHit),
};
