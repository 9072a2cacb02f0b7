/* The official Inspector's command line calls every tool of the catalogue with ids that other tools gave. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { catalogueCalls, permissions } from '../stage/catalogue/calls.mjs';
import { everyTool, readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { inspect } from '../stage/inspector.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph } = sandbox;
entra.consentGraph(permissions, 'adele');
const token = await entra.mintUserToken();
const handler = use(() => startAlone({ env: { ...sandbox.env, ...everyTool() }, keeps: sandbox }));

/* What a tool gives by way of the Inspector, which fails where the result is not of the tool's schema. */
async function inspected(name, args = {}) {
	const { code, out, err } = await inspect(`${handler().url}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`,
		'--protocol-era', 'modern', '--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
	assert.equal(code, 0, `${name}: ${err} ${JSON.stringify(out)}`);
	const { content, structuredContent, isError } = out.result;
	assert.ok(!isError && structuredContent, name);
	assert.deepEqual(JSON.parse(content[0].text), structuredContent, name);
	return structuredContent;
}

describe('every tool of the catalogue answers the Inspector', () => {
	const { answers, calls, writes } = catalogueCalls();

	test('those that read', async () => {
		const given = {}; /* by tool, the arguments of its last call */
		for (const [name, from = () => ({})] of calls) {
			given[name] = from();
			const { status, text } = await callTool(handler(), name, given[name], { token });
			assert.equal(status, 200, `${name}: ${text}`);
			answers[name] = JSON.parse(text);
		}
		for (const [name, args] of Object.entries(given))
			assert.deepEqual(Object.keys(await inspected(name, args)), Object.keys(answers[name]));
	});

	test('those that write, each once', async () => {
		graph.writes.length = 0;
		for (const [name, from] of writes)
			answers[name] = await inspected(name, from());
		assert.deepEqual(Object.keys(answers).sort(), readTools().map(({ name }) => name).sort());
		assert.equal(graph.writes.length, writes.length + 1, 'one of them is two requests');
	});
});
