/*
 * The workflow that deploys from GitHub, run step by step: it needs its variables and the trust in its environment, and nothing else.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPTIONS } from '../../../apim/deploy/options.mjs';
import { SETTINGS } from '../../../apim/settings.mjs';
import { PREAUTH, desk } from '../stage/azure_desk.mjs';
import { federation, job, runJob, source, workflow } from '../stage/azure/workflow.mjs';

/* What the workflow itself makes, and what a deployment finds out. */
const ITS_OWN = ['PREAUTH', 'PACKAGE'];
const FOUND_OUT = ['TENANT_ID', 'FUNCTION_APP_URL', 'KEY_VAULT_URL'];

/* A desk whose pipeline may register and not consent, and the variables of its environment. */
async function pipeline(t, options) {
	const it = await desk(t, { network: true, login: 'nobody', userType: 'servicePrincipal', directoryRights: 'developer', ...options });
	const { azure } = it;
	azure.client.federations = [federation];
	const vars = { AZURE_CLIENT_ID: azure.client.id, AZURE_TENANT_ID: azure.tenantId, AZURE_SUBSCRIPTION_ID: azure.subscriptionId, RG: 'rg-test', LOCATION: 'westeurope',
		PUBLISHER_EMAIL: 'ops@contoso.example', PREAUTH_JSON: readFileSync(PREAUTH, 'utf8'), TRIES: '4', WAIT_S: '0' };
	return { ...it, vars };
}

test('it passes every variable that a deployment has, each from the environment\'s of the same name', () => {
	const wanted = [...new Set([...OPTIONS, ...SETTINGS].map(([name]) => name))].filter((name) => ![...ITS_OWN, ...FOUND_OUT].includes(name));
	assert.deepEqual(Object.keys(job.env).sort(), wanted.sort());
	for (const [name, text] of Object.entries(job.env)) assert.equal(text, `\${{ vars.${name} }}`);
});

test('it reads no secret of GitHub\'s, and may read the code and ask for a token', () => {
	assert.doesNotMatch(source, /secrets\./);
	assert.deepEqual(workflow.permissions, { contents: 'read', 'id-token': 'write' });
});

/* GitHub's token lives for some minutes, a new gateway takes longer. */
function endTokenOnTheWay(azure) {
	const ends = (line) => {
		if (/^PUT management.*\/Microsoft\.ApiManagement\/service\/[^/]+\?/i.test(line)) azure.client.federations = [];
		return false;
	};
	azure.fail({ test: ends }, {});
}

test('a run lists what it would do, or does it, also when the token that it signed in with has ended; and the next one changes nothing', async (t) => {
	const it = await pipeline(t);
	const { vars } = it;
	const listed = await runJob(it, { vars, inputs: { what_if: true }, name: 'first' });
	assert.equal(listed.status, 0, listed.output + listed.errors);
	assert.deepEqual(listed.writes, []);
	assert.match(listed.output, /would create API Management/);
	endTokenOnTheWay(it.azure);
	const done = await runJob(it, { vars, name: 'second' });
	assert.equal(done.status, 0, done.output + done.errors);
	assert.match(done.output, /adminconsent\?client_id=/);
	assert.deepEqual(it.azure.client.federations, []);
	it.azure.client.federations = [federation];
	const again = await runJob(it, { vars, name: 'third' });
	assert.equal(again.status, 0, again.errors);
	assert.deepEqual(again.writes, []);
});

test('a run passes on what is chosen', async (t) => {
	const it = await pipeline(t);
	const vars = { ...it.vars, NAME: 'ours', FLAVOR: 'linux', OBO_CREDENTIAL: 'secret', MCP_SIGN_IN: 'no', MCP_IDENTIFIER: 'no', RATE_PER_USER: '77' };
	const { status, output, errors } = await runJob(it, { vars });
	assert.equal(status, 0, output + errors);
	const [application, ...more] = it.azure.directory.resources('applications');
	assert.deepEqual([application.displayName, application.identifierUris, more], ['ours', [`api://${application.appId}`], []]);
	assert.deepEqual([...it.azure.sites.values()].map(({ settings }) => Boolean(settings.WEBSITE_RUN_FROM_PACKAGE)), [true]);
});

test('a run in another cloud signs in there, with the token that is for it', async (t) => {
	const it = await pipeline(t);
	const vars = { ...it.vars, AZURE_ENVIRONMENT: 'azureusgovernment', AZURE_AUDIENCE: 'api://AzureADTokenExchangeUSGov', LOCATION: 'usgovvirginia' };
	const { status, output, errors } = await runJob(it, { vars, inputs: { what_if: true } });
	assert.equal(status, 0, output + errors);
	assert.deepEqual(it.azure.calls.filter(({ host }) => /\.(com|net)$/.test(host) && !/usgovcloudapi\.net$/.test(host)).map(({ host }) => host), []);
});

test('a repository or an environment that Azure does not trust is not let in', async (t) => {
	const it = await pipeline(t);
	it.azure.client.federations = [{ ...federation, subject: 'repo:somebody/else:environment:azure' }];
	await assert.rejects(runJob(it, { vars: it.vars }), /AADSTS700213/);
	assert.deepEqual(it.azure.writes, []);
});
