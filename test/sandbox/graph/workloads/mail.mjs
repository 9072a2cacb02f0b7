/* Mail: folders and messages, with Exchange's rules on what may be asked together. */
import { hasMailbox } from '../data/cast.mjs';
import { textOf } from '../data/html.mjs';
import { quotedSearch, readKql } from '../odata/kql.mjs';
import { collection, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, noMailbox, notFound } from '../refusal.mjs';

const SEARCH_MAX = 1000;	/* hits of one $search */
const PAGES = { max: 1000, usual: 10 };
export const MESSAGE = type('message', `id createdDateTime:date lastModifiedDateTime:date changeKey categories:object receivedDateTime:date
	sentDateTime:date hasAttachments:bool internetMessageId subject bodyPreview importance parentFolderId conversationId conversationIndex
	isDeliveryReceiptRequested:bool isReadReceiptRequested:bool isRead:bool isDraft:bool webLink inferenceClassification body:object
	sender:object from:object toRecipients:object ccRecipients:object bccRecipients:object replyTo:object flag:object uniqueBody:object
	internetMessageHeaders:object`, { onSelect: ['uniqueBody', 'internetMessageHeaders'] });
const FOLDER = type('mailFolder',
	'id displayName parentFolderId childFolderCount:number unreadItemCount:number totalItemCount:number sizeInBytes:number isHidden:bool');
const FILTERABLE = ['receivedDateTime', 'sentDateTime', 'createdDateTime', 'lastModifiedDateTime', 'isRead', 'isDraft', 'hasAttachments',
	'importance', 'subject', 'from/emailAddress/address', 'from/emailAddress/name', 'sender/emailAddress/address', 'conversationId',
	'internetMessageId', 'flag/flagStatus', 'inferenceClassification', 'id'];
const ORDERABLE = [...FILTERABLE, 'id'];
const BODIES = ['body', 'bodyPreview', 'uniqueBody', 'internetMessageHeaders'];

/* Who has no mailbox is told so, whatever is asked. */
export function mailboxOf(call) {
	if (!hasMailbox(call.user))
		throw noMailbox();
	return call.world.mailbox;
}

/* Well-formed ids only are looked for. */
export function checkId(id) {
	if (!/^[A-Za-z0-9_=-]{20,}$/.test(id))
		throw badRequest('Id is malformed.', 'ErrorInvalidIdMalformed');
}

export function folderOf(call, name) {
	const { root, folders } = mailboxOf(call);
	const known = folders.find(({ wellKnown, shown }) => shown.id === name || (wellKnown !== '' && wellKnown === name.toLowerCase()));
	if (known)
		return known.shown;
	if (name.toLowerCase() === 'msgfolderroot' || name === root)
		return { id: root, displayName: 'Top of Information Store', parentFolderId: null, childFolderCount: folders.length, unreadItemCount: 0,
			totalItemCount: 0, sizeInBytes: 0, isHidden: false };
	checkId(name);
	throw notFound('outlook', name);
}

const withText = (body) => ({ contentType: 'text', content: textOf(body.content) });

/* As the preferences and the permission let it be seen: Mail.ReadBasic sees no bodies. */
function shown(call, { mail, immutableId }) {
	const id = call.prefers('IdType', 'ImmutableId') ? { id: immutableId } : {};
	const bodies = call.prefers('outlook.body-content-type', 'text') ? { body: withText(mail.body), uniqueBody: withText(mail.uniqueBody) } : {};
	const all = { ...mail, ...id, ...bodies };
	if (!call.mayAny(['Mail.Read', 'Mail.ReadWrite']))
		BODIES.forEach((name) => delete all[name]);
	return all;
}

function checkTogether(call, { filter, order }) {
	if (call.query.has('$search')) {
		if (order.length > 0)
			throw badRequest('The query parameter \'$orderBy\' is not supported with \'$search\'.', 'SearchWithOrderBy');
		if (call.query.has('$filter'))
			throw badRequest('The query parameter \'$filter\' is not supported with \'$search\'.', 'SearchWithFilter');
		if (call.query.has('$skip'))
			throw badRequest('The query parameter \'$skip\' is not supported with \'$search\'.', 'SearchWithSkip');
		return;
	}
	const first = [...new Set(filter.used)];
	if (call.query.has('$filter') && order.some(({ path }, i) => first[i] !== path))
		throw badRequest('The restriction or sort order is too complex for this operation.', 'InefficientFilter');
}

function messages(call, mails, context) {
	const searching = call.query.has('$search');
	const spec = { type: MESSAGE, context, workload: 'outlook', always: ['id'], filterable: FILTERABLE, orderable: ORDERABLE,
		allowed: ['$select', '$top', '$skip', '$skiptoken', '$filter', '$orderby', '$search', '$count'],
		paging: { ...PAGES, by: searching ? '$skiptoken' : '$skip' }, check: (asked) => checkTogether(call, asked),
		search: (items, text) => {
			const test = readKql(quotedSearch(text));
			const hits = new Set(mails.filter((one) => test({ ...one.mail, text: one.text })).map(({ mail }) => mail.internetMessageId));
			return items.filter(({ internetMessageId }) => hits.has(internetMessageId)).slice(0, SEARCH_MAX);
		} };
	return collection(call, mails.map((one) => shown(call, one)), spec);
}

const within = (call, name) => `users('${call.user.oid}')/${name}`;

/* The entry of the message that the path names. */
export function messageOf(call) {
	const { mails } = mailboxOf(call);
	checkId(call.params.id);
	const found = mails.find(({ mail, immutableId }) => mail.id === call.params.id || immutableId === call.params.id);
	if (!found)
		throw notFound('outlook', call.params.id);
	return found;
}

export const shownMessage = (call, entry) => entity(call, shown(call, entry), { type: MESSAGE, always: ['id'], context: within(call, 'messages') });

const folders = (call, parent) => collection(call,
	mailboxOf(call).folders.map((one) => one.shown).filter(({ parentFolderId }) => parentFolderId === parent),
	{ type: FOLDER, context: within(call, 'mailFolders'), workload: 'outlook', always: ['id'], filterable: ['displayName'], orderable: ['displayName'],
		allowed: ['$select', '$top', '$skip', '$filter', '$orderby', '$count'], paging: { ...PAGES, by: '$skip' } });

export const MAIL = {
	'GET /me/messages': (call) => messages(call, mailboxOf(call).mails, within(call, 'messages')),
	'GET /me/messages/{id}': (call) => shownMessage(call, messageOf(call)),
	'GET /me/mailFolders': (call) => folders(call, mailboxOf(call).root),
	'GET /me/mailFolders/{folder}': (call) => entity(call, folderOf(call, call.params.folder), { type: FOLDER, always: ['id'],
		context: within(call, 'mailFolders') }),
	'GET /me/mailFolders/{folder}/childFolders': (call) => folders(call, folderOf(call, call.params.folder).id),
	'GET /me/mailFolders/{folder}/messages': (call) => {
		const { id } = folderOf(call, call.params.folder);
		return messages(call, mailboxOf(call).mails.filter(({ folder }) => folder === id), within(call,
			`mailFolders('${encodeURIComponent(id)}')/messages`));
	},
};
