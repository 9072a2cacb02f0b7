/* Proves the sandbox Graph's directory, relevant people and contacts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allPages, assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const ask = graphClient(sandbox, { scopes: ['User.ReadBasic.All', 'People.Read', 'Contacts.Read'] });
const eventual = { ConsistencyLevel: 'eventual' };
const unsupported = (answer) => assertRefusedByGraph(answer, 400, 'Request_UnsupportedQuery');

describe('users', () => {
	const search = ($search, options) => ask('/users', { query: { $search, $select: 'id,displayName' }, headers: eventual, ...options });
	const names = async (...args) => assertGiven(await search(...args)).value.map(({ displayName }) => displayName);

	test('are searched by the words of a name and by how an address begins, with the header that says eventual', async () => {
		assert.deepEqual(await names('"displayName:rama"'), ['Priya Raman']);
		assert.deepEqual(await names('"mail:priya." OR "displayName:zo"'), ['Zoë Ünïcode 雪', 'Priya Raman']);
		assert.deepEqual(await names('"displayName:priya" AND "displayName:nobody"'), []);
		assert.deepEqual(await names('"displayName:o\'brien"'), ['Liam O\'Brien']);
		unsupported(await search('"displayName:a"', { headers: {} }));
	});

	test('a search that does not parse is a 400', async () => {
		for (const text of ['displayName:a', '"a"', '"displayName:"', '"displayName:a" or "mail:b"', '"displayName:a"b"', '"displayName:a\\"',
			'"password:a"', ''])
			unsupported(await search(text));
		assert.deepEqual(await names('"displayName:a\\" OR \\"mail:b"'), []);
	});

	test('page by $skiptoken, at most 999, never by $skip', async () => {
		const { items, links } = await allPages(ask, '/users', { query: { $top: 7 } });
		assert.ok(items.length > 25 && links.length > 2);
		assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
		unsupported(await ask('/users', { query: { $top: 1000 } }));
		unsupported(await ask('/users', { query: { $skip: 1 } }));
	});

	test('are filtered simply, or with what the advanced ways want', async () => {
		const filtered = (query, headers) => ask('/users', { query, headers });
		assert.equal(assertGiven(await filtered({ $filter: 'startswith(displayName,\'Priya\')' })).value.length, 1);
		const advanced = { $filter: 'endswith(mail,\'contoso.example\')' };
		unsupported(await filtered(advanced));
		unsupported(await filtered(advanced, eventual));
		assertGiven(await filtered({ ...advanced, $count: 'true' }, eventual));
		unsupported(await filtered({ $count: 'true' }));
	});

	test('are found by id and by name; an unknown one is a 404, and most of others is hidden from User.ReadBasic.All', async () => {
		const { zoe, adele } = sandbox.entra.users;
		for (const id of [zoe.oid, zoe.username, zoe.username.toUpperCase()])
			assert.equal(assertGiven(await ask(`/users/${id}`)).displayName, zoe.name);
		assertRefusedByGraph(await ask('/users/nobody'), 404, 'Request_ResourceNotFound', /'nobody'/);
		assertRefusedByGraph(await ask(`/users/${zoe.oid}`, { scopes: ['User.Read'] }), 404, 'Request_ResourceNotFound');
		const titleOf = async (user, options) => assertGiven(await ask(`/users/${user.oid}?$select=jobTitle`, options)).jobTitle;
		assert.equal(await titleOf(zoe), null);
		assert.equal(await titleOf(adele), adele.jobTitle);
		assert.equal(await titleOf(zoe, { scopes: ['User.Read.All'] }), zoe.jobTitle);
	});

	test('exactly what $select names is answered, and no property that there is not', async () => {
		assert.deepEqual(Object.keys(assertGiven(await ask('/users?$select=displayName&$top=1')).value[0]), ['displayName']);
		assertRefusedByGraph(await ask('/users?$select=displayName,shoeSize'), 400, 'BadRequest', /'shoeSize'/);
	});
});

describe('the user\'s own place', () => {
	test('has a manager, who wants User.Read.All to be seen, or none', async () => {
		const manager = (options) => ask('/me/manager?$select=displayName', options);
		assert.equal(assertGiven(await manager({ scopes: ['User.Read.All'] })).displayName, sandbox.entra.users.zoe.name);
		assertRefusedByGraph(await manager({ scopes: ['User.Read'] }), 403, 'Authorization_RequestDenied');
		assertRefusedByGraph(await manager({ user: 'bare', scopes: ['User.Read.All'] }), 404, 'Request_ResourceNotFound', /'manager'/);
	});

	test('has reports, whose names are null without User.ReadBasic.All and whose titles without User.Read.All', async () => {
		const reports = async (...scopes) => assertGiven(await ask('/me/directReports?$select=id,displayName,jobTitle', { scopes })).value;
		const bare = await reports('User.Read');
		assert.ok(bare.length > 2);
		assert.ok(bare.every(({ id, displayName, jobTitle }) => id && displayName === null && jobTitle === null));
		const named = await reports('User.Read', 'User.ReadBasic.All');
		assert.equal(named[0].displayName, 'Greta Guest');
		assert.ok(named.every(({ jobTitle }) => jobTitle === null));
		assert.ok((await reports('User.Read.All')).some(({ jobTitle }) => jobTitle));
	});

	test('has groups, whose names are null without GroupMember.Read.All', async () => {
		const groups = async (...scopes) => assertGiven(await ask('/me/memberOf?$select=id,displayName', { scopes })).value;
		assert.ok((await groups('User.Read')).every(({ id, displayName }) => id && displayName === null));
		const named = await groups('User.Read', 'GroupMember.Read.All');
		assert.ok(named.every(({ displayName }) => displayName));
		assert.deepEqual([...new Set(named.map((one) => one['@odata.type']))], ['#microsoft.graph.group', '#microsoft.graph.directoryRole']);
	});

	test('has groups alone by a cast, which is an advanced query', async () => {
		const cast = (query, headers) => ask('/me/memberOf/microsoft.graph.group', { query, headers, scopes: ['GroupMember.Read.All'] });
		unsupported(await cast({ $count: 'true' }));
		unsupported(await cast({}, eventual));
		assert.equal(assertGiven(await cast({ $count: 'true' }, eventual))['@odata.count'], 5);
	});

	test('has a presence', async () => {
		assert.equal(assertGiven(await ask('/me/presence', { scopes: ['Presence.Read'] })).availability, 'Busy');
	});
});

describe('relevant people', () => {
	test('are found by name or address, quoted or not, but not by an unknown keyword', async () => {
		for (const $search of ['"priya"', 'priya', '"priya.raman@contoso"'])
			assert.deepEqual(assertGiven(await ask('/me/people', { query: { $search } })).value.map(({ displayName }) => displayName), ['Priya Raman']);
		for (const $search of ['"colour:red"', '""', '"a" b"'])
			assertRefusedByGraph(await ask('/me/people', { query: { $search } }), 400, 'BadRequest');
	});

	test('come ten a page', async () => {
		assert.equal(assertGiven(await ask('/me/people')).value.length, 10);
		assert.equal((await allPages(ask, '/me/people')).items.length, 23);
	});
});

describe('contacts', () => {
	test('page by $skip and are filtered by how a name begins', async () => {
		const { items, links } = await allPages(ask, '/me/contacts', { query: { $top: 15, $orderby: 'displayName' } });
		assert.deepEqual([items.length, links.length], [34, 2]);
		const { value } = assertGiven(await ask('/me/contacts',
			{ query: { $filter: 'startswith(displayName,\'Al\') or startswith(surname,\'D\'\'A\')', $top: 50 } }));
		assert.equal(value.length, items.filter(({ displayName, surname }) => displayName.startsWith('Al') || surname.startsWith('D\'A')).length);
		assert.ok(value.length > 0);
		assert.equal(assertGiven(await ask(`/me/contacts/${encodeURIComponent(value[0].id)}`)).displayName, value[0].displayName);
	});

	test('are of a mailbox', async () => {
		assertRefusedByGraph(await ask('/me/contacts', { user: 'bare' }), 404, 'MailboxNotEnabledForRESTAPI');
	});
});
