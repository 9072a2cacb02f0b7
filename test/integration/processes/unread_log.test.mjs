/*
 * The log never stops the service: nobody reads standard output or error, or nobody is there any
 * more, or the disk is full.  Every call is answered, lines are lost whole, /status counts them and the
 * log says how many are missing once it can.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, truncateSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { answersAt, binary, during, environment, send, startHosted, until } from '../stage/fixture.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { readLines } from '../../sandbox/host/console.mjs';

const folder = mkdtempSync(join(tmpdir(), 'unread-'));
after(() => rmSync(folder, { recursive: true }));

const CALLS = 4000;
const CONNECTIONS = 4;
const TOLD = / level=warn event=log_lines_lost count=(\d+)$/;
const WHOLE = /^time=\S+ level=\w+ event=(request (endpoint=status .*|.* invocation=x{300})|(?!request ).*)$/;
/* The one line of the start that may come after the first calls' is counted with theirs. */
const COUNTED = / event=(request|listening) /;
const WHEN_READ = { hello: 200, me: 503 }; /* which is a warning */

/* A pipe with no more in it than fits: {input, read() -> the lines that it brings from then on}. */
let pipes = 0;
function unreadPipe(t) {
	const path = join(folder, `pipe${++pipes}`);
	execFileSync('mkfifo', [path]);
	const output = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
	const input = openSync(path, constants.O_WRONLY);
	let open = true;
	t.after(() => open && closeSync(output));
	return { input, read() {
		open = false;
		const lines = [];
		const reader = new net.Socket({ fd: output, readable: true, writable: false });
		t.after(() => reader.destroy());
		readLines(reader, (line) => lines.push(line));
		return lines;
	} };
}

/* The handler without settings and with these for its standard files. */
async function start(t, { stdin = 'ignore', stdout = 'ignore', stderr = 'ignore' }, [command, ...args] = [binary]) {
	const port = await freePort();
	const child = spawn(command, [...args, '--port', String(port)], { env: environment(), stdio: [stdin, stdout, stderr] });
	t.after(() => child.kill('SIGKILL'));
	for (const fd of [stdout, stderr].filter(Number.isInteger))
		closeSync(fd);
	await until(() => answersAt(port));
	const url = `http://127.0.0.1:${port}`;
	return { child, port, url, statuses: 0,
		async lost() {
			this.statuses++;
			return (await send(`${url}/status`)).json.counters.logLinesLost;
		},
		async end() {
			const ended = once(child, 'exit');
			child.kill('SIGTERM');
			assert.deepEqual(await ended, [143, null]);
		} };
}

/* Each answered, with a line of more than 300 bytes.  They come one behind the other on a few connections: a client that
 * waits for each answer works several times as long as the handler. */
async function callMany(port, path, count = CALLS) {
	const head = [`GET /${path} HTTP/1.1`, 'Host: x', `x-azure-functions-invocationid: ${'x'.repeat(300)}`].join('\r\n');
	await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
		const socket = net.connect(port, '127.0.0.1');
		socket.write(`${head}\r\n\r\n`.repeat(count / CONNECTIONS - 1));
		socket.write(`${head}\r\nConnection: close\r\n\r\n`);
		const answers = Buffer.concat(await socket.toArray()).toString();
		const statuses = Array.from(answers.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => Number(status));
		assert.equal(statuses.length, count / CONNECTIONS);
		assert.ok(statuses.every((status) => status === WHEN_READ[path]));
	}));
}

const toldBy = (lines) => lines.reduce((sum, line) => sum + Number(TOLD.exec(line)?.[1] ?? 0), 0);

for (const [stream, other, path] of [['stdout', 'stderr', 'hello'], ['stderr', 'stdout', 'me']]) {
	test(`a ${stream} that nobody reads stops no call, and what is lost of it is counted and told`, async (t) => {
		const pipe = unreadPipe(t);
		const beside = unreadPipe(t);
		const handler = await start(t, { [stream]: pipe.input, [other]: beside.input });
		const others = beside.read();
		await callMany(handler.port, path);
		assert.ok(await handler.lost() > 0);
		const lines = pipe.read();
		await until(() => toldBy(lines) > 0);
		await callMany(handler.port, path, 100);
		const logged = () => lines.filter((line) => COUNTED.test(line)).length;
		const asked = CALLS + 100 + (stream === 'stdout' ? 1 + handler.statuses : 0);
		await until(() => logged() + toldBy(lines) === asked);
		assert.equal(await handler.lost(), toldBy(lines));
		assert.ok(lines.every((line) => WHOLE.test(line)));
		await handler.end();
		assert.equal(toldBy(others), 0);
		assert.ok(others.length > 0);
	});
}

test('SIGTERM is not held up by a log that nobody reads', async (t) => {
	const handler = await start(t, { stdout: unreadPipe(t).input, stderr: unreadPipe(t).input });
	await Promise.all([callMany(handler.port, 'hello'), callMany(handler.port, 'me')]);
	assert.ok(await handler.lost() > 0);
	await handler.end();
});

test('readers that are gone cost lines and nothing else', async (t) => {
	const handler = await start(t, { stdout: 'pipe', stderr: 'pipe' });
	handler.child.stdout.destroy();
	handler.child.stderr.destroy();
	await callMany(handler.port, 'hello', 100);
	await callMany(handler.port, 'me', 100);
	await until(async () => await handler.lost() >= 200);
	await handler.end();
});

test('a disk that is full costs lines, until there is room again', async (t) => {
	const file = join(folder, 'log');
	/* Of which ulimit's 8 blocks stand for the size of the disk. */
	const handler = await start(t, {}, ['sh', '-c', 'ulimit -f 8; exec "$@" >>"$0"', file, binary]);
	await callMany(handler.port, 'hello', 200);
	const lines = () => readFileSync(file, 'utf8').split('\n');
	const logged = () => lines().slice(0, -1).filter((line) => COUNTED.test(line)).length;
	/* What waits yet would fill the disk again.  A call's own line is lost after its answer. */
	await until(async () => await handler.lost() + logged() === 1 + 200 + handler.statuses - 1);
	truncateSync(file);
	await until(async () => {
		await send(`${handler.url}/tools`);
		return toldBy(lines()) > 0 && lines().some((line) => line.includes(' endpoint=tools '));
	});
	await handler.end();
});

test('standard files that are closed at the start become nobody else\'s', async (t) => {
	for (const closed of ['<&-', '>&-', '2>&-', '<&- >&- 2>&-']) {
		const handler = await start(t, {}, ['sh', '-c', `exec "$0" "$@" ${closed}`, binary]);
		const socket = net.connect(handler.port, '127.0.0.1');
		await once(socket, 'connect');
		await callMany(handler.port, 'hello', 100);
		await callMany(handler.port, 'me', 100);
		for (const fd of [0, 1, 2])
			assert.equal(readlinkSync(`/proc/${handler.child.pid}/fd/${fd}`), '/dev/null', closed);
		socket.destroy();
		assert.equal(await handler.lost(), 0);
		await handler.end();
	}
});

describe('below the host', () => {
	test('that has stopped reading every call is answered, and the log goes on when it reads again', async (t) => {
		const handler = await during(t, startHosted({ env: {}, mode: 'forwarding' }));
		const { stdout, stderr } = handler.host.handler.child;
		stdout.pause();
		stderr.pause();
		await callMany(handler.host.handlerPort, 'hello');
		assert.equal((await handler.ask('/hello')).status, 200);
		assert.equal((await handler.ask('/me')).status, 503);
		const lost = async () => (await handler.ask('/status')).json.counters.logLinesLost;
		assert.ok(await lost() > 0);
		stdout.resume();
		stderr.resume();
		await until(async () => toldBy(handler.lines.map(({ text }) => text)) === await lost());
		const answer = await handler.ask('/hello');
		assert.equal((await handler.logOf(answer)).endpoint, 'hello');
	});
});

describe('over stdio', () => {
	test('a client that does not read what is logged is answered, and may end', async (t) => {
		const pipe = unreadPipe(t);
		const child = spawn(binary, ['--stdio'], { env: environment(), stdio: ['pipe', 'pipe', pipe.input] });
		t.after(() => child.kill('SIGKILL'));
		closeSync(pipe.input);
		const answers = [];
		readLines(child.stdout, (text) => answers.push(JSON.parse(text)));
		let asked = 0;
		const call = (name) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++asked, method: 'tools/call', params: { name } })}\n`);
		const answered = () => until(() => answers.length === asked);
		const counted = async () => {
			call('status');
			await answered();
			return answers.at(-1).result.structuredContent.counters.logLinesLost;
		};
		let lost = 0;
		while (lost === 0) {
			for (let i = 0; i < 1000; i++)
				call('hello');
			await answered();
			lost = await counted();
		}
		child.stdin.end();
		assert.deepEqual(await once(child, 'exit'), [0, null]);
		assert.ok(answers.every(({ result }) => result.isError === false));
	});
});
