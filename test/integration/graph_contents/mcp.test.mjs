/* Files over MCP: a picture and a PDF in blocks of their own, and the same from another instance behind the gateway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnHandler, assertHealthy, until } from '../stage/fixture.mjs';
import { startContents } from '../stage/graph_tools/contents.mjs';
import { clientOf } from '../stage/mcp.mjs';

const { graph, entra, settings, handler, token, put } = await startContents();
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n');
const client = () => clientOf(handler(), { token });

/* What a client is shown of a file, in both eras. */
async function shown(args, name = 'read_file') {
	const answers = [];
	for (const way of ['call', 'legacyCall']) {
		const { result } = (await client()[way](name, args)).json;
		assert.equal(result.isError, false);
		assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
		answers.push(result);
	}
	const [{ content, structuredContent }, legacy] = answers;
	assert.deepEqual(legacy.content, content);
	return { blocks: content.slice(1), result: structuredContent };
}

test('a picture is an image block, and not in the text', async () => {
	const { blocks, result } = await shown({ id: put({ name: 'a.png', type: 'image/png', bytes: PNG }) });
	assert.deepEqual(blocks, [{ type: 'image', mimeType: 'image/png', data: PNG.toString('base64') }]);
	assert.deepEqual(result.image, { contentType: 'image/png' });
	assert.equal(result.name, 'a.png');
});

test('a PDF is an embedded resource, of the address where the user finds it', async () => {
	const { blocks, result } = await shown({ id: put({ name: 'a.pdf', type: 'application/pdf', bytes: PDF }) });
	assert.deepEqual(blocks, [{ type: 'resource', resource: { uri: result.url, mimeType: 'application/pdf', blob: PDF.toString('base64') } }]);
	assert.deepEqual(result.pdf, { contentType: 'application/pdf' });
	assert.match(result.url, /^https:/);
});

test('a PDF without an address is a resource of its name', async () => {
	const { mails } = (await client().call('list_mail', { limit: 1 })).json.result.structuredContent;
	const attachment = graph.putAttachment('adele', mails[0].id, { name: 'Ü b/c".pdf', type: 'application/pdf', bytes: PDF });
	const { blocks: [{ resource }] } = await shown({ id: mails[0].id, attachment_id: attachment }, 'read_attachment');
	assert.equal(resource.uri, 'file:///%C3%9C%20b%2Fc%22.pdf');
});

test('a text is in the text alone', async () => {
	const { blocks, result } = await shown({ id: put({ name: 'a.txt', type: 'text/plain', bytes: 'hello' }) });
	assert.deepEqual([blocks, result.text], [[], 'hello']);
});

test('over stdio, from the gateway\'s handler, a file comes as it does here', async () => {
	const ids = [['a.png', 'image/png', PNG], ['a.pdf', 'application/pdf', PDF], ['a.txt', 'text/plain', 'hello']]
		.map(([name, type, bytes]) => put({ name, type, bytes }));
	const { child, lines, ending } = spawnHandler({ args: ['--stdio'], stdin: 'pipe', env: { ...settings, CLIENT_SECRET: undefined,
		APIM_GATEWAY_URL: handler().url, ACCESS_TOKEN: await entra.mintUserToken() } });
	const messages = () => lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => JSON.parse(text));
	ids.forEach((id, i) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: i, method: 'tools/call', params: { name: 'read_file', arguments: { id } } })}\n`));
	await until(() => messages().length === ids.length);
	child.stdin.end();
	await ending();
	assertHealthy(lines);
	for (const [i, id] of ids.entries()) {
		const { blocks, result } = await shown({ id });
		const got = messages().find((message) => message.id === i).result;
		assert.deepEqual([got.content.slice(1), got.structuredContent], [blocks, result]);
	}
});
