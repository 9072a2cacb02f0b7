/*
 * Every paged tool of the catalogue, followed by its cursors to the end: what the sandbox's Graph has when it is asked
 * directly is given once, in that order, however short the pages are and however little a result may hold.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { catalogueCalls, permissions } from '../stage/catalogue/calls.mjs';
import { readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const tools = readTools();
const paged = tools.filter(({ result }) => result?.page);
const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph } = sandbox;
entra.consentGraph(permissions);
const token = await entra.mintUserToken();
const LITTLE = 2048; /* bytes of a result, the least that can be set */
const started = (more) => use(() => startAlone({ env: { ...sandbox.env, GRAPH_TOOLS: '*', ...more }, keeps: sandbox }));
const [plain, narrow] = [started(), started({ RESULT_BYTES_MAX: `${LITTLE}` })];

async function call(handler, name, args) {
	const answer = await callTool(handler(), name, args, { token });
	assert.equal(answer.status, 200, `${name} ${JSON.stringify(args)}: ${answer.text}`);
	return answer;
}

/* The ids of a list to its end, and the answers. */
async function walk(handler, name, args) {
	const { as } = tools.find((tool) => tool.name === name).result;
	const answers = [await call(handler, name, args)];
	for (let cursor; (cursor = answers.at(-1).json.cursor);) {
		assert.ok(answers.length < 1000, 'it comes to an end');
		answers.push(await call(handler, name, { ...args, cursor }));
	}
	return { answers, ids: answers.flatMap(({ json }) => json[as].map(({ id }) => id)) };
}

/* The same list, by what Graph was asked last, in pages as Graph cuts them. */
async function ofGraph() {
	const { url, headers: { authorization, prefer, consistencylevel } } = graph.requests.at(-1);
	const headers = Object.fromEntries(Object.entries({ authorization, prefer, consistencylevel }).filter(([, value]) => value));
	const ids = [];
	for (let next = new URL(url, graph.url); next;) {
		const page = await (await fetch(next, { headers })).json();
		ids.push(...page.value.map(({ id }) => id));
		next = page['@odata.nextLink'];
	}
	return ids;
}

/* The arguments by which each paged tool lists something, and what is there. */
const wanted = Object.fromEntries(paged.map(({ name }) => [name, []]));

test('every paged tool has a list that is longer than a short page', async () => {
	const { answers, calls } = catalogueCalls();
	for (const [name, from = () => ({})] of calls) {
		const { cursor, limit, ...args } = from();
		answers[name] = (await call(plain, name, args)).json;
		if (!cursor)
			wanted[name]?.push({ args, ids: await ofGraph() });
	}
	for (const [name, lists] of Object.entries(wanted)) {
		const longest = Math.max(...lists.map(({ ids }) => ids.length));
		assert.ok(longest > 3, `${name} lists ${longest}`);
	}
});

for (const { name, result: { page } } of paged) {
	describe(name, () => {
		for (const [what, limit] of [['one by one', 1], ['by threes', 3], ['as it comes', undefined], ['in the largest pages', page.max]]) {
			test(`gives every item once, ${what}`, async () => {
				for (const { args, ids } of wanted[name]) {
					const { answers, ids: given } = await walk(plain, name, { ...args, limit });
					assert.deepEqual(given, ids);
					assert.ok(answers.length >= ids.length / (limit ?? page.default), 'no page is longer than asked for');
				}
			});
		}

		test(`gives every item once, ${LITTLE} bytes at a time`, async () => {
			for (const { args, ids } of wanted[name]) {
				const { answers, ids: given } = await walk(narrow, name, { ...args, limit: page.max });
				assert.deepEqual(given, ids);
				assert.ok(answers.every(({ bytes }) => bytes.length <= LITTLE));
			}
		});
	});
}
