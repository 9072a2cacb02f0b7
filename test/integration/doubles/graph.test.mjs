/*
 * Proves the sandbox Graph, and both services over TLS with HTTP/2 and HTTP/1.1.
 */
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import https from 'node:https';
import { readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import http from '../../sandbox/common/http.mjs';
import { startEntra } from '../../sandbox/entra/entra.mjs';
import { startGraph } from '../../sandbox/graph/graph.mjs';
import { plainRequest } from '../../sandbox/common/sandbox_client.mjs';
import { sandboxCertificate } from '../../sandbox/common/tls.mjs';
import { until } from '../../sandbox/common/until.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const CHALLENGE = { access_token: { nbf: { essential: true, value: '1700000000' } } };
const CONTEXT = 'https://graph.microsoft.com/v1.0/$metadata#users';
const DATA_TYPE = 'application/json;odata.metadata=minimal;odata.streaming=true;'
	+ 'IEEE754Compatible=false;charset=utf-8';

const sandbox = await freshSandbox();
const { entra, graph } = sandbox;
const token = await entra.mintGraphToken();

function assertGraphError(answer, status, code) {
	assert.equal(answer.status, status);
	const { error } = answer.body;
	assert.deepEqual(Object.keys(error), ['code', 'message', 'innerError']);
	assert.equal(error.code, code);
	assert.deepEqual(Object.keys(error.innerError), ['date', 'request-id',
		'client-request-id']);
	assert.equal(error.innerError['request-id'], answer.headers.get('request-id'));
}

describe('GET /v1.0/me', () => {
	test('answers the default properties, unset ones as null', async () => {
		const bare = await entra.mintGraphToken({ user: 'bare' });
		const { status, headers, body } = await sandbox.readMe(bare);
		assert.equal(status, 200);
		assert.equal(headers.get('content-type'), DATA_TYPE);
		assert.deepEqual(body, {
			'@odata.context': `${CONTEXT}/$entity`, businessPhones: [],
			displayName: 'Bare Minimum', givenName: null, jobTitle: null, mail: null,
			mobilePhone: null, officeLocation: null, preferredLanguage: null,
			surname: null, userPrincipalName: 'bare@contoso.example',
			id: entra.users.bare.oid });
	});

	test('answers UTF-8 as it is, and fewer properties for personal accounts', async () => {
		const zoe = await sandbox.readMe(await entra.mintGraphToken({ user: 'zoe' }));
		assert.equal(zoe.body.displayName, 'Zoë Ünïcode 雪');
		const pat = await sandbox.readMe(await entra.mintGraphToken({ user: 'personal' }));
		assert.ok(!('jobTitle' in pat.body));
	});

	test('$select answers exactly the properties asked for, and says so', async () => {
		const path = '/v1.0/me?$select=displayName,id';
		const { body } = await sandbox.readMe(token, { path });
		assert.deepEqual(body, { '@odata.context': `${CONTEXT}(displayName,id)/$entity`,
			displayName: 'Adele Vance', id: entra.users.adele.oid });
		const encodedPath = '/v1.0/me?%24select=department';
		const encoded = await sandbox.readMe(token, { path: encodedPath });
		assert.equal(encoded.body.department, 'Retail');
	});

	test('$select of an unknown property is a 400 that names it', async () => {
		for (const name of ['shoeSize', 'toString']) {
			const path = `/v1.0/me?$select=id,${name}`;
			const answer = await sandbox.readMe(token, { path });
			assertGraphError(answer, 400, 'BadRequest');
			assert.match(answer.body.error.message, new RegExp(`'${name}'`));
		}
	});

	test('request ids are new each time; the client\'s own is echoed', async () => {
		const headers = { 'client-request-id': 'mine' };
		const one = await sandbox.readMe(token, { headers });
		const two = await sandbox.readMe(token);
		assert.equal(one.headers.get('client-request-id'), 'mine');
		assert.notEqual(one.headers.get('request-id'), two.headers.get('request-id'));
		assert.ok(JSON.parse(one.headers.get('x-ms-ags-diagnostic')).ServerInfo);
		assert.ok(Date.parse(one.headers.get('date')));
	});

	test('only live tokens issued for Graph by this Entra are taken', async () => {
		const expired = await entra.mintGraphToken({ expiresIn: -1 });
		const revoked = await entra.mintGraphToken();
		assert.ok(entra.revokeGraphToken(revoked));
		const tampered = `${token.slice(0, -2)}AA`;
		const ours = await entra.mintUserToken();
		const posing = await entra.mintHostile('graph-audience');
		for (const bad of ['', expired, revoked, tampered, ours, posing]) {
			const answer = await sandbox.readMe(bad);
			assertGraphError(answer, 401, 'InvalidAuthenticationToken');
			assert.match(answer.headers.get('www-authenticate'), /^Bearer realm=""/);
		}
		assert.equal(graph.counts.rejected, 6);
	});

	test('a token without User.Read is forbidden', async () => {
		const poor = await entra.mintGraphToken({ scopes: ['Mail.Read'] });
		const answer = await sandbox.readMe(poor);
		assertGraphError(answer, 403, 'Authorization_RequestDenied');
	});

	test('other paths and methods are refused in the shape of Graph', async () => {
		const photo = await sandbox.readMe(token, { path: '/v1.0/me/photo' });
		assertGraphError(photo, 404, 'ResourceNotFound');
		const patch = await sandbox.readMe(token, { method: 'DELETE' });
		assertGraphError(patch, 405, 'Request_BadRequest');
	});

	test('requests are counted by user and recorded with their token', async () => {
		await Promise.all(Array.from({ length: 100 }, () => sandbox.readMe(token)));
		const { me, byUser, http1, http2: h2 } = graph.counts;
		assert.deepEqual({ me, byUser, http1, h2 }, { me: 100, http1: 100, h2: 0,
			byUser: { [entra.users.adele.oid]: 100 } });
		assert.equal(graph.requests[0].headers.authorization, `Bearer ${token}`);
	});
});

describe('ordered failures of Graph', () => {
	test('errors in the language of Graph come with status and code', async () => {
		for (const [kind, status, code] of [
			['throttle', 429, 'TooManyRequests'],
			['http_503', 503, 'serviceNotAvailable'],
			['http_504', 504, 'GatewayTimeout'],
			['http_500', 500, 'InternalServerError'],
			['invalid_token', 401, 'InvalidAuthenticationToken'],
			['forbidden', 403, 'Authorization_RequestDenied'],
			['not_found', 404, 'Request_ResourceNotFound']]) {
			graph.fail({ kind });
			assertGraphError(await sandbox.readMe(token), status, code);
		}
		assert.equal(graph.counts.rejected, 0);
		assert.equal((await sandbox.me(token)).status, 200);
	});

	test('throttling always says when to come back, as ordered', async () => {
		const wait = async (retryAfter) => {
			graph.fail({ kind: 'throttle', retryAfter });
			return (await sandbox.me(token)).headers.get('retry-after');
		};
		assert.equal(await wait(undefined), '1');
		assert.equal(await wait(0.5), '0.5');
		assert.equal(await wait('Wed, 21 Oct 2026 07:28:00 GMT'),
			'Wed, 21 Oct 2026 07:28:00 GMT');
	});

	test('a claims challenge lasts until a token minted with its claims arrives', async () => {
		graph.fail({ kind: 'cae', user: 'adele', claims: CHALLENGE });
		const first = await sandbox.me(token);
		assert.equal(first.status, 401);
		const header = first.headers.get('www-authenticate');
		assert.match(header, /^Bearer .*error="insufficient_claims", claims="[\w+/=]+"$/);
		const claims = Buffer.from(/claims="([^"]+)"/.exec(header)[1], 'base64').toString();
		assert.deepEqual(JSON.parse(claims), CHALLENGE);
		assert.equal((await sandbox.me(token)).status, 401);
		const merged = { access_token: { xms_cc: { values: ['cp1'] },
			...JSON.parse(claims).access_token } };
		const { body } = await sandbox.exchange({ claims: JSON.stringify(merged) });
		assert.equal((await sandbox.me(body.access_token)).status, 200);
		const other = await sandbox.exchange({ claims: '{"access_token":{}}' });
		assert.equal((await sandbox.me(other.body.access_token)).status, 401);
		const zoe = await entra.mintGraphToken({ user: 'zoe' });
		assert.equal((await sandbox.me(zoe)).status, 200);
	});

	test('a redirect leads to another origin, where being followed would show', async () => {
		graph.fail({ kind: 'redirect' });
		const response = await sandbox.me(token);
		assert.equal(response.status, 302);
		const target = new URL(response.headers.get('location'));
		assert.notEqual(target.origin, graph.url);
		assert.equal(target.port, new URL(graph.url).port);
	});

	test('spoilt bodies are spoilt as named', async () => {
		const body = async (kind) => {
			graph.fail({ kind });
			return (await sandbox.me(token)).text();
		};
		assert.equal(await body('empty_body'), '');
		assert.match(await body('html_502'), /^<html>/);
		assert.equal(await body('not_json'), 'surprise: not JSON');
		const cut = await body('truncated_json');
		assert.ok(cut.startsWith('{"@odata.context"'));
		assert.throws(() => JSON.parse(cut));
		assert.ok((await body('huge')).length > 5 * 1024 * 1024);
		await assert.rejects(body('cut_body'));
		graph.fail({ kind: 'gzip' });
		const plain = await plainRequest(`${graph.url}/v1.0/me`, { headers: {
			authorization: `Bearer ${token}` } });
		assert.ok(JSON.parse(gunzipSync(plain.bytes)).id);
	});

	test('close ends the connection without a byte', async () => {
		graph.fail({ kind: 'close' });
		const headers = { authorization: `Bearer ${token}` };
		await assert.rejects(plainRequest(`${graph.url}/v1.0/me`, { headers }),
			{ code: 'ECONNRESET' });
	});

	test('close_idle answers whole, then kills the idle connection', async (t) => {
		const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
		t.after(() => agent.destroy());
		const options = { agent, headers: { authorization: `Bearer ${token}` } };
		const get = () => plainRequest(`${graph.url}/v1.0/me`, options);
		await get();
		graph.fail({ kind: 'close_idle', ms: 5 });
		const answer = await get();
		assert.ok(JSON.parse(answer.bytes).id);
		assert.notEqual(answer.headers.connection, 'close');
		assert.equal(graph.counts.connections, 1);
		await until(() => Object.keys(agent.freeSockets).length === 0);
		await get();
		assert.equal(graph.counts.connections, 2);
	});
});

describe('over TLS', () => {
	let ca;
	let tlsEntra;
	let tlsGraph;
	let tlsToken;

	before(async () => {
		ca = await readFile((await sandboxCertificate()).caFile, 'utf8');
		tlsEntra = await startEntra({ tls: true });
		tlsGraph = await startGraph({ entra: tlsEntra, tls: true });
		tlsToken = await tlsEntra.mintGraphToken();
	});

	after(() => Promise.all([tlsEntra.close(), tlsGraph.close()]));

	beforeEach(() => {
		tlsGraph.resetCounts();
		tlsGraph.clearFailures();
	});

	function connect() {
		const session = http2.connect(tlsGraph.url, { ca });
		session.on('error', () => {});
		return session;
	}

	function get(session) {
		return new Promise((resolve, reject) => {
			const stream = session.request({ ':path': '/v1.0/me',
				authorization: `Bearer ${tlsToken}` });
			let status;
			let text = '';
			stream.on('response', (headers) => { status = headers[':status']; });
			stream.setEncoding('utf8').on('data', (part) => { text += part; });
			stream.on('error', reject);
			stream.on('close', () => (status ? resolve({ status, text })
				: reject(new Error('closed without an answer'))));
		});
	}

	test('100 HTTP/2 requests share one verified connection', async (t) => {
		const session = connect();
		t.after(() => session.destroy());
		const answers = await Promise.all(Array.from({ length: 100 }, () => get(session)));
		assert.ok(answers.every(({ status }) => status === 200));
		assert.equal(tlsGraph.counts.http2, 100);
		assert.equal(tlsGraph.counts.connections, 1);
	});

	test('HTTP/1.1 works on the same port', async () => {
		const status = await new Promise((resolve, reject) => {
			https.get(`${tlsGraph.url}/v1.0/me`, { ca,
				headers: { authorization: `Bearer ${tlsToken}` } }, (response) => {
				response.resume().on('end', () => resolve(response.statusCode));
			}).on('error', reject);
		});
		assert.equal(status, 200);
		assert.equal(tlsGraph.counts.http1, 1);
	});

	test('a client that does not trust the sandbox CA gets nowhere', async () => {
		await assert.rejects(new Promise((resolve, reject) => {
			https.get(tlsGraph.url, resolve).on('error', reject);
		}), /certificate/);
	});

	test('close ends the whole HTTP/2 connection, reset only its stream', async (t) => {
		const session = connect();
		t.after(() => session.destroy());
		await get(session);
		tlsGraph.fail({ kind: 'reset' });
		await assert.rejects(get(session));
		assert.equal((await get(session)).status, 200);
		tlsGraph.fail({ kind: 'close' });
		await assert.rejects(get(session));
		assert.ok(session.destroyed || session.closed);
		assert.equal(tlsGraph.counts.connections, 1);
	});

	test('close_idle ends an HTTP/2 connection after a whole answer', async (t) => {
		const session = connect();
		t.after(() => session.destroy());
		tlsGraph.fail({ kind: 'close_idle', ms: 5 });
		const { status, text } = await get(session);
		assert.equal(status, 200);
		assert.ok(JSON.parse(text).id);
		await until(() => session.destroyed || session.closed);
	});

	test('close_idle lets every call on the connection have its whole answer first', async (t) => {
		const session = connect();
		t.after(() => session.destroy());
		tlsGraph.fail({ kind: 'slow', ms: 100 });
		tlsGraph.fail({ kind: 'close_idle', ms: 0, times: 9 });
		const answers = await Promise.all(Array.from({ length: 10 }, () => get(session)));
		for (const { status, text } of answers) {
			assert.equal(status, 200);
			assert.ok(JSON.parse(text).id);
		}
		await until(() => session.destroyed || session.closed);
	});

	test('the certificate is made once and leaves no draft behind', async () => {
		const { caFile } = await sandboxCertificate();
		const build = await readdir(dirname(dirname(caFile)));
		assert.deepEqual(build.filter((name) => name.startsWith('sandbox-certificate')),
			['sandbox-certificate']);
	});
});
