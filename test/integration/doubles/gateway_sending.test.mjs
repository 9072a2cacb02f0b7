/*
 * The gateway emulator: forward-request, send-request, retry and the managed identity, against a
 * backend that does what it is told.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { startEntra } from '../../sandbox/entra/entra.mjs';
import { startIdentity } from '../../sandbox/entra/federation.mjs';
import { startServer } from '../../sandbox/common/http_server.mjs';
import { makeClientCertificate, sandboxCertificate } from '../../sandbox/common/tls.mjs';
import { HANGS_MS, during, use, wire } from '../stage/fixture.mjs';
import { respond, show, startBoth } from '../stage/gateway_fixture.mjs';

const told = respond(418, '@(context.LastError.Source + "|" + context.LastError.Reason + "|" '
	+ '+ context.Response.StatusCode)');

const forward = (rest) => ({ backend: `<forward-request ${rest} />`, onError: told });

/* timeout (seconds): time enough for a loaded machine, but where waiting is what is tested. */
const sending = ({ mode = 'new', rest = '', inner = '', timeout = 30, url = '@((string)context.Variables["to"])' } = {}) => `<base />
	<set-variable name="to" value='@("{{DOUBLE}}/sent" + context.Request.Url.QueryString)' />
	<send-request mode="${mode}" response-variable-name="r" timeout="${timeout}" ${rest}>
		<set-url>${url}</set-url>${inner}
	</send-request>
	${show('context.Variables["r"] == null ? "null" : ((IResponse)context.Variables["r"]).StatusCode + " "'
		+ ' + ((IResponse)context.Variables["r"]).Body?.As<string>()')}`;

const post = `<set-method>POST</set-method><set-header name="x-own"><value>own</value></set-header>
	<set-body>@("bo" + "dy")</set-body>`;

const retry = (rest, condition = 'context.Response.StatusCode == 503') => ({ onError: told,
	backend: `<retry condition='@(${condition})' ${rest}>
		<forward-request timeout="30" buffer-request-body="true" /></retry>` });

const identity = (rest) => `<base /><authentication-managed-identity resource="api://AzureADTokenExchange" ${rest} />`;

const operations = {
	any: { template: '/any/*', ...forward('timeout="30"') },
	put: { method: 'PUT', template: '/any', ...forward('timeout="30" buffer-response="false"') },
	head: { method: 'HEAD', template: '/any', ...forward('timeout="30"') },
	slow: forward('timeout-ms="200"'),
	minutes: forward('timeout="120"'),
	stream: forward('timeout="30" buffer-response="false"'),
	nowhere: { ...forward('timeout="1"'), inbound: '<set-backend-service base-url="http://127.0.0.1:9" />' },
	outside: { ...forward('timeout="1"'), inbound: '<set-backend-service base-url="https://example.com" />' },
	unset: { ...forward('timeout="1"'), inbound: '' },
	overridden: { ...forward('timeout="1"'), inbound: '<base /><set-backend-service base-url="http://127.0.0.1:9" />' },
	send: { inbound: sending(), onError: told },
	'send-post': { inbound: sending({ inner: post }), onError: told },
	'send-copy': { method: 'POST', inbound: sending({ mode: 'copy' }), onError: told },
	'send-ignore': { inbound: sending({ rest: 'ignore-error="true"' }), onError: told },
	'send-briefly': { inbound: sending({ timeout: 1 }), onError: told },
	'send-briefly-ignore': { inbound: sending({ timeout: 1, rest: 'ignore-error="true"' }), onError: told },
	'send-secure': { inbound: sending({ url: 'https://outside.example/x', rest: 'ignore-error="true"' }), onError: told },
	'send-name': { inbound: sending({ url: 'https://no.such.name.invalid/x', rest: 'ignore-error="true"' }), onError: told },
	'send-nonsense': { inbound: sending({ url: 'nonsense' }), onError: told },
	'send-identity': { inbound: sending({ inner: '<authentication-managed-identity resource="r" />' }), onError: told },
	retry: retry('count="2" interval="10"'),
	'retry-delta': retry('count="3" interval="10" delta="5"'),
	'retry-fast': retry('count="2" interval="10" first-fast-retry="true"'),
	'retry-post': { method: 'POST', ...retry('count="1" interval="1"') },
	'retry-lost': { method: 'POST', onError: told, backend: `<retry condition="true" count="1" interval="1">
		<forward-request timeout="30" /></retry>` },
	identity: { inbound: identity(''), onError: told },
	'identity-variable': { inbound: `${identity('output-token-variable-name="t" ignore-error="true"')}${
		show('(string)context.Variables["t"] ?? "null"')}`, onError: told },
};

async function start() {
	const entra = await startEntra();
	const issuer = await startIdentity({ entra });
	const secure = await startServer({ tls: true, onExchange: (exchange) => exchange.send({ body: 'secret' }) });
	const { caFile } = await sandboxCertificate();
	const values = [{ name: 'DOUBLE', value: 'https://double.example' }];
	const gateway = await startBoth({ operations, values, api: {
		inbound: '<set-backend-service backend-id="double" />' },
	args: ['--clock', 'manual', '--identity', issuer.url, '--identity-header', issuer.header,
		'--map', `https://outside.example=${secure.url}`, '--ca', caFile], map: 'https://double.example' });
	return { ...gateway, issuer, secure, async stop() {
		await gateway.stop().finally(() =>
			Promise.all([entra.close(), issuer.close(), secure.close()]));
	} };
}

const gateway = use(start);
const ask = (path, request) => gateway().ask(path, request);
const order = (...functions) => gateway().backend.order(...functions);
const status = (code, body = '') => (_, response) => response.writeHead(code).end(body);
const never = () => {};
const soon = { timeout: HANGS_MS }; /* of what would otherwise wait for ever */

describe('forward-request', () => {
	test('method, path, query, headers and body reach the backend as they came', async () => {
		const answer = await ask('/any', { method: 'PUT', body: 'a body',
			headers: { 'X-Mixed': 'Case', 'Transfer-Encoding': 'chunked' } });
		assert.deepEqual([answer.json.method, answer.json.body, answer.json.headers['x-mixed']],
			['PUT', 'a body', 'Case']);
		assert.equal((await ask('/any/a%2Fb/c?x=1&y=%20')).json.url, '/any/a%2Fb/c?x=1&y=%20');
	});
	test('the backend sees its own name and the caller\'s address', async () => {
		const { headers } = (await ask('/any/x', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).json;
		assert.equal(headers.host, new URL(gateway().backend.url).host);
		assert.equal(headers['x-forwarded-for'], '203.0.113.9,127.0.0.1');
	});
	test('an error status is an answer like any other', async () => {
		order(status(503, 'busy'));
		const answer = await ask('/any/x');
		assert.deepEqual([answer.status, answer.text], [503, 'busy']);
	});
	test('HEAD brings the length without a body', async () => {
		order((_, response) => response.writeHead(200, { 'content-length': '17' }).end());
		const answer = await ask('/any', { method: 'HEAD' });
		assert.deepEqual([answer.status, answer.headers['content-length'], answer.text], [200, '17', '']);
	});
	test('204 has no body and no length', async () => {
		order(status(204));
		const answer = await ask('/any/x');
		assert.deepEqual([answer.status, answer.headers['content-length']], [204, undefined]);
	});
	test('connections of the backend are used again', async () => {
		let opened = 0;
		const count = () => { opened++; };
		gateway().backend.server.on('connection', count);
		for (let i = 0; i < 5; i++)
			await ask('/any/x');
		gateway().backend.server.off('connection', count);
		assert.ok(opened <= 1, `${opened} connections`);
	});
	test('a backend that does not answer in time is Timeout and 500', async () => {
		order(never);
		assert.equal((await ask('/slow')).text, 'forward-request|Timeout|500');
	});
	test('a timeout is one of the clock that tests move', soon, async () => {
		const reached = Promise.withResolvers();
		order(reached.resolve);
		const answer = ask('/minutes');
		await reached.promise;
		await gateway().advance(121);
		assert.equal((await answer).text, 'forward-request|Timeout|500');
	});
	test('a backend that breaks off is BackendConnectionFailure and 500', async () => {
		order((request) => request.socket.destroy());
		assert.equal((await ask('/any', { method: 'PUT', body: 'x', headers: { 'content-length': '1' } })).text,
			'forward-request|BackendConnectionFailure|500');
	});
	test('so is one that nobody listens at, none at all, and one that is not this machine', async () => {
		for (const path of ['/nowhere', '/unset', '/outside'])
			assert.equal((await ask(path)).text, 'forward-request|BackendConnectionFailure|500');
	});
	test('base-url does not override an inherited backend-id', async () => {
		assert.equal((await ask('/overridden')).text, 'set-backend-service||500');
	});
	test('an unbuffered answer arrives piece by piece', soon, async () => {
		const { promise, resolve } = Promise.withResolvers();
		order((_, response) => {
			response.write('first');
			resolve(response);
		});
		const request = http.get(`${gateway().url}/stream`, { agent: false });
		const [answer] = await once(request, 'response');
		const pieces = answer[Symbol.asyncIterator]();
		assert.equal((await pieces.next()).value.toString(), 'first');
		(await promise).end('second');
		assert.equal((await pieces.next()).value.toString(), 'second');
		assert.equal((await pieces.next()).done, true);
	});
	test('an unbuffered answer that breaks off breaks off for the caller', async () => {
		order((_, response) => {
			response.write('first', () => response.destroy());
		});
		const request = http.get(`${gateway().url}/stream`, { agent: false });
		const [answer] = await once(request, 'response');
		await assert.rejects(answer.toArray(), { code: 'ECONNRESET' });
	});
	test('a caller that goes away before the answer takes the backend\'s connection along', soon, async () => {
		const { promise, resolve } = Promise.withResolvers();
		const request = http.get(`${gateway().url}/any/x`, { agent: false }).on('error', never);
		order((incoming) => {
			incoming.socket.once('close', resolve);
			request.destroy();
		});
		await promise;
	});
	test('a slow answer holds up nobody else', soon, async () => {
		const { promise, resolve } = Promise.withResolvers();
		order((_, response) => resolve(response));
		const slow = ask('/any/slow');
		const held = await promise;
		assert.equal((await ask('/any/fast')).json.url, '/any/fast');
		held.end('late');
		assert.equal((await slow).text, 'late');
	});
	test('a large body passes through, but is not kept', async () => {
		const large = 'x'.repeat(9 * 1024 * 1024);
		order((_, response) => response.end(large), (_, response) => response.end(large));
		const passed = await ask('/any', { method: 'PUT', body: large, headers: { 'content-length': large.length } });
		assert.equal(passed.text.length, large.length);
		assert.equal(gateway().backend.requests.at(-1).body.length, large.length);
		assert.equal((await ask('/any/x')).text, 'forward-request|BackendConnectionFailure|500');
	});
	test('a caller that goes away takes the backend\'s connection along', soon, async () => {
		const { promise, resolve } = Promise.withResolvers();
		order((incoming, response) => {
			incoming.socket.once('close', resolve);
			response.write('first');
		});
		const request = http.get(`${gateway().url}/stream`, { agent: false });
		const [answer] = await once(request, 'response');
		await once(answer, 'data');
		request.on('error', never).destroy();
		await promise;
	});
	test('a request that breaks HTTP is refused and the connection closed', async (t) => {
		for (const bad of ['GET /any/x HTTP/2.0\r\n\r\n', 'GET /any/x\r\n\r\n', 'nonsense\r\n\r\n',
			'PUT /any HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
			'PUT /any HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
			'GET /any/x HTTP/1.1\r\nHost : x\r\n\r\n', 'GET /any/x HTTP/1.1\r\nHost: a b\r\n\r\n']) {
			const line = await wire(t, new URL(gateway().url).port);
			line.write(bad);
			assert.equal((await line.answer()).status, 400, bad);
		}
	});
	test('headers without end are refused', async (t) => {
		const line = await wire(t, new URL(gateway().url).port);
		line.write(`GET /any/x HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(70_000)}`);
		assert.equal((await line.answer()).status, 431);
	});
	test('100 Continue comes before the body is sent', soon, async () => {
		const request = http.request(`${gateway().url}/any`, { method: 'PUT', agent: false,
			headers: { Expect: '100-continue', 'Content-Length': '4' } });
		request.flushHeaders();
		await once(request, 'continue');
		request.end('body');
		const [answer] = await once(request, 'response');
		assert.equal(JSON.parse(Buffer.concat(await answer.toArray())).body, 'body');
	});
});

describe('send-request', () => {
	test('a new one carries nothing of the caller\'s', async () => {
		const answer = await ask('/send?q=1', { headers: { Authorization: 'Bearer x', 'X-Caller': 'y' } });
		const sent = JSON.parse(answer.text.replace('200 ', ''));
		assert.deepEqual([sent.method, sent.url, Object.keys(sent.headers).sort()],
			['GET', '/sent?q=1', ['connection', 'host'].filter((name) => sent.headers[name])]);
	});
	test('method, headers and body are its own', async () => {
		const sent = JSON.parse((await ask('/send-post')).text.replace('200 ', ''));
		assert.deepEqual([sent.method, sent.headers['x-own'], sent.body, sent.headers['content-length']],
			['POST', 'own', 'body', '4']);
	});
	test('a copy carries the caller\'s headers and body along, Authorization too', async () => {
		const answer = await ask('/send-copy', { method: 'POST', body: 'mine', headers: { Authorization: 'Bearer x' } });
		const sent = JSON.parse(answer.text.replace('200 ', ''));
		assert.deepEqual([sent.method, sent.body, sent.headers.authorization], ['POST', 'mine', 'Bearer x']);
	});
	test('an error status is no error, and an empty body is null', async () => {
		order(status(500, 'no'), status(404));
		assert.equal((await ask('/send')).text, '500 no');
		assert.equal((await ask('/send')).text, '404 ');
	});
	test('no answer in time is null when errors are ignored, else Timeout', async () => {
		order(never, never);
		assert.equal((await ask('/send-briefly-ignore')).text, 'null');
		assert.equal((await ask('/send-briefly')).text, 'send-request|Timeout|500');
	});
	test('an answer that stalls in its body is no answer in time', async () => {
		const stall = (_, response) => response.writeHead(200, { 'content-length': 9 }).write('x');
		order(stall, stall);
		assert.equal((await ask('/send-briefly-ignore')).text, 'null');
		assert.equal((await ask('/send-briefly')).text, 'send-request|Timeout|500');
	});
	test('a broken connection is null when errors are ignored, else BackendConnectionFailure', async () => {
		const cut = (request) => request.socket.destroy();
		order(cut, cut, cut, cut);
		assert.equal((await ask('/send-ignore')).text, 'null');
		assert.equal((await ask('/send')).text, 'send-request|BackendConnectionFailure|500');
		gateway().backend.orders.length = 0;
	});
	test('a name that does not exist is null when errors are ignored', async () => {
		assert.equal((await ask('/send-name')).text, 'null');
	});
	test('a URL that is none is a failing expression', async () => {
		assert.equal((await ask('/send-nonsense')).text, 'send-request|ExpressionValueEvaluationFailure|500');
	});
	test('https servers are trusted by the given authority', async () => {
		assert.equal((await ask('/send-secure')).text, '200 secret');
	});
	test('https servers of another authority are not', async (t) => {
		const dir = mkdtempSync(join(tmpdir(), 'gateway-ca-'));
		t.after(() => rmSync(dir, { recursive: true }));
		const { file } = await makeClientCertificate(dir, 'other');
		const untrusting = await during(t, startBoth({ map: 'https://double.example',
			operations: { 'send-secure': operations['send-secure'] },
			values: [{ name: 'DOUBLE', value: 'https://double.example' }],
			args: ['--ca', file, '--map', `https://outside.example=${gateway().secure.url}`] }));
		assert.equal((await untrusting.ask('/send-secure')).text, 'null');
	});
	test('a managed identity\'s token can be sent along', async () => {
		const sent = JSON.parse((await ask('/send-identity')).text.replace('200 ', ''));
		assert.match(sent.headers.authorization, /^Bearer ey/);
	});
});

describe('retry', () => {
	const tries = async (path, request, ...answers) => {
		const { requests } = gateway().backend;
		const before = requests.length;
		const clock = (await gateway().seen()).clock_added_s;
		order(...answers);
		const answer = await ask(path, request);
		return { status: answer.status, text: answer.text, tries: requests.length - before,
			bodies: requests.slice(before).map(({ body }) => body),
			waited: Math.round((await gateway().seen()).clock_added_s - clock) };
	};
	const busy = status(503);

	test('it repeats while the condition holds, at most count times, and waits between', async () => {
		assert.deepEqual(await tries('/retry', {}, busy, status(200, 'ok')),
			{ status: 200, text: 'ok', tries: 2, bodies: ['', ''], waited: 10 });
		const { status: last, tries: times, waited } = await tries('/retry', {}, busy, busy, busy);
		assert.deepEqual([last, times, waited], [503, 3, 20]);
	});
	test('a delta makes each wait longer', async () => {
		assert.equal((await tries('/retry-delta', {}, busy, busy, busy, busy)).waited, 45);
	});
	test('the first repetition can be at once', async () => {
		assert.equal((await tries('/retry-fast', {}, busy, busy, busy)).waited, 10);
	});
	test('a buffered request body is sent each time', async () => {
		assert.deepEqual((await tries('/retry-post', { method: 'POST', body: 'b' }, busy)).bodies, ['b', 'b']);
	});
	test('a request body that was passed through cannot be sent again', async () => {
		assert.equal((await tries('/retry-lost', { method: 'POST', body: 'b' }, busy)).text, 'forward-request||500');
	});
});

describe('authentication-managed-identity', () => {
	test('it sets Authorization, or a variable', async () => {
		const { headers } = (await ask('/identity', { headers: { Authorization: 'Bearer x' } })).json;
		assert.match(headers.authorization, /^Bearer ey/);
		assert.match((await ask('/identity-variable')).text, /^ey/);
	});
	test('without a token it fails, or gives null when errors are ignored', async () => {
		gateway().issuer.header = 'another';
		assert.equal((await ask('/identity')).text, 'authentication-managed-identity||500');
		assert.equal((await ask('/identity-variable')).text, 'null');
	});
});
