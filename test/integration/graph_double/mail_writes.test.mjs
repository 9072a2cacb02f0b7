/* Proves how the sandbox Graph takes mail that is written: what is kept, what goes out, and what Exchange refuses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { graph } = sandbox;
const ask = graphClient(sandbox, { scopes: ['Mail.ReadWrite', 'Mail.Send'] });
const post = (path, body, options) => ask(path, { method: 'POST', body, ...options });
const people = (...addresses) => addresses.map((address) => ({ emailAddress: { address } }));
const MESSAGE = { subject: 'Hello', body: { contentType: 'Text', content: 'Dear <all>' }, toRecipients: people('a@contoso.example') };
const drafted = async (message = MESSAGE) => assertGiven(await post('/me/messages', message), 201);
const read = async (id, options) => assertGiven(await ask(`/me/messages/${id}`, options));
const count = async (folder) => assertGiven(await ask(`/me/mailFolders/${folder}`)).totalItemCount;
const addresses = (list) => list.map(({ emailAddress }) => emailAddress.address);
const inbox = async (query = {}) => assertGiven(await ask('/me/mailFolders/inbox/messages', { query })).value;

describe('a draft', () => {
	test('is kept among the drafts and sent to nobody', async () => {
		const before = await count('drafts');
		const draft = await drafted();
		assert.deepEqual([draft.isDraft, draft.subject, draft.body.contentType], [true, 'Hello', 'html']);
		assert.match(draft.body.content, /Dear &lt;all>/);
		assert.equal(await count('drafts'), before + 1);
		assert.deepEqual([graph.sent, graph.writes.map(({ request }) => request)], [[], ['POST /me/messages']]);
	});

	test('with a property that there is not, or an address that is none, is refused', async () => {
		assertRefusedByGraph(await post('/me/messages', { ...MESSAGE, colour: 1 }), 400, 'RequestBodyRead', /'colour'/);
		assertRefusedByGraph(await post('/me/messages', { toRecipients: 'a@b' }), 400, 'RequestBodyRead');
		assertRefusedByGraph(await post('/me/messages', { toRecipients: [{ emailAddress: {} }] }), 400, 'ErrorInvalidRecipients');
		assertRefusedByGraph(await post('/me/messages', { body: { contentType: 'Markdown', content: '' } }), 400, 'RequestBodyRead');
		assert.deepEqual(graph.writes, []);
	});

	test('is sent once, to all of its recipients, and is a sent mail then', async () => {
		const { id } = await drafted({ ...MESSAGE, ccRecipients: people('c@d.example'), bccRecipients: people('e@f.example') });
		const immutable = (await read(id, { headers: { prefer: 'IdType="ImmutableId"' } })).id;
		const [drafts, sent] = [await count('drafts'), await count('sentitems')];
		const answer = await post(`/me/messages/${id}/send`);
		assert.deepEqual([answer.status, answer.bytes.length], [202, 0]);
		const [{ to, cc, bcc, subject }] = graph.sent;
		assert.deepEqual([graph.sent.length, to, cc, bcc, subject], [1, ['a@contoso.example'], ['c@d.example'], ['e@f.example'], 'Hello']);
		assert.deepEqual([await count('drafts'), await count('sentitems')], [drafts - 1, sent + 1]);
		assertRefusedByGraph(await post(`/me/messages/${id}/send`), 404, 'ErrorItemNotFound');
		assert.equal((await read(immutable)).isDraft, false);
		assertRefusedByGraph(await post(`/me/messages/${immutable}/send`), 400, 'ErrorInvalidOperation');
		assert.equal(graph.sent.length, 1);
	});

	test('without recipients, or with one that is no address, is not sent', async () => {
		for (const toRecipients of [[], people('nobody')]) {
			const { id } = await drafted({ subject: 'x', toRecipients });
			assertRefusedByGraph(await post(`/me/messages/${id}/send`), 400, 'ErrorInvalidRecipients');
		}
		assert.deepEqual(graph.sent, []);
	});
});

describe('a reply', () => {
	test('keeps the mail that it answers below the comment', async () => {
		const [mail] = await inbox({ $filter: 'subject eq \'Re: your question\'' });
		const reply = assertGiven(await post(`/me/messages/${mail.id}/createReply`, { comment: 'Yes & no\nBye' }), 201);
		assert.deepEqual([reply.isDraft, reply.subject, addresses(reply.toRecipients)], [true, mail.subject, addresses([mail.from])]);
		assert.match(reply.body.content, /Yes &amp; no<br>Bye.*<hr>.*the user has approved every tool call/s);
		assert.equal(reply.conversationId, mail.conversationId);
	});

	test('to all goes to the others too, oneself left out', async () => {
		const mails = await inbox({ $top: 20 });
		const mail = mails.find(({ ccRecipients }) => ccRecipients.length > 0);
		const all = assertGiven(await post(`/me/messages/${mail.id}/createReplyAll`, {}), 201);
		assert.deepEqual([addresses(all.toRecipients), addresses(all.ccRecipients)], [addresses([mail.from]), addresses(mail.ccRecipients)]);
		assert.match(all.subject, /^RE: /);
		assert.equal((await post(`/me/messages/${mail.id}/createReplyAll`)).status, 201); /* a body is not wanted */
	});

	test('takes a comment or a body, not both, and not of a draft', async () => {
		const [{ id }] = await inbox({ $top: 1 });
		const body = { contentType: 'Text', content: 'own' };
		assertRefusedByGraph(await post(`/me/messages/${id}/createReply`, { comment: 'a', message: { body } }), 400, 'ErrorInvalidArgument');
		const bare = assertGiven(await post(`/me/messages/${id}/createReply`, { message: { body } }), 201);
		assert.doesNotMatch(bare.body.content, /<hr>/);
		assertRefusedByGraph(await post(`/me/messages/${id}/createReply`, { body: 'a' }), 400, 'BadRequest', /'body'/);
		assertRefusedByGraph(await post(`/me/messages/${(await drafted()).id}/createReply`, {}), 400, 'ErrorInvalidReferenceItem');
	});
});

describe('a mail', () => {
	test('is sent without a draft, and kept unless that is not wanted', async () => {
		const before = await count('sentitems');
		assert.equal((await post('/me/sendMail', { message: MESSAGE })).status, 202);
		assert.equal((await post('/me/sendMail', { message: MESSAGE, saveToSentItems: false })).status, 202);
		assert.deepEqual([graph.sent.length, await count('sentitems')], [2, before + 1]);
		assertRefusedByGraph(await post('/me/sendMail', {}), 400, 'ErrorInvalidParameter');
		assertRefusedByGraph(await post('/me/sendMail', { message: { subject: 'x' } }), 400, 'ErrorInvalidRecipients');
		assertRefusedByGraph(await post('/me/sendMail', { message: MESSAGE, twice: true }), 400, 'BadRequest', /'twice'/);
		assert.equal(graph.sent.length, 2);
	});

	test('becomes read, while what was sent stays as it is', async () => {
		const [mail] = await inbox({ $filter: 'isRead eq false', $top: 1 });
		const { unreadItemCount } = assertGiven(await ask('/me/mailFolders/inbox'));
		const patch = (body, id = mail.id) => ask(`/me/messages/${id}`, { method: 'PATCH', body });
		assert.equal(assertGiven(await patch({ isRead: true })).isRead, true);
		assert.equal(assertGiven(await ask('/me/mailFolders/inbox')).unreadItemCount, unreadItemCount - 1);
		assertRefusedByGraph(await patch({ isRead: 'yes' }), 400, 'RequestBodyRead');
		assertRefusedByGraph(await patch({ subject: 'other' }), 400, 'ErrorInvalidPropertySet');
		const { id } = await drafted();
		assert.equal(assertGiven(await patch({ subject: 'other' }, id)).subject, 'other');
	});

	test('has another id when it is moved, and the immutable one that it had', async () => {
		const prefer = { headers: { prefer: 'IdType="ImmutableId"' } };
		const [[mail], [lasting]] = [await inbox({ $top: 1 }), assertGiven(await ask('/me/mailFolders/inbox/messages?$top=1', prefer)).value];
		const moved = assertGiven(await post(`/me/messages/${mail.id}/move`, { destinationId: 'archive' }), 201);
		assert.notEqual(moved.id, mail.id);
		assertRefusedByGraph(await ask(`/me/messages/${mail.id}`), 404, 'ErrorItemNotFound');
		assert.equal((await read(lasting.id)).parentFolderId, moved.parentFolderId);
		assertRefusedByGraph(await post(`/me/messages/${moved.id}/move`, {}), 400, 'ErrorInvalidParameter');
		assertRefusedByGraph(await post(`/me/messages/${moved.id}/move`, { destinationId: 'nowhere' }), 400, 'ErrorInvalidIdMalformed');
	});
});

test('all that was written is gone when the sandbox is fresh again', async () => {
	const [before] = await inbox({ $top: 1 });
	await post(`/me/messages/${before.id}/move`, { destinationId: 'archive' });
	sandbox.reset();
	assert.deepEqual((await inbox({ $top: 1 }))[0], before);
	assert.deepEqual([graph.sent, graph.writes], [[], []]);
});
