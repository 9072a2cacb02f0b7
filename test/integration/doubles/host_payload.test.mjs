/* The double of the Functions host in payload mode: the envelope, and what becomes of the answer to it. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { until } from '../../sandbox/common/until.mjs';
import { ask, hostsOf, post, scriptRoot } from '../../sandbox/host/fixture.mjs';

const root = scriptRoot();
const hostFor = hostsOf(root);
after(() => rmSync(root, { recursive: true }));

const firstLines = (text) => text.split('\r\n');

function told(host, content, more = {}) {
	const text = typeof content === 'string' ? content : JSON.stringify(content);
	return ask(host, '/echo/told', post({}, JSON.stringify({ content: text, ...more })));
}

function output(host, res) {
	return told(host, { Outputs: { res } });
}

test('payload: the envelope: POST /<function>, Data.req and Metadata', async (t) => {
	const host = await hostFor(t, { mode: 'payload' });
	const { body } = await ask(host, '/echo/envelope?id=7&a=1&a=2&code=s',
		post({ Host: 'h.example', 'X-A': ['1', '2'] }, '{"name":"é","n":5,"l":[1]}'));
	const head = firstLines(body);
	assert.deepEqual([head[0], head[1], head[5], head[6]], ['POST /echo HTTP/1.1',
		`Host: 127.0.0.1:${host.handlerPort}`, 'Transfer-Encoding: chunked',
		'Content-Type: application/json; charset=utf-8']);
	const { Data, Metadata } = JSON.parse(head.find((line) => line.startsWith('{"Data"')));
	const { Identities, ...req } = Data.req;
	assert.equal(Identities[0].IsAuthenticated, false);
	const query = { id: '7', a: '1,2', code: 's' };
	assert.equal(req.Url, 'http://h.example/echo/envelope?id=7&a=1&a=2&code=s');
	assert.deepEqual([req.Method, req.Query], ['POST', query]);
	assert.deepEqual(req.Params, { rest: 'envelope' });
	assert.deepEqual(req.Headers['X-A'], ['1', '2']);
	assert.equal(req.Body, '{"name":"é","n":5,"l":[1]}');
	assert.equal(Metadata.Headers['X-A'], '1,2');
	assert.deepEqual([Metadata.id, Metadata.n, Metadata.rest], ['"7"', '5', '"envelope"']);
	assert.deepEqual([Metadata.code, Metadata.l, Metadata.sys.MethodName],
		[undefined, undefined, 'echo']);
});

test('payload: options: sized envelope, Query as a string; binary bodies are base64', async (t) => {
	const options = { mode: 'payload', payloadChunked: false, queryAsString: true };
	const host = await hostFor(t, options);
	const headers = { 'Content-Type': 'application/octet-stream' };
	const { body } = await ask(host, '/echo/envelope', post(headers, 'abc'));
	assert.match(body, /\r\nContent-Length: \d+\r\n/);
	const { req } = JSON.parse(firstLines(body).at(-1)).Data;
	assert.deepEqual([req.Query, req.Body], ['{}', 'YWJj']);
});

test('payload: what becomes of outputs', async (t) => {
	const host = await hostFor(t, { mode: 'payload' });
	const full = await output(host,
		{ statusCode: '201', headers: { 'X-A': 'b' }, body: '{"a":1}' });
	assert.deepEqual([full.status, full.headers['x-a'], full.body], [201, 'b', '{"a":1}']);
	assert.equal(full.headers['content-type'], 'text/plain; charset=utf-8');
	assert.equal((await output(host, { status: 404, body: 'x' })).status, 200);
	assert.equal((await output(host, { body: { a: 1 } })).body, '{\n  "a": 1\n}');
	assert.equal((await told(host, { Outputs: { Res: {} } })).body, '{}');
	assert.equal((await output(host, { headers: { 'X-A': null } })).status, 500);
	for (const res of ['text', 5, null]) assert.equal((await output(host, res)).status, 500);
	await told(host, { outputs: { res: {} }, logs: ['line 1'] });
	assert.equal(host.lines.find(({ stream }) => stream === 'log').text, 'line 1');
});

test('payload: no success, no JSON, no JSON type: 500 empty; 3xx followed as GET', async (t) => {
	const host = await hostFor(t, { mode: 'payload' });
	assert.equal((await told(host, { Outputs: {} }, { status: 201 })).status, 200);
	assert.equal((await told(host, { Outputs: {} }, { status: 404 })).status, 500);
	assert.equal((await told(host, { Outputs: {} }, { type: 'text/plain' })).status, 500);
	assert.equal((await told(host, '{"Outputs":')).status, 500);
	assert.match((await ask(host, '/echo/redirect')).body, /^GET \/told HTTP\/1\.1\r\n/);
});

for (const content of ['', 'null']) {
	test(`payload: "${content}" hangs until functionTimeout kills the handler`, async (t) => {
		const host = await hostFor(t, { mode: 'payload', functionTimeoutMs: 400 });
		assert.equal((await told(host, content)).status, 500);
		await until(() => host.exits.length === 1);
		assert.equal(host.exits[0].signal, 'SIGKILL');
		host.config.functionTimeoutMs = Infinity;
		assert.equal((await output(host, { body: 'again' })).body, 'again');
		assert.equal(host.handler.crashes, 0);
	});
}
