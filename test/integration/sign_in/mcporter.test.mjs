/* mcporter, a command line that keeps its tokens between calls, signs in by its own command. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { home } from '../stage/programs/home.mjs';
import { program } from '../stage/programs/run.mjs';
import { givesUp, inEachPlace, isAskedAtOnce, opening, programSignsIn } from '../stage/sign_in.mjs';

const KINDS = {
	'a given client id': ({ clientId }) => ({ oauthClientId: clientId }),
	'registration': () => ({}),
};

function clientOf({ endpoint }, settings = {}, { asStarted } = {}) {
	const { path, call, age, remove } = home();
	const config = join(path, 'mcporter.json');
	writeFileSync(config, JSON.stringify({ imports: [],
		mcpServers: { graph: { url: endpoint, auth: 'oauth', ...settings } } }));
	const command = (...args) => call(program('mcporter'), ['--config', config, ...args], { asStarted });
	let signedIn = false;
	return { age, close: remove,
		async me() {
			if (!signedIn)
				await command('auth', 'graph', '--no-browser');
			signedIn = true;
			return JSON.parse(await command('call', 'graph.me', '--output', 'json'));
		} };
}

const open = opening(clientOf);

programSignsIn(KINDS, 'registration', open);

inEachPlace((place) => {
	test('renews its token when it is challenged for more, and gives up', async (t) =>
		givesUp(place(), await open(t, place())));
}, { places: ['alone'] });

isAskedAtOnce(open);
