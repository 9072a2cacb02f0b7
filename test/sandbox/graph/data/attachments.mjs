/* What mails bring along: files of each kind, a mail within a mail, an invitation, and a file that lies elsewhere. */
import { bytesOf, typeOf } from './contents.mjs';
import { iso, outlookId } from './seed.mjs';

const MIME = ['From: Priya Raman <Priya.Raman@contoso.example>', 'To: adele@contoso.example', 'Subject: =?utf-8?Q?Caf=C3=A9_menu?=',
	'Date: Fri, 20 Nov 2026 09:30:00 +0000', 'MIME-Version: 1.0', 'Content-Type: multipart/alternative; boundary="b1"', '', '--b1',
	'Content-Type: text/plain; charset="utf-8"', 'Content-Transfer-Encoding: quoted-printable', '', 'Soup, 4=C2=A0=E2=82=AC, and bread =',
	'every day.', '--b1', 'Content-Type: text/html; charset="utf-8"', 'Content-Transfer-Encoding: base64', '',
	Buffer.from('<p>Soup, 4&nbsp;&euro;, and bread every day.</p>').toString('base64'), '--b1--', ''].join('\r\n');
const INVITATION = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Lighthouse opening', 'DTSTART:20270301T090000Z',
	'DTEND:20270301T100000Z', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const LINK = 'https://contoso-my.sharepoint.com/personal/priya/Documents/Plan.docx';

const file = (name, isInline = false) => ({ kind: 'fileAttachment', name, isInline });
const item = (name, holds, text) => ({ kind: 'itemAttachment', name, holds, bytes: Buffer.from(text) });
/* By turns, what a mail with attachments has. */
const TURNS = [[file('Minutes.docx'), file('Pixel.png', true)], [file('Stores.xlsx')], [item('Café menu', 'message', MIME)],
	[{ kind: 'referenceAttachment', name: 'Plan.docx', sourceUrl: LINK }], [file('Contract.pdf'), file('Menu.html'), file('Menu of old.txt')],
	[file('Launch.pptx'), file('Locked with a password.docx')],
	[item('Lighthouse opening', 'event', INVITATION), file('Not a picture.png'), file('Minutes of a year.txt')]];
const OVERHEAD = 158;	/* what Exchange counts beside the bytes */

/* {shown (as the list has it), bytes, more (what only some kinds have)} of a plan as above, or {name, type, bytes}. */
export function attachmentOf({ kind = 'fileAttachment', name, isInline = false, type, bytes, holds, sourceUrl }, key, ms) {
	const content = bytes ?? (kind === 'fileAttachment' ? bytesOf(name) : Buffer.alloc(0));
	const contentType = type ?? (kind === 'fileAttachment' ? typeOf(name) : null);
	const shown = { '@odata.type': `#microsoft.graph.${kind}`, ...(contentType ? { '@odata.mediaContentType': contentType } : {}),
		id: outlookId('AAMkAGI2', ...key), lastModifiedDateTime: iso(ms), name, contentType, size: content.length + OVERHEAD, isInline };
	const more = { fileAttachment: () => ({ contentId: isInline ? `${name}@01DC` : null, contentLocation: null, contentBytes: content.toString('base64') }),
		itemAttachment: () => ({}), referenceAttachment: () => ({}) }[kind];
	return { shown, bytes: content, holds, sourceUrl, more };
}

/* Those of the i-th mail of a folder. */
export const attachmentsOf = ({ user }, { id, hasAttachments, receivedDateTime }, i) => (hasAttachments
	? TURNS[Math.floor(i / 6) % TURNS.length].map((plan, n) => attachmentOf(plan, [user.oid, 'attachment', id, n], Date.parse(receivedDateTime))) : []);
