/*
 * Settings and command line: every problem is named at once, nothing protected opens meanwhile,
 * and the files that list the settings agree with the program.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { assertError, assertKept, during, repo, runHandler, sanitized, send, startAlone, startSandbox,
	until } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';

const REQUIRED = ['CLIENT_ID', 'CLIENT_SECRET', 'TENANT_ID', 'APIM_GATEWAY_URL'];
const UNRESOLVED = '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s3cr3tn4me/)';

/* Settings of which one is to be set: each after the first is named for that too. */
const CREDENTIALS = ['CLIENT_SECRET', 'CLIENT_CERTIFICATE_FILE', 'MANAGED_IDENTITY',
	'AZURE_FEDERATED_TOKEN_FILE'];

/* Values that each setting must refuse. */
const WRONG = {
	CLIENT_ID: ['not-a-guid', '{b6c1f0a2-93d4-4e58-8f27-6a5b4c3d2e1f}',
		'b6c1f0a2-93d4-4e58-8f27-6a5b4c3d2e1f '],
	CLIENT_SECRET: ['line\nbreak-hidden-s3cr3t-value'],
	CLIENT_CERTIFICATE_FILE: ['/nonexistent/client.pem'],
	MANAGED_IDENTITY: ['user', 'not-a-guid'],
	AZURE_FEDERATED_TOKEN_FILE: ['/nonexistent/token'],
	TENANT_ID: ['contoso.onmicrosoft.com', 'common'],
	APIM_GATEWAY_URL: ['gateway.example', 'http://gateway.example', 'https://',
		'https://g.example/?a=b', 'ftp://g.example', 'https://g example', 'https://g.example:0',
		`https://g.example/${'a'.repeat(9000)}`],
	AUTHORITY_HOST: ['http://login.example', 'https://login.example/path', 'login.example',
		'https://user@login.example', 'http://127.0.0.1.evil.example', 'https://a:99999'],
	GRAPH_BASE_URL: ['http://graph.example', 'https://graph.example/v1.0', 'x'],
	GRAPH_SCOPE: ['a\tb', 'a  b', 'naïve', 'a'.repeat(16400)],
	REQUIRED_SCOPE: ['two words', 'quo"te', 'naïve', 'a'.repeat(16400)],
	ALLOWED_CLIENT_IDS: ['not-a-guid', 'b6c1f0a2-93d4-4e58-8f27-6a5b4c3d2e1f;x', ',', ' '],
	ALLOWED_ORIGINS: ['*', 'app.example', 'https://app.example/path', 'http://app.example', ','],
	CONSENT_REDIRECT_URI: ['http://app.example/back', 'https://app.example/?a=b', 'app'],
	MCP_AUTH: ['true', 'Required', 'none'],
	MCP_RESOURCE: ['gateway.example/mcp', 'https://g.example/mcp#x', 'http://g.example/mcp',
		`https://g.example/${'a'.repeat(17000)}`],
	MCP_IDENTIFIER: ['true', 'Yes', 'try'],
	MCP_CLIENT_ID: ['not-a-guid', 'https://app.example/client.json'],
	MCP_REDIRECT_URIS: ['http://app.example/back', 'https://app.example/?a=b', 'cursor://callback', ',', "https://app.example/it's",
		`https://app.example/${'a'.repeat(300)}`],
	SIGN_IN_CLAIMS: ['x', '[]', '{', '"{}"', '{"a":1,"a":2}', '{}x', `{"a":"${'a'.repeat(2048)}"}`],
	ACCESS_TOKEN: ['two\nlines', 'two words', 'a'.repeat(16385)],
	ACCESS_TOKEN_COMMAND: ['a\tb', 'a'.repeat(9000)],
	ACCEPT_GRAPH_TOKENS: ['maybe', 'yes'],
	CA_BUNDLE_FILE: ['/nonexistent/ca.pem'],
	LOG_LEVEL: ['verbose'],
	MAX_BODY_BYTES: ['1e6', '-1', '0', '104857601', '1048576x', '99999999999999999999'],
	SERVER_THREADS: ['3', 'many'],
	CALLS_WAITING_MAX: ['-1', '4097'],
	CALLS_PER_CALLER_MAX: ['0', '8193'],
	CONNECTIONS_MAX: ['8', 'all'],
	REQUEST_TIMEOUT_MS: ['10', '20s'],
	ENTRA_TIMEOUT_MS: ['99', '1.5'],
	GRAPH_DEADLINE_MS: ['0', '200001'],
	TOKEN_CACHE_ENTRIES: ['15'],
	KEYS_REFRESH_MIN_S: ['59'],
	GRAPH_TOOLS: ['a\tb', 'a'.repeat(16385)],
	GRAPH_TOOLS_WRITE: ['maybe'],
	CONFIRM_WRITES: ['yes'],
	WRITE_RECIPIENT_DOMAINS: [',', 'example', '@example.com', '*.example.com', 'bücher.example', 'example.com.', 'https://example.com'],
	GRAPH_TOOLS_DIR: ['a\tb', `/${'a'.repeat(4095)}`],
	RESULT_BYTES_MAX: ['2047', '1048577', '32k'],
};

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra, env } = sandbox;
const token = await entra.mintUserToken();

async function settingNames() {
	const { code, out } = await runHandler({ args: ['--help'] });
	assert.equal(code, 0);
	return [...out.matchAll(/^ {2}([A-Z_]+) /gm)].map(([, name]) => name);
}

/* Started with these settings: exactly these are named, on stderr and by /status; what is open
 * works, what is protected says not_configured. */
async function assertNamed(t, settings, names) {
	const started = await during(t, startAlone({ env: settings }));
	const { lines } = started;
	await until(() => lines.some(({ text }) => text.includes('event=not_configured '))); /* behind the settings */
	const warned = lines.filter(({ stream, text }) => stream === 'stderr'
		&& text.includes('event=setting '));
	const named = warned.map(({ text }) => / name=(\w+) /.exec(text)[1]).sort();
	assert.deepEqual(named, names.toSorted());
	const status = await started.ask('/status');
	assert.equal(status.status, 200);
	const { complete, problems } = status.json.configuration;
	assert.equal(complete, false);
	assert.deepEqual(problems.map(({ setting }) => setting).sort(), names.toSorted());
	for (const headers of [{}, { authorization: `Bearer ${token}` }, { authorization: 'x' }])
		assertError(await started.ask('/me', { headers }), 503, 'not_configured');
	assert.equal((await started.ask('/hello')).status, 200);
	assert.equal((await started.ask('/tools')).status, 200);
	assert.equal((await started.ask('/echo', { method: 'POST', body: 'x' })).text, 'x');
	assert.equal((await started.ask('/status?ready=1')).status, 503);
	assert.equal((await started.ask('/status?ready=0')).status, 200);
	const tokenState = (await started.ask('/status', { token })).json.authentication;
	assert.deepEqual([tokenState.state, tokenState.code], ['invalid', 'not_configured']);
	return { started, problems, text: warned.map((line) => line.text).join('\n') };
}

/* A sanitizer sees every value, though none alone. */
const ROUNDS = sanitized ? Math.max(...Object.values(WRONG).map(({ length }) => length)) : 1;
const alone = { skip: sanitized && 'all are tried at once' };

describe('settings', { concurrency: 4 }, () => {
	test('with none at all the four required ones are named, and the rest works', async (t) => {
		const { problems } = await assertNamed(t, {}, REQUIRED);
		for (const { setting, problem } of problems)
			assert.match(problem, setting === 'CLIENT_SECRET'
				? /^is missing; set it, or (\w+, ){1}\w+ or \w+ instead$/
				: /missing; expected /);
		const { problem } = problems.find(({ setting }) => setting === 'CLIENT_SECRET');
		assert.ok(CREDENTIALS.slice(1).every((name) => problem.includes(name)), problem);
	});

	for (const name of REQUIRED) {
		test(`${name} missing or empty is named alone`, async (t) => {
			await assertNamed(t, { ...env, [name]: undefined }, [name]);
			await assertNamed(t, { ...env, [name]: '' }, [name]);
		});
	}

	test('wrong values of all settings are named at once, and not shown', async (t) => {
		const names = await settingNames();
		for (let round = 0; round < ROUNDS; round++) {
			const all = Object.entries(WRONG).map(([name, values]) => [name, values[round % values.length]]);
			const { started } = await assertNamed(t, Object.fromEntries(all),
				[...names, ...CREDENTIALS.slice(1)]);
			assertKept(started, ['hidden-s3cr3t-value']);
		}
	});

	for (const [name, values] of Object.entries(WRONG)) {
		test(`${name} refuses ${values.length} wrong values`, alone, async () => {
			const port = await freePort();
			for (const value of values) {
				const one = CREDENTIALS.includes(name) ? { CLIENT_SECRET: undefined } : {};
				/* Threads are most of what a start costs. */
				const started = await startAlone({ port, env: { ...env, ...one, SERVER_THREADS: '8', [name]: value } });
				const { problems } = (await started.ask('/status')).json.configuration;
				started.child.kill('SIGKILL');
				await started.ending();
				assert.deepEqual(problems.map(({ setting }) => setting), [name], value);
			}
		});
	}

	test('an unresolved Key Vault reference is named for what it is, not shown', async (t) => {
		const { started, problems, text } = await assertNamed(t,
			{ ...env, CLIENT_SECRET: UNRESOLVED }, ['CLIENT_SECRET']);
		assert.match(problems[0].problem, /Key Vault/);
		assert.match(text, /Key Vault/);
		assertKept(started, ['s3cr3tn4me']);
	});

	test('the example\'s placeholders count as missing, four values complete it', async (t) => {
		const file = join(repo, 'local.settings.example.json');
		const { Values: values } = JSON.parse(readFileSync(file));
		await assertNamed(t, values, REQUIRED);
		const { CLIENT_ID, CLIENT_SECRET, TENANT_ID, APIM_GATEWAY_URL } = env;
		const filled = await during(t, startAlone({ env: { ...values, CLIENT_ID, CLIENT_SECRET,
			TENANT_ID, APIM_GATEWAY_URL } }));
		const { configuration } = (await filled.ask('/status')).json;
		assert.deepEqual(configuration, { complete: true, problems: [], unknownSettings: [] });
	});

	test('a variable that looks like a setting is named at start and by /status, not its value', async (t) => {
		const mistyped = { ALLOWED_CLIENT_ID: 'ALLOWED_CLIENT_IDS', allowed_client_ids: 'ALLOWED_CLIENT_IDS',
			AcceptGraphTokens: 'ACCEPT_GRAPH_TOKENS', REQUIRED_SCOPES: 'REQUIRED_SCOPE' };
		const hidden = Object.fromEntries(Object.keys(mistyped).map((name) => [name, 'hidden-value']));
		const started = await during(t, startAlone({ env: { ...env, ...hidden, AZURE_CLIENT_ID: 'x' } }));
		const { complete, problems, unknownSettings } = (await started.ask('/status')).json.configuration;
		assert.deepEqual([complete, problems], [true, []]);
		const named = (list) => Object.fromEntries(list.sort());
		assert.deepEqual(named(unknownSettings.map(({ name, looksLike }) => [name, looksLike])), named(Object.entries(mistyped)));
		const warned = () => started.lines.filter(({ stream, text }) => stream === 'stderr' && text.includes('level=warn event=unknown_setting '))
			.map(({ text }) => / name=(\w+) setting=(\w+) /.exec(text).slice(1));
		await until(() => warned().length >= Object.keys(mistyped).length);
		assert.deepEqual(named(warned()), named(Object.entries(mistyped)));
		assertKept(started, ['hidden-value']);
		assert.equal((await started.ask('/me', { token })).status, 200);
	});

	test('values may be written in other ways that mean the same', async (t) => {
		const started = await during(t, startAlone({ env: { ...env,
			CLIENT_ID: env.CLIENT_ID.toUpperCase(), TENANT_ID: env.TENANT_ID.toUpperCase(),
			AUTHORITY_HOST: `${env.AUTHORITY_HOST}/`, GRAPH_BASE_URL: `${env.GRAPH_BASE_URL}/`,
			LOG_LEVEL: 'WARN', ACCEPT_GRAPH_TOKENS: 'FALSE' } }));
		assert.equal((await started.ask('/me', { token })).status, 200);
		const graphToken = await entra.mintGraphToken();
		assert.equal((await started.ask('/me', { token: graphToken })).status, 401);
		assert.ok(!started.lines.some(({ text }) => text.includes('level=info')));
	});

	test('a CA_BUNDLE_FILE that is no PEM is named and closes what is protected', async (t) => {
		const dir = mkdtempSync(join(tmpdir(), 'no-pem-'));
		t.after(() => rmSync(dir, { recursive: true }));
		for (const text of ['', 'no certificate\n', '-----BEGIN PRIVATE KEY-----\nAAAA\n']) {
			const file = join(dir, 'ca.pem');
			writeFileSync(file, text);
			const handler = await during(t, startAlone({ env: { ...env, CA_BUNDLE_FILE: file } }));
			await until(() => handler.lines.some(({ text }) => text.includes('event=not_configured ')));
			const warned = handler.lines.filter((line) => line.text.includes('event=setting '));
			assert.equal(warned.length, 1);
			assert.equal(warned[0].stream, 'stderr');
			assert.match(warned[0].text, / name=CA_BUNDLE_FILE detail=".*PEM/);
			const { configuration } = (await handler.ask('/status')).json;
			assert.equal(configuration.complete, false);
			assert.deepEqual(configuration.problems.map(({ setting }) => setting),
				['CA_BUNDLE_FILE']);
			assert.match(configuration.problems[0].problem, /PEM/);
			assert.equal((await handler.ask('/status?ready=1')).status, 503);
			for (const path of ['/', '/hello', '/echo', '/tools'])
				assert.equal((await handler.ask(path)).status, 200, path);
			assertError(await handler.ask('/me', { token }), 503, 'not_configured');
		}
	});

	test('login and Graph hosts of different clouds, or of nobody known, get no token', async (t) => {
		for (const GRAPH_BASE_URL of ['https://graph.microsoft.us', 'https://graph.example']) {
			const started = await during(t, startAlone({ env: { ...env,
				AUTHORITY_HOST: 'https://login.microsoftonline.com', GRAPH_BASE_URL } }));
			const { problems } = (await started.ask('/status')).json.configuration;
			assert.deepEqual(problems.map(({ setting }) => setting), ['GRAPH_BASE_URL']);
			assertError(await started.ask('/me', { token }), 503, 'not_configured');
		}
	});

	test('limits are the ones that are set', async (t) => {
		const started = await during(t, startAlone({ env: { ...env, MAX_BODY_BYTES: '1024',
			REQUIRED_SCOPE: 'Tasks.Read' } }));
		const echo = (n) => started.ask('/echo', { method: 'POST', body: 'x'.repeat(n) });
		assert.equal((await echo(1024)).status, 200);
		const answer = assertError(await echo(1025), 413, 'body_too_large');
		assert.match(answer.json.error.message, /1024/);
		assertError(await started.ask('/me', { token }), 403, 'insufficient_scope');
		const other = await entra.mintUserToken({ scp: 'Tasks.Read' });
		assert.equal((await started.ask('/me', { token: other })).status, 200);
	});
});

describe('command line', { concurrency: 4 }, () => {
	test('--help lists exactly the settings of the example file', async () => {
		const file = join(repo, 'local.settings.example.json');
		const { Values: values } = JSON.parse(readFileSync(file));
		const { FUNCTIONS_WORKER_RUNTIME: runtime, ...settings } = values;
		assert.equal(runtime, 'custom');
		const names = await settingNames();
		assert.ok(names.length >= 12);
		assert.deepEqual(Object.keys(settings).sort(), names.toSorted());
		assert.deepEqual(Object.keys(WRONG).sort(), names.toSorted());
	});

	test('--version is one line and exit 0', async () => {
		const { code, out, err } = await runHandler({ args: ['--version'] });
		assert.deepEqual([code, err], [0, '']);
		assert.match(out, /^[\w-]+ \d+\.\d+\.\d+ \(\w+; (a thread a connection|no thread for a waiting connection)\)$/);
	});

	test('what it does not know is refused with exit 2 and a way out', async () => {
		for (const args of [['--nope'], ['serve'], ['-h'], ['--port'], ['--port', 'x'],
			['--port', '0'], ['--port', '65536'], ['--port', '80x'], ['--port=80x'], ['--port='], ['--stdio=yes'], ['-'], ['--'],
			['--port', '8080', 'serve', '--version']]) {
			const { code, out, err } = await runHandler({ args });
			assert.deepEqual([code, out], [2, ''], args.join(' '));
			assert.match(err, /^handler: .*(--help|1 to 65535)/, args.join(' '));
		}
	});

	test('a port that is taken is an exit of 1 that names it, joined to its option or not', async (t) => {
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		t.after(() => taken.close());
		const { port } = taken.address();
		for (const run of [{ args: ['--port', String(port)] }, { args: [`--port=${port}`] },
			{ env: { ...env, FUNCTIONS_CUSTOMHANDLER_PORT: String(port) } }]) {
			const { code, err } = await runHandler(run);
			assert.equal(code, 1);
			assert.match(err, new RegExp(`event=start_failed .*127\\.0\\.0\\.1:${port}`));
		}
	});

	test('the host\'s port variable wins over its older twin and over --port', async (t) => {
		const [a, b, c] = [await freePort(), await freePort(), await freePort()];
		const first = await during(t, startAlone({ hosted: true, port: a,
			env: { FUNCTIONS_HTTPWORKER_PORT: String(b) }, args: ['--port', String(c)] }));
		/* It answers a moment before it says so. */
		await until(() => first.lines.some(({ text }) => text.includes(`:${a} `)));
		await assert.rejects(send(`http://127.0.0.1:${b}/`), { code: 'ECONNREFUSED' });
		await assert.rejects(send(`http://127.0.0.1:${c}/`), { code: 'ECONNREFUSED' });
		const { code, err } = await runHandler({
			env: { FUNCTIONS_CUSTOMHANDLER_PORT: 'http' } });
		assert.equal(code, 2);
		assert.match(err, /FUNCTIONS_CUSTOMHANDLER_PORT/);
	});

	test('it listens on 127.0.0.1 and nowhere else', async (t) => {
		const { pid, port } = await during(t, startAlone({}));
		const listening = ['tcp', 'tcp6'].flatMap((kind) =>
			readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').split('\n').slice(1)
				.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A')
				.map(([, local]) => local));
		const hex = port.toString(16).toUpperCase().padStart(4, '0');
		const mine = listening.filter((local) => local.endsWith(`:${hex}`));
		assert.deepEqual(mine, [`0100007F:${hex}`]);
	});
});
