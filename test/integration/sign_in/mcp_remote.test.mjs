/* mcp-remote, the bridge of clients that only start programs, signs in with each kind of client id. */
import { test } from 'node:test';
import * as v2 from '@modelcontextprotocol/client';
import * as v2stdio from '@modelcontextprotocol/client/stdio';
import { freePort } from '../../sandbox/host/client.mjs';
import { readLines } from '../../sandbox/host/console.mjs';
import { home, visit } from '../stage/programs/home.mjs';
import { program } from '../stage/programs/run.mjs';
import { CIMD, inEachPlace, isAskedAtOnce, opening, programSignsIn, stepsUp } from '../stage/sign_in.mjs';

const KINDS = {
	'a given client id': ({ clientId }) =>
		['--static-oauth-client-info', JSON.stringify({ client_id: clientId })],
	'a client metadata document': () => ['--client-metadata-url', CIMD],
	'registration': () => [],
};

/* The program between a client of the test and the server. */
async function clientOf(place, args = []) {
	const folder = home();
	const transport = new v2stdio.StdioClientTransport({ command: process.execPath, stderr: 'pipe',
		args: [program('mcp-remote'), place.endpoint, `${await freePort()}`, ...args],
		env: { ...folder.env, MCP_REMOTE_CONFIG_DIR: folder.path } });
	readLines(transport.stderr, visit);
	const client = new v2.Client({ name: 'test', version: '1' });
	return { age: folder.age,
		async me() {
			if (!client.transport)
				await client.connect(transport);
			return (await client.callTool({ name: 'me', arguments: {} })).structuredContent;
		},
		async close() {
			await client.close();
			folder.remove();
		} };
}

const open = opening(clientOf);

programSignsIn(KINDS, 'registration', open);

inEachPlace((place) => {
	test('signs in with more when it is challenged for it', async (t) =>
		stepsUp(place(), await open(t, place())));
}, { places: ['alone'] });

isAskedAtOnce(open);
