/* Mails that are written while the sandbox runs, and what a reply quotes. */
import { personOf, recipient } from './cast.mjs';
import { page, textOf } from './html.mjs';
import { guid, iso, outlookId } from './seed.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>');
export const htmlOf = ({ contentType, content }) => (contentType === 'html' ? content : page(`<div>${escaped(content)}</div>`));

/* The n-th thing written for a user: the entry of a mail as makeMailbox makes them. */
export function makeLetter({ user, n, ms, folder, isDraft }, { subject = '', body, toRecipients = [], ccRecipients = [], bccRecipients = [], ...rest }) {
	const content = htmlOf(body);
	const text = textOf(content);
	const key = [user.oid, 'written', n];
	const from = recipient(personOf(user));
	const mail = { '@odata.etag': `W/"CQAAABYAAAE${n}"`, id: outlookId('AAMkAGI2', ...key), createdDateTime: iso(ms), lastModifiedDateTime: iso(ms),
		changeKey: `CQAAABYAAAE${n}`, categories: [], receivedDateTime: iso(ms), sentDateTime: iso(ms), hasAttachments: false,
		internetMessageId: `<${guid(...key)}@contoso.example>`, subject, bodyPreview: text.replaceAll('\r\n', ' ').slice(0, 255), importance: 'normal',
		parentFolderId: folder, conversationId: outlookId('AAQkAGI2', user.oid, subject), conversationIndex: 'AQHc', isDeliveryReceiptRequested: null,
		isReadReceiptRequested: false, isRead: true, isDraft, webLink: `https://outlook.office365.com/owa/?ItemID=w${n}&exvsurl=1&viewmodel=ReadMessageItem`,
		inferenceClassification: 'focused', sender: from, from, toRecipients, ccRecipients, bccRecipients, replyTo: [], flag: { flagStatus: 'notFlagged' },
		internetMessageHeaders: [], ...rest, body: { contentType: 'html', content }, uniqueBody: { contentType: 'html', content } };
	return { mail, folder, text, immutableId: outlookId('AAkALgAA', ...key), attachments: [] };
}

const shownPeople = (list) => list.map(({ emailAddress: { name, address } }) => escaped(`${name} <${address}>`)).join('; ');

/* The comment above the mail that it answers. */
export function quoting(comment, { from, sentDateTime, toRecipients, subject, body }) {
	return page(`<div>${escaped(comment)}</div><hr><div><b>From:</b> ${shownPeople([from])}<br><b>Sent:</b> ${sentDateTime}<br>`
		+ `<b>To:</b> ${shownPeople(toRecipients)}<br><b>Subject:</b> ${escaped(subject)}</div><div>${body.content}</div>`);
}
