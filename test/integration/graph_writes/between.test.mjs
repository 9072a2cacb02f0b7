/*
 * What stands before a write on its user's machine: another instance that is asked in the place of Graph, a command that brings
 * tokens, and a client that cancels.  Nothing of it has a write arrive twice.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { during, startSandbox, until } from '../stage/fixture.mjs';
import { DEATHS, startMortal } from '../stage/graph_tools/mortal.mjs';
import { startStdio } from '../stage/graph_tools/ways.mjs';
import { WRITES, WRITE_SETTINGS, unsureOf } from '../stage/graph_tools/writes.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, graph } = sandbox;
beforeEach(() => {
	sandbox.reset();
	entra.consentGraph('all');
});
let answers = []; /* those to come; then that all is done */
const mortal = await startMortal(() => answers.shift() ?? { status: 200, body: { id: '1', done: 'Done.' } });
after(() => mortal.stop());
beforeEach(() => {
	answers = [];
	mortal.taken.length = 0;
});
const token = await entra.mintUserToken();
const env = { ...sandbox.env, ...WRITE_SETTINGS, ACCESS_TOKEN: token };
const asking = { ...env, CLIENT_SECRET: undefined, APIM_GATEWAY_URL: mortal.url };
const saying = (status, code) => ({ status, body: { error: { code, message: 'So it is.' } } });
const MAIL = WRITES.send_mail;

describe('another instance', () => {
	for (const death of DEATHS) {
		test(`to which the connection dies ${death} is asked for a write once`, async (t) => {
			const client = await during(t, startStdio(asking));
			for (const [name, args] of Object.entries(WRITES)) {
				mortal.taken.length = 0;
				mortal.die(death);
				const { failed } = await client.call(name, args);
				mortal.die(undefined);
				if (death === DEATHS[0] && mortal.taken.length === 1) {
					assert.equal(failed, undefined, name);
					continue;
				}
				assert.equal(mortal.taken.length, death === DEATHS[0] ? 0 : 1, name);
				assert.deepEqual([failed.code, failed.message], ['outcome_unknown', unsureOf(name)], name);
			}
		});
	}

	test('is believed what only it can have said, not what a gateway before it may say of a call that it passed on', async (t) => {
		const client = await during(t, startStdio(asking));
		for (const [said, code, message = 'So it is.'] of [
			[saying(502, 'graph_error'), 'graph_error'],
			[saying(502, 'outcome_unknown'), 'outcome_unknown'],
			[{ ...saying(503, 'upstream_unavailable'), headers: { 'retry-after': '7' } }, 'upstream_unavailable'],
			[saying(503, 'upstream_unavailable'), 'outcome_unknown', unsureOf('send_mail')],
			[saying(504, 'upstream_timeout'), 'outcome_unknown', unsureOf('send_mail')],
			[saying(500, 'internal_error'), 'outcome_unknown', unsureOf('send_mail')],
			[{ status: 502, body: 'Bad Gateway' }, 'outcome_unknown', unsureOf('send_mail')],
		]) {
			answers = [said];
			const { failed } = await client.call('send_mail', MAIL);
			assert.deepEqual([failed.code, failed.message], [code, message]);
		}
		assert.equal(mortal.taken.length, 7);
	});
});

describe('a command that brings another token each time', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
	after(() => rmSync(folder, { recursive: true }));
	const tokens = join(folder, 'tokens');
	beforeEach(async () => writeFileSync(tokens, (await Promise.all(['a', 'b', 'c'].map((sid) => entra.mintUserToken({ sid })))).join('\n')));
	const settings = { ...asking, ACCESS_TOKEN: undefined, ACCESS_TOKEN_COMMAND: `head -n 1 ${tokens}; sed -i 1d ${tokens}` };
	const bearers = () => mortal.taken.map(({ head }) => /^authorization: (.*)\r?$/im.exec(head)[1]);

	test('has a write sent again where the first was refused, and not where it may have been done', async (t) => {
		const client = await during(t, startStdio(settings));
		answers = [saying(401, 'invalid_token')];
		assert.deepEqual(await client.call('send_mail', MAIL), { id: '1', done: 'Done.' });
		assert.equal(new Set(bearers()).size, 2);
		mortal.taken.length = 0;
		mortal.die('after its bytes');
		assert.equal((await client.call('send_mail', MAIL)).failed.code, 'outcome_unknown');
		assert.equal(mortal.taken.length, 1);
	});

	test('has no part of a write done twice, though Graph takes no token any more after the first', async (t) => {
		const client = await during(t, startStdio({ ...settings, CLIENT_SECRET: env.CLIENT_SECRET, GRAPH_BASE_URL: mortal.url }));
		answers = [{ status: 200, body: {} }, saying(401, 'InvalidAuthenticationToken'), saying(401, 'InvalidAuthenticationToken')];
		const { failed } = await client.call('update_mail', { id: 'mail1', read: true, folder: 'archive' });
		assert.equal(failed.code, 'outcome_unknown');
		assert.match(failed.message, /^The mail was marked\. Then: /);
		assert.deepEqual(mortal.taken.map(({ method }) => method), ['PATCH', 'POST', 'POST']);
	});
});

describe('a client that cancels', () => {
	const cancel = (client, id) => client.tell({ method: 'notifications/cancelled', params: { requestId: id } });
	const task = (title) => ({ list_id: 'list1', title });
	const titles = () => graph.requests.map(({ body }) => JSON.parse(body).title).sort();

	test('is told nothing, the write under way arrives once, and one that waited never', async (t) => {
		const client = await during(t, startStdio(env));
		let release;
		await client.call('create_task', task('0')); /* or the others would wait to see what Graph speaks */
		const released = new Promise((resolve) => { release = resolve; });
		graph.fail({ kind: 'held', times: 8, until: released });
		const running = ['1', '2', '3', '4', '5', '6', '7', '8'];
		const ids = running.map((title) => client.begin('create_task', task(title)));
		await until(() => graph.requests.length === 9); /* as many as run at a time */
		const waiting = client.begin('create_task', task('never'));
		[ids[0], waiting].forEach((id) => cancel(client, id));
		client.tell({ id: 'after', method: 'ping' });
		await until(() => client.answerTo('after'));
		release();
		await until(() => ids.slice(1).every((id) => client.answerTo(id)));
		await client.call('create_task', task('9'));
		assert.deepEqual(titles(), ['0', ...running, '9']);
		assert.deepEqual([client.answerTo(ids[0]), client.answerTo(waiting)], [undefined, undefined]);
	});
});
