/*
 * Graph's JSON reaches the caller as the bytes it is: digits, escapes and order, over REST and MCP,
 * whoever asks Graph.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { spawnHandler, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const handler = use(() => startAlone({ env, keeps: sandbox }));
afterEach(() => sandbox.reset());

const jsonType = { 'content-type': 'application/json' };
const ID = `"id":"${entra.users.adele.oid}"`;
const NUMBERS = '"big":9223372036854775807,"expires":133500000000000001,"price":1.10,"far":1e400,'
	+ '"many":[1.0,-0.0,1E+2,{"deep":12345678901234567890123456789012345678901234567890123456789012345}]';

const graphSays = (body) => graph.fail({ kind: 'raw', status: 200, headers: jsonType, body });
const me = async (query = '') => handler().ask(`/me${query}`, { token: await entra.mintUserToken() });

async function tool(args = {}) {
	const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
		params: { name: 'me', arguments: args } });
	return handler().ask('/mcp', { method: 'POST', token: await entra.mintUserToken(), body, headers: jsonType });
}

/* What a program without a credential says to a call of me: its line, and how many lines it said. */
async function askedOverStdio() {
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe',
		env: { ...env, CLIENT_SECRET: undefined, APIM_GATEWAY_URL: handler().url,
			ACCESS_TOKEN: await entra.mintUserToken() } });
	const said = () => lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
	child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"me"}}\n');
	await until(() => said().length > 0);
	child.stdin.end();
	await ending();
	assert.equal(said().length, 1);
	return said()[0];
}

/* The text block and the structure of a tool's answer, as the bytes they are. */
function assertTold(answer, document) {
	assert.equal(JSON.parse(answer).result.content[0].text, document);
	assert.ok(answer.includes(`"structuredContent":${document},"isError":false`), answer);
}

describe('numbers keep their digits', () => {
	const document = `{${NUMBERS},${ID}}`;

	test('over REST', async () => {
		graphSays(document);
		assert.equal((await me()).text, document);
	});

	test('over MCP, in text and structure', async () => {
		graphSays(document);
		assertTold((await tool()).text, document);
	});

	test('by way of another instance that was asked over stdio', async () => {
		graphSays(document);
		assertTold(await askedOverStdio(), document);
	});

	test('in each part of a batch', async () => {
		const manager = `{${NUMBERS},"id":"m"}`;
		const batch = `{"responses":[{"id":"manager","status":200,"body":${manager}},`
			+ `{"id":"me","status":200,"body":${document}}]}`;
		const both = `{${NUMBERS},${ID},"manager":${manager}}`;
		graphSays(batch);
		assert.equal((await me('?include=manager')).text, both);
		graphSays(batch);
		assertTold((await tool({ include: ['manager'] })).text, both);
	});

	test('where the id that was not selected is taken out', async () => {
		graphSays(`{"a":1.10,${ID},"b":1e400}`);
		assert.equal((await me('?$select=a,b')).text, '{"a":1.10,"b":1e400}');
	});
});

describe('a property that strict parsers would refuse spoils nothing', () => {
	const odd = String.raw`{"half":"a\ud83d","other":"\uDE00b","pair":"\ud83d\ude00","nul":"x\u0000y",`
		+ String.raw`"\ud83d":1,"slash":"\\ud83d",` + `${ID}}`;
	const told = odd.replaceAll(/(?<!\\)\\ud83d(?!\\ude00)/g, '\\ufffd').replace('\\uDE00b', '\\ufffdb');

	test('over REST half a surrogate pair is U+FFFD, U+0000 stays', async () => {
		assert.equal(told.match(/\\ufffd/g).length, 3);
		graphSays(odd);
		const answer = await me();
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.text, told);
	});

	test('over MCP too', async () => {
		graphSays(odd);
		assertTold((await tool()).text, told);
	});

	test('over stdio too, where an answer is one line', async () => {
		graphSays(`\n${odd.replace('{', '{\r\n ')}\n`);
		assertTold(await askedOverStdio(), told);
	});

	test('in an included part too', async () => {
		graphSays(`{"responses":[{"id":"me","status":200,"body":{${ID}}},`
			+ String.raw`{"id":"manager","status":200,"body":{"a":"\ud83d","b":"\u0000"}}]}`);
		assert.equal((await me('?include=manager')).text,
			`{${ID},"manager":` + String.raw`{"a":"\ufffd","b":"\u0000"}}`);
	});
});

describe('whose a profile is has one answer', () => {
	for (const [what, members] of Object.entries({
		'twice': `${ID},"id":"${entra.users.zoe.oid}"`,
		'twice, once escaped': `${ID},"\\u0069d":"${entra.users.zoe.oid}"`,
		'as something else': '"id":7' })) {
		test(`with the id ${what} the profile is refused`, async () => {
			for (let i = 0; i < 2; i++)
				graphSays(`{"displayName":"x",${members}}`);
			assert.equal((await me()).status, 502);
		});
	}
});
