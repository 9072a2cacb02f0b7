/* Definitions of Graph tools for tests of the handler, in a folder of their own, on paths that any sandbox Graph has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/* A tool that reads /me, changed in what a test is about. */
export const tool = (name, more = {}) => ({ name, title: name, description: `Does ${name}.`, permissions: ['User.Read'],
	request: { path: '/me', query: { $select: true } }, result: { pick: { name: 'displayName', job: 'jobTitle' }, others: ['job'] }, ...more });

export const TOOLS = [
	tool('who'),
	tool('boss', { request: { path: '/me', query: { $select: 'displayName' } }, result: { pick: { name: 'displayName' } }, notFound: 'Nobody is above this user.' }),
	tool('list_mail', {
		arguments: {
			folder: { type: 'string', default: 'inbox', maxLength: 64, examples: ['archive'] },
			since: { type: 'string', format: 'date-time' },
			search: { type: 'string' }, unread: { type: 'boolean' } },
		excludes: { search: ['unread'] },
		request: { path: '/me/mailFolders/{folder}/messages', query: { $select: true, $filter: 'receivedDateTime ge {since}' } },
		result: { list: 'value', as: 'mails', pick: { subject: 'subject' }, others: ['subject'], page: { size: '$top', default: 2, max: 50 } } }),
];
export const WRITING = [tool('send_mail', { writes: { destructive: false, idempotent: false }, unsure: 'Look in sentitems.', confirm: 'Do it?',
	arguments: { to: { type: 'array', items: { type: 'string' } } }, required: ['to'],
	request: { method: 'POST', path: '/me/sendMail', body: { message: { toRecipients: { each: 'to', as: { address: '{item}' } } } } },
	result: { say: 'The mail was sent.' } }),
tool('send_chat', { permissions: ['ChatMessage.Send', 'User.Read'], writes: { destructive: true, idempotent: true }, unsure: 'Look in the chat.', confirm: 'Do it?',
	request: { method: 'PUT', path: '/me/chat' },
	result: { say: 'Sent.' } })];

/* The files, {name: tree or text}, in a folder that goes when the tests are over. */
export function folderOf(files) {
	const folder = mkdtempSync(join(tmpdir(), 'graph-tools-'));
	after(() => rmSync(folder, { recursive: true }));
	for (const [name, content] of Object.entries(files))
		writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
	return folder;
}

/* The settings that offer the tools above, those that write too. */
export const toolSettings = (more = {}) => ({ GRAPH_TOOLS: 'own,writing', GRAPH_TOOLS_WRITE: 'true',
	GRAPH_TOOLS_DIR: folderOf({ 'own.json': { set: 'own', tools: TOOLS }, 'writing.json': { set: 'writing', tools: WRITING } }), ...more });

/* What Graph says of two mails, and that there are more. */
export const MAILS = { value: [{ subject: 'One', id: '1' }, { subject: 'Two', id: '2' }],
	'@odata.nextLink': 'https://elsewhere.example/v1.0/users?$skip=2&$top=999' };
export const answering = (body, status = 200) => ({ kind: 'raw', times: 1, status,
	headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
