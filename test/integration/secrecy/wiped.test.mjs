/*
 * A token that the handler was sent and did not have to keep is not in its memory when a few more
 * calls have gone by, whichever way it came.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { after, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { DoorClient, doorEnv, modes } from '../stage/door.mjs';
import { waitsWithoutThread } from '../../bench/measuring/flood.mjs';
import { binary, during, startAlone, startHosted, startSandbox, wire } from '../stage/fixture.mjs';

const PAGE = 4096n;
const ENTRY = 8; /* of a page in /proc/PID/pagemap; its highest bits: in memory, swapped out */

/* [[from, size]]: the stretches of a mapping that hold something; the other pages were never written to. */
function written(pagemap, from, to) {
	const entries = Buffer.alloc(Number((to - from) / PAGE) * ENTRY);
	readSync(pagemap, entries, 0, entries.length, from / PAGE * BigInt(ENTRY));
	const stretches = [];
	for (let i = 0; i < entries.length; i += ENTRY) {
		if (entries[i + ENTRY - 1] >> 6 === 0) continue;
		const at = from + BigInt(i / ENTRY) * PAGE;
		const last = stretches.at(-1);
		if (last && last[0] + BigInt(last[1]) === at) last[1] += Number(PAGE);
		else stretches.push([at, Number(PAGE)]);
	}
	return stretches;
}

/* What the process may write to and has: a buffer for each stretch. */
function* memoryOf(pid) {
	const [memory, pagemap] = ['mem', 'pagemap'].map((name) => openSync(`/proc/${pid}/${name}`, 'r'));
	const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.. \S+ \S+ \d+/gm);
	for (const [, ...ends] of maps) {
		const [from, to] = ends.map((end) => BigInt(`0x${end}`));
		if (to - from > 1n << 30n) continue; /* a sanitizer's shadow */
		for (const [at, size] of written(pagemap, from, to)) {
			const held = Buffer.allocUnsafe(size);
			try {
				yield held.subarray(0, readSync(memory, held, 0, size, at));
			} catch { /* unmapped by now */ }
		}
	}
	closeSync(memory);
	closeSync(pagemap);
}

/* How often each of the texts stands there: {text: times}. */
function copiesIn(pid, texts) {
	const copies = Object.fromEntries(texts.map((text) => [text, 0]));
	for (const held of memoryOf(pid))
		for (const text of texts)
			for (let at = held.indexOf(text); at >= 0; at = held.indexOf(text, at + 1)) copies[text]++;
	return copies;
}

const nowhere = (texts) => Object.fromEntries(texts.map((text) => [text, 0]));

const TOKEN = `eyJ.${'T0ken'.repeat(200)}.end-of-token`;
const PIECES = ['T0kenT0kenT0ken', 'end-of-token'];

const MODES = {
	'payload, chunked': () => startHosted({ mode: 'payload' }),
	'payload, sized': () => startHosted({ mode: 'payload', payloadChunked: false }),
	proxying: () => startHosted({ mode: 'proxying' }),
	alone: () => startAlone(),
};

for (const [mode, start] of Object.entries(MODES)) {
	test(`${mode}: nothing is left of a token in a header or a body after further calls`, async (t) => {
		const agent = new http.Agent({ keepAlive: true });
		t.after(() => agent.destroy());
		const handler = await during(t, start());
		const pid = handler.pid ?? handler.host.handlerPid;
		const post = (path, body) => handler.ask(path, { method: 'POST', agent, body,
			headers: { 'content-type': 'application/x-www-form-urlencoded' } });
		await handler.ask('/hello', { token: TOKEN, agent });
		await post('/hello', `token=${TOKEN}`);
		/* civetweb's own buffer, one a connection, holds what it read until the next request does. */
		for (let i = 0; i < 60; i++)
			await post('/echo', 'x'.repeat(500 * (i % 12)));
		assert.deepEqual(copiesIn(pid, PIECES), nowhere(PIECES));
	});
}

const threads = !waitsWithoutThread(binary);

test('nothing is left of a body that has been answered, on a connection that is kept', { skip: threads
	&& 'this build keeps what it has read until the next request' }, async (t) => {
	const handler = await during(t, startAlone());
	const line = await wire(t, handler.port);
	for (const bytes of [0, 100000]) {
		const body = `${'x'.repeat(bytes)}${TOKEN}`;
		line.write(`POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
		assert.equal((await line.answer()).status, 400);
	}
	assert.deepEqual(copiesIn(handler.pid, PIECES), nowhere(PIECES));
});

const doorSandbox = await startSandbox();
after(() => doorSandbox.stop());
/* libcurl frees what it has sent as it is.  AddressSanitizer would keep that for long. */
const ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0`;
const doorModes = modes({ ...doorEnv(doorSandbox), ASAN_OPTIONS });

for (const [mode, start] of Object.entries(doorModes)) {
	test(`${mode}: nothing is left of a code, verifier or token that passed through the door`, async (t) => {
		const handler = await during(t, start());
		const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
		t.after(() => agent.destroy());
		const client = new DoorClient(handler, { agent });
		const code = await client.code();
		const { access_token: access, refresh_token: refresh } = (await client.redeem(code)).json;
		await client.refresh(refresh);
		for (let i = 0; i < 60; i++)
			await client.redeem('x'.repeat(500 * (i % 12)), { code_verifier: 'v'.repeat(43) });
		for (let i = 0; i < 10; i++) /* of one size, which an allocator may keep apart from others */
			await client.refresh('x'.repeat(refresh.length));
		const ends = [code, client.verifier, access, refresh].map((secret) => secret.slice(-24));
		const pid = handler.pid ?? handler.host.handlerPid;
		const { [doorSandbox.env.CLIENT_ID]: known, ...left } = copiesIn(pid, [doorSandbox.env.CLIENT_ID, ...ends]);
		assert.deepEqual(left, nowhere(ends));
		assert.ok(known > 0, 'what it keeps is seen');
	});
}
