/*
 * What search finds for a user of the sandbox, and what fetch gives of it: every kind, as it is in the service itself, in the
 * contract that ChatGPT's research mode has with tools of these names.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { clientOf } from '../stage/mcp.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph } = sandbox;
entra.consentGraph('all');
const env = { ...sandbox.env, GRAPH_TOOLS: '*' };
const handler = use(() => startAlone({ env, keeps: sandbox }));
afterEach(() => graph.resetCounts());
const token = await entra.mintUserToken();

async function call(name, args, at = handler()) {
	const { status, json, text } = await callTool(at, name, args, { token });
	assert.equal(status, 200, text);
	return json;
}
const search = async (query, at) => (await call('search', { query }, at)).results;
const kindOf = ({ id }) => id.split(':')[0];
const asked = () => graph.requests.filter(({ url }) => url.endsWith('/search/query'));

test('a result is id, title, address and text', async () => {
	const { othersWrote, results, ...rest } = await call('search', { query: 'the' });
	assert.match(othersWrote, /^results\[\]\.title, results\[\]\.text: data/);
	assert.deepEqual(Object.keys(rest).filter((name) => name !== 'more'), []);
	assert.ok(results.length > 0 && results.length <= 25);
	for (const result of results) {
		assert.deepEqual(Object.keys(result), ['id', 'title', 'url', 'text']);
		assert.match(result.id, /^(mail|event|chat|post|file|item|site):[\w%./-]+$/);
		assert.ok(result.title.length > 0);
		assert.match(result.url, /^https:\/\/[!-~]+$/);
		assert.doesNotMatch(result.text, /<\/?c0>|<ddd\/>|\n/);
	}
	assert.equal(new Set(results.map(({ id }) => id)).size, results.length);
});

test('each kind has a request of its own, and they are under way together', async () => {
	let all;
	const until = new Promise((resolve) => { all = resolve; });
	const watch = setInterval(() => asked().length === 4 && all(), 5); /* one after the other they would never be four */
	graph.fail({ kind: 'held', path: '/search/query', until, times: 4 });
	try {
		await search('budget');
	} finally {
		clearInterval(watch);
		all();
		graph.clearFailures();
	}
	assert.deepEqual(asked().map(({ body }) => JSON.parse(body).requests[0].entityTypes.join()).sort(),
		['chatMessage', 'driveItem,listItem,site', 'event', 'message']);
});

test('the first of each kind come before the second of any', async () => {
	const kinds = (await search('a')).map(kindOf);
	assert.equal(new Set(kinds.slice(0, 4)).size, 4, kinds.join());
	assert.equal(new Set(kinds.slice(4, 8)).size, 4, kinds.join());
});

const OF = { mail: ['budget', ({ metadata }) => metadata.from], event: ['bring', ({ metadata }) => metadata.start],
	chat: ['numbers', ({ metadata }) => metadata.from],
	file: ['minutes', ({ metadata }) => metadata.size], item: ['list', ({ metadata }) => metadata.modified], site: ['lighthouse archive', () => true] };

/* The first of that kind that the words find. */
async function first(kind, words) {
	const found = (await search(words)).find((result) => kindOf(result) === kind);
	assert.ok(found, `no ${kind} is found`);
	return found;
}

describe('fetch gives the whole of', () => {
	for (const [kind, [words, fact]] of Object.entries(OF)) {
		test(`a ${kind}`, async () => {
			const found = await first(kind, words);
			const { othersWrote, ...rest } = await call('fetch', { id: found.id });
			assert.deepEqual(Object.keys(rest), ['id', 'title', 'text', 'url', 'metadata']);
			assert.equal(rest.id, found.id);
			assert.ok(rest.title.length > 0 && rest.text.length > 0);
			assert.ok(Object.values(rest.metadata).every((value) => typeof value === 'string'));
			assert.ok(fact(rest), JSON.stringify(rest.metadata));
			assert.match(othersWrote, /^title, text, metadata: data/);
		});
	}

	test('a message of a channel', async () => {
		const { teams: [{ id: team }] } = await call('list_teams', {});
		const { channels: [{ id: channel }] } = await call('list_channels', { team_id: team });
		const { messages: [{ id, text }] } = await call('list_channel_messages', { team_id: team, channel_id: channel });
		const fetched = await call('fetch', { id: `post:${encodeURIComponent(team)}/${encodeURIComponent(channel)}/${id}` });
		assert.equal(fetched.text, text);
	});

	test('a mail, as get_mail gives it', async () => {
		const { id } = await first('mail', 'budget');
		const { text, title } = await call('fetch', { id });
		const mail = await call('get_mail', { id: decodeURIComponent(id.slice('mail:'.length)) });
		assert.deepEqual([title, text], [mail.subject, mail.text]);
	});
});

test('what a client makes up is refused, and Graph is not asked', async () => {
	const { id } = await first('mail', 'budget');
	const [, part] = id.split(':');
	graph.resetCounts();
	for (const wrong of ['', 'mail', 'mail:', 'mail:..', `mail:${part}/attachments`, `mail:${part}%2Fattachments`, `mail:${part}?$expand=x`, `user:${part}`,
		'file:..%2f..%2fme/x', 'chat:x', 'site:a/b', `mail:${part}#`, ' ', 'mail:\u0000', 'hit:x', 'https://graph.microsoft.com/v1.0/me', `mail:${'a'.repeat(600)}`])
		assertError(await callTool(handler(), 'fetch', { id: wrong }, { token }), 400, 'bad_request');
	assert.equal(graph.requests.length, 0);
});

test('what is not there is said in words of its kind', async () => {
	for (const [id, words] of [[`mail:AAMkAGI2${'x'.repeat(40)}`, 'mail'], [`event:AAMkAGI2${'x'.repeat(40)}`, 'event'], ['chat:19%3Ax%40unq.gbl.spaces/1', 'message']]) {
		const { error } = assertError(await callTool(handler(), 'fetch', { id }, { token }), 404, 'not_found').json;
		assert.match(error.message, new RegExp(`^This ${words} is not there`));
	}
});

test('over MCP a result is structure and one block of the same text, of the schema that is listed', async () => {
	const client = clientOf(handler(), { token });
	for (const way of ['call', 'legacyCall']) {
		const { result } = (await client[way]('search', { query: 'budget' })).json;
		assert.equal(result.content.length, 1);
		assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
		const fetched = (await client[way]('fetch', { id: result.structuredContent.results[0].id })).json.result;
		assert.equal(fetched.content.length, 1);
		assert.deepEqual(JSON.parse(fetched.content[0].text), fetched.structuredContent);
	}
});
