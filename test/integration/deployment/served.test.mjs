/*
 * What a deployment made, served as it is stored: a client that is given the gateway's address and nothing else signs
 * in and reads me, through the policies, the app settings, the registrations and the package that were deployed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { exportTo } from '../../sandbox/azure/apim/export.mjs';
import { desk } from '../stage/azure_desk.mjs';
import { scriptRoot } from '../stage/fixture.mjs';
import { servedWhenCalled } from '../stage/deployed/deployed.mjs';

/* The handler and its functions, as a package. */
function packageAt(path) {
	const root = scriptRoot();
	execFileSync('zip', ['-q', '-r', path, '.'], { cwd: root });
	rmSync(root, { recursive: true });
	return path;
}

/* A desk at which a deployment is done; its own calls begin what serves it.  {deployed, azure, serving}: status and words of the deployment. */
async function deployment(t, more, options) {
	const it = await desk(t, options);
	const serving = servedWhenCalled(it.azure, { exportTo });
	t.after(async () => (await serving())?.stop());
	const deployed = await it.deploy({ PACKAGE: packageAt(it.file('package.zip')), ...more });
	return { ...it, deployed, serving };
}

for (const OBO_CREDENTIAL of ['managed-identity', 'secret']) {
	test(`${OBO_CREDENTIAL}: the deployment's own calls are answered, and a client that knows the address alone reads me`, async (t) => {
		const { deployed, serving } = await deployment(t, { OBO_CREDENTIAL });
		assert.equal(deployed.status, 0, deployed.output + deployed.errors);
		const live = await serving();
		assert.match(live.url, /^https:\/\/graph-mcp-[0-9a-f]{6}\.azure-api\.net$/);
		assert.equal((await live.me()).displayName, 'Adele Vance');
		assert.ok(live.entra.requests.some(({ form }) => form?.grant_type === 'authorization_code'));
	});
}

test('a tenant that refuses the identifier is served by the other scope', async (t) => {
	const { deployed, serving } = await deployment(t, {}, { refusesIdentifiers: true });
	assert.equal(deployed.status, 0, deployed.output + deployed.errors);
	const live = await serving();
	assert.equal(live.entra.directory.resource(`${live.url}/mcp`), undefined);
	assert.equal((await live.me()).displayName, 'Adele Vance');
});

test('without the consent that a deployment may not give nobody reads me', async (t) => {
	const { deployed, serving } = await deployment(t, {}, { directoryRights: 'developer', login: 'secret' });
	assert.equal(deployed.status, 0, deployed.output + deployed.errors);
	assert.match(deployed.output, /adminconsent\?client_id=/);
	await assert.rejects((await serving()).me());
});
