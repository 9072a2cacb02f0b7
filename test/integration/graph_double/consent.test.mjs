/* Proves that an exchange brings all that was consented to, and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { GRAPH_PERMISSIONS } from '../../sandbox/entra/directory.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { entra } = sandbox;
const GRAPH = 'https://graph.microsoft.com';
const scope = (...names) => names.map((name) => `${GRAPH}/${name}`).join(' ');

async function exchange(names, user = 'adele') {
	const { status, body } = await sandbox.exchange({ scope: scope(...names), assertion: await entra.mintUserToken({ user }) });
	return { status, code: body.error_codes?.[0], suberror: body.suberror, scope: body.scope, text: body.error_description,
		scp: body.access_token && jose.decodeJwt(body.access_token).scp };
}

async function refusedFor(name, asked, user) {
	const { status, code, suberror, text } = await exchange(asked, user);
	assert.deepEqual([status, code, suberror], [400, 65001, 'consent_required']);
	assert.match(text, new RegExp(`'${name}'`));
}

describe('an exchange', () => {
	test('brings all permissions that the user has consented to, not just the one asked for', async () => {
		entra.consentGraph(['Mail.Read', 'Calendars.Read'], 'adele');
		const all = ['User.Read', 'Mail.Read', 'Calendars.Read'];
		const { scope: shown, scp } = await exchange(['Mail.Read']);
		assert.deepEqual([shown, scp], [scope(...all), all.join(' ')]);
		assert.equal((await exchange(['User.Read'])).scp, scp);
	});

	test('for a permission without consent is refused for that one', async () => {
		entra.consentGraph(['Mail.Read'], 'adele');
		await refusedFor('Files.Read', ['Mail.Read', 'Files.Read']);
		assert.equal((await exchange(['Mail.Read'])).status, 200);
	});

	test('brings one user nothing that another consented to', async () => {
		entra.consentGraph(['Mail.Read'], 'adele');
		await refusedFor('Mail.Read', ['Mail.Read'], 'zoe');
	});

	test('for .default brings what is consented to, and is refused where nothing is', async () => {
		entra.consentGraph(['Mail.Read'], 'adele');
		const { scope: shown, scp } = await exchange(['.default']);
		assert.deepEqual([shown, scp], [scope('User.Read', 'Mail.Read', '.default'), 'User.Read Mail.Read']);
		entra.withdrawGraph('all');
		await refusedFor('.default', ['.default'], 'zoe');
	});

	test('ends with the consent', async () => {
		entra.consentGraph(['Mail.Read'], 'adele');
		await exchange(['Mail.Read']);
		entra.withdrawGraph(['Mail.Read'], 'adele');
		await refusedFor('Mail.Read', ['Mail.Read']);
	});

	test('for a permission that Graph has not got is another mistake', async () => {
		assert.equal((await exchange(['Mail.Raed'])).code, 650053);
	});

	test('brings every permission after consent to all, by the tenant for each of its users', async () => {
		entra.consentGraph();
		for (const user of ['adele', 'zoe'])
			assert.deepEqual((await exchange(['.default'], user)).scp.split(' ').toSorted(), GRAPH_PERMISSIONS.toSorted());
	});
});

test('the controls give and take back consent, and name what is no permission', async () => {
	const given = await sandbox.control('POST', 'consent', { user: 'adele', permissions: ['Mail.Read'] });
	assert.deepEqual(given.body, { granted: ['User.Read', 'Mail.Read'] });
	assert.equal((await exchange(['Mail.Read'])).status, 200);
	const taken = await sandbox.control('DELETE', 'consent', { user: 'adele' });
	assert.deepEqual(taken.body, { granted: ['User.Read'] });
	assert.equal((await sandbox.control('POST', 'consent')).body.granted.length, GRAPH_PERMISSIONS.length);
	assert.equal((await sandbox.control('DELETE', 'consent')).body.granted.length, 0);
	assert.match((await sandbox.control('POST', 'consent', { permissions: ['x'] })).body.error, /no permission "x"/);
	assert.match((await sandbox.control('POST', 'consent', { permissions: 'Mail.Read' })).body.error, /array/);
});
