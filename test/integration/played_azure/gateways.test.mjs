/*
 * The public name of an API Management instance leads to what a test serves behind it, through the proxy and with TLS.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import http from '../../sandbox/common/http.mjs';
import { askAs, played } from '../stage/azure_client.mjs';

const run = promisify(execFile);
const ADDRESS = 'https://graph-mcp-1a2b3c.azure-api.net';

/* With one API, for every path; properties: more of that. */
async function instance(t, properties) {
	const it = await played(t);
	const id = `${it.P}/Microsoft.ApiManagement/service/graph-mcp-1a2b3c`;
	const put = async (path, body) => {
		const { status, body: words } = await it.ask('PUT', `${id}${path}?api-version=2024-05-01`, body);
		assert.ok(status < 300, JSON.stringify(words));
	};
	await put('', { location: 'westeurope', sku: { name: 'BasicV2', capacity: 1 }, properties: { publisherEmail: 'ops@contoso.example', publisherName: 'Contoso' } });
	await put('/apis/all', { properties: { displayName: 'all', path: '', protocols: ['https'], subscriptionRequired: false, ...properties } });
	return it;
}

async function echo(t) {
	const server = http.createServer(async (request, response) => {
		const body = Buffer.concat(await request.toArray()).toString();
		response.writeHead(418, { 'x-said': 'yes', 'content-type': 'text/plain' }).end(JSON.stringify([request.method, request.url, request.headers.host, request.headers['x-asked'], body]));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `http://127.0.0.1:${server.address().port}`;
}

test('method, path, query, host, headers and body arrive as they were sent, and the answer too', async (t) => {
	const { azure } = await instance(t);
	const base = await echo(t);
	azure.serveGateway = (name) => (name === 'graph-mcp-1a2b3c' ? base : undefined);
	const script = `const answer = await fetch('${ADDRESS}/mcp/a%2Fb?x=1', { method: 'POST', headers: { 'x-asked': 'so' }, body: 'text' });
		console.log(JSON.stringify([answer.status, answer.headers.get('x-said'), await answer.json()]));`;
	const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env: { PATH: process.env.PATH, ...azure.env('/nowhere') } });
	assert.deepEqual(JSON.parse(stdout), [418, 'yes', ['POST', '/mcp/a%2Fb?x=1', 'graph-mcp-1a2b3c.azure-api.net', 'so', 'text']]);
});

test('a name that no instance has is no host', async (t) => {
	const { azure } = await instance(t);
	assert.equal((await askAs(azure, null, 'GET', 'https://other.azure-api.net/hello')).status, 502);
});

test('where nothing is served, the user\'s routes want a token and the others nothing', async (t) => {
	const { azure } = await instance(t);
	const status = async (method, path, headers) => (await askAs(azure, null, method, ADDRESS + path, { headers })).status;
	assert.deepEqual(await Promise.all([status('GET', '/hello?name=Adele'), status('GET', '/.well-known/oauth-authorization-server'), status('GET', '/me'), status('POST', '/mcp'),
		status('GET', '/me', { authorization: 'Bearer x' })]), [200, 200, 401, 401, 200]);
});

test('without an API for the path there is nothing, and where an API wants a subscription, nobody without its key is served', async (t) => {
	const asked = async ({ azure }, path, headers) => {
		const { status, body } = await askAs(azure, null, 'GET', ADDRESS + path, { headers });
		return [status, body.message];
	};
	const narrow = await instance(t, { path: 'only' });
	assert.deepEqual(await asked(narrow, '/hello'), [404, 'Resource not found']);
	assert.equal((await asked(narrow, '/only/hello'))[0], 200);
	const shut = await instance(t, { subscriptionRequired: true });
	assert.match((await asked(shut, '/hello')).join(' '), /^401 Access denied due to missing subscription key/);
	assert.equal((await asked(shut, '/hello', { 'ocp-apim-subscription-key': 'SECRET-key' }))[0], 200);
});
