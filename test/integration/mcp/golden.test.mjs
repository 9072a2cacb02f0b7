/*
 * What clients see before any call, word by word: tools with their schemas, discovery in both eras,
 * and the metadata documents.  Clients and people rely on it, so a change is made on purpose:
 * `make endpoints` rewrites test/golden/*.json, and the change is then seen in review.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repo, send, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { LEGACY, clientOf } from '../stage/mcp.mjs';

const folder = join(repo, 'test/golden');
const writing = process.env.WRITE_GOLDEN === '1';
const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, env } = sandbox;
const handler = use(() => startAlone({ env: { ...env, MCP_CLIENT_ID: '5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50' } }));
const plain = use(() => startAlone({ env }));
const token = await entra.mintUserToken();
const client = () => clientOf(handler(), { token });
const seen = new Set();

/* The document as lines, with what differs from run to run and from release to release named. */
function normalise(document) {
	const version = readFileSync(join(repo, 'handler/base/version.h'), 'utf8')
		.match(/SERVICE_VERSION "([^"]+)"/)[1];
	return `${JSON.stringify(document, null, '\t')
		.replaceAll(entra.url, 'https://entra.example')
		.replaceAll(`"version": "${version}"`, '"version": "VERSION"')}\n`;
}

/* The diff of the runner is by line: - what the file says, + what the program says. */
function assertGolden(t, name, document) {
	const file = join(folder, `${name}.json`);
	const text = normalise(document);
	seen.add(`${name}.json`);
	if (writing) {
		writeFileSync(file, text);
		t.diagnostic(`wrote ${file}`);
		return;
	}
	assert.ok(existsSync(file), `test/golden/${name}.json is missing; make endpoints writes it`);
	const expected = readFileSync(file, 'utf8');
	assert.deepEqual(text.split('\n'), expected.split('\n'),
		`test/golden/${name}.json is not what the program says; if that is meant, make endpoints writes it`);
}

test('tools/list, in both eras', async (t) => {
	const legacy = (await client().legacy('tools/list')).json.result;
	const { tools, ...rest } = (await client().modern('tools/list')).json.result;
	assert.deepEqual(legacy, { tools });
	assertGolden(t, 'tools_list_modern_members', rest);
	for (const tool of tools)
		assertGolden(t, `tool_${tool.name}`, tool);
});

test('server/discover', async (t) => {
	assertGolden(t, 'server_discover', (await client().modern('server/discover')).json.result);
});

test('initialize, the same in each version but for its name', async (t) => {
	const [first, ...others] = await Promise.all(LEGACY.map(async (protocolVersion) =>
		(await client().legacy('initialize', { protocolVersion, capabilities: {},
			clientInfo: { name: 'golden', version: '1' } })).json.result));
	assertGolden(t, 'initialize', first);
	others.forEach((other, i) => assert.deepEqual(other,
		{ ...first, protocolVersion: LEGACY[i + 1] }));
});

test('protected resource metadata, with Entra or this host as the authorization server',
	async (t) => {
		const read = async ({ url }) =>
			(await send(`${url}/.well-known/oauth-protected-resource/api/mcp`)).json;
		assertGolden(t, 'protected_resource', await read(plain()));
		assertGolden(t, 'protected_resource_door', await read(handler()));
	});

test('authorization server metadata', async (t) => {
	assertGolden(t, 'authorization_server',
		(await send(`${handler().url}/.well-known/oauth-authorization-server/api`)).json);
});

test('every file is somebody\'s', () => {
	const strays = readdirSync(folder).filter((name) => !seen.has(name));
	if (writing) for (const name of strays) rmSync(join(folder, name));
	else assert.deepEqual(strays, [], `test/golden: nobody says ${strays}; make endpoints removes it`);
});
