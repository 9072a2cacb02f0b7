/*
 * What a deployment made, served as it is stored: a client that is given the gateway's address and nothing else signs
 * in and reads me, through the policies, the app settings, the registrations and the package that were deployed.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { asUser, askAs } from '../stage/azure_client.mjs';
import { shared } from '../stage/azure_desk.mjs';
import { during, send } from '../stage/fixture.mjs';
import { serveDeployed } from '../stage/azure/deployed.mjs';
import { deployment } from '../stage/azure/deployment.mjs';
import { enterRegistered } from '../stage/azure/registrations.mjs';

for (const OBO_CREDENTIAL of ['managed-identity', 'secret']) suite(OBO_CREDENTIAL, () => {
	const it = shared((t) => deployment(t, { OBO_CREDENTIAL, GRAPH_TOOLS: 'list_mail' }));

	test('the deployment\'s own calls are answered, and a client that knows the address alone reads me', async () => {
		const { azure, live } = it;
		assert.match(live.url, /^https:\/\/graph-mcp-[0-9a-f]{6}\.azure-api\.net$/);
		assert.equal((await live.me()).displayName, 'Adele Vance');
		const asked = azure.calls.filter(({ host }) => host === new URL(live.url).host).map(({ path }) => path);
		for (const path of ['/hello', '/me', '/mcp', '/oauth/authorize', '/oauth/token']) assert.ok(asked.includes(path), path);
	});

	test('a Graph tool that was enabled runs through gateway and handler on the consent that was asked for, and no other does', async () => {
		const { azure, live } = it;
		const url = await azure.serveGateway(new URL(live.url).host.split('.')[0]);
		const headers = { authorization: `Bearer ${await live.entra.mintUserToken()}`, 'content-type': 'application/json' };
		const call = (name) => send(`${url}/tools/${name}`, { method: 'POST', headers, body: '{"limit":2}' });
		const answer = await call('list_mail');
		assert.deepEqual([answer.status, answer.json.mails?.length], [200, 2], answer.text);
		assert.equal((await call('list_events')).json.error.code, 'not_found');
		assert.deepEqual(live.entra.delegated.toSorted(), ['Mail.Read', 'User.Read']);
	});
});

test('a tenant that refuses the identifier is served by the other scope, and a client only at addresses that are registered', async (t) => {
	const { azure, live } = await deployment(t, {}, { refusesIdentifiers: true });
	assert.equal(live.entra.directory.resource(`${live.url}/mcp`), undefined);
	assert.equal((await live.me()).displayName, 'Adele Vance');
	const { resource: { id } } = [...azure.directory.applications.values()].find(({ resource }) => resource.displayName === 'graph-mcp-clients');
	await askAs(azure, asUser(azure), 'PATCH', `https://graph.microsoft.com/v1.0/applications/${id}`, { body: { publicClient: { redirectUris: [] } } });
	enterRegistered(azure, live.entra);
	await assert.rejects(live.me(), /AADSTS50011/);
});

test('without the consent that a developer may not give nobody reads me; an administrator\'s deployment gives it', async (t) => {
	const { azure, deployed, deploy, live } = await deployment(t, {}, { directoryRights: 'developer' });
	assert.match(deployed.output, /adminconsent\?client_id=/);
	assert.equal(await live.me(), undefined);
	assert.deepEqual([live.entra.counts.signIns, live.entra.counts.exchanges], [1, 0]);
	await live.stop();
	azure.directoryRights = 'administrator';
	const { status, output, errors } = await deploy();
	assert.equal(status, 0, output + errors);
	const now = await during(t, serveDeployed(azure));
	assert.equal((await now.me()).displayName, 'Adele Vance');
});
