/*
 * The registrations that a deployment makes, the identifier that a tenant may refuse, and the credentials of the exchange.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { removeRegistrations } from '../../../apim/deploy/registration.mjs';
import { GATEWAY_URL, IDENTITIES, RESOURCE, directory } from '../stage/azure/steps.mjs';

const GRAPH = '00000003-0000-0000-c000-000000000000';
const SCOPE_ID = '5c0b1a7e-2f64-4d7a-9a3f-8d4e6b1c9f20'; /* of apim/preauth.example.json */
const CLIENTS = ['aebc6443-996d-45c2-90f0-388ff96faa56', '04b07795-8ddb-461a-bbee-02f9e1bf7b46'];
const paths = (writes) => writes.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replace('/v1.0', '')}`);
const grantsOf = (azure) => azure.directory.resources('grants').map(({ consentType, scope }) => [consentType, scope]).sort();
const all = (said) => said.join('\n');

suite('a first deployment', () => {
	test('registers the API and the client that MCP clients share, and has both consented to', async (t) => {
		const { azure, take, app } = await directory(t, {});
		const { known } = await take();
		const [api, client] = [app('graph-mcp'), app('graph-mcp-clients')];
		assert.deepEqual([known.CLIENT_ID, known.MCP_CLIENT_ID, known.MCP_IDENTIFIER], [api.appId, client.appId, 'yes']);
		assert.deepEqual([...api.identifierUris].sort(), [`api://${api.appId}`, RESOURCE]);
		assert.equal(api.api.requestedAccessTokenVersion, 2);
		assert.deepEqual(api.api.oauth2PermissionScopes.map(({ id, value, isEnabled }) => [id, value, isEnabled]), [[SCOPE_ID, 'access_as_user', true]]);
		assert.deepEqual(api.api.preAuthorizedApplications.map(({ appId }) => appId).sort(), [...CLIENTS, client.appId].sort());
		assert.equal(client.isFallbackPublicClient, false);
		assert.ok(client.publicClient.redirectUris.includes('https://claude.ai/api/mcp/auth_callback'));
		assert.deepEqual([client.web.redirectUris, client.spa.redirectUris], [[], []]);
		assert.deepEqual(client.requiredResourceAccess.map(({ resourceAppId }) => resourceAppId).sort(), [GRAPH, api.appId].sort());
		assert.deepEqual(grantsOf(azure), [['AllPrincipals', 'User.Read'], ['AllPrincipals', 'access_as_user'], ['AllPrincipals', 'offline_access']]);
	});

	test('asks for the https identifier when the tokens are of version 2 already, in a call with nothing else', async (t) => {
		const { azure, take, app, writes } = await directory(t, {});
		await take({ MCP_SIGN_IN: 'no' });
		const done = paths(writes());
		assert.deepEqual(done.slice(0, 4), ['POST /applications', ...Array(3).fill('PATCH /applications/ID')], 'the scope, the identifier, the clients');
		azure.directory.applications.clear();
		azure.refusesIdentifiers = true;
		await take({ MCP_SIGN_IN: 'no' });
		assert.equal(app('graph-mcp').api.requestedAccessTokenVersion, 2, 'what is not the identifier was not refused with it');
	});

	test('is followed by one that writes nothing', async (t) => {
		const { take, writes } = await directory(t, {});
		for (const gateway of [{}, { OBO_CREDENTIAL: 'secret' }]) {
			await take({}, { gateway });
			assert.ok(writes().length > 0);
			const { run } = await take({}, { gateway });
			assert.deepEqual([writes(), run.changes], [[], []]);
		}
	});

	test('waits for a directory that learns of new objects late', async (t) => {
		const { azure, take } = await directory(t, { slowDirectory: 3 });
		await take();
		assert.equal(grantsOf(azure).length, 3);
	});

	test('registers no client to share where MCP clients sign in at Entra itself', async (t) => {
		const { take, apps } = await directory(t, {});
		const { known } = await take({ MCP_SIGN_IN: 'no' });
		assert.deepEqual([known.MCP_CLIENT_ID, apps().length], ['', 1]);
	});

	test('leaves consent to each user where it is told to', async (t) => {
		const { azure, take } = await directory(t, {});
		await take({ ADMIN_CONSENT: 'no' });
		assert.deepEqual(grantsOf(azure), []);
		assert.equal(azure.directory.resources('servicePrincipals').filter(({ appId }) => appId !== GRAPH).length, 2);
	});

	test('that breaks off at any of its writes, before Azure did it or after, is gone on with by the next, and nothing is made twice', async (t) => {
		const { take, writes } = await directory(t, { slowDirectory: 0 });
		await take();
		const steps = writes().length;
		assert.ok(steps >= 10);
		for (const cut of ['before', 'after']) for (let step = 0; step < steps; step++) {
			const { azure, take: again, apps } = await directory(t, { slowDirectory: 0 });
			let left = step;
			azure.fail({ test: (line) => /^(POST|PATCH) graph/.test(line) && left-- === 0 }, { cut });
			await assert.rejects(again({ TRIES: '1' }), /no answer from graph\.microsoft\.com \(ECONNRESET\)/);
			const { known } = await again();
			assert.equal(apps().length, 2);
			assert.equal(grantsOf(azure).length, 3);
			assert.equal(azure.directory.find('applications', known.api.content).federated.length, 2);
		}
	});

	test('goes on by itself where one answer got lost, but for a registration, of which it would make a second', async (t) => {
		for (const path of ['servicePrincipals', 'oauth2PermissionGrants', 'federatedIdentityCredentials', 'applications/[^/]+$', 'applications$']) {
			const { azure, take, apps } = await directory(t, { slowDirectory: 0 });
			azure.fail(new RegExp(`^(POST|PATCH) graph.*/${path}`), { cut: 'after' });
			if (path === 'applications$') await assert.rejects(take(), /no answer/);
			else await take();
			assert.equal(apps().length, path === 'applications$' ? 1 : 2, path);
		}
	});

	test('with --what-if writes nothing and names each thing that it would make', async (t) => {
		const { take, writes } = await directory(t, {});
		const { run, known } = await take({}, { whatIf: true });
		assert.deepEqual(writes(), []);
		assert.deepEqual(run.changes.map(({ verb, label }) => `${verb} ${label}`), ['create registration graph-mcp', 'create registration graph-mcp-clients',
			'create service principal of registration graph-mcp', 'create consent for all users of registration graph-mcp: User.Read',
			'create service principal of registration graph-mcp-clients', 'create consent for all users of registration graph-mcp-clients: access_as_user',
			'create consent for all users of registration graph-mcp-clients: offline_access', 'create federated credential apim', 'create federated credential functions']);
		assert.notEqual(known.CLIENT_ID, known.MCP_CLIENT_ID);
	});
});

suite('MCP_IDENTIFIER', () => {
	const refusing = (t) => directory(t, { refusesIdentifiers: true });

	test('try goes on without it where the tenant refuses, says so with the tenant\'s words, and does not ask again', async (t) => {
		const { take, app, writes } = await refusing(t);
		const { known, run } = await take();
		assert.equal(known.MCP_IDENTIFIER, 'no');
		assert.deepEqual(app('graph-mcp').identifierUris, [`api://${known.CLIENT_ID}`]);
		assert.match(all(run.skipped), /The tenant does not take the identifier URI https:\/\/graph-mcp-a1b2c3\.azure-api\.net\/mcp \(HostNameNotOnVerifiedDomain: .*\); the scope is api:\/\/[0-9a-f-]+\/\.\.\. instead/);
		writes();
		const again = await take({}, { settings: { MCP_IDENTIFIER: 'no', APIM_GATEWAY_URL: GATEWAY_URL } });
		assert.deepEqual([again.known.MCP_IDENTIFIER, writes()], ['no', []]);
	});

	test('try asks again for another address, and yes for the same one', async (t) => {
		const { azure, take, app } = await refusing(t);
		await take();
		azure.refusesIdentifiers = false;
		await take({}, { settings: { MCP_IDENTIFIER: 'no', APIM_GATEWAY_URL: 'https://older.example' } });
		assert.ok(app('graph-mcp').identifierUris.includes(RESOURCE));
		azure.directory.ofApp('applications', app('graph-mcp').appId).resource.identifierUris = [`api://${app('graph-mcp').appId}`];
		const { known } = await take({ MCP_IDENTIFIER: 'yes' }, { settings: { MCP_IDENTIFIER: 'no', APIM_GATEWAY_URL: GATEWAY_URL } });
		assert.deepEqual([known.MCP_IDENTIFIER, app('graph-mcp').identifierUris.includes(RESOURCE)], ['yes', true]);
	});

	test('yes stops where the tenant refuses, with its words and what to do', async (t) => {
		const { take } = await refusing(t);
		await assert.rejects(take({ MCP_IDENTIFIER: 'yes' }), ({ message, advice }) => /HostNameNotOnVerifiedDomain/.test(message) && /MCP_IDENTIFIER=try/.test(advice));
	});

	test('no neither asks for it nor removes it', async (t) => {
		const { take, app, writes } = await directory(t, {});
		await take();
		writes();
		const { known } = await take({ MCP_IDENTIFIER: 'no' });
		assert.deepEqual([known.MCP_IDENTIFIER, app('graph-mcp').identifierUris.includes(RESOURCE), writes()], ['no', true, []]);
		const { take: bare, app: ours } = await directory(t, {});
		await bare({ MCP_IDENTIFIER: 'no' });
		assert.equal(ours('graph-mcp').identifierUris.length, 1);
	});

	test('what is out of order in the directory is no refusal of the tenant\'s', async (t) => {
		const { azure, take } = await directory(t, {});
		await take({ MCP_IDENTIFIER: 'no' });
		azure.fail(/^PATCH graph.*applications/, { status: 503, code: 'ServiceUnavailable' }, 100);
		await assert.rejects(take(), /503 ServiceUnavailable/);
	});
});

suite('a directory that keeps rights for others', () => {
	test('who may register and not consent goes on, with the link for an administrator', async (t) => {
		for (const as of ['user', 'app']) {
			const { azure, take } = await directory(t, { as, directoryRights: 'developer' });
			const { run, known } = await take();
			for (const id of [known.CLIENT_ID, known.MCP_CLIENT_ID])
				assert.ok(run.skipped.some((text) => text.endsWith(`https://login.microsoftonline.com/${azure.tenantId}/adminconsent?client_id=${id}`)), `${as} ${all(run.skipped)}`);
			assert.equal(azure.directory.find('applications', known.api.content).federated.length, 2);
		}
	});

	test('who may not register is told what to ask for', async (t) => {
		for (const as of ['user', 'app']) {
			const { take, said } = await directory(t, { as, directoryRights: 'none' });
			await assert.rejects(take(), ({ message, advice }) => /registration graph-mcp: 403 Authorization_RequestDenied/.test(message)
				&& /Application Developer.*Application\.ReadWrite\.OwnedBy.*CLIENT_ID, and MCP_CLIENT_ID or MCP_SIGN_IN=no/.test(advice), as);
			assert.ok(said.length);
		}
	});

	test('--what-if names as a hindrance that it may not read', async (t) => {
		const { take } = await directory(t, { as: 'app', directoryRights: 'none' });
		const { run } = await take({}, { whatIf: true });
		assert.match(run.hindrances[0].message, /403 Authorization_RequestDenied/);
		assert.match(run.hindrances[0].advice, /Application Developer/);
	});

	test('client ids by hand suffice, and each thing that is left to somebody is said', async (t) => {
		const { azure, take, writes } = await directory(t, { as: 'app', directoryRights: 'none' });
		const ids = { CLIENT_ID: '11111111-2222-4333-8444-555555555555', MCP_CLIENT_ID: '22222222-3333-4444-8555-666666666666' };
		const { run, known } = await take(ids);
		assert.deepEqual([known.CLIENT_ID, known.MCP_CLIENT_ID, known.MCP_IDENTIFIER], [ids.CLIENT_ID, ids.MCP_CLIENT_ID, 'no']);
		const left = all(run.skipped);
		for (const id of Object.values(ids)) assert.match(left, new RegExp(`registration ${id} may not be read: see to it that it has what docs/gateway.md lists`));
		for (const [name, id] of [['apim', IDENTITIES.gatewayIdentity], ['functions', IDENTITIES.functionsIdentity]])
			assert.ok(left.includes(`a federated credential ${name} with issuer https://login.microsoftonline.com/${azure.tenantId}/v2.0, subject ${id}, audience api://AzureADTokenExchange`), left);
		assert.ok(writes().every(({ status }) => status === 403), 'nothing was made');
		assert.equal((await take({ ...ids, MCP_IDENTIFIER: 'yes' })).known.MCP_IDENTIFIER, 'yes', 'as the operator says, who knows');
		await assert.rejects(take(ids, { gateway: { OBO_CREDENTIAL: 'secret' } }), ({ advice }) => /az keyvault secret set --vault-name vault-1 --name client-secret --file FILE/.test(advice));
	});

	test('a registration of somebody else that was given is left as it is, and what it lacks is said', async (t) => {
		const { azure, take, apps } = await directory(t, {});
		const { known } = await take({ MCP_IDENTIFIER: 'no' });
		for (const record of azure.directory.applications.values()) record.owner = 'somebody';
		azure.directoryRights = 'developer';
		azure.directory.find('applications', known.api.content).resource.api.preAuthorizedApplications = [];
		const before = JSON.stringify(apps());
		const { run } = await take({ CLIENT_ID: known.CLIENT_ID, MCP_CLIENT_ID: known.MCP_CLIENT_ID });
		assert.match(all(run.skipped), /lacks or differs in: the clients of preauth\.json; you may not change it/);
		assert.equal(JSON.stringify(apps()), before);
		await assert.rejects(take(), ({ advice }) => /Application Developer/.test(advice));
	});
});

suite('the credential of the exchange', () => {
	test('is trust in the two identities, at the tenant\'s own issuer', async (t) => {
		const { azure, take } = await directory(t, {});
		const { known } = await take();
		assert.deepEqual(azure.directory.find('applications', known.api.content).federated.map(({ name, issuer, subject, audiences }) => [name, issuer, subject, audiences]),
			[['apim', IDENTITIES.gatewayIdentity], ['functions', IDENTITIES.functionsIdentity]].map(([name, subject]) => [name, `https://login.microsoftonline.com/${azure.tenantId}/v2.0`, subject, ['api://AzureADTokenExchange']]));
	});

	test('is for the cloud that is signed in to', async (t) => {
		const { azure, take } = await directory(t, {});
		const { known } = await take({}, { gateway: { LOGIN_HOST: 'login.microsoftonline.us' } });
		const [{ issuer, audiences }] = azure.directory.find('applications', known.api.content).federated;
		assert.deepEqual([issuer, audiences], [`https://login.microsoftonline.us/${azure.tenantId}/v2.0`, ['api://AzureADTokenExchangeUSGov']]);
	});

	test('for another identity is not taken away, as another deployment may share the registration', async (t) => {
		const { azure, take, writes } = await directory(t, {});
		const { known } = await take();
		azure.directory.find('applications', known.api.content).federated[0].subject = 'another';
		writes();
		await assert.rejects(take(), ({ message, advice }) => /apim of registration graph-mcp is for another identity \(another\)/.test(message) && /remove the credential/.test(advice));
		assert.deepEqual(writes(), []);
	});

	test('as a secret goes into the vault for a year, and is never said', async (t) => {
		const { azure, take, said, app } = await directory(t, {});
		await take({}, { gateway: { OBO_CREDENTIAL: 'secret' } });
		const [{ endDateTime }] = app('graph-mcp').passwordCredentials;
		assert.equal(Math.round((Date.parse(endDateTime) - Date.now()) / 86_400_000), 365);
		assert.equal(azure.writes.filter(({ host, method }) => host === 'vault-1.vault.azure.net' && method === 'PUT').length, 1);
		assert.doesNotMatch(all(said), /SECRET-/);
	});
});

suite('what is there already', () => {
	test('a scope with another id than preauth.json names stops it, with that id', async (t) => {
		const { azure, take } = await directory(t, {});
		const { known } = await take();
		azure.directory.find('applications', known.api.content).resource.api.oauth2PermissionScopes[0].id = '99999999-2f64-4d7a-9a3f-8d4e6b1c9f20';
		await assert.rejects(take(), /scope access_as_user has the id 99999999-2f64-4d7a-9a3f-8d4e6b1c9f20/);
	});

	test('redirect URIs on another platform stop it, where Entra would want a secret', async (t) => {
		const { azure, take } = await directory(t, {});
		const { known } = await take();
		azure.directory.ofApp('applications', known.MCP_CLIENT_ID).resource.spa.redirectUris = ['https://claude.ai/api/mcp/auth_callback'];
		await assert.rejects(take(), /has redirect URIs under Web or SPA \(https:\/\/claude\.ai\/api\/mcp\/auth_callback\)/);
	});

	test('two of one name, one that does not exist and one for both are refused', async (t) => {
		const { azure, take } = await directory(t, {});
		const { known } = await take();
		await assert.rejects(take({ MCP_CLIENT_ID: known.CLIENT_ID }), /MCP_CLIENT_ID is CLIENT_ID/);
		await assert.rejects(take({ CLIENT_ID: '11111111-2222-4333-8444-555555555555' }), /There is no registration with the client id 11111111/);
		azure.directory.add('applications', { ...known.api.content, id: undefined, appId: 'x', displayName: 'graph-mcp' });
		await assert.rejects(take(), /More than one registration is called graph-mcp/);
	});

	test('what else is consented to stays', async (t) => {
		const { azure, take } = await directory(t, {});
		await take({ ADMIN_CONSENT: 'no' });
		const ofApi = azure.directory.ofApp('servicePrincipals', azure.directory.resources('applications').find(({ displayName }) => displayName === 'graph-mcp').appId).resource.id;
		const graph = azure.directory.ofApp('servicePrincipals', GRAPH).resource.id;
		azure.directory.add('grants', { clientId: ofApi, consentType: 'AllPrincipals', principalId: null, resourceId: graph, scope: 'Mail.Read' });
		await take();
		assert.ok(grantsOf(azure).some(([, scope]) => scope === 'Mail.Read User.Read'), JSON.stringify(grantsOf(azure)));
	});

	test('what others added to the client that is shared stays', async (t) => {
		const { azure, take, app } = await directory(t, {});
		const { known } = await take();
		azure.directory.ofApp('applications', known.MCP_CLIENT_ID).resource.publicClient.redirectUris.push('https://chatgpt.com/connector/oauth/a1');
		await take();
		assert.ok(app('graph-mcp-clients').publicClient.redirectUris.includes('https://chatgpt.com/connector/oauth/a1'));
	});
});

suite('a removal', () => {
	const remove = { steps: [removeRegistrations] };

	test('deletes the registrations that this deployment made', async (t) => {
		const { take, apps } = await directory(t, {});
		await take();
		await take({}, { ...remove, whatIf: true });
		assert.equal(apps().length, 2);
		await take({}, remove);
		assert.deepEqual(apps(), []);
	});

	test('leaves those of these names that somebody else made', async (t) => {
		const { azure, take, apps, said } = await directory(t, {});
		const { known } = await take();
		azure.directory.find('applications', known.api.content).resource.tags = [];
		await take({}, remove);
		assert.deepEqual(apps().map(({ displayName }) => displayName), ['graph-mcp']);
		assert.match(all(said), /registration graph-mcp \([0-9a-f-]+\) was not made by this deployment and stays/);
	});

	test('says which it may not delete', async (t) => {
		const { azure, take, apps } = await directory(t, {});
		await take();
		azure.directoryRights = 'none';
		const { run } = await take({}, remove);
		assert.equal(run.skipped.length, 2);
		assert.equal(apps().length, 2);
	});
});
