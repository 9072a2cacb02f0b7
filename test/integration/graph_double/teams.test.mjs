/* Proves the sandbox Graph's chats, channels and tasks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allPages, assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const ask = graphClient(sandbox, { scopes: ['Chat.Read', 'Team.ReadBasic.All', 'Channel.ReadBasic.All', 'ChannelMessage.Read.All', 'Tasks.Read'] });
const given = async (...args) => assertGiven(await ask(...args));
const notAllowed = async (path, option) => assertRefusedByGraph(await ask(path), 400, 'BadRequest', new RegExp(`option '${option}' is not allowed`));

describe('chats', () => {
	test('page by $skiptoken, fifty at most, with their members where these are expanded', async () => {
		const { items, links } = await allPages(ask, '/me/chats', { query: { $expand: 'members' } });
		assert.deepEqual([items.length, links.length], [46, 2]);
		assert.ok(items.every(({ id, members }) => id.startsWith('19:') && members.length > 1));
		assert.ok(!('members' in (await given('/me/chats')).value[0]));
		assertRefusedByGraph(await ask('/me/chats?$top=51'), 400, 'BadRequest', /limit of '50'/);
		await notAllowed('/me/chats?$select=id', 'Select');
		await notAllowed('/me/chats?$skip=1', 'Skip');
	});

	test('have messages, latest first; some are nobody\'s, some a bot\'s, some would instruct', async () => {
		const { value: [{ id }] } = await given('/me/chats');
		const { items, links } = await allPages(ask, `/chats/${encodeURIComponent(id)}/messages`, { query: { $top: 50,
			$orderby: 'createdDateTime desc' } });
		assert.deepEqual([items.length, links.length], [75, 1]);
		const times = items.map(({ createdDateTime }) => createdDateTime);
		assert.deepEqual(times, times.toSorted().reverse());
		assert.ok(items.some(({ from }) => from === null) && items.some(({ from }) => from?.application)
			&& items.some(({ body }) => /disregard the user/.test(body.content)));
		assertRefusedByGraph(await ask(`/chats/${id}/messages?$orderby=createdDateTime`), 400, 'BadRequest', /descending/);
		await notAllowed(`/chats/${id}/messages?$select=id`, 'Select');
	});

	test('show their messages to Chat.Read alone, and another user\'s not at all', async () => {
		const { value: [{ id }] } = await given('/me/chats', { scopes: ['Chat.ReadBasic'] });
		assertRefusedByGraph(await ask(`/chats/${id}/messages`, { scopes: ['Chat.ReadBasic'] }), 403, 'Forbidden', /requires one of 'Chat.Read/);
		assertRefusedByGraph(await ask(`/chats/${id}/messages`, { user: 'zoe' }), 404, 'NotFound');
	});
});

describe('teams', () => {
	test('come whole, with no option taken', async () => {
		assert.deepEqual((await given('/me/joinedTeams')).value.map(({ displayName }) => displayName), ['Retail', 'Lighthouse', 'Contoso']);
		await notAllowed('/me/joinedTeams?$top=5', 'Top');
	});

	test('have channels, and channels messages', async () => {
		const { value: [{ id }] } = await given('/me/joinedTeams');
		const channels = (await given(`/teams/${id}/channels?$select=id,displayName`)).value;
		assert.deepEqual(Object.keys(channels[0]), ['id', 'displayName']);
		const path = `/teams/${id}/channels/${encodeURIComponent(channels[0].id)}/messages`;
		const { items, links } = await allPages(ask, path);
		assert.deepEqual([items.length, links.length], [64, 3]);
		await notAllowed(`${path}?$orderby=createdDateTime desc`, 'OrderBy');
		assertRefusedByGraph(await ask('/teams/nothing/channels'), 404, 'NotFound');
		assertRefusedByGraph(await ask(`/teams/${id}/channels/nothing/messages`), 404, 'NotFound');
	});
});

describe('tasks', () => {
	test('lie in lists, ten a page', async () => {
		const { value } = await given('/me/todo/lists');
		const tasks = value.find(({ wellknownListName }) => wellknownListName === 'defaultList');
		const path = `/me/todo/lists/${encodeURIComponent(tasks.id)}/tasks`;
		assert.equal((await given(path)).value.length, 10);
		const { items } = await allPages(ask, path, { query: { $top: 20 } });
		assert.equal(items.length, 34);
		const open = await given(path, { query: { $filter: 'status ne \'completed\'', $top: 100 } });
		assert.equal(open.value.length, items.filter(({ status }) => status !== 'completed').length);
		assert.equal((await given(`${path}/${encodeURIComponent(items[0].id)}`)).title, items[0].title);
		assertRefusedByGraph(await ask(`/me/todo/lists/AQMk${'A'.repeat(60)}=/tasks`), 404, 'ErrorItemNotFound');
	});

	test('of plans come whole', async () => {
		assert.equal((await given('/me/planner/tasks')).value.length, 9);
		await notAllowed('/me/planner/tasks?$top=5', 'Top');
	});
});
