/*
 * Little memory: what a peer decides the size of fails as an answer, never as the end of the program, and all is as
 * before when there is memory again.  A start for which there is too little says so.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertHealthy, during, send, spawnHandler, startAlone, startSandbox, until, use } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { littleMemory, preload, unlessShared } from '../stage/scarcity/preload.mjs';
import { limitedTo } from '../stage/scarcity/process.mjs';

const BODY_MAX = 8 << 20;
const PIECE_MAX = 1 << 20;
const SIZES = [1 << 15, (1 << 16) - 1024, 1 << 16, (PIECE_MAX >> 3) - 1024, PIECE_MAX >> 2, PIECE_MAX, PIECE_MAX + 1, BODY_MAX - 4096];
const library = unlessShared || preload('memory');

/* However busy the machine is: a body that takes too long is no matter of memory. */
const PATIENT = { REQUEST_TIMEOUT_MS: '600000', GRAPH_DEADLINE_MS: '200000', ENTRA_TIMEOUT_MS: '60000' };

const text = (size) => 'x'.repeat(size);
const rpc = (method, params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/* What clients may send much of. */
const REQUESTS = {
	'a body': (size) => ['/echo', { body: text(size) }],
	'a body in chunks': (size) => ['/echo', { body: text(size), headers: { 'transfer-encoding': 'chunked' } }],
	'a tool\'s argument': (size) => ['/mcp', { headers: json,
		body: rpc('tools/call', { name: 'echo', arguments: { text: text(size) } }) }],
	'a tool\'s argument, all of it escapes': (size) => ['/mcp', { headers: json,
		body: rpc('tools/call', { name: 'echo', arguments: { text: '\n'.repeat(size >> 1) } }) }],
	'a batch': (size) => ['/mcp', { headers: json,
		body: `[${Array.from({ length: size / 64 }, (_, i) => `{"jsonrpc":"2.0","id":${String(i).padStart(9)},"method":"ping"}`).join(',')}]` }],
	'JSON of many members': (size) => ['/mcp', { headers: json,
		body: `{${Array.from({ length: size / 16 }, (_, i) => `"n${i}":${i}`).join(',')}}` }],
	'a form': (size) => ['/oauth/token', { body: `a=${text(size)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
	'a registration': (size) => ['/oauth/register', { headers: json, body: JSON.stringify({ redirect_uris: [`https://x.example/${text(size)}`] }) }],
};

describe('with no more than 1 MB in one piece', { skip: unlessShared }, () => {
	const memory = unlessShared || littleMemory(library);
	const sandbox = use(startSandbox);
	const handler = use(() => startAlone({ env: { ...sandbox().env, ...PATIENT, ...memory.env, MAX_BODY_BYTES: String(BODY_MAX),
		MCP_CLIENT_ID: sandbox().entra.directory.mcp.clientId } }));

	for (const [what, request] of Object.entries(REQUESTS)) {
		test(`${what}, of any size, is answered`, async () => {
			const authorization = `Bearer ${await sandbox().entra.mintUserToken()}`;
			assert.equal((await handler().ask('/me', { headers: { authorization } })).status, 200);
			const ask = async ([path, { body, headers }]) =>
				(await send(`${handler().url}${path}`, { method: 'POST', body, headers: { authorization, ...headers } })).status;
			const largest = request(SIZES.at(-1));
			const before = await ask(largest);
			memory.set(PIECE_MAX);
			const seen = [];
			for (const size of SIZES) {
				seen.push(await ask(size === SIZES.at(-1) ? largest : request(size)).catch((error) => error.code));
				assert.ok(Number.isInteger(seen.at(-1)), `${seen} of ${SIZES}: ${handler().lines.at(-1).text}`);
			}
			assert.ok([413, 503].includes(seen.at(-1)), seen);
			memory.set(0);
			assert.equal(await ask(largest), before);
		});
	}

	test('an answer of Graph\'s, of any size, is an answer to the caller', async () => {
		const { entra, graph } = sandbox();
		const ask = async () => handler().ask('/me', { token });
		const token = await entra.mintUserToken();
		const { json: profile } = await ask();
		memory.set(PIECE_MAX);
		for (const size of SIZES) {
			graph.fail({ kind: 'raw', status: 200, headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ ...profile, officeLocation: text(size) }) });
			assert.ok([200, 502].includes((await ask()).status));
		}
		memory.set(0);
		await until(async () => (await ask()).status === 200);
	});
});

const NAMED = /memory|thread|shared object|crypto_failed/; /* the loader's words, and OpenSSL's, which has none for it, are among them */

describe('with little memory in all', { concurrency: 2 }, () => {
	test('it starts and serves, or ends and says what is missing', async (t) => {
		const { env } = await during(t, startSandbox());
		const ends = new Set();
		for (const mb of [8, 12, 16, 24, 32, 64, 8192]) {
			const port = await freePort();
			const { child, lines, ending } = spawnHandler({ below: limitedTo({ as: mb * (1 << 20) }), env, args: ['--port', String(port)] });
			const gone = ending();
			await until(() => child.exitCode !== null || child.signalCode !== null || lines.some(({ text: line }) => line.includes('event=listening')));
			const served = await send(`http://127.0.0.1:${port}/hello`).then(({ status }) => status === 200, () => false);
			if (served)
				child.kill('SIGTERM');
			const { code } = await gone;
			const said = lines.map(({ text: line }) => line).join('\n');
			assert.ok(served ? code === 143 : code !== 0 && NAMED.test(said), `${mb} MB: ${code} ${said}`);
			ends.add(served ? 'served' : 'ended');
			assertHealthy(lines);
		}
		assert.ok(ends.has('ended') && ends.has('served'), 'both were met');
	});

	for (const more of [8, 32, 96]) {
		test(`that runs out while many send much, with ${more} MB left: each is answered, and all as before afterwards`, async (t) => {
			const { entra, env } = await during(t, startSandbox());
			/* The library's arenas for each thread hold addresses in reserve. */
			const handler = await during(t, startAlone({ env: { ...env, ...PATIENT, MAX_BODY_BYTES: String(BODY_MAX), MALLOC_ARENA_MAX: '1' } }));
			const token = await entra.mintUserToken();
			const body = Buffer.alloc(BODY_MAX, 'x');
			const echo = () => send(`${handler.url}/echo`, { method: 'POST', body }).then(({ status }) => status, ({ code }) => code);
			const crowd = () => Promise.all(Array.from({ length: 8 }, echo));
			await handler.ask('/me', { token });
			const [, kb] = /^VmSize:\s+(\d+)/m.exec(readFileSync(`/proc/${handler.pid}/status`, 'utf8'));
			const setTo = (bytes) => execFileSync('prlimit', [`--as=${bytes}:`, '--pid', String(handler.pid)]);
			setTo((Number(kb) + more * 1024) * 1024);
			let refused = 0;
			for (let i = 0; i < 3; i++) {
				const seen = await crowd();
				refused += seen.filter((status) => status === 503).length;
				assert.ok(seen.every((status) => [200, 413, 503].includes(status)), `${seen} ${handler.lines.at(-1).text}`);
				assert.equal((await handler.ask('/me', { token })).status, 200);
			}
			setTo('unlimited');
			const shed = handler.lines.filter(({ text: line }) => line.includes(' event=shed reason=body '));
			const { overloaded } = (await handler.ask('/status')).json.counters.calls;
			assert.deepEqual([overloaded, shed.length > 0], [refused, refused > 0], 'each that was refused counts, and the log says so');
			assert.ok((await crowd()).every((status) => status === 200));
		});
	}
});
