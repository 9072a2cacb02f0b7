/* One client at one place, from a 401 to a result of me, and on when its token has expired. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../sandbox/host/client.mjs';
import { until } from '../integration/stage/fixture.mjs';
import { Person } from '../integration/stage/person.mjs';
import { CIMD } from '../integration/stage/sign_in.mjs';
import { folderOf } from './clients.mjs';

export const STEPS = ['discovery', 'registration', 'sign-in', 'me', 'refresh'];
const LIMIT_MS = 120_000; /* for all of it, on a busy machine */
const WORDS_KEPT = 6; /* lines of standard error, where a program ends without a reason */

const ID = { given: ({ clientId }) => clientId, cimd: () => CIMD, registered: () => '' };

/* The client's program: says(name) resolves to the value of its next line, which has to be of that name. */
function start(client, task) {
	const [command, ...args] = client.command;
	const child = spawn(command, [...args, JSON.stringify(task)],
		{ cwd: folderOf(client), stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS });
	const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
	const words = [];
	createInterface(child.stderr).on('line', (line) => words.push(line));
	child.stdin.on('error', () => {}); /* it has ended, which its next line tells */
	return {
		async says(name) {
			const { value, done } = await lines.next();
			assert.ok(!done, `it ended: ${words.slice(-WORDS_KEPT).join(' ')}`);
			const line = JSON.parse(value);
			assert.ok(name in line, line.failed ?? value);
			return line[name];
		},
		me() {
			child.stdin.write('again\n');
			return this.says('me');
		},
		async stop() {
			child.stdin.end();
			if (child.exitCode === null && child.signalCode === null)
				await once(child, 'exit');
		} };
}

/* The person signs in, and their browser goes back to the client, once that listens. */
async function signIn(page) {
	const { url, page: text } = await new Person().signIn(page);
	assert.ok(url, `never came back to the client: ${text}`);
	await until(() => fetch(url).then(() => true, () => false));
}

/* How often somebody has registered, by the handler's log. */
const registrations = ({ handler }) => handler.lines.filter(({ text }) => / status=201 .*action=register /.test(text)).length;

/* done(step) is called for each that is behind it; throws at the first that is not. */
async function goThrough({ place, program, kind, life_s, registered, done }) {
	const { entra } = place;
	const page = new URL(await program.says('open'));
	assert.equal(page.origin + page.pathname, `${place.url}/oauth/authorize`);
	done('discovery');
	assert.equal(page.searchParams.get('client_id'), ID[kind](place) || place.clientId);
	if (kind === 'registered')
		await until(() => registrations(place) === registered + 1);
	else
		assert.equal(registrations(place), registered, 'registrations');
	done('registration');
	await signIn(page);
	const me = program.me();
	await Promise.race([me, until(() => entra.counts.codes > 0)]);
	assert.equal(entra.counts.codes, 1, 'codes redeemed');
	done('sign-in');
	assert.equal((await me).displayName, 'Adele Vance');
	done('me');
	await delay(life_s * 1000);
	const before = entra.counts.refreshes;
	assert.equal((await program.me()).displayName, 'Adele Vance');
	assert.ok(entra.counts.refreshes > before, 'the token was not renewed');
	assert.equal(entra.counts.signIns, 1, 'times that the person signed in');
	done('refresh');
}

/* {done, failed}: the steps that it got done, and why not the next one. */
export async function session(place, client, kind) {
	place.reset();
	place.entra.userTokens = { expiresIn: client.life_s };
	const registered = registrations(place);
	const program = start(client, { endpoint: place.endpoint, issuer: place.url, kind,
		id: ID[kind](place), port: await freePort() });
	const done = [];
	try {
		await goThrough({ place, program, kind, registered, life_s: client.life_s, done: (step) => done.push(step) });
		return { done };
	} catch ({ message }) {
		return { done, failed: message.split('\n')[0] };
	} finally {
		await program.stop();
	}
}
