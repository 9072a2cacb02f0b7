/* The Inspector's command line signs in before its first call, and keeps its tokens for the next. */
import { test } from 'node:test';
import { freePort } from '../../sandbox/host/client.mjs';
import { home } from '../stage/programs/home.mjs';
import { program } from '../stage/programs/run.mjs';
import { CIMD, givesUp, inEachPlace, isAskedAtOnce, opening, programSignsIn } from '../stage/sign_in.mjs';

const KINDS = {
	'a given client id': ({ clientId }) => ['--client-id', clientId],
	'a client metadata document': () => ['--client-metadata-url', CIMD],
	'registration': () => [],
};
const CALL = ['--transport', 'http', '--method', 'tools/call', '--tool-name', 'me', '--format', 'json'];
const SETTINGS = { MCP_INSPECTOR_SECRET_STORE: 'file', MCP_AUTO_OPEN_ENABLED: 'true' };

async function clientOf({ endpoint }, args = [], { asStarted } = {}) {
	const { call, age, remove } = home();
	const back = `http://127.0.0.1:${await freePort()}/oauth/callback`;
	return { age, close: remove,
		async me() {
			const out = await call(program('@modelcontextprotocol/inspector', 'mcp-inspector'),
				['--cli', endpoint, ...CALL, '--callback-url', back, ...args], { asStarted, env: SETTINGS });
			return JSON.parse(out).result.structuredContent;
		} };
}

const open = opening(clientOf);

programSignsIn(KINDS, 'registration', open);

inEachPlace((place) => {
	test('renews its token when it is challenged for more, and gives up', async (t) =>
		givesUp(place(), await open(t, place())));
}, { places: ['alone'] });

isAskedAtOnce(open);
