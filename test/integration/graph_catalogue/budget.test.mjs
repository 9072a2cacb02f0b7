/* What the catalogue costs in a model's context, as tools/list shows it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { spawnHandler, until } from '../stage/fixture.mjs';
import { bytesOf, costOf, tokensOf } from '../stage/catalogue/cost.mjs';
import { everyTool, listed, readTools } from '../stage/catalogue/definitions.mjs';

const TOKENS_MAX = 6000; /* of the whole catalogue */
const AVERAGE_MAX = 160;
const BYTES_MAX = 1500; /* of one tool */

const catalogue = readTools().map((tool) => listed(tool));
const withMailboxes = readTools().map((tool) => listed(tool, { withShared: true }));

for (const [what, tools] of [['the whole catalogue', catalogue], ['the whole catalogue with shared', withMailboxes]])
	test(`${what} is at most 6,000 tokens, and 160 a tool on average`, (t) => {
		const { tokens } = costOf(tools);
		t.diagnostic(`${tokens.total} tokens`);
		assert.ok(tokens.total <= TOKENS_MAX, `${tokens.total} tokens`);
		assert.ok(tokens.average <= AVERAGE_MAX, `${tokens.average} tokens a tool`);
	});

describe('a tool is at most 1,500 bytes', () => {
	for (const tool of withMailboxes)
		test(tool.name, () => assert.ok(bytesOf(tool) <= BYTES_MAX, `${bytesOf(tool)} bytes`));
});

test('a longer description costs more tokens and bytes', () => {
	const [tool] = catalogue;
	const longer = { ...tool, description: `${tool.description} And once more: ${tool.description}` };
	assert.ok(tokensOf(longer) > tokensOf(tool));
	assert.ok(bytesOf(longer) > bytesOf(tool));
	assert.equal(tokensOf({ ...tool, title: 'x'.repeat(999) }), tokensOf(tool), 'a title is for people');
});

/* All that the handler lists with every tool enabled, and those words. */
async function served(...words) {
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe',
		env: everyTool(...words) });
	child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })}\n`);
	const answer = () => lines.find(({ stream }) => stream === 'stdout');
	await until(answer);
	child.stdin.end();
	await ending();
	return JSON.parse(answer().text).result.tools;
}

for (const [words, counted] of [[[], catalogue], [['shared'], withMailboxes]])
	test(`tools/list shows each tool of the catalogue as it is counted here${words.map((word) => `, with ${word}`)}`, async () => {
		const tools = new Map((await served(...words)).map((tool) => [tool.name, tool]));
		for (const tool of counted)
			assert.deepEqual(tools.get(tool.name), tool, tool.name);
	});
