/*
 * What a user's calls of many tools cost in exchanges: the tools that ship, of as many permissions.
 */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { assertError, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const handler = use(() => startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: '*', CALLS_PER_CALLER_MAX: '50' }, keeps: sandbox }));

const DAY = { start: '2026-11-27T00:00:00Z', end: '2026-11-28T00:00:00Z' };
const TEN = [['list_mail'], ['list_events', DAY], ['search_users', { query: 'a' }], ['my_groups'], ['my_presence'],
	['list_folder', { id: 'root' }], ['list_chats'], ['list_teams'], ['list_task_lists'], ['list_contacts']];

const call = ([name, args = {}], token) => callTool(handler(), name, args, { token });
const scopes = () => entra.requests.filter(({ path }) => path.endsWith('/token')).map(({ form }) => form.scope);

function assertServed(answers) {
	for (const { status, body } of answers)
		assert.equal(status, 200, body);
}

test('many tools one after the other, and me, are one exchange where all is consented to', async () => {
	entra.consentGraph('all');
	const token = await entra.mintUserToken();
	const answers = [];
	for (const tool of TEN)
		answers.push(await call(tool, token));
	answers.push(await handler().ask('/me', { token }));
	assertServed(answers);
	assert.equal(entra.counts.exchanges, 1);
	assert.match(scopes()[0], /\/Mail\.Read$/);
});

test('many tools at once are one exchange', async () => {
	entra.consentGraph('all');
	entra.latencyMs = 300;
	const token = await entra.mintUserToken();
	assertServed(await Promise.all(TEN.map((tool) => call(tool, token))));
	assert.equal(entra.counts.exchanges, 1);
});

test('two users have an exchange each, and neither the other\'s token', async () => {
	entra.consentGraph('all');
	const tokens = [await entra.mintUserToken(), await entra.mintUserToken({ user: 'zoe' })];
	for (const tool of TEN.slice(0, 3)) {
		for (const token of tokens)
			await call(tool, token);
	}
	assert.equal(entra.counts.exchanges, 2);
	assert.deepEqual(entra.counts.exchangesByUser, { [entra.users.adele.oid]: 1, [entra.users.zoe.oid]: 1 });
	const bearers = graph.requests.map(({ headers }) => headers.authorization);
	assert.equal(new Set(bearers).size, 2);
	assert.ok(bearers.every((bearer, i) => bearer === bearers[i % 2]), 'each its own');
});

test('each tool asks for its own permissions, and one without consent hurts no other at that moment', async () => {
	entra.consentGraph(['Mail.Read', 'Calendars.Read']);
	const token = await entra.mintUserToken();
	const [mail, events, , , , , chats] = await Promise.all(TEN.map((tool) => call(tool, token)));
	assertServed([mail, events]);
	const { consentUrl } = assertError(chats, 403, 'consent_required').json.error;
	assert.match(new URL(consentUrl).searchParams.get('scope'), /^\S*\/Chat\.Read\w*$/);
	assert.ok(scopes().every((scope) => !scope.includes('.default')));
	assert.equal(new Set(scopes()).size, scopes().length, 'none is asked for twice');
});

test('consent given after a refusal is found by the next exchange, and the tool then needs none', async () => {
	const token = await entra.mintUserToken();
	assertError(await call(['list_mail'], token), 403, 'consent_required');
	entra.consentGraph('all', 'adele');
	assertServed([await call(['list_events', DAY], token), await call(['list_mail'], token)]);
	assert.equal(entra.counts.exchanges, 1);
});
