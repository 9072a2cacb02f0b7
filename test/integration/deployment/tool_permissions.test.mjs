/*
 * The registration asks Microsoft Graph for what the enabled tools need, all users' consent is to exactly that, and what a deployment added
 * it takes back when no tool needs it any more.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readPermissions } from '../../../apim/deploy/tools.mjs';
import { planned } from '../../../apim/deploy/tool_permissions.mjs';
import { ROOT } from '../../endpoint_table.mjs';
import { GRAPH_APP_ID, publishedByMicrosoft } from '../../sandbox/azure/graph/published.mjs';
import { directory } from '../stage/azure/steps.mjs';

const names = new Map(publishedByMicrosoft().oauth2PermissionScopes.map(({ id, value }) => [id, value]));
const idOf = (name) => [...names].find(([, value]) => value === name)[0];
const asked = ({ requiredResourceAccess: all }) => all.find(({ resourceAppId }) => resourceAppId === GRAPH_APP_ID).resourceAccess.map(({ id }) => names.get(id)).sort();
const marks = ({ tags }) => tags.filter((tag) => tag.startsWith('asks:')).sort();
const principalOf = (azure, { appId }) => azure.directory.ofApp('servicePrincipals', appId).resource.id;

function consented(azure, app) {
	const ours = (one) => one.clientId === principalOf(azure, app) && one.resourceId === azure.directory.graph.id;
	return azure.directory.resources('grants').filter(ours).flatMap(({ scope }) => scope.split(' ')).sort();
}

test('the played Azure publishes all that the catalogue asks for', () => {
	const folder = join(ROOT, 'graph-tools');
	const all = readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file))).tools).flatMap(({ permissions, shared = [] }) => [...permissions, ...shared]);
	assert.ok(all.length >= 20);
	assert.deepEqual(all.filter((name) => ![...names.values()].includes(name)), []);
});

suite('the permissions of the tools', () => {
	test('are asked for and consented to beside User.Read, those and no others, and the next deployment writes nothing', async (t) => {
		const { azure, take, app, writes } = await directory(t, {});
		const graphPermissions = ['Chat.Read', 'Mail.Read', 'User.Read'];
		await take({}, { graphPermissions });
		assert.deepEqual(asked(app('graph-mcp')), graphPermissions);
		assert.deepEqual(consented(azure, app('graph-mcp')), graphPermissions);
		assert.deepEqual(marks(app('graph-mcp')), ['asks:graph-mcp-a1b2c3:Chat.Read', 'asks:graph-mcp-a1b2c3:Mail.Read']);
		writes();
		const { run } = await take({}, { graphPermissions });
		assert.deepEqual([writes(), run.changes], [[], []]);
	});

	test('that no tool needs any more are taken back, consent first, and User.Read stays', async (t) => {
		const { azure, take, app, writes } = await directory(t, {});
		await take({}, { graphPermissions: ['Chat.Read', 'Mail.Read', 'User.Read'] });
		writes();
		await take({}, { graphPermissions: ['Mail.Read'] });
		assert.deepEqual(writes().map(({ method, path }) => `${method} ${path.split('/')[2]}`), ['PATCH oauth2PermissionGrants', 'PATCH applications']);
		assert.deepEqual([asked(app('graph-mcp')), consented(azure, app('graph-mcp'))], Array(2).fill(['Mail.Read', 'User.Read']));
		await take({}, { graphPermissions: [] });
		assert.deepEqual([asked(app('graph-mcp')), consented(azure, app('graph-mcp')), marks(app('graph-mcp'))], [['User.Read'], ['User.Read'], []]);
		assert.ok(app('graph-mcp').tags.includes('made-by:graph-mcp-a1b2c3'), 'other tags stay');
	});

	test('that somebody else put there, or had consented to, are used and never taken back', async (t) => {
		const { azure, take, app } = await directory(t, {});
		await take();
		app('graph-mcp').requiredResourceAccess[0].resourceAccess.push({ id: idOf('Mail.Read'), type: 'Scope' });
		const [grant] = azure.directory.resources('grants').filter(({ clientId }) => clientId === principalOf(azure, app('graph-mcp')));
		grant.scope += ' Files.Read';
		await take({}, { graphPermissions: ['Chat.Read', 'Files.Read', 'Mail.Read'] });
		assert.deepEqual(marks(app('graph-mcp')), ['asks:graph-mcp-a1b2c3:Chat.Read']);
		await take({}, { graphPermissions: [] });
		assert.deepEqual(asked(app('graph-mcp')), ['Files.Read', 'Mail.Read', 'User.Read']);
		assert.deepEqual(consented(azure, app('graph-mcp')), ['Files.Read', 'Mail.Read', 'User.Read']);
	});

	test('that another deployment of the same registration needs stay until neither does', async (t) => {
		const { take, app } = await directory(t, {});
		const deployed = (name, ...graphPermissions) => take({}, { name, graphPermissions });
		await deployed('first', 'Mail.Read', 'Chat.Read');
		await deployed('second', 'Mail.Read');
		await deployed('first');
		assert.deepEqual([asked(app('graph-mcp')), marks(app('graph-mcp'))], [['Mail.Read', 'User.Read'], ['asks:second:Mail.Read']]);
		await deployed('second');
		assert.deepEqual([asked(app('graph-mcp')), marks(app('graph-mcp'))], [['User.Read'], []]);
	});

	test('are left to an administrator who deploys as nobody: the link names them, and what is to be taken back stays asked for until it is', async (t) => {
		const { azure, take, app } = await directory(t, { directoryRights: 'developer' });
		const first = await take({}, { graphPermissions: ['Mail.Read'] });
		assert.match(first.run.skipped.join('\n'), /Consent to User\.Read Mail\.Read for all users of .* is left to an administrator: https:\S+adminconsent/);
		azure.directoryRights = 'administrator';
		await take({}, { graphPermissions: ['Mail.Read'] });
		azure.directoryRights = 'developer';
		const { run } = await take({}, { graphPermissions: [] });
		assert.match(run.skipped.join('\n'), /Consent to Mail\.Read for all users .* is needed no more, and left to an administrator to take back/);
		assert.deepEqual([asked(app('graph-mcp')), marks(app('graph-mcp')).length], [['Mail.Read', 'User.Read'], 1]);
		azure.directoryRights = 'administrator';
		await take({}, { graphPermissions: [] });
		assert.deepEqual([asked(app('graph-mcp')), consented(azure, app('graph-mcp'))], [['User.Read'], ['User.Read']]);
	});

	test('that Microsoft Graph does not have stop it with their names, before anything of them is asked', async (t) => {
		const { take, app } = await directory(t, {});
		await assert.rejects(take({}, { graphPermissions: ['Mail.Read', 'Mail.Reed'] }), ({ message, advice }) => /has no delegated permission Mail\.Reed in/.test(message) && /GRAPH_TOOLS/.test(advice));
		assert.deepEqual(asked(app('graph-mcp')), ['User.Read']);
	});

	test('with --what-if are named and nothing is written', async (t) => {
		const { take, writes } = await directory(t, {});
		await take();
		writes();
		const { run } = await take({}, { graphPermissions: ['Mail.Read'], whatIf: true });
		assert.deepEqual([writes(), run.changes.map(({ label }) => label)], [[], ['registration graph-mcp (Microsoft Graph: Mail.Read)', 'consent for all users of registration graph-mcp: Mail.Read']]);
	});
});

test('a mark of a permission that somebody took out by hand is kept, and the permission put back', () => {
	const tags = ['asks:a:Mail.Read', 'made-by:a'];
	assert.deepEqual(planned({ tags, present: [], consented: [] }, { by: 'a', wanted: ['Mail.Read'] }), { add: ['Mail.Read'], drop: [], tags });
});

suite("what the handler prints", () => {
	test('is a line a tool, and a line of all', () => {
		assert.deepEqual(readPermissions('list_mail\tMail.Read\nlist_chats\tChat.Read Chat.ReadBasic\n\nChat.Read Chat.ReadBasic Mail.Read\n'),
			{ tools: [['list_mail', 'Mail.Read'], ['list_chats', 'Chat.Read Chat.ReadBasic']], permissions: ['Chat.Read', 'Chat.ReadBasic', 'Mail.Read'] });
		assert.deepEqual(readPermissions('\n\n'), { tools: [], permissions: [] });
	});

	test('is refused where it is something else', () => {
		for (const text of ['list_mail\tMail.Read', 'usage: handler\n\n--port N  port', 'a\tb\n\nMail.Read $(x)\n'])
			assert.throws(() => readPermissions(text), /printed what is no list of permissions/, text);
	});
});
