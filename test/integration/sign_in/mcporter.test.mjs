/* mcporter, a command line that keeps its tokens between calls, signs in by its own command. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLines } from '../../sandbox/host/console.mjs';
import { Person } from '../stage/person.mjs';
import { home, inEachPlace, program, signsIn } from '../stage/sign_in.mjs';

const KINDS = {
	'a given client id': ({ clientId }) => ({ oauthClientId: clientId }),
	'registration': () => ({}),
};

function clientOf(place, settings) {
	const folder = home();
	const config = join(folder.path, 'mcporter.json');
	writeFileSync(config, JSON.stringify({ mcpServers: {
		graph: { url: place.endpoint, auth: 'oauth', ...settings } }, imports: [] }));
	/* Its output, as text; the person visits an address that it prints. */
	async function run(...args) {
		const child = spawn(process.execPath, [program('mcporter'), '--config', config, ...args],
			{ cwd: folder.path, env: folder.env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
		const lines = [];
		for (const stream of [child.stdout, child.stderr]) {
			readLines(stream, (text) => {
				lines.push(text);
				const page = text.match(/https?:\/\/\S+\/oauth\/authorize\?\S+/)?.[0];
				if (page)
					new Person().signInAndReturn(page);
			});
		}
		const [code] = await once(child, 'close');
		assert.equal(code, 0, lines.join('\n'));
		return lines.join('\n');
	}
	let signedIn = false;
	return { age: folder.age, close: folder.remove,
		async me() {
			if (!signedIn)
				await run('auth', 'graph', '--no-browser');
			signedIn = true;
			return JSON.parse(await run('call', 'graph.me', '--output', 'json'));
		} };
}

inEachPlace((place) => {
	for (const [kind, settings] of Object.entries(KINDS)) {
		test(`signs in with ${kind}, and renews its token`, async (t) => {
			const client = clientOf(place(), settings(place()));
			t.after(client.close);
			await signsIn(place(), client);
		});
	}
});
