/* What becomes of a file that is too long, ends early, or whose host fails. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertError, during, startAlone, until } from '../stage/fixture.mjs';
import { startContents } from '../stage/graph_tools/contents.mjs';

const MIB = 1024 * 1024;
const TOO_LONG = 'It is longer than 16 MiB, which is not read here.';

for (const tls of [false, true])
	describe(`a file ${tls ? 'over TLS' : 'without TLS'}`, async () => {
		const { sandbox, graph, downloads, settings, handler, call, good, put, readBytes } = await startContents({ tls });
		const small = () => put({ name: 'a.txt', type: 'text/plain', bytes: 'hello' });

		test('that is announced as too long is described, and not fetched', async () => {
			downloads.fail({ kind: 'bytes', bytes: 17 * MIB, times: 1 });
			const { why, text } = await good('read_file', { id: small() });
			assert.deepEqual([why, text], [TOO_LONG, undefined]);
		});

		test('that does not say how long it is ends when it is too long', async () => {
			downloads.fail({ kind: 'bytes', bytes: 1e12, measured: false, times: 1 });
			assert.equal((await good('read_file', { id: small() })).why, TOO_LONG);
		});

		test('that Graph calls too long is not asked for', async () => {
			const item = { id: 'x', name: 'a.bin', size: 16 * MIB + 1, file: { mimeType: 'a/b' } };
			graph.fail({ kind: 'raw', path: '/me/drive/items/x', times: 1, status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(item) });
			assert.equal((await good('read_file', { id: 'x' })).why, TOO_LONG);
			assert.equal(graph.requests.length, 1);
		});

		test('of several megabytes is read to its end', async () => {
			const bytes = Buffer.alloc(15 * MIB, 'A line of words, as long as others.\n');
			const { text, more, size } = await readBytes({ name: 'a.txt', type: 'text/plain', bytes });
			assert.ok(text.length > 20_000 && more);
			assert.equal(size, bytes.length);
		});

		for (const [what, fault] of [['dies half way', { kind: 'cut_body' }], ['dies at once', { kind: 'close' }]])
			test(`whose host ${what} is an error of the moment, and Graph is well`, async () => {
				downloads.fail({ ...fault, times: Infinity });
				assertError(await call('read_file', { id: small() }), 503, 'upstream_unavailable');
				downloads.clearFailures();
				assert.equal((await good('read_file', { id: small() })).text, 'hello');
			});

		test('that ends before its announced end is not taken for the whole', async () => {
			downloads.fail({ kind: 'declared', length: 50, times: 1 });
			assertError(await call('read_file', { id: small() }), 503, 'upstream_unavailable');
		});

		test('whose host is busy is an error that says when to come again', async () => {
			downloads.fail({ kind: 'http_429', retryAfter: 7, times: 1 });
			const answer = assertError(await call('read_file', { id: small() }), 429, 'throttled');
			assert.equal(answer.headers['retry-after'], '7');
			downloads.fail({ kind: 'http_503', times: 1 });
			assertError(await call('read_file', { id: small() }), 503, 'upstream_unavailable');
		});

		test('whose host says nothing more ends with the call\'s deadline', async (t) => {
			const hasty = await during(t, startAlone({ env: { ...settings, GRAPH_DEADLINE_MS: '1500' }, keeps: sandbox }));
			downloads.fail({ kind: 'stall', times: Infinity });
			assertError(await call('read_file', { id: small() }, hasty), 504, 'upstream_timeout');
		});

		test('waits its turn where as many are read as may be', async () => {
			let release;
			const id = small();
			downloads.fail({ kind: 'held', times: 4, until: new Promise((resolve) => { release = resolve; }) });
			const held = Array.from({ length: 4 }, () => good('read_file', { id }));
			await until(() => downloads.requests.length === 4);
			const answer = assertError(await call('read_file', { id }), 503, 'overloaded');
			assert.ok(Number(answer.headers['retry-after']) > 0);
			release();
			for (const { text } of await Promise.all(held))
				assert.equal(text, 'hello');
			assert.equal((await good('read_file', { id })).text, 'hello');
			assert.equal((await handler().ask('/status')).status, 200);
		});
	});
