/* Proves the sandbox Graph's attachments: their list, one of them, and its bytes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const ask = graphClient(sandbox, { scopes: ['Mail.Read'] });
const beneath = (mail, path = '') => `/me/messages/${mail.id}/attachments${path}`;

/* Mails with attachments, the newest first, each with those. */
async function bearing() {
	const query = { $filter: 'hasAttachments eq true', $select: 'subject,hasAttachments', $top: 8 };
	const mails = assertGiven(await ask('/me/mailFolders/inbox/messages', { query })).value;
	return Promise.all(mails.map(async (mail) => ({ mail, attachments: assertGiven(await ask(beneath(mail))).value })));
}

/* The first attachment of a kind, or of a name, with its mail. */
async function find(fits) {
	for (const { mail, attachments } of await bearing()) {
		const attachment = attachments.find(fits);
		if (attachment)
			return { mail, attachment };
	}
	throw new Error('no such attachment');
}
const ofKind = (kind) => find((one) => one['@odata.type'] === `#microsoft.graph.${kind}`);
const valueOf = ({ mail, attachment }) => ask(beneath(mail, `/${attachment.id}/$value`));

describe('attachments', () => {
	test('are those of mails that say they have some, of all three kinds', async () => {
		const all = await bearing();
		assert.ok(all.every(({ attachments }) => attachments.length > 0));
		const kinds = new Set(all.flatMap(({ attachments }) => attachments.map((one) => one['@odata.type'].split('.').at(-1))));
		assert.deepEqual([...kinds].sort(), ['fileAttachment', 'itemAttachment', 'referenceAttachment']);
		const none = assertGiven(await ask('/me/mailFolders/inbox/messages', { query: { $filter: 'hasAttachments eq false', $top: 1 } })).value[0];
		assert.deepEqual(assertGiven(await ask(beneath(none))).value, []);
	});

	test('bring their bytes in the list unless it names what it wants, and cannot name the bytes', async () => {
		const { mail, attachment } = await ofKind('fileAttachment');
		assert.equal(Buffer.from(attachment.contentBytes, 'base64').toString('latin1', 0, 2), 'PK');
		const cut = assertGiven(await ask(beneath(mail), { query: { $select: 'id,name,contentType,size,isInline' } })).value[0];
		assert.deepEqual(Object.keys(cut).filter((name) => !name.startsWith('@')).sort(), ['contentType', 'id', 'isInline', 'name', 'size']);
		assert.equal(cut['@odata.type'], '#microsoft.graph.fileAttachment');
		assertRefusedByGraph(await ask(beneath(mail), { query: { $select: 'name,contentBytes' } }), 400, 'BadRequest', /'contentBytes'/);
	});

	test('give the bytes of a file in its type, fewer than the size says', async () => {
		const { mail, attachment } = await find(({ name }) => name === 'Contract.pdf');
		const { status, headers, bytes } = await valueOf({ mail, attachment });
		assert.deepEqual([status, headers.get('content-type'), bytes.toString('latin1', 0, 5)], [200, 'application/pdf', '%PDF-']);
		assert.ok(bytes.length < attachment.size);
		assert.equal(assertGiven(await ask(beneath(mail, `/${attachment.id}`))).name, 'Contract.pdf');
	});

	test('give an item as MIME, and of what lies elsewhere nothing', async () => {
		const item = await ofKind('itemAttachment');
		assert.equal(item.attachment.contentType, null);
		assert.match((await valueOf(item)).bytes.toString(), /^From: .*\r\nSubject: =\?utf-8\?Q\?/s);
		const link = await ofKind('referenceAttachment');
		assertRefusedByGraph(await valueOf(link), 405, 'ErrorInvalidOperation');
	});

	test('that are not there are 404, ids that are none 400, and Mail.ReadBasic is not enough', async () => {
		const { mail } = await ofKind('fileAttachment');
		assertRefusedByGraph(await ask(beneath(mail, `/AAMk${'A'.repeat(60)}=`)), 404, 'ErrorItemNotFound');
		assertRefusedByGraph(await ask(beneath(mail, '/x')), 400, 'ErrorInvalidIdMalformed');
		assertRefusedByGraph(await ask(beneath(mail), { scopes: ['Mail.ReadBasic'] }), 403, 'ErrorAccessDenied');
	});

	test('of a test\'s own are there until the sandbox is fresh again', async () => {
		const { mail } = await ofKind('referenceAttachment');
		const id = sandbox.graph.putAttachment('adele', mail.id, { name: 'a.txt', type: 'text/plain', bytes: Buffer.from('abc') });
		assert.equal((await valueOf({ mail, attachment: { id } })).bytes.toString(), 'abc');
		sandbox.reset();
		assertRefusedByGraph(await valueOf({ mail, attachment: { id } }), 404, 'ErrorItemNotFound');
	});
});
