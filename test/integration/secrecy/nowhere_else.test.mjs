/*
 * Tokens and secrets go to Entra and Graph and nowhere else: not into a log line, an answer, a file
 * or another connection, whatever the credential and however calls end.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertKept, during, fragmentsOf, startAlone, startSandbox, until } from '../stage/fixture.mjs';
import { startIdentity, startIssuer } from '../../sandbox/entra/federation.mjs';
import { makeClientCertificate } from '../../sandbox/common/tls.mjs';

const dir = mkdtempSync(join(tmpdir(), 'secrecy-'));
after(() => rmSync(dir, { recursive: true }));

const CALLS = 'openat,creat,rename,renameat2,write,writev,pwrite64,sendto,sendmsg,sendmmsg';

/* Every way a call can end: well, refused, challenged, throttled, broken; plus junk tokens. */
async function exercise({ entra, graph }, ask) {
	const fresh = (options) => entra.mintUserToken(options);
	await ask(await fresh());
	await ask(await fresh(), '?include=photo,manager');
	for (const kind of ['interaction_required', 'consent_required', 'invalid_client', 'http_429',
		'no_access_token', 'not_json', 'truncated_json', 'close', 'html_502']) {
		entra.fail({ kind, times: 2 });
		await ask(await fresh());
		entra.clearFailures();
	}
	for (const kind of ['cae', 'invalid_token', 'forbidden', 'http_503', 'not_json', 'close',
		'redirect', 'truncated_json']) {
		graph.fail({ kind, times: 2 });
		await ask(await fresh(), kind === 'cae' ? '?include=photo' : '');
		graph.clearFailures();
	}
	for (const kind of ['expired', 'bad-signature', 'tampered-payload', 'alg-none', 'oversized',
		'foreign-audience', 'app-only', 'partial-scope'])
		await ask(await entra.mintHostile(kind));
	await ask(await entra.mintGraphToken());
	entra.refreshIn = 1;
	const renewed = await fresh();
	await ask(renewed);
	entra.refreshIn = undefined;
	const { exchanges } = entra.counts;
	await until(async () => { /* renewed in the background */
		await ask(renewed);
		return entra.counts.exchanges > exchanges;
	}, { pauseMs: 300 });
	await delay(100);
}

/* Each credential: (t, sandbox) -> {env, secrets} of it. */
const CREDENTIALS = {
	secret: (t, { entra }) => ({ env: {}, secrets: [entra.clientSecret] }),
	async certificate(t, { entra }) {
		const { file, pem, key } = await makeClientCertificate(dir, 'client');
		entra.registerCertificate(pem);
		return { env: { CLIENT_CERTIFICATE_FILE: file, CLIENT_SECRET: undefined },
			secrets: key.split('\n').filter((line) => line.length === 64) };
	},
	async identity(t, { entra }) {
		const identity = await startIdentity({ entra });
		t.after(() => identity.close());
		entra.trustFederation(identity.federation());
		return { env: { MANAGED_IDENTITY: 'system', ...identity.env, CLIENT_SECRET: undefined },
			secrets: [identity.header], peer: identity.url };
	},
	async file(t, { entra }) {
		const issuer = await startIssuer();
		t.after(() => issuer.close());
		const [subject, file] = ['handler', join(dir, 'token')];
		const token = await issuer.mint({ subject });
		writeFileSync(file, token);
		entra.trustFederation({ issuer: issuer.url, subject });
		return { env: { AZURE_FEDERATED_TOKEN_FILE: file, CLIENT_SECRET: undefined },
			secrets: [token] };
	},
};

for (const [name, prepare] of Object.entries(CREDENTIALS)) {
	test(`with ${name} no fragment is in any log line or answer`, async (t) => {
		const sandbox = await during(t, startSandbox());
		const { env, secrets } = await prepare(t, sandbox);
		const handler = await during(t, startAlone({ keeps: sandbox,
			env: { ...sandbox.env, ...env, LOG_LEVEL: 'debug' } }));
		await exercise(sandbox, (token, query = '') => handler.ask(`/me${query}`, { token }));
		for (const token of handler.sent)
			await handler.ask('/status', { token });
		assert.ok(sandbox.secrets.length > 30 && handler.answers.length > 40);
		await until(() => handler.lines.length > 40);
		assertKept(handler, [...secrets, ...sandbox.secrets, ...handler.sent]);
	});
}

/* strace on a running process: {stop() -> the lines of its report}, or the reason it cannot be. */
async function trace(pid) {
	try {
		execFileSync('strace', ['--version'], { stdio: 'ignore' });
	} catch {
		return { reason: 'strace is not installed' };
	}
	const report = join(dir, 'strace');
	const child = spawn('strace', ['-f', '-yy', '-s', '200000', '-e', `trace=${CALLS}`, '-o',
		report, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (chunk) => { said += chunk; });
	const closed = once(child, 'close');
	await until(() => /attached/.test(said) || child.exitCode !== null);
	if (child.exitCode !== null)
		return { reason: `strace cannot attach: ${said.split('\n')[0]}` };
	return { async stop() {
		child.kill('SIGINT');
		await closed;
		return readFileSync(report, 'latin1').split('\n');
	} };
}

for (const name of ['secret', 'identity']) {
	test(`with ${name} the system calls show tokens leaving to Entra and Graph only`, async (t) => {
		const sandbox = await during(t, startSandbox());
		const { entra, graph } = sandbox;
		const { env, secrets, peer } = await CREDENTIALS[name](t, sandbox);
		const handler = await during(t, startAlone({ keeps: sandbox,
			env: { ...sandbox.env, ...env, LOG_LEVEL: 'debug' } }));
		const { reason, stop } = await trace(handler.pid);
		if (reason)
			return t.skip(reason);
		await exercise(sandbox, (token, query = '') => handler.ask(`/me${query}`, { token }));
		const lines = await stop();
		const allowed = [entra.url, graph.url, peer].filter(Boolean)
			.map((url) => `->127.0.0.1:${new URL(url).port}]>`);
		const leaving = new Set([...secrets, ...sandbox.secrets, ...handler.sent]
			.flatMap(fragmentsOf));
		const carrying = lines.filter((line) => [...leaving].some((piece) => line.includes(piece)));
		assert.ok(carrying.length > 40, `${carrying.length} calls carry a token`);
		for (const line of carrying)
			assert.ok(allowed.some((to) => line.includes(to)), line.slice(0, 200));
		const opened = lines.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|creat\(|rename/.test(line));
		assert.deepEqual(opened, []);
		return undefined;
	});
}
