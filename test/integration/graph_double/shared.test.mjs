/* Proves who may open whose mailbox and calendar in the sandbox Graph, and with which permission. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { NEEDS } from '../../sandbox/graph/permissions.mjs';
import { assertGiven, assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { graph } = sandbox;
const ask = graphClient(sandbox, { scopes: ['Mail.Read.Shared', 'Calendars.Read.Shared'] });
const SUPPORT = '/users/support@contoso.example';
const first = async (path, options) => assertGiven(await ask(`${path}/messages?$top=1`, options)).value[0];
const refused = async (path, status, code, options) => assertRefusedByGraph(await ask(path, options), status, code);
const sendMail = (path, options) => ask(`${path}/sendMail`, { method: 'POST', scopes: ['Mail.Send.Shared'],
	body: { message: { subject: 'x', toRecipients: [{ emailAddress: { address: 'a@b.example' } }] } }, ...options });

describe('a shared mailbox', () => {
	test('is the same for both who may open it, and neither one\'s own', async () => {
		const mail = await first(SUPPORT);
		assert.equal((await first(SUPPORT, { user: 'zoe' })).id, mail.id);
		assert.notEqual((await first('/me', { scopes: ['Mail.Read'] })).id, mail.id);
		assertGiven(await ask(`${SUPPORT}/messages/${mail.id}`));
		assertGiven(await ask(`${SUPPORT}/mailFolders/inbox/messages?$search="lighthouse"`));
		assertGiven(await ask(`${SUPPORT.toUpperCase().replace('/USERS', '/users')}/mailFolders`));
		assert.equal(mail.toRecipients[0].emailAddress.address, 'support@contoso.example');
	});

	test('is opened by a .Shared permission alone, and one\'s own by either under its name', async () => {
		await refused(`${SUPPORT}/messages`, 403, 'ErrorAccessDenied', { scopes: ['Mail.Read', 'Mail.ReadWrite', 'Calendars.Read.Shared'] });
		await refused('/me/messages', 403, 'ErrorAccessDenied');
		for (const scope of ['Mail.Read', 'Mail.Read.Shared'])
			assertGiven(await ask('/users/AdeleV@contoso.example/messages', { scopes: [scope] }));
	});

	test('shows bodies to who may read them', async () => {
		assert.ok('body' in await first(SUPPORT));
		assert.ok(!('body' in await first(SUPPORT, { scopes: ['Mail.ReadBasic.Shared'] })));
	});

	test('without rights is 403, and one that there is not 404', async () => {
		await refused('/users/board@contoso.example/messages', 403, 'ErrorAccessDenied');
		await refused('/users/zoe@contoso.example/messages', 403, 'ErrorAccessDenied');
		for (const name of ['nobody@contoso.example', 'x', 'fay@fabrikam.example'])
			await refused(`/users/${name}/messages`, 404, 'ErrorInvalidUser');
		await refused('/users/bare@contoso.example/messages', 403, 'ErrorAccessDenied');
	});

	test('is opened to whom a test gives rights, until the sandbox is fresh again', async () => {
		graph.share('board@contoso.example', 'adele', { mail: 'read' });
		assertGiven(await ask('/users/board@contoso.example/messages'));
		await refused('/users/board@contoso.example/events', 403, 'ErrorAccessDenied');
		graph.share('support@contoso.example', 'adele', {});
		await refused(`${SUPPORT}/messages`, 403, 'ErrorAccessDenied');
		sandbox.reset();
		await refused('/users/board@contoso.example/messages', 403, 'ErrorAccessDenied');
		assertGiven(await ask(`${SUPPORT}/messages`));
	});
});

describe('a shared calendar', () => {
	test('is read by whom it is shared with, and changed by no reader', async () => {
		const query = { startDateTime: '2026-11-23T00:00:00Z', endDateTime: '2026-11-30T00:00:00Z' };
		const { value } = assertGiven(await ask('/users/zoe@contoso.example/calendarView', { query }));
		assert.ok(value.length > 5);
		const own = assertGiven(await ask('/me/calendarView', { user: 'zoe', query, scopes: ['Calendars.Read'] })).value;
		assert.deepEqual(value.map(({ id }) => id), own.map(({ id }) => id));
		const event = { subject: 'x', start: { dateTime: '2026-12-01T10:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-12-01T11:00:00', timeZone: 'UTC' } };
		const write = { method: 'POST', body: event, scopes: ['Calendars.ReadWrite.Shared'] };
		await refused('/users/zoe@contoso.example/events', 403, 'ErrorAccessDenied', write);
		assertGiven(await ask(`${SUPPORT}/events`, write), 201);
	});
});

describe('writing in another\'s name', () => {
	test('is counted as the mailbox\'s, by whom it was done', async () => {
		assert.equal((await sendMail(SUPPORT)).status, 202);
		const { adele } = sandbox.entra.users;
		assert.deepEqual(graph.sent.map(({ by, from }) => [by, from]), [[adele.oid, 'support@contoso.example']]);
		assert.notEqual(graph.writes[0].mailbox, graph.writes[0].user);
		const message = await first(`${SUPPORT}`, { user: 'zoe' });
		assert.equal(message.subject, 'x');
	});

	test('wants the right to send, and to write', async () => {
		assertRefusedByGraph(await sendMail(SUPPORT, { scopes: ['Mail.Send'] }), 403, 'ErrorAccessDenied');
		graph.share('support@contoso.example', 'adele', { mail: 'write' });
		assertRefusedByGraph(await sendMail(SUPPORT), 403, 'ErrorSendAsDenied');
		graph.share('support@contoso.example', 'adele', { mail: 'read' });
		const { id } = await first(SUPPORT);
		const scopes = ['Mail.ReadWrite.Shared'];
		await refused(`${SUPPORT}/messages/${id}`, 403, 'ErrorAccessDenied', { method: 'PATCH', body: { isRead: true }, scopes });
		assert.deepEqual([graph.sent, graph.writes], [[], []]);
	});
});

test('the .Shared permissions are those that Microsoft publishes', () => {
	const rows = readFileSync(new URL('../../fixture/graph/shared.tsv', import.meta.url), 'utf8').split('\n')
		.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
	const known = new Map(rows);
	for (const [request, { shared, permissions }] of Object.entries(NEEDS).filter(([, need]) => need.shared)) {
		const plain = permissions.filter((name) => !name.endsWith('.Shared'));
		assert.deepEqual(permissions.filter((name) => name.endsWith('.Shared')), plain.map((name) => known.get(name)).filter((name) => name !== '-'), request);
		assert.ok(shared);
	}
});
