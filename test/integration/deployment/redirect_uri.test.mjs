/* One more address that MCP clients may return to: in the registration that they share, and in the handler's list. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { defaultUris } from '../../../apim/public_client.mjs';
import { desk } from '../stage/azure_desk.mjs';

const URI = 'https://chatgpt.com/connector/oauth/a1';

suite('one more redirect URI', () => {
	let it;
	let site;
	let client;
	const ends = [];
	after(async () => { for (const end of ends) await end(); });
	const add = (URI, more) => it.run('redirect_uri.mjs', { URI, ...more });
	const listed = () => site.settings.MCP_REDIRECT_URIS.split(',');

	test('is added to the registration and then to the handler\'s list, beside those of the default; a deployment leaves it there', async () => {
		it = await desk({ after: (end) => ends.push(end) });
		const first = await it.deploy();
		assert.equal(first.status, 0, first.errors);
		site = [...it.azure.sites.values()][0];
		client = it.azure.directory.ofApp('applications', site.settings.MCP_CLIENT_ID).resource;
		const before = [...client.publicClient.redirectUris];
		const { status, errors, writes } = await add(URI);
		assert.equal(status, 0, errors);
		client = it.azure.directory.ofApp('applications', site.settings.MCP_CLIENT_ID).resource;
		assert.deepEqual(client.publicClient.redirectUris.toSorted(), [...before, URI].sort());
		assert.deepEqual(listed(), [...defaultUris(), URI]);
		assert.deepEqual(writes.map(({ method, path }) => `${method} ${path.split('/').at(-2)}`), ['PATCH applications', 'PUT config']);
		assert.deepEqual((await it.deploy()).writes, []);
	});

	test('is added once, and next to those that were added before', async () => {
		assert.deepEqual((await add(URI)).writes, []);
		await add('https://global.consent.azure-apim.net/redirect/b');
		assert.deepEqual(listed().slice(-2), [URI, 'https://global.consent.azure-apim.net/redirect/b']);
	});

	test('of a client with a registration of its own is added to the handler\'s list alone', async () => {
		const { writes } = await add('https://own.example/cb', { REGISTERED: 'yes' });
		assert.deepEqual([writes.length, listed().at(-1)], [1, 'https://own.example/cb']);
	});

	test('of this machine is registered as Entra has it: localhost, without a port', async () => {
		for (const uri of ['http://127.0.0.1:5/own/path', 'http://[::1]:77/own/path']) assert.equal((await add(uri)).status, 0);
		assert.deepEqual(listed().filter((one) => one.endsWith('/own/path')), ['http://localhost/own/path']);
	});

	test('that nobody may return to, or that a list would take apart, is refused before any call', async () => {
		for (const uri of ['http://evil.example/cb', 'https://a.example/cb,https://b.example/cb', 'https://a@b.example/cb', 'https://*.example/cb', '']) {
			const { status, errors, calls } = await add(uri);
			assert.deepEqual([status, calls], [1, []], uri);
			assert.match(errors, uri ? /is no address that clients may return to/ : /URI is missing/, uri);
		}
	});

	test('goes to the function app that is named, where there is more than one or none; and only where clients sign in by the handler', async () => {
		assert.match((await add(URI, { RG: 'empty' })).errors, /There is not one function app in empty; say which one is meant with APP/);
		delete site.settings.MCP_CLIENT_ID;
		assert.match((await add(URI, { APP: site.resource.name })).errors, /MCP_CLIENT_ID of \S+ is not set/);
	});
});
