/* Several users at once on the same shared mailbox and on their own: each is given what is theirs to see, by a token of theirs. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const SUPPORT = 'support@contoso.example';
const MAILBOXES = [undefined, SUPPORT, 'board@contoso.example'];
const ROUNDS = 10;

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const handler = use(() => startAlone({ keeps: sandbox,
	env: { ...sandbox.env, GRAPH_TOOLS: '*,shared,mail', GRAPH_TOOLS_WRITE: 'true', CALLS_PER_CALLER_MAX: '100' } }));

/* What a user is told of a mailbox, without what differs from call to call. */
async function seen(token, mailbox) {
	const { status, json } = await callTool(handler(), 'list_mail', { mailbox, limit: 5 }, { token });
	return status === 200 ? json : { status, code: json.error.code };
}

test('two users with different rights are told at once what each is told alone', async () => {
	entra.consentGraph('all');
	graph.share('board@contoso.example', 'zoe', { mail: 'read' });
	const users = ['adele', 'zoe'];
	const tokens = await Promise.all(users.map((user) => entra.mintUserToken({ user })));
	const alone = [];
	for (const token of tokens) {
		for (const mailbox of MAILBOXES)
			alone.push({ token, mailbox, told: await seen(token, mailbox) });
	}
	assert.deepEqual(alone[1].told, alone[4].told, 'the mailbox of both');
	assert.notDeepEqual(alone[0].told, alone[3].told, 'their own');
	assert.deepEqual(alone[2].told, { status: 403, code: 'graph_forbidden' });
	assert.ok(alone[5].told.mails.length > 0);

	graph.requests.length = 0;
	await Promise.all(Array.from({ length: ROUNDS }, () => alone).flat().map(async ({ token, mailbox, told }) =>
		assert.deepEqual(await seen(token, mailbox), told)));
	const bearers = new Map();
	for (const { url, headers } of graph.requests)
		bearers.set(headers.authorization, (bearers.get(headers.authorization) ?? new Set()).add(url.split('/').slice(2, 4).join('/')));
	assert.equal(bearers.size, 2, 'a token each');
	assert.equal(entra.counts.exchanges, 2);
	assert.equal(graph.requests.length, ROUNDS * alone.length);
});

test('a user whose rights are taken is refused, while the other goes on', async () => {
	entra.consentGraph('all');
	const [adele, zoe] = [await entra.mintUserToken(), await entra.mintUserToken({ user: 'zoe' })];
	const before = await seen(adele, SUPPORT);
	assert.deepEqual(await seen(zoe, SUPPORT), before);
	graph.share(SUPPORT, 'zoe', {});
	const answers = await Promise.all(Array.from({ length: ROUNDS }, () => [seen(adele, SUPPORT), seen(zoe, SUPPORT)]).flat());
	for (const [i, answer] of answers.entries())
		assert.deepEqual(answer, i % 2 ? { status: 403, code: 'graph_forbidden' } : before);
});

test('of two users the one who has not consented is asked to, while the other is served', async () => {
	entra.consentGraph(['Mail.Read', 'Mail.Read.Shared'], 'adele');
	entra.consentGraph(['Mail.Read'], 'zoe');
	const [adele, zoe] = [await entra.mintUserToken(), await entra.mintUserToken({ user: 'zoe' })];
	const answers = await Promise.all([seen(adele, SUPPORT), seen(zoe, SUPPORT), seen(adele), seen(zoe)]);
	assert.deepEqual(answers.map(({ code }) => code), [undefined, 'consent_required', undefined, undefined]);
});

test('what two users send from one mailbox at once is sent once each, in their own names', async () => {
	entra.consentGraph('all');
	const users = ['adele', 'zoe'];
	await Promise.all(users.map(async (user) => {
		const { status, text } = await callTool(handler(), 'send_mail', { mailbox: SUPPORT, to: [`${user}@contoso.example`], subject: user, body: 'B' },
			{ token: await entra.mintUserToken({ user }) });
		assert.equal(status, 200, text);
	}));
	const sent = graph.sent.toSorted((a, b) => a.subject.localeCompare(b.subject));
	assert.deepEqual(sent.map(({ subject, by }) => [subject, by]), users.map((user) => [user, entra.users[user].oid]), JSON.stringify(graph.sent));
});
