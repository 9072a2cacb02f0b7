/* Proves the sandbox's Microsoft Search: what its hits are like, and what it refuses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const SCOPES = { message: ['Mail.Read'], event: ['Calendars.Read'], chatMessage: ['Chat.Read', 'ChannelMessage.Read.All'],
	driveItem: ['Sites.Read.All'], listItem: ['Sites.Read.All'], site: ['Sites.Read.All'] };
const ask = graphClient(await freshSandbox(), { scopes: Object.values(SCOPES).flat() });
const query = (entityTypes, queryString, more = {}, options = {}) => ask('/search/query', { method: 'POST',
	body: { requests: [{ entityTypes, query: { queryString }, ...more }] }, ...options });
const found = async (...args) => assertGiven(await query(...args)).value[0].hitsContainers[0];
const refused = async (args, status = 400, code = 'BadRequest', message = /./) => assertRefusedByGraph(await query(...args), status, code, message);

describe('hits', () => {
	test('are ranked from one, marked where they fit, and of their own kind', async () => {
		for (const [kind, text] of [['message', 'lighthouse'], ['event', 'budget'], ['chatMessage', 'lighthouse'], ['driveItem', 'budget'],
			['listItem', 'lamp'], ['site', 'lighthouse']]) {
			const { hits } = await found([kind], text, { size: 3 });
			assert.deepEqual(hits.map(({ rank }) => rank), hits.map((_, i) => i + 1), kind);
			for (const { summary, resource } of hits) {
				assert.match(summary, new RegExp(`<c0>${text}`, 'i'));
				assert.equal(resource['@odata.type'].replace('#', ''), `microsoft.graph.${kind}`);
			}
		}
	});

	test('of mail and meetings have their id in Exchange\'s form, which Graph does not take', async () => {
		for (const [kind, text, path] of [['message', 'lighthouse', '/me/messages'], ['event', 'budget', '/me/events']]) {
			const [{ hitId, resource }] = (await found([kind], text, { size: 1 })).hits;
			assert.ok(!('id' in resource) && /[/+]/.test(hitId));
			const id = hitId.replaceAll('/', '-').replaceAll('+', '_');
			assert.equal(assertGiven(await ask(`${path}/${id}`)).subject, resource.subject);
			assertRefusedByGraph(await ask(`${path}/${encodeURIComponent(hitId)}`), 400, 'ErrorInvalidIdMalformed');
		}
	});

	test('of Teams are a chat\'s or a channel\'s, and can be read there', async () => {
		const { hits } = await found(['chatMessage'], 'thanks', { size: 200 });
		const chat = hits.find(({ resource }) => resource.chatId).resource;
		const post = hits.find(({ resource }) => resource.channelIdentity.teamId).resource;
		assert.deepEqual(chat.channelIdentity, {});
		assert.equal(assertGiven(await ask(`/chats/${chat.chatId}/messages/${chat.id}`)).id, chat.id);
		const { teamId, channelId } = post.channelIdentity;
		assert.equal(assertGiven(await ask(`/teams/${teamId}/channels/${channelId}/messages/${post.id}`)).id, post.id);
		assertRefusedByGraph(await ask(`/chats/${chat.chatId}/messages/1`), 404, 'NotFound');
		assert.ok(chat.webLink && post.webUrl);
	});

	test('of files, items and sites stand together, and can be read where they are', async () => {
		const { hits } = await found(['driveItem', 'listItem', 'site'], 'lighthouse', { size: 100 });
		const of = (kind) => hits.find(({ resource }) => resource['@odata.type'].endsWith(kind)).resource;
		const file = of('driveItem');
		assert.equal(assertGiven(await ask(`/drives/${file.parentReference.driveId}/items/${file.id}`)).name, file.name);
		assert.match(assertGiven(await ask(`/sites/${of('site').id}`)).displayName, /Lighthouse/);
		const [{ resource: { parentReference: { siteId, sharepointIds } } }] = (await found(['listItem'], 'lamp', { size: 1 })).hits;
		const item = assertGiven(await ask(`/sites/${siteId}/lists/${sharepointIds.listId}/items/${sharepointIds.listItemId}`, { query: { $expand: 'fields' } }));
		assert.match(item.fields.Title, /Lamp/);
	});

	test('come by pages, counted whole of files and by the page of mail', async () => {
		const first = await found(['driveItem'], 'report', { size: 100 });
		const last = await found(['driveItem'], 'report', { from: 200, size: 100 });
		assert.deepEqual([first.total, first.moreResultsAvailable, last.moreResultsAvailable], [231, true, false]);
		assert.equal(last.hits[0].rank, 201);
		const mail = await found(['message'], 'hello');
		assert.deepEqual([mail.total, mail.hits.length, mail.moreResultsAvailable], [25, 25, true]);
		assert.ok(!('hits' in await found(['message'], 'nothingthere')));
	});
});

describe('a search', () => {
	test('of mail, meetings or Teams beside another kind is refused', async () => {
		for (const kinds of [['message', 'event'], ['message', 'chatMessage'], ['event', 'driveItem'], ['chatMessage', 'site']])
			await refused([kinds, 'x'], 400, 'BadRequest', /Invalid entity type combination/);
	});

	test('wants the permission of each kind, and of Teams\' messages two', async () => {
		for (const [kind, names] of Object.entries(SCOPES)) {
			assertGiven(await query([kind], 'x', {}, { scopes: names }));
			for (const name of names)
				await refused([[kind], 'x', {}, { scopes: ['People.Read', 'Acronym.Read.All', ...names.filter((one) => one !== name)] }], 403,
					'Forbidden', /requires the following permissions/);
		}
		assertGiven(await query(['driveItem'], 'x', {}, { scopes: ['Files.Read.All'] }));
		await refused([['driveItem', 'site'], 'x', {}, { scopes: ['Files.Read.All'] }], 403, 'Forbidden', /Access to Site/);
		await refused([['driveItem'], 'x', {}, { scopes: ['Files.Read', 'Mail.Read'] }], 403, 'Forbidden');
	});

	test('without words, of no kind, over its size, or of several requests is refused', async () => {
		for (const args of [[['message'], ' '], [['message'], undefined], [[], 'x'], [['mail'], 'x'], [['message'], 'x', { size: 26 }],
			[['driveItem'], 'x', { size: 1001 }], [['message'], 'x', { from: -1 }], [['message'], 'x', { top: 1 }]])
			await refused(args);
		const requests = ['site', 'list'].map((kind) => ({ entityTypes: [kind], query: { queryString: 'x' } }));
		assertRefusedByGraph(await ask('/search/query', { method: 'POST', body: { requests } }), 400, 'BadRequest');
		assertRefusedByGraph(await ask('/search/query', { method: 'POST', body: {} }), 400, 'BadRequest');
	});

	test('finds nothing in a mailbox or a drive that there is not', async () => {
		for (const kind of ['message', 'event', 'driveItem'])
			assert.equal((await found([kind], 'budget', {}, { user: 'bare' })).total, 0);
	});
});
