/*
 * The catalogue against the sandbox's Graph, which refuses as Graph does: each tool is called with ids that others gave,
 * by a user who has consented to what the catalogue names and nothing more.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { during, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { readTools } from '../stage/catalogue/definitions.mjs';

const tools = readTools();
const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra } = sandbox;
entra.consentGraph([...new Set(tools.flatMap(({ permissions }) => permissions))]);
const handler = use(() => startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: '*' }, keeps: sandbox }));
const token = await entra.mintUserToken();

const WHEN = { start: '2026-11-01T00:00:00+01:00', end: '2026-12-01T00:00:00Z', time_zone: 'Europe/Berlin' };
const answers = {};
const first = (name) => Object.values(answers[name]).find(Array.isArray)[0];

/* A tool, and its arguments from what came before. */
const CALLS = [
	['list_mail', () => ({ limit: 2 })],
	['list_mail', () => ({ cursor: answers.list_mail.cursor })],
	['list_mail', () => ({ unread: true, until: WHEN.end })],
	['list_mail', () => ({ from: first('list_mail').address })],
	['list_mail', () => ({ search: 'budget', since: '2020-01-01T00:00:00Z' })],
	['get_mail', () => ({ id: first('list_mail').id })],
	['list_mail_folders'],
	['list_mail', () => ({ folder: first('list_mail_folders').id })],
	['list_events', () => ({ ...WHEN, limit: 3 })],
	['get_event', () => ({ id: first('list_events').id })],
	['search_users', () => ({ query: 'a', limit: 2 })],
	['find_free_time', () => ({ people: [first('search_users').mail], ...WHEN, minutes: 60 })],
	['get_user', () => ({ id: first('search_users').id })],
	['list_contacts', () => ({ limit: 2 })],
	['list_contacts', () => ({ query: first('list_contacts').name.split(' ')[0] })],
	['find_people', () => ({ query: 'a' })],
	...['my_manager', 'my_reports', 'my_groups', 'my_presence'].map((name) => [name]),
	['search_files', () => ({ query: 'budget' })],
	['list_folder'],
	['list_folder', () => ({ id: first('list_folder').id })],
	['get_file', () => ({ id: first('search_files').id })],
	['list_chats'],
	['list_chat_messages', () => ({ chat_id: first('list_chats').id, limit: 2 })],
	['list_teams'],
	['list_channels', () => ({ team_id: first('list_teams').id })],
	['list_channel_messages', () => ({ team_id: first('list_teams').id, channel_id: first('list_channels').id })],
	['list_task_lists'],
	['list_tasks', () => ({ list_id: first('list_task_lists').id })],
	['my_planner_tasks'],
	['search_sites', () => ({ query: 'a' })],
	['list_lists', () => ({ site_id: first('search_sites').id })],
	['list_items', () => ({ site_id: first('search_sites').id, list_id: first('list_lists').id, limit: 1 })],
];

function assertPicked(given, pick, what) {
	assert.deepEqual(Object.keys(given).filter((name) => !(name in pick)), [], what);
	assert.ok(Object.keys(given).length > 1, what);
}

for (const [name, from] of CALLS) {
	const args = from ?? (() => ({}));
	test(`${name}(${from ? /\(\{ (.*) \}\)/.exec(from)[1] : ''}) gives what it picks`, async () => {
		const { result } = tools.find((tool) => tool.name === name);
		const { status, json, text } = await handler().ask(`/tools/${name}`, { method: 'POST', token, body: JSON.stringify(args()),
			headers: { 'content-type': 'application/json' } });
		assert.equal(status, 200, text);
		answers[name] = json;
		const { cursor, more, othersWrote, ...rest } = json;
		assert.deepEqual([Boolean(cursor), Boolean(othersWrote)], [Boolean(more), Boolean(result.others)]);
		if (result.list)
			json[result.as].forEach((item) => assertPicked(item, result.pick, text));
		else
			assertPicked(rest, result.pick, text);
		assert.ok(!result.list || json[result.as].length > 0, 'something is listed');
	});
}

test('every tool was called, and all of them took one exchange', () => {
	assert.deepEqual(Object.keys(answers).sort(), tools.map(({ name }) => name).sort());
	assert.equal(entra.counts.token, 1);
});

for (const [name, argument] of [['list_mail', 'from'], ['find_people', 'query'], ['search_users', 'query']])
	test(`${name} with an empty ${argument} is refused by its name, and not answered with nothing`, async () => {
		const { status, json, text } = await handler().ask(`/tools/${name}`, { method: 'POST', token, body: JSON.stringify({ [argument]: '' }),
			headers: { 'content-type': 'application/json' } });
		assert.equal(status, 400, text);
		assert.match(json.error.message, new RegExp(`^${argument} must `));
	});

for (const name of ['my_manager', 'my_reports', 'my_groups'])
	test(`${name} gives names to who consented to its own permission alone`, async (t) => {
		const { permissions, result } = tools.find((tool) => tool.name === name);
		const own = await during(t, startSandbox());
		own.entra.consentGraph(permissions);
		const alone = await during(t, startAlone({ env: { ...own.env, GRAPH_TOOLS: name }, keeps: own }));
		const { json } = await alone.ask(`/tools/${name}`, { method: 'POST', token: await own.entra.mintUserToken() });
		const given = result.list ? json[result.as] : [json];
		assert.ok(given.length > 0 && given.every((one) => one.name), JSON.stringify(json));
	});
