/*
 * A token that the handler was sent and did not have to keep is not in its memory when a few more
 * calls have gone by, whichever way it came.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import http from 'node:http';
import { after, test } from 'node:test';
import { DoorClient, doorEnv, modes } from '../stage/door.mjs';
import { during, startAlone, startHosted, startSandbox } from '../stage/fixture.mjs';

/* How often the bytes stand in what the process may write to. */
function copiesIn(pid, bytes) {
	const memory = openSync(`/proc/${pid}/mem`, 'r');
	const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.. \S+ \S+ (\d+)/gm);
	let copies = 0;
	for (const [, from, to] of maps) {
		const size = Number(BigInt(`0x${to}`) - BigInt(`0x${from}`));
		if (size > 1 << 30) continue; /* a sanitizer's shadow */
		const held = Buffer.alloc(size);
		try {
			readSync(memory, held, 0, size, BigInt(`0x${from}`));
		} catch { continue; } /* [vvar] */
		for (let at = held.indexOf(bytes); at >= 0; at = held.indexOf(bytes, at + 1)) copies++;
	}
	closeSync(memory);
	return copies;
}

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
		for (const piece of PIECES)
			assert.equal(copiesIn(pid, Buffer.from(piece)), 0, piece);
	});
}

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
		for (const [what, secret] of Object.entries({ code, verifier: client.verifier, access, refresh }))
			assert.equal(copiesIn(handler.pid ?? handler.host.handlerPid, Buffer.from(secret.slice(-24))), 0, what);
	});
}
