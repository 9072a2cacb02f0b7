/* Proves what holds for every request to the sandbox Graph: permissions, paths, failures on order, what is recorded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { GRAPH_PERMISSIONS } from '../../sandbox/entra/directory.mjs';
import { startEntra } from '../../sandbox/entra/entra.mjs';
import { startGraph } from '../../sandbox/graph/graph.mjs';
import { NEEDS, inMailbox } from '../../sandbox/graph/permissions.mjs';
import { REQUESTS } from '../../sandbox/graph/routes.mjs';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra, graph } = sandbox;
const ask = graphClient(sandbox, { scopes: GRAPH_PERMISSIONS });
const DENIED = { outlook: 'ErrorAccessDenied', directory: 'Authorization_RequestDenied', files: 'accessDenied', teams: 'Forbidden',
	planner: 'Forbidden', search: 'Forbidden' };

/* The least privileged delegated permission of each request, as Microsoft publishes it; a path alone is read. */
const LEAST = {
	'Mail.ReadBasic': ['/me/messages', '/me/messages/x', '/me/mailFolders', '/me/mailFolders/x', '/me/mailFolders/x/childFolders',
		'/me/mailFolders/x/messages'],
	'Mail.Read': ['/me/messages/x/attachments', '/me/messages/x/attachments/x', '/me/messages/x/attachments/x/$value', 'POST /search/query'],
	'Mail.ReadWrite': ['POST /me/messages', 'PATCH /me/messages/x', 'POST /me/messages/x/createReply', 'POST /me/messages/x/createReplyAll',
		'POST /me/messages/x/move'],
	'Mail.Send': ['POST /me/sendMail', 'POST /me/messages/x/send'],
	'Calendars.ReadBasic': ['POST /me/calendar/getSchedule', '/me/calendarView', '/me/calendar/calendarView', '/me/events', '/me/calendar/events', '/me/events/x'],
	'Calendars.ReadWrite': ['POST /me/events', 'POST /me/events/x/accept', 'POST /me/events/x/decline', 'POST /me/events/x/tentativelyAccept'],
	'Contacts.Read': ['/me/contacts', '/me/contacts/x'],
	'People.Read': ['/me/people'],
	'Tasks.Read': ['/me/todo/lists', '/me/todo/lists/x', '/me/todo/lists/x/tasks', '/me/todo/lists/x/tasks/x', '/me/planner/tasks'],
	'Tasks.ReadWrite': ['POST /me/todo/lists/x/tasks', 'PATCH /me/todo/lists/x/tasks/x'],
	'User.Read': ['/me', '/me/directReports', '/me/memberOf', '/me/memberOf/microsoft.graph.group', '/me/drive'],
	'User.Read.All': ['/me/manager'],
	'User.ReadBasic.All': ['/users', '/users/x'],
	'Presence.Read': ['/me/presence'],
	'Chat.ReadBasic': ['/me/chats', '/chats', '/chats/x', '/me/chats/x', '/chats/x/members'],
	'Chat.Read': ['/chats/x/messages', '/me/chats/x/messages', '/chats/x/messages/x', '/me/chats/x/messages/x'],
	'ChatMessage.Send': ['POST /chats/x/messages'],
	'Team.ReadBasic.All': ['/me/joinedTeams'],
	'Channel.ReadBasic.All': ['/teams/x/channels'],
	'ChannelMessage.Read.All': ['/teams/x/channels/x/messages', '/teams/x/channels/x/messages/x'],
	'Files.Read': ['/me/drive/root', '/me/drive/root/children', '/me/drive/root/search(q=\'a\')', '/me/drive/search(q=\'a\')', '/me/drive/items/x',
		'/me/drive/items/x/content', '/drives/x/items/x', '/drives/x/items/x/content',
		'/me/drive/items/x/children', '/me/drive/items/x/search(q=\'a\')'],
	'Sites.Read.All': ['/sites', '/sites/x', '/sites/x/lists', '/sites/x/lists/x', '/sites/x/lists/x/items', '/sites/x/lists/x/items/x'],
};

describe('permissions', () => {
	test('are written down for every request that is answered, and for no other', () => {
		assert.deepEqual(REQUESTS.toSorted(), Object.keys(NEEDS).toSorted());
	});

	test('are wanted of the token by every request, in the code of its workload', async () => {
		for (const [request, { workload, permissions }] of Object.entries(NEEDS)) {
			const [method, template] = request.split(' ');
			const path = template.replace('{q}', '\'a\'').replace(/\{\w+\}/g, 'x');
			const others = GRAPH_PERMISSIONS.filter((name) => !permissions.includes(name));
			assertRefusedByGraph(await ask(path, { method, scopes: others, body: method === 'GET' ? undefined : {} }), 403, DENIED[workload]);
		}
	});

	test('that Microsoft calls the least are enough, alone, and in another\'s mailbox their .Shared form', async () => {
		const own = Object.entries(LEAST).flatMap(([scope, requests]) => requests.map((one) => [scope, one.startsWith('/') ? `GET ${one}` : one]));
		const shared = own.map(([scope, request]) => [`${scope.replace(/^Calendars.ReadBasic$/, 'Calendars.Read')}.Shared`, inMailbox(request)])
			.filter(([, request]) => request).map(([scope, request]) => [scope, request.replace('{mailbox}', 'support@contoso.example')]);
		for (const [scope, request] of [...own, ...shared]) {
			const [method, path] = request.split(' ');
			assert.notEqual((await ask(path, { method, scopes: [scope], body: method === 'GET' ? undefined : {} })).status, 403, `${scope} ${request}`);
		}
		assert.equal(own.length + shared.length, Object.keys(NEEDS).length - 1); /* a photo is no JSON */
	});

	test('that only sound alike are not enough', async () => {
		for (const [path, scope] of [['/me/messages', 'Mail.Send'], ['/me/chats', 'User.Read'], ['/chats/x/messages', 'Chat.ReadBasic'],
			['/users', 'User.Read'],
			['/me/manager', 'User.ReadBasic.All'], ['/me/drive/root', 'User.Read'], ['/sites', 'Files.Read'], ['/me/events', 'Mail.Read'],
			['/teams/x/channels', 'Team.ReadBasic.All'], ['/teams/x/channels/y/messages', 'Chat.Read'], ['/me/planner/tasks', 'User.Read']])
			assert.equal((await ask(path, { scopes: [scope] })).status, 403, `${scope} ${path}`);
	});
});

/* The error for a path that no client tidies up. */
async function errorOf(path, headers) {
	const [response] = await once(http.request(graph.url, { path, headers }).end(), 'response');
	return JSON.parse(Buffer.concat(await response.toArray())).error.code;
}

describe('paths', () => {
	test('are the same in any case, and are refused with an empty or a dot segment', async () => {
		assertGiven(await ask('/ME/mailfolders/INBOX/Messages'));
		const authorization = `Bearer ${await entra.mintGraphToken({ scopes: GRAPH_PERMISSIONS })}`;
		for (const path of ['/me//messages', '/me/messages/', '/me/drive/items/%2e%2e/children', '/me/drive/items/../children', '/me/drive/items/%zz'])
			assert.equal(await errorOf(`/v1.0${path}`, { authorization }), 'BadRequest', path);
	});

	test('that are unknown are 404, known ones by another method 405', async () => {
		assertRefusedByGraph(await ask('/me/nothing'), 404, 'ResourceNotFound');
		assertRefusedByGraph(await ask('/me/messages', { method: 'DELETE' }), 405, 'Request_BadRequest');
	});
});

describe('failures on order', () => {
	test('can be those of one path alone, and of what is beneath it', async () => {
		graph.fail({ kind: 'throttle', path: '/me/mailFolders', times: 2 });
		assertGiven(await ask('/me/messages'));
		assertRefusedByGraph(await ask('/me/mailFolders/inbox/messages'), 429, 'TooManyRequests');
		assertRefusedByGraph(await ask('/me/mailFolders'), 429, 'TooManyRequests');
		assertGiven(await ask('/me/mailFolders'));
	});

	test('speak as a mailbox or a drive does', async () => {
		for (const [kind, status, code] of [['mailbox_busy', 429, 'ApplicationThrottled'], ['no_mailbox', 404, 'MailboxNotEnabledForRESTAPI'],
			['no_drive', 404, 'ResourceNotFound']]) {
			graph.fail({ kind });
			assertRefusedByGraph(await ask('/me/drive'), status, code);
		}
	});
});

test('requests are recorded to the letter and counted by what was asked', async () => {
	await ask('/me/drive/items/%41/children?$select=%6eame', { headers: { prefer: 'IdType="ImmutableId"' } });
	await ask('/me/calendar/getSchedule', { method: 'POST', body: { a: 1 } });
	const [first, second] = graph.requests;
	assert.deepEqual([first.method, first.url, first.headers.prefer], ['GET', '/v1.0/me/drive/items/%41/children?$select=%6eame',
		'IdType="ImmutableId"']);
	assert.equal(second.body, '{"a":1}');
	assert.deepEqual(graph.counts.byRoute, { 'GET /me/drive/items/{id}/children': 1, 'POST /me/calendar/getSchedule': 1 });
});

test('a part of a batch is answered as the request itself, with its own headers', async () => {
	const requests = [{ id: '1', method: 'GET', url: '/users?$search="displayName:priya"', headers: { ConsistencyLevel: 'eventual' } },
		{ id: '2', method: 'GET', url: '/users?$search="displayName:priya"' }];
	const { responses } = assertGiven(await ask('/$batch', { method: 'POST', body: { requests } }));
	const statuses = Object.fromEntries(responses.map(({ id, status }) => [id, status]));
	assert.deepEqual(statuses, { 1: 200, 2: 400 });
});

test('two sandboxes hold the same, and one with another anchor the same at another time', async (t) => {
	const others = await Promise.all([undefined, '2027-03-05T12:00:00Z'].map(async (anchor) => {
		const other = { entra: await startEntra() };
		other.graph = await startGraph({ entra: other.entra, anchor });
		t.after(() => Promise.all([other.entra.close(), other.graph.close()]));
		return graphClient(other, { scopes: GRAPH_PERMISSIONS });
	}));
	const read = async (client) => assertGiven(await client('/me/messages?$select=id,receivedDateTime')).value;
	const [here, same, later] = [await read(ask), await read(others[0]), await read(others[1])];
	assert.deepEqual(same, here);
	assert.deepEqual(later.map(({ id }) => id), here.map(({ id }) => id));
	assert.ok(later[0].receivedDateTime > '2027-03-04');
});

test('a user who is added has a mailbox and a drive as said', async () => {
	entra.addUser('max', { username: 'max@contoso.example', mail: 'max@contoso.example', oneDrive: false });
	assertGiven(await ask('/me/messages', { user: 'max' }));
	assertRefusedByGraph(await ask('/me/drive', { user: 'max' }), 404, 'ResourceNotFound');
	assertGiven(await ask('/users/max@contoso.example'));
});
