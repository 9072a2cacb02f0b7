/*
 * What becomes of a search when some kinds cannot be searched, or none, or when what is found is made to do harm: what can be
 * served is served, and what is missing is named.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { assertError, atSomeScale, during, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { answering } from '../stage/graph_tools/definitions.mjs';
import { clientOf } from '../stage/mcp.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = { ...sandbox.env, GRAPH_TOOLS: '*', GRAPH_TOOLS_WRITE: 'false' };
const handler = use(() => startAlone({ env, keeps: sandbox }));
const little = use(() => startAlone({ env: { ...env, RESULT_BYTES_MAX: '2048' }, keeps: sandbox }));

const ASKS = { mail: '"message"', event: '"event"', chat: '"chatMessage"', file: '"driveItem"' };
const fail = (kind, fault) => graph.fail({ path: '/search/query', times: Infinity, ...fault, ...(kind ? { asks: ASKS[kind] } : {}) });
const search = async (token, { at = handler(), query = 'the' } = {}) => callTool(at, 'search', { query }, { token });
const kindsIn = ({ json }) => [...new Set(json.results.map(({ id }) => id.split(':')[0]))];

async function consented(user) {
	entra.consentGraph('all', user ?? 'adele');
	return entra.mintUserToken(user ? { user } : {});
}

async function assertServedWithout(answer, kind) {
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.json.notSearched.map((one) => one.kind), [kind]);
	assert.ok(answer.json.results.length > 0);
	assert.ok(!kindsIn(answer).includes(kind));
	return answer.json.notSearched[0];
}

describe('a kind that fails is named, and the others serve:', () => {
	for (const kind of Object.keys(ASKS))
		test(`${kind}, throttled`, async () => {
			const token = await consented();
			fail(kind, { kind: 'throttle', retryAfter: 60 });
			const { why, consentUrl } = await assertServedWithout(await search(token), kind);
			assert.match(why, /^\S.*\.$/);
			assert.equal(consentUrl, undefined);
		});

	for (const [what, fault] of Object.entries({ 'a broken answer': { kind: 'not_json' }, 'none at all': { kind: 'close' },
		'one that is too long': { kind: 'huge' }, 'one of more than a megabyte': answering({ value: [], filler: 'a'.repeat(1 << 20) }),
		'one of another shape': answering({ value: 7 }),
		'a refusal of its permission': answering({ error: { code: 'Forbidden', message: 'sEcReT' } }, 403) }))
		test(what, async () => {
			const token = await consented();
			fail('file', fault);
			const answer = await search(token);
			await assertServedWithout(answer, 'file');
			assert.doesNotMatch(answer.text, /sEcReT/);
		});

	test('one that never answers, at the deadline', (t) => atSomeScale(async (scale) => {
		const hasty = await during(t, startAlone({ env: { ...env, GRAPH_DEADLINE_MS: String(1000 * scale) }, keeps: sandbox }));
		const token = await consented();
		fail('chat', { kind: 'stall' });
		await assertServedWithout(await search(token, { at: hasty }), 'chat');
	}));

	test('one without consent, with the page to give it', async () => {
		entra.consentGraph(['Mail.Read', 'Calendars.Read', 'Sites.Read.All'], 'adele');
		const { consentUrl } = await assertServedWithout(await search(await entra.mintUserToken()), 'chat');
		assert.match(new URL(consentUrl).searchParams.get('scope'), /\/Chat\.Read \S*\/ChannelMessage\.Read\.All/);
	});
});

test('what is missing is of the schema that clients are told', async () => {
	entra.consentGraph(['Mail.Read', 'Calendars.Read', 'Sites.Read.All'], 'adele');
	const client = clientOf(handler(), { token: await entra.mintUserToken() });
	fail('file', { kind: 'throttle', retryAfter: 60 });
	const { tools } = (await client.legacy('tools/list')).json.result;
	const { result } = (await client.legacyCall('search', { query: 'the' })).json;
	assert.deepEqual(result.structuredContent.notSearched.map(({ kind, consentUrl }) => [kind, consentUrl !== undefined]),
		[['chat', true], ['file', false]]);
	assert.deepEqual(result.content.map(({ text }) => JSON.parse(text)), [result.structuredContent]);
	const validate = new Ajv().compile(tools.find(({ name }) => name === 'search').outputSchema);
	assert.ok(validate(result.structuredContent), JSON.stringify(validate.errors));
});

test('when every kind fails the search does', async () => {
	const token = await consented();
	fail(undefined, { kind: 'throttle', retryAfter: 60 });
	assertError(await search(token), 429, 'throttled');
});

test('when nothing is consented to the page to consent is for the first kind', async () => {
	const { error } = assertError(await search(await entra.mintUserToken()), 403, 'consent_required').json;
	assert.match(new URL(error.consentUrl).searchParams.get('scope'), /^\S*\/Mail\.Read$/);
});

test('a query that Microsoft Search does not take is the caller\'s to mend', async () => {
	const answer = await search(await consented(), { query: '"' });
	assert.match(assertError(answer, 400, 'bad_request').json.error.message, /does not take this query/);
});

test('where all is consented to a search is one exchange, and the next is none', async () => {
	const token = await consented();
	entra.latencyMs = 200;
	assert.equal((await search(token)).status, 200);
	assert.equal((await search(token)).status, 200);
	assert.equal(entra.counts.exchanges, 1);
});

test('two users who search at once find their own', async () => {
	const tokens = [await consented(), await consented('zoe')];
	const alone = [];
	for (const token of tokens)
		alone.push((await search(token)).text);
	assert.notEqual(alone[0], alone[1]);
	const together = await Promise.all(Array.from({ length: 8 }, (_, i) => search(tokens[i % 2])));
	together.forEach(({ text }, i) => assert.equal(text, alone[i % 2]));
});

test('what one user found another does not fetch', async () => {
	const [adele, zoe] = [await consented(), await consented('zoe')];
	const { json: { results } } = await search(adele, { query: 'a' });
	for (const kind of ['mail', 'event', 'chat', 'file']) {
		const { id } = results.find((result) => result.id.startsWith(`${kind}:`));
		assertError(await callTool(handler(), 'fetch', { id }, { token: zoe }), 404, 'not_found');
	}
});

const hits = (...found) => answering({ value: [{ hitsContainers: [{ hits: found, total: found.length, moreResultsAvailable: false }] }] });

describe('hits that are made to do harm', () => {
	const resource = { subject: 'Line\r\nbreak\u0007 "quoted"', webLink: 'javascript:alert(1)' };
	const HARM = [
		{ hitId: '../../users/zoe/messages', summary: 'a', resource },
		{ hitId: 'x?$expand=attachments', summary: 'b', resource },
		{ hitId: 'good', summary: `<ddd/>${'word '.repeat(50_000)}`, resource },
		{ hitId: 'id'.repeat(1000), summary: 'c', resource },
		{ hitId: 7, resource }, null, 'x', [], {},
	];

	for (const [what, at] of [['32 KiB', handler], ['the least room', little]])
		test(`leave the result whole, in ${what}`, async () => {
			const token = await consented();
			['event', 'chat', 'file'].forEach((kind) => fail(kind, hits()));
			fail('mail', hits(...HARM));
			const { status, json, text } = await search(token, { at: at() });
			assert.equal(status, 200, text);
			assert.ok(Buffer.byteLength(text) <= (at === little ? 2048 : 32768));
			assert.deepEqual(json.results.map(({ id }) => id), ['mail:..-..-users-zoe-messages', 'mail:good']);
			for (const { title, url } of json.results)
				assert.deepEqual([title, url], ['Line break "quoted"', '']);
			assert.match(json.results[1].text, /^…word /);
		});

	test('have no id that leads elsewhere', async () => {
		const token = await consented();
		['event', 'chat', 'file'].forEach((kind) => fail(kind, hits()));
		fail('mail', hits(...HARM));
		const { json } = await search(token);
		graph.clearFailures();
		for (const { id } of json.results)
			assert.ok([400, 404].includes((await callTool(handler(), 'fetch', { id }, { token })).status), id);
		const paths = graph.requests.filter(({ method }) => method === 'GET').map(({ url }) => url.split('?')[0]);
		assert.deepEqual(paths, ['/v1.0/me/messages/..-..-users-zoe-messages', '/v1.0/me/messages/good']);
	});
});
