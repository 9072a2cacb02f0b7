/* Proves the sandbox Graph's mail: what it shows, how it is searched, and what Exchange refuses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allPages, assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const ask = graphClient(sandbox, { scopes: ['Mail.Read'] });
const INBOX = '/me/mailFolders/inbox/messages';
const list = async (query, options) => assertGiven(await ask(INBOX, { query, ...options })).value;
const refused = async (query, code, message) => assertRefusedByGraph(await ask(INBOX, { query }), 400, code, message);

describe('messages', () => {
	test('are more than sixty of a user, with ids that a path must encode, the same in every run', async () => {
		const { items, links } = await allPages(ask, INBOX, { query: { $select: 'id,receivedDateTime', $top: 25 } });
		assert.ok(items.length >= 60 && links.length === 2);
		assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
		assert.ok(items.every(({ id }) => /=/.test(id) && /-/.test(id) && /_/.test(id)));
		assert.match(links[0], /^http:\/\/127\.0\.0\.1:\d+\/v1\.0\/me\/mailFolders\/inbox\/messages\?.*%24skip=25$/);
		const other = await list({ $select: 'id' }, { user: 'zoe' });
		assert.ok(!items.some(({ id }) => id === other[0].id));
	});

	test('come ten a page, with exactly what $select names', async () => {
		assert.equal((await list({})).length, 10);
		const [mail] = await list({ $select: 'subject,from', $top: 1 });
		assert.deepEqual(Object.keys(mail), ['@odata.etag', 'id', 'subject', 'from']);
		const [whole] = await list({ $top: 1 });
		assert.ok('body' in whole && 'webLink' in whole && !('uniqueBody' in whole));
	});

	test('are read by id, encoded or not, and by the immutable id that was preferred', async () => {
		const headers = { prefer: 'outlook.body-content-type="text", IdType="ImmutableId"' };
		const [{ id }] = await list({ $top: 1 });
		const [lasting] = await list({ $top: 1 }, { headers });
		assert.notEqual(lasting.id, id);
		for (const one of [id, encodeURIComponent(id), encodeURIComponent(lasting.id)])
			assert.equal(assertGiven(await ask(`/me/messages/${one}`, { headers })).id, lasting.id);
	});

	test('have HTML bodies, and text where that is preferred', async () => {
		const [{ id, body }] = await list({ $top: 1 });
		assert.equal(body.contentType, 'html');
		assert.match(body.content, /<html>.*<p>/s);
		const answer = await ask(`/me/messages/${encodeURIComponent(id)}`, { headers: { Prefer: 'outlook.body-content-type="text"' } });
		assert.equal(answer.headers.get('preference-applied'), 'outlook.body-content-type="text"');
		assert.equal(answer.body.body.contentType, 'text');
		assert.doesNotMatch(answer.body.body.content, /<p>|&amp;/);
	});

	test('hold some that would instruct a model', async () => {
		const { items } = await allPages(ask, INBOX, { query: { $top: 100 } });
		assert.ok(items.some(({ bodyPreview }) => bodyPreview.includes('IGNORE ALL PREVIOUS INSTRUCTIONS')));
	});

	test('show no body to Mail.ReadBasic', async () => {
		const [mail] = await list({ $top: 1 }, { scopes: ['Mail.ReadBasic'] });
		assert.ok(mail.subject && !('body' in mail) && !('bodyPreview' in mail));
	});
});

describe('folders', () => {
	test('are known by their well-known names and by id', async () => {
		const { items } = await allPages(ask, '/me/mailFolders');
		const inbox = items.find(({ displayName }) => displayName === 'Inbox');
		for (const name of ['inbox', 'Inbox', encodeURIComponent(inbox.id)])
			assert.deepEqual(assertGiven(await ask(`/me/mailFolders/${name}`)).totalItemCount, inbox.totalItemCount);
		const projects = items.find(({ displayName }) => displayName === 'Projects');
		const children = assertGiven(await ask(`/me/mailFolders/${encodeURIComponent(projects.id)}/childFolders`)).value;
		assert.deepEqual(children.map(({ displayName }) => displayName), ['Lighthouse']);
	});

	test('and messages that are not there are 404, ids that are none 400', async () => {
		const gone = `AAMk${'A'.repeat(60)}=`;
		assertRefusedByGraph(await ask(`/me/messages/${gone}`), 404, 'ErrorItemNotFound');
		assertRefusedByGraph(await ask(`/me/mailFolders/${gone}/messages`), 404, 'ErrorItemNotFound');
		assertRefusedByGraph(await ask('/me/messages/x'), 400, 'ErrorInvalidIdMalformed');
		assertRefusedByGraph(await ask('/me/mailFolders/nosuchfolder/messages'), 400, 'ErrorInvalidIdMalformed');
	});
});

describe('$filter', () => {
	test('chooses by time, state and sender, a quote being doubled', async () => {
		const all = (await allPages(ask, INBOX, { query: { $top: 100 } })).items;
		const obrien = all.filter(({ from }) => from.emailAddress.name === 'Liam O\'Brien');
		const day = '2026-11-20T00:00:00Z';
		const query = { $filter: `receivedDateTime ge ${day} and isRead eq false`, $orderby: 'receivedDateTime desc', $top: 100 };
		assert.deepEqual((await list(query)).map(({ id }) => id),
			all.filter(({ receivedDateTime, isRead }) => receivedDateTime >= day && !isRead).map(({ id }) => id));
		assert.ok(obrien.length > 0);
		const named = await list({ $filter: 'from/emailAddress/name eq \'Liam O\'\'Brien\'', $top: 100 });
		assert.equal(named.length, obrien.length);
	});

	test('that is none is a 400', async () => {
		for (const $filter of ['', 'isRead', 'isRead eq', 'isRead eq false and', 'isRead eq \'false\'', 'subject eq \'it\'s\'',
			'receivedDateTime ge yesterday',
			'receivedDateTime ge \'2026-11-20\'', '(isRead eq false', 'isRead eq false)', 'isRead eq false; 1', 'startswith(subject)',
				'bodyPreview eq \'x\''])
			await refused({ $filter }, 'BadRequest', /./);
		await refused({ $filter: 'nothing eq 1' }, 'BadRequest', /property named 'nothing'/);
	});

	test('with an order wants the ordered properties first, in that order', async () => {
		await refused({ $filter: 'isRead eq false', $orderby: 'receivedDateTime desc' }, 'InefficientFilter');
		await refused({ $filter: 'isRead eq false and receivedDateTime ge 2026-01-01', $orderby: 'receivedDateTime desc' }, 'InefficientFilter');
		assert.ok(await list({ $filter: 'receivedDateTime ge 2026-01-01 and isRead eq false', $orderby: 'receivedDateTime desc' }));
	});
});

describe('$search', () => {
	const subjects = async ($search) => (await list({ $search, $top: 100, $select: 'subject,from,receivedDateTime' }));

	test('finds words, phrases, people and times, joined by AND', async () => {
		assert.ok((await subjects('"lighthouse budget"')).length > 0);
		const found = await subjects('"\\"harbour\\" AND received>=2026-11-10"');
		assert.ok(found.length > 0 && found.every((one) => /harbour/.test(one.subject) && one.receivedDateTime >= '2026-11-10'));
		const from = await subjects('"from:\\"O\'Brien\\""');
		assert.ok(from.length > 0 && from.every((one) => one.from.emailAddress.name === 'Liam O\'Brien'));
		assert.deepEqual(await subjects('"from:\\"nobody there\\""'), []);
		assert.equal((await subjects('"(subject:harbour OR subject:oslo) AND NOT subject:harbour"')).filter(({ subject }) => !/Oslo/.test(subject)).length, 0);
	});

	test('pages by skip tokens, which serve their own search and user alone', async () => {
		sandbox.graph.skiptokenBytes = 4000;
		const query = { $search: '"hello"', $top: 20 };
		const { items, links } = await allPages(ask, INBOX, { query });
		assert.ok(items.length >= 60 && links.every((one) => one.length > 4000));
		const $skiptoken = new URL(links[0]).searchParams.get('$skiptoken');
		assert.match($skiptoken, /[+="{]/);
		await refused({ ...query, $search: '"lighthouse"', $skiptoken }, 'BadRequest', /skip token/);
		assertRefusedByGraph(await ask(INBOX, { user: 'zoe', query: { ...query, $skiptoken } }), 400, 'BadRequest');
	});

	test('stands alone: neither an order nor a filter beside it', async () => {
		await refused({ $search: '"x"', $orderby: 'receivedDateTime desc' }, 'SearchWithOrderBy');
		await refused({ $search: '"x"', $filter: 'isRead eq false' }, 'SearchWithFilter');
	});

	test('without quotes, or with a text that does not parse, is a 400', async () => {
		for (const $search of ['hello', 'from:priya', '"a" b"', '"a\\"', '""', '"(a"', '"a)"', '"a AND"', '"\\"a"', '"received>=yesterday"'])
			await refused({ $search }, 'BadRequest', /Syntax error/);
	});
});

describe('a mailbox', () => {
	test('gives a thousand mails a page at most', async () => {
		assert.ok((await list({ $top: 1000 })).length >= 60);
		await refused({ $top: 1001 }, 'BadRequest', /limit of '1000'/);
		await refused({ $top: '-1' }, 'BadRequest', /non-negative/);
		await refused({ $top: 0 }, 'BadRequest');
	});

	test('names a property that there is not, and takes an option once', async () => {
		await refused({ $select: 'subject,colour' }, 'BadRequest', /'colour'/);
		await refused({ $orderby: 'colour' }, 'BadRequest', /'colour'/);
		await refused({ $colour: 1 }, 'BadRequest');
		assertRefusedByGraph(await ask(`${INBOX}?$top=1&%24top=2`), 400, 'BadRequest', /more than once/);
		assertRefusedByGraph(await ask(`${INBOX}?$top=%zz`), 400, 'BadRequest');
	});

	test('bears as many calls at once as are allowed, of its own user', async () => {
		sandbox.graph.mailboxLimit = 4;
		const opened = Promise.withResolvers();
		sandbox.graph.fail({ kind: 'held', until: opened.promise, times: 4 });
		const held = Array.from({ length: 4 }, () => ask(INBOX));
		while (sandbox.graph.requests.length < 4)
			await new Promise(setImmediate);
		const fifth = await ask(INBOX);
		assertRefusedByGraph(fifth, 429, 'ApplicationThrottled', /MailboxConcurrency/);
		assert.equal(fifth.headers.get('retry-after'), '1');
		assertGiven(await ask(INBOX, { user: 'zoe' }));
		opened.resolve();
		for (const answer of await Promise.all(held))
			assertGiven(answer);
		assertGiven(await ask(INBOX));
	});

	test('that a user has not got is told so', async () => {
		for (const path of [INBOX, '/me/mailFolders', '/me/messages'])
			assertRefusedByGraph(await ask(path, { user: 'bare' }), 404, 'MailboxNotEnabledForRESTAPI');
	});
});
