/*
 * The catalogue against the sandbox's Graph, which refuses as Graph does: each tool is called with ids that others gave,
 * by a user who has consented to what the catalogue names and nothing more.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { during, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { catalogueCalls, permissions } from '../stage/catalogue/calls.mjs';
import { everyTool, readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const tools = readTools();
const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra } = sandbox;
entra.consentGraph(permissions);
const handler = use(() => startAlone({ env: { ...sandbox.env, ...everyTool() }, keeps: sandbox }));
const token = await entra.mintUserToken();

const { answers, calls, writes } = catalogueCalls();

function assertPicked(given, pick, what) {
	assert.deepEqual(Object.keys(given).filter((name) => !(name in pick)), [], what);
	assert.ok(Object.keys(given).length > 1, what);
}

for (const [name, from] of [...calls, ...writes]) {
	const args = from ?? (() => ({}));
	test(`${name}(${from ? /\(\{ (.*),? \}\)/s.exec(from)[1].replace(/\s+/g, ' ') : ''}) gives what it picks`, async () => {
		const { result } = tools.find((tool) => tool.name === name);
		const { status, json, text } = await callTool(handler(), name, args(), { token });
		assert.equal(status, 200, text);
		answers[name] = json;
		if (result.say)
			return assert.deepEqual(json, { done: result.say });
		const { cursor, more, othersWrote, ...rest } = json;
		assert.deepEqual([Boolean(cursor), Boolean(othersWrote)], [Boolean(more), Boolean(result.others)]);
		if (result.list)
			json[result.as].forEach((item) => assertPicked(item, result.pick, text));
		else
			assertPicked(rest, result.content ? { ...result.pick, is: '', text: '' } : result.pick, text);
		assert.ok(!result.content || typeof json.text === 'string', text);
		assert.ok(!result.list || json[result.as].length > 0, 'something is listed');
	});
}

test('every tool was called, and all of them took one exchange', () => {
	assert.deepEqual(Object.keys(answers).sort(), tools.map(({ name }) => name).sort());
	assert.equal(entra.counts.token, 1);
});

for (const [name, argument] of [['list_mail', 'from'], ['find_people', 'query'], ['search_users', 'query']])
	test(`${name} with an empty ${argument} is refused by its name, and not answered with nothing`, async () => {
		const { status, json, text } = await callTool(handler(), name, { [argument]: '' }, { token });
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
