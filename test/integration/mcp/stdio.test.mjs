/*
 * bin/handler --stdio as an MCP client starts it: whose token is used, who exchanges it, and how it
 * ends.  What the protocol itself wants of the transport is in the unit tests and the clients' own.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { assertHealthy, atSomeScale, binary, fragmentsOf, runHandler, spawnHandler, startAlone, startSandbox,
	until } from '../stage/fixture.mjs';
import { assertAllTools } from '../../endpoint_table.mjs';
import { readLines } from '../../sandbox/host/console.mjs';

const sandbox = await startSandbox({ delegated: ['User.Read', 'User.Read.All'] }); /* the second is the manager's */
after(() => sandbox.stop());
const { entra, graph, env } = sandbox;
const folder = mkdtempSync(join(tmpdir(), 'stdio-'));
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => sandbox.reset());

/* A client: ask() sends a request and waits for its answer, tell() sends any line. */
function startClient(settings, how = { args: ['--stdio'] }) {
	const run = spawnHandler({ ...how, env: { ...env, ...settings }, stdin: 'pipe' });
	const { child, lines } = run;
	let last = 0;
	const client = { ...run,
		get messages() {
			return lines.filter(({ stream }) => stream === 'stdout')
				.map(({ text }) => JSON.parse(text));
		},
		tell: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
		async ask(method, params) {
			const id = ++last;
			client.tell({ jsonrpc: '2.0', id, method, params });
			const mine = (message) => message.id === id;
			await until(() => client.messages.some(mine));
			return client.messages.find(mine);
		},
		async call(name, args) {
			return (await client.ask('tools/call', { name, arguments: args })).result;
		},
		/* The input ends; so does the program, well. */
		async end() {
			child.stdin.end();
			const end = await run.ending();
			assertHealthy(lines);
			assert.deepEqual(end, { code: 0, signal: null }, lines.map(({ text }) => text).join('\n'));
		} };
	return client;
}

function failureOf(result) {
	assert.equal(result.isError, true);
	assert.equal(result.structuredContent, undefined);
	const { error } = JSON.parse(result.content[1].text);
	assert.ok(result.content[0].text.startsWith(error.message));
	return error;
}

function assertNowhere({ lines }, secrets) {
	for (const fragment of secrets.flatMap(fragmentsOf))
		for (const { text } of lines)
			assert.ok(!text.includes(fragment), `${fragment} in ${text}`);
}

describe('a token in the settings', () => {
	test('is exchanged by the handler, once, when me is called', async () => {
		const token = await entra.mintUserToken();
		const client = startClient({ ACCESS_TOKEN: token });
		const { result } = await client.ask('initialize', { protocolVersion: '2025-06-18',
			capabilities: {}, clientInfo: { name: 'test', version: '1' } });
		assert.equal(result.protocolVersion, '2025-06-18');
		assertAllTools((await client.ask('tools/list')).result.tools);
		assert.equal(entra.counts.token + entra.counts.keys + graph.counts.me, 0);
		for (let i = 0; i < 3; i++)
			assert.equal((await client.call('me')).structuredContent.displayName, 'Adele Vance');
		assert.deepEqual([entra.counts.token, graph.counts.me], [1, 3]);
		const status = (await client.call('status')).structuredContent;
		assert.equal(status.authentication.state, 'authenticated');
		await client.end();
		assertNowhere(client, [token, entra.clientSecret]);
	});

	test('that is no good is told so, and why', async () => {
		for (const [kind, code] of [['expired', 'invalid_token'], ['foreign-audience', 'invalid_token']]) {
			const client = startClient({ ACCESS_TOKEN: await entra.mintHostile(kind) });
			assert.equal(failureOf(await client.call('me')).code, code);
			const { authentication } = (await client.call('status')).structuredContent;
			assert.deepEqual([authentication.state, authentication.code], ['invalid', code]);
			await client.end();
		}
	});
});

describe('a command for the token', () => {
	test('is run when a tool needs it, and no more than once', async () => {
		const token = await entra.mintUserToken();
		const runs = join(folder, 'runs');
		const command = `echo x >>${runs}; echo ${token}`;
		const client = startClient({ ACCESS_TOKEN_COMMAND: command });
		await client.call('hello');
		assert.throws(() => readFileSync(runs), { code: 'ENOENT' });
		const answers = await Promise.all([1, 2, 3].map(() => client.call('me')));
		for (const { structuredContent } of answers)
			assert.equal(structuredContent.displayName, 'Adele Vance');
		assert.equal(readFileSync(runs, 'utf8'), 'x\n');
		await client.end();
		assertNowhere(client, [token]);
	});

	test('that fails is an error which says what to do', async () => {
		const client = startClient({ ACCESS_TOKEN_COMMAND: 'exit 7' });
		const { code, message } = failureOf(await client.call('me'));
		assert.equal(code, 'missing_token');
		assert.match(message, /status 7.*az login/);
		assert.equal((await client.call('hello')).isError, false);
		await client.end();
	});

	/* A command that prints a file, and how often it was run. */
	function printing(text) {
		const [file, runs] = [join(folder, 'token'), join(folder, 'count')];
		writeFileSync(file, text);
		writeFileSync(runs, '');
		return { print: (other) => writeFileSync(file, other),
			command: `echo x >>${runs}; cat ${file}`,
			get runs() { return readFileSync(runs, 'utf8').length / 2; } };
	}

	test('whose token is refused is run once more at once and for each later call', async () => {
		const shown = printing(await entra.mintHostile('foreign-audience'));
		const client = startClient({ ACCESS_TOKEN_COMMAND: shown.command });
		assert.equal(failureOf(await client.call('me')).code, 'invalid_token');
		assert.equal(shown.runs, 2, 'the same token is not tried again');
		assert.equal((await client.call('status')).structuredContent.authentication.state, 'invalid');
		assert.equal(shown.runs, 4);
		shown.print(await entra.mintUserToken());
		assert.equal((await client.call('me')).structuredContent?.displayName, 'Adele Vance');
		assert.equal((await client.call('me')).isError, false);
		assert.equal(shown.runs, 5);
		await client.end();
	});

	test('that brings another token after a refusal has it used for that very call', async () => {
		const [first, second] = [join(folder, 'first'), join(folder, 'second')];
		const command = `if [ -e ${first} ]; then cat ${first}; rm ${first}; else cat ${second}; fi`;
		for (const refused of ['by the handler', 'by Entra']) {
			writeFileSync(first, refused === 'by Entra' ? await entra.mintUserToken()
				: await entra.mintHostile('foreign-audience'));
			writeFileSync(second, await entra.mintUserToken({ sid: 'another' }));
			if (refused === 'by Entra')
				entra.fail({ kind: 'assertion_expired' }); /* the first exchange */
			const client = startClient({ ACCESS_TOKEN_COMMAND: command });
			assert.equal((await client.call('me')).structuredContent?.displayName, 'Adele Vance', refused);
			assert.ok(!existsSync(first));
			await client.end();
		}
	});

	test('that fails is why status knows nobody', async () => {
		const client = startClient({ ACCESS_TOKEN_COMMAND: 'exit 7' });
		const { state, reason } = (await client.call('status')).structuredContent.authentication;
		assert.equal(state, 'anonymous');
		assert.match(reason, /status 7.*az login/);
		await client.end();
	});

	test('is waited for though the parent had SIGCHLD ignored', async () => {
		const token = await entra.mintUserToken();
		const client = startClient({ ACCESS_TOKEN_COMMAND: `echo ${token}` },
			{ command: 'env', args: ['--ignore-signal=CHLD', binary, '--stdio'] });
		assert.equal((await client.call('me')).structuredContent?.displayName, 'Adele Vance');
		await client.end();
	});

	test('does not read what the client sends', async () => {
		const token = await entra.mintUserToken();
		const client = startClient({ ACCESS_TOKEN_COMMAND: `cat >&2; echo ${token}` });
		client.tell({ jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 'me' } });
		assert.equal((await client.ask('ping')).error, undefined);
		await until(() => client.messages.length === 2);
		await client.end();
	});
});

test('without a token me answers with the very command that brings one', async () => {
	const client = startClient({});
	const { code, message } = failureOf(await client.call('me'));
	assert.equal(code, 'missing_token');
	assert.ok(message.includes(`az account get-access-token --tenant ${entra.tenantId} `
		+ `--scope api://${entra.clientId}/access_as_user --query accessToken -o tsv`), message);
	for (const name of ['hello', 'tools', 'status'])
		assert.equal((await client.call(name)).isError, false, name);
	await client.end();
});

describe('without a credential', () => {
	const unset = { CLIENT_SECRET: undefined };

	test("the gateway's /me is asked with the user's token", async (t) => {
		const gateway = await startAlone({ env });
		t.after(() => gateway.stop());
		const token = await entra.mintUserToken();
		const client = startClient({ ...unset, ACCESS_TOKEN: token,
			APIM_GATEWAY_URL: gateway.url });
		const all = await client.call('me', { select: ['displayName', 'mail'], include: ['manager'] });
		assert.equal(all.structuredContent.displayName, 'Adele Vance');
		assert.equal(all.structuredContent.jobTitle, undefined);
		assert.ok(all.structuredContent.manager.displayName);
		const photo = await client.call('me', { include: ['photo'] });
		assert.deepEqual(Object.keys(photo.structuredContent.photo), ['contentType']);
		assert.equal(photo.content.find(({ type }) => type === 'image').mimeType, 'image/jpeg');
		assert.equal((await client.call('status')).structuredContent.credential, null);
		await client.end();
		assertNowhere(client, [token]);
	});

	test("the gateway's refusals are passed on", async (t) => {
		const gateway = await startAlone({ env });
		t.after(() => gateway.stop());
		const client = startClient({ ...unset, ACCESS_TOKEN: await entra.mintUserToken(),
			APIM_GATEWAY_URL: gateway.url });
		entra.fail({ kind: 'consent_required' });
		const error = failureOf(await client.call('me'));
		assert.equal(error.code, 'consent_required');
		assert.match(error.consentUrl, /\/authorize\?client_id=/);
		await client.end();
	});

	test('a gateway that is not there is an error, not a silence', async () => {
		const client = startClient({ ...unset, ACCESS_TOKEN: await entra.mintUserToken(),
			APIM_GATEWAY_URL: 'http://127.0.0.1:9' });
		assert.equal(failureOf(await client.call('me')).code, 'upstream_unavailable');
		await client.end();
	});
});

test('without settings the open tools work and me says what is missing', async () => {
	const client = startClient({ CLIENT_ID: undefined, TENANT_ID: undefined });
	assert.equal((await client.call('hello', { name: 'Ada' })).structuredContent.message, 'Hello, Ada!');
	assert.equal(failureOf(await client.call('me')).code, 'not_configured');
	await client.end();
});

test('calls run beside each other, and one that is cancelled is not answered', () => atSomeScale(async (scale) => {
	const client = startClient({ ACCESS_TOKEN: await entra.mintUserToken() });
	await client.call('me'); /* the token is there now */
	graph.latencyMs = 400 * scale;
	client.tell({ jsonrpc: '2.0', id: 'slow', method: 'tools/call', params: { name: 'me' } });
	client.tell({ jsonrpc: '2.0', id: 'gone', method: 'tools/call', params: { name: 'me' } });
	client.tell({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'gone' } });
	await client.call('hello');
	assert.ok(!client.messages.some(({ id }) => id === 'slow'), 'hello did not wait for it');
	await until(() => client.messages.some(({ id }) => id === 'slow'));
	await client.end();
	assert.ok(!client.messages.some(({ id }) => id === 'gone'));
}));

describe('the end', () => {
	const me = (id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'me' } });
	const droppedBy = ({ lines }) => lines.filter(({ text }) => text.includes(' event=dropped '))
		.map(({ text }) => /not answered: (\d+)/.exec(text)[1]);

	/* A client whose call to Graph, which takes that long, is under way. */
	async function calling(latencyMs, settings) {
		const client = startClient({ ACCESS_TOKEN: await entra.mintUserToken(), ...settings });
		await client.call('me');
		graph.latencyMs = latencyMs;
		client.tell(me('slow'));
		await until(() => graph.counts.me === 2);
		return client;
	}

	test('of the input waits for the calls that were taken', async () => {
		const client = await calling(2500);
		client.tell(me('last'));
		await client.end();
		assert.deepEqual(client.messages.slice(1).map(({ id, result }) => [id, result.isError]).sort(),
			[['last', false], ['slow', false]]);
		assert.deepEqual(droppedBy(client), []);
	});

	test('of the input gives a call no more time than its own', async () => {
		const client = await calling(60_000, { GRAPH_DEADLINE_MS: '1000' });
		await client.end();
		assert.equal(failureOf(client.messages[1].result).code, 'upstream_timeout');
	});

	test('of the input says with SIGTERM how many calls it dropped', async () => {
		const client = await calling(60_000);
		client.child.stdin.end(`${JSON.stringify(me('last'))}\n`);
		await until(() => graph.counts.me === 3);
		client.child.kill('SIGTERM');
		assert.deepEqual(await client.ending(), { code: 143, signal: null });
		assert.deepEqual([client.messages.length, droppedBy(client)], [1, ['2']]);
	});

	test('of the input does not wait for answers that nobody reads', async () => {
		const client = await calling(60_000);
		client.child.stdin.end();
		client.child.stdout.destroy();
		assert.deepEqual(await client.ending(), { code: 1, signal: null });
		assert.deepEqual(droppedBy(client), ['1']);
	});

	test('of a command under way comes with the time of its call, or SIGTERM', async () => {
		const pid = join(folder, 'pid');
		for (const how of ['deadline', 'SIGTERM']) {
			const client = startClient({ ACCESS_TOKEN_COMMAND: `echo $$ >${pid}; exec sleep 1000`,
				...(how === 'deadline' ? { GRAPH_DEADLINE_MS: '1000' } : {}) });
			writeFileSync(pid, '');
			client.tell(me(1));
			await until(() => readFileSync(pid, 'utf8').endsWith('\n'));
			if (how === 'deadline') await client.end();
			else client.child.kill(how);
			await client.ending();
			const gone = () => process.kill(Number(readFileSync(pid, 'utf8')), 0);
			assert.throws(gone, { code: 'ESRCH' }, how);
		}
	});

	test('comes with SIGTERM too', async () => {
		const client = startClient({});
		await client.call('hello');
		client.child.kill('SIGTERM');
		assert.deepEqual(await client.ending(), { code: 143, signal: null });
		assertHealthy(client.lines);
	});
});

test('a client may ignore what is logged', async (t) => {
	const child = spawn(binary, ['--stdio'], { env: { PATH: process.env.PATH } });
	t.after(() => child.kill('SIGKILL'));
	const params = { name: 'hello' };
	for (let id = 1; id <= 5000; id++) /* some 800 KB of log, which nobody reads */
		child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`);
	let answers = 0;
	readLines(child.stdout, () => { answers++; });
	await until(() => answers === 5000);
	child.stdin.end();
	assert.deepEqual(await once(child, 'exit'), [0, null]);
});

describe('started with closed descriptors', () => {
	const run = (redirection) => runHandler({ command: 'sh', env,
		args: ['-c', `exec "$0" --stdio ${redirection}`, binary] });

	test('no input is one that has ended', async () => {
		for (const redirection of ['<&-', '<&- >&-', '<&- >&- 2>&-']) {
			const { code, signal } = await run(redirection);
			assert.deepEqual({ code, signal }, { code: 0, signal: null }, redirection);
		}
	});

	test('a byte order mark and a last line without an end are no mistakes', async () => {
		const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
		const { code, out } = await run(`<<'END'\n\ufeff${message}\nEND`);
		assert.deepEqual([code, JSON.parse(out).id], [0, 1]);
		const { out: last } = await runHandler({ command: 'sh', env, args: ['-c', `printf %s '${message}' | "$0" --stdio`, binary] });
		assert.equal(JSON.parse(last).id, 1);
	});

	test('the log does not go to the client', async () => {
		const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
		const { out } = await run(`2>&- <<'END'\n${message}\nEND`);
		assert.deepEqual(out.split('\n').filter(Boolean).map((line) => JSON.parse(line).id), [1]);
	});
});

test('a message over the limit is refused and the next one read', async () => {
	const client = startClient({ MAX_BODY_BYTES: '2048' });
	client.tell({ jsonrpc: '2.0', id: 'big', method: 'tools/call',
		params: { name: 'echo', arguments: { text: 'x'.repeat(5000) } } });
	assert.equal((await client.call('echo', { text: 'small' })).structuredContent.text, 'small');
	const [refusal] = client.messages.filter(({ error }) => error);
	assert.equal(refusal.id, undefined);
	assert.equal(refusal.error.code, -32600);
	await client.end();
});
