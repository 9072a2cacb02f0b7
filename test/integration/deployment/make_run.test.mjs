/* `make run`: what it prints is what works, with and without the gateway, and Ctrl-C ends all of it. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../../sandbox/host/client.mjs';
import { readLines } from '../../sandbox/host/console.mjs';
import { Person } from '../stage/person.mjs';
import { answersAt, repo, scriptRoot, send, until } from '../stage/fixture.mjs';

/* Runs it with these options until it ends by itself or a test ends it. */
function run(t, ...given) {
	const env = given.filter((one) => typeof one === 'object');
	const args = given.filter((one) => typeof one === 'string');
	const root = scriptRoot();
	const { PATH, NODE_COMPILE_CACHE } = process.env;
	const child = spawn(process.execPath, [join(repo, 'test/sandbox/run.mjs'), '--root', root, ...args],
		{ stdio: ['ignore', 'pipe', 'pipe'], env: Object.assign({ PATH, NODE_COMPILE_CACHE }, ...env) });
	const lines = [];
	for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => lines.push(line));
	const ended = once(child, 'close');
	t.after(async () => {
		child.kill();
		await ended;
		rmSync(root, { recursive: true });
	});
	return { child, lines, ended };
}

/* The same, waited for: what listens where, and the token. */
async function running(t, ...args) {
	const it = run(t, ...args);
	await until(() => it.lines.includes("The handler's log:"));
	const ports = it.lines.flatMap((line) => (/^ {2}\S.* {2}http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? []).slice(1).map(Number));
	const token = it.lines.find((line) => line.startsWith('TOKEN=')).slice(6);
	const urls = [...new Set(it.lines.flatMap((line) => (/^curl -si? '(http:\/\/[^/]+)/.exec(line) ?? []).slice(1)))];
	return { ...it, ports, token, urls };
}

/* The commands for Graph tools answer as they stand: three mails, the three after them, and those of a search. */
async function runTools({ lines, token }) {
	const from = lines.findIndex((line) => line.startsWith('Graph tools, ')) + 2;
	const commands = lines.slice(from, lines.indexOf('', from)).join('\n').split(/(?<!\\)\n/);
	const answers = await Promise.all(commands.map(async (command) => JSON.parse((await promisify(execFile)('sh', ['-c', command], { env: { PATH: process.env.PATH, TOKEN: token } })).stdout)));
	assert.equal(answers.length, 3, commands.join('\n'));
	const [first, second, { structuredContent: found }] = [answers[0], answers[1], answers[2].result ?? {}];
	assert.equal(new Set([...first.mails, ...second.mails].map(({ id }) => id)).size, 6);
	assert.ok(found.mails.length && found.mails.every((mail) => /budget/i.test(JSON.stringify(mail))), JSON.stringify(answers[2]));
}

/* Both commands for clients are there with the server's address, and who opens the link and signs in
 * sees their profile. */
async function signsIn({ lines, urls: [url] }) {
	const clients = lines.filter((line) => line.endsWith(`${url}/mcp`)).map((line) => line.split(' ')[0]);
	assert.deepEqual(clients, ['claude', 'npx'], lines.join('\n'));
	const link = lines.find((line) => /^http:\/\/localhost:\d+\/$/.test(line));
	const person = new Person({ user: 'zoe' });
	const page = await (await person.signInAndReturn(link)).text();
	assert.deepEqual(person.pages, ['choose-account', 'consent'], page);
	assert.match(page, /"displayName": "Zoë Ünïcode 雪"/);
	return Number(new URL(link).port);
}

/* Ctrl-C, and nothing is left. */
async function interrupted({ child, ended, ports }) {
	child.kill('SIGINT');
	assert.deepEqual(await ended, [0, null]);
	for (const port of ports) assert.equal(await answersAt(port), false, `port ${port}`);
}

test('with the gateway the commands and who signs in go through it, and the host wants its key', async (t) => {
	const [port, gateway] = [await freePort(), await freePort()];
	const it = await running(t, '--port', String(port), '--gateway', String(gateway));
	const url = `http://127.0.0.1:${gateway}`;
	assert.deepEqual([it.urls, it.ports.length], [[url], 6]);
	const headers = { authorization: `Bearer ${it.token}` };
	assert.equal((await send(`${url}/me`, { headers })).json.displayName, 'Adele Vance');
	assert.equal((await send(`${url}/status`, { headers })).json.authentication.state, 'authenticated');
	assert.equal((await send(`http://127.0.0.1:${port}/hello`)).status, 401);
	const { headers: { 'www-authenticate': challenge } } = await send(`${url}/me`);
	assert.match(challenge, /scope="api:\/\/[-0-9a-f]+\/access_as_user"/);
	await runTools(it);
	it.ports.push(await signsIn(it));
	await interrupted(it);
});

test('without it they go to the host', async (t) => {
	const port = await freePort();
	const it = await running(t, '--port', String(port));
	assert.deepEqual([it.urls, it.ports.length], [[`http://127.0.0.1:${port}`], 5]);
	const { displayName } = (await send(`${it.urls[0]}/me`, { headers: { authorization: `Bearer ${it.token}` } })).json;
	assert.equal(displayName, 'Adele Vance');
	await runTools(it);
	it.ports.push(await signsIn(it));
	await interrupted(it);
});

test('the tools that are named in the environment are on, those that write and other mailboxes among them; a name that is no tool is named in the log', async (t) => {
	const it = await running(t, '--port', String(await freePort()),
		{ GRAPH_TOOLS: 'nobody,*,shared,mail', GRAPH_TOOLS_WRITE: 'true', WRITE_RECIPIENT_DOMAINS: 'contoso.example' });
	await until(() => it.lines.some((line) => /tool=nobody .*no tool and no set/.test(line)));
	await runTools(it);
	const call = async (name, args) => (await send(`${it.urls[0]}/tools/${name}`, { method: 'POST', body: JSON.stringify(args),
		headers: { authorization: `Bearer ${it.token}`, 'content-type': 'application/json' } })).json;
	const letter = { to: ['zoe@contoso.example'], subject: 'Plan', body: 'Here it is.', mailbox: 'support@contoso.example' };
	const { id } = await call('draft_mail', letter);
	assert.deepEqual(await call('send_draft', { id, mailbox: letter.mailbox }), { done: 'The draft was sent.' });
	assert.equal((await call('send_mail', { ...letter, to: ['eve@evil.example'] })).error.code, 'recipient_not_allowed');
	const written = it.lines.find((line) => line.endsWith('/sandbox/written')).split(' ').at(-1);
	const { json } = await send(written);
	assert.deepEqual([json.writes.length, json.sent.map(({ subject, to }) => [subject, to])], [2, [['Plan', letter.to]]]);
	await interrupted(it);
});

test('a port that is taken is named, with the way out, and nothing stays behind', async (t) => {
	const [port, taken] = [await freePort(), net.createServer().listen(0, '127.0.0.1')];
	await once(taken, 'listening');
	t.after(() => taken.close());
	const used = taken.address().port;
	for (const [args, setting] of [[['--port', String(port), '--gateway', String(used)], 'GATEWAY'], [['--port', String(used)], 'PORT']]) {
		const { ended, lines } = run(t, ...args);
		assert.deepEqual(await ended, [1, null], lines.join('\n'));
		assert.match(lines.join('\n'), new RegExp(`Port ${used} is in use\\..*make run ${setting}=${used + 1}`));
		assert.equal(await answersAt(port), false);
	}
});
