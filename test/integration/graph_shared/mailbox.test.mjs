/*
 * Mail and calendar of another's mailbox, against the sandbox's Graph, which opens a mailbox to whom it is shared with and
 * wants a .Shared permission for it.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';

const SUPPORT = 'support@contoso.example';
const NOVEMBER = { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z' };
const NOT_OPEN = /Perhaps the user may not open this mailbox, or not do this in it, or there is none of this name\.$/;

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const handler = use(() => startAlone({ keeps: sandbox,
	env: { ...sandbox.env, GRAPH_TOOLS: 'mail,calendar,shared', GRAPH_TOOLS_WRITE: 'true', CALLS_PER_CALLER_MAX: '50' } }));

const scopes = () => entra.requests.filter(({ path }) => path.endsWith('/token')).map(({ form }) => form.scope.replaceAll(`${entra.graphAudience}/`, ''));
const paths = () => graph.requests.map(({ method, url }) => `${method} ${decodeURIComponent(url.replace(/^\/v1\.0|\?.*$/g, ''))}`);
const signedIn = (consented, user = 'adele') => {
	entra.consentGraph(consented, user);
	return entra.mintUserToken({ user });
};
async function given(name, args, token) {
	const { status, text, json } = await callTool(handler(), name, args, { token });
	assert.equal(status, 200, `${name}: ${text}`);
	return json;
}
const refused = async (name, args, token, ...wanted) => assertError(await callTool(handler(), name, args, { token }), ...wanted).json.error;

describe('each tool', () => {
	const ids = {};
	const mail = async (token, more = {}) => (await given('list_mail', { mailbox: SUPPORT, ...more }, token)).mails[0].id;
	const attached = async (token) => (await given('list_mail', { mailbox: SUPPORT, limit: 50 }, token)).mails.find(({ attachments }) => attachments).id;
	const event = async (token) => (await given('list_events', { mailbox: SUPPORT, ...NOVEMBER, limit: 50 }, token)).events
		.find(({ response }) => response !== 'organizer').id;
	const CALLS = {
		list_mail: [{}, 'GET /users/{mailbox}/mailFolders/inbox/messages'],
		get_mail: [async (token) => ({ id: ids.mail = await mail(token) }), 'GET /users/{mailbox}/messages/{mail}'],
		list_mail_folders: [{}, 'GET /users/{mailbox}/mailFolders'],
		list_attachments: [async (token) => ({ id: ids.mail = await attached(token) }), 'GET /users/{mailbox}/messages/{mail}/attachments'],
		read_attachment: [async (token) => {
			const id = ids.mail = await attached(token);
			const { attachments } = await given('list_attachments', { mailbox: SUPPORT, id }, token);
			return { id, attachment_id: ids.attachment = attachments[0].id };
		}, 'GET /users/{mailbox}/messages/{mail}/attachments/{attachment}', 'GET /users/{mailbox}/messages/{mail}/attachments/{attachment}/$value'],
		list_events: [NOVEMBER, 'GET /users/{mailbox}/calendarView'],
		get_event: [async (token) => ({ id: ids.event = await event(token) }), 'GET /users/{mailbox}/events/{event}'],
		draft_mail: [{ to: ['a@contoso.example'], subject: 'S', body: 'B' }, 'POST /users/{mailbox}/messages'],
		draft_reply: [async (token) => ({ id: ids.mail = await mail(token), body: 'B' }), 'POST /users/{mailbox}/messages/{mail}/createReply'],
		send_draft: [async (token) => ({ id: ids.mail = await mail(token, { folder: 'drafts' }) }), 'POST /users/{mailbox}/messages/{mail}/send'],
		send_mail: [{ to: ['a@contoso.example'], subject: 'S', body: 'B' }, 'POST /users/{mailbox}/sendMail'],
		update_mail: [async (token) => ({ id: ids.mail = await mail(token), read: true }), 'PATCH /users/{mailbox}/messages/{mail}'],
		create_event: [{ subject: 'S', start: '2026-11-27T10:00:00', end: '2026-11-27T11:00:00' }, 'POST /users/{mailbox}/events'],
		respond_event: [async (token) => ({ id: ids.event = await event(token), answer: 'accept' }), 'POST /users/{mailbox}/events/{event}/accept'],
	};

	for (const { name, shared } of readTools().filter((tool) => tool.shared))
		test(`${name} asks for ${shared} and nothing else, and for that mailbox`, async () => {
			const [args, ...wanted] = CALLS[name];
			const prepared = typeof args === 'function' ? await args(await signedIn('all', 'zoe')) : args;
			sandbox.reset();
			const token = await signedIn(shared);
			await callTool(handler(), name, { ...prepared, mailbox: SUPPORT }, { token });
			assert.deepEqual(scopes(), [shared.join(' ')]);
			assert.deepEqual(paths(), wanted.map((path) => path.replace('{mailbox}', SUPPORT).replace(/\{(\w+)\}/g, (all, what) => ids[what])));
			const { status, text } = handler().answers.at(-1);
			assert.equal(status, 200, text);
		});

	test('without mailbox is the user\'s own, by its own permission', async () => {
		const own = await signedIn(['Mail.Read']);
		const { mails } = await given('list_mail', {}, own);
		assert.deepEqual([scopes(), paths()], [['Mail.Read'], ['GET /me/mailFolders/inbox/messages']]);
		await signedIn(['Mail.Read.Shared']);
		const theirs = await given('list_mail', { mailbox: SUPPORT }, own);
		assert.notDeepEqual(theirs.mails, mails);
	});
});

test('a mailbox is named by its address, in any case, or by its id', async () => {
	const token = await signedIn(['Mail.Read.Shared']);
	const named = await given('list_mail', { mailbox: SUPPORT }, token);
	graph.share('zoe@contoso.example', 'adele', { mail: 'read' });
	const zoe = await given('list_mail', { mailbox: entra.users.zoe.oid }, token);
	assert.deepEqual(await given('list_mail', { mailbox: SUPPORT.toUpperCase() }, token), named);
	assert.deepEqual(await given('list_mail', { mailbox: 'zoe@contoso.example' }, token), zoe);
	assert.notDeepEqual(zoe, named);
});

for (const [what, mailbox] of Object.entries({ empty: '', me: 'me', 'me in capitals': 'ME', 'a slash': '/', 'another segment': `${SUPPORT}/messages`,
	'dots': '..', 'a way out': '../me', 'a way back': `${SUPPORT}/../../me`, 'an encoded slash': `${SUPPORT}%2fmessages`, 'encoded dots': '%2e%2e',
	'a twice encoded slash': `x%252f${SUPPORT}`, 'a query': `${SUPPORT}?$select=body`, 'a fragment alone': '#', 'a function': 'delta()', 'a dollar': `$${SUPPORT}`,
	'a line end': `${SUPPORT}\r\n`, 'a number': 7, 'a list': [SUPPORT] }))
	test(`${what} is no mailbox, and nothing is asked of anybody`, async () => {
		const token = await signedIn('all');
		const { message } = await refused('list_mail', { mailbox }, token, 400, 'bad_request');
		assert.match(message, /mailbox/);
		assert.deepEqual([paths(), scopes()], [[], []]);
	});

describe('a mailbox that is not opened', () => {
	test('to this user, or that there is not, is told of in words', async () => {
		const token = await signedIn('all');
		for (const [mailbox, status, code] of [['board@contoso.example', 403, 'graph_forbidden'], ['nobody@contoso.example', 404, 'not_found'],
			[entra.users.fabrikam.oid, 404, 'not_found']]) {
			const { message } = await refused('list_mail', { mailbox }, token, status, code);
			assert.match(message, NOT_OPEN);
		}
	});

	test('to read is not opened by the calendar\'s rights, nor to write by those to read', async () => {
		const token = await signedIn('all');
		const mailbox = 'zoe@contoso.example';
		assert.ok((await given('list_events', { mailbox, ...NOVEMBER }, token)).events.length > 0);
		await refused('list_mail', { mailbox }, token, 403, 'graph_forbidden');
		const { message } = await refused('create_event', { mailbox, subject: 'S', start: '2026-11-27T10:00:00', end: '2026-11-27T11:00:00' },
			token, 403, 'graph_forbidden');
		assert.match(message, NOT_OPEN);
		assert.deepEqual(graph.writes, []);
	});

	test('is asked for once, and what is not there in an open one is told of as the tool says', async () => {
		const token = await signedIn('all');
		const [{ id }] = (await given('list_mail', {}, token)).mails;
		const { message } = await refused('get_mail', { mailbox: SUPPORT, id }, token, 404, 'not_found');
		assert.match(message, /^There is no mail of this id\. Perhaps /);
		assert.equal(graph.requests.length, 2);
	});

	test('of the user\'s own the usual sentence tells', async () => {
		const token = await signedIn('all');
		const [{ id }] = (await given('list_mail', { mailbox: SUPPORT }, token)).mails;
		const { message } = await refused('get_mail', { id }, token, 404, 'not_found');
		assert.equal(message, 'There is no mail of this id.');
	});
});

describe('consent', () => {
	test('to the own mail is none to others\', and the page that is offered asks for that permission', async () => {
		const token = await signedIn(['Mail.Read']);
		await given('list_mail', {}, token);
		const { consentUrl } = await refused('list_mail', { mailbox: SUPPORT }, token, 403, 'consent_required');
		assert.match(new URL(consentUrl).searchParams.get('scope'), /^\S*\/Mail\.Read\.Shared$/);
		assert.equal(graph.requests.length, 1, 'the token for the own mail went nowhere else');
		assert.deepEqual(scopes(), ['Mail.Read', 'Mail.Read.Shared']);
	});

	test('to others\' mail alone leaves the own to its own permission', async () => {
		const token = await signedIn(['Mail.Read.Shared']);
		await given('list_mail', { mailbox: SUPPORT }, token);
		await refused('list_mail', {}, token, 403, 'consent_required');
		assert.deepEqual(scopes(), ['Mail.Read.Shared', 'Mail.Read']);
	});

	test('to all is one exchange for all mailboxes', async () => {
		const token = await signedIn('all');
		for (const mailbox of [undefined, SUPPORT, undefined, SUPPORT])
			await given('list_mail', { mailbox }, token);
		assert.equal(entra.counts.exchanges, 1);
	});
});

test('a cursor leads through that mailbox to its end, and names no mailbox', async () => {
	const token = await signedIn('all');
	const walk = async (limit) => {
		const ids = [];
		let page;
		do {
			page = await given('list_mail', { mailbox: SUPPORT, limit, cursor: page?.cursor }, token);
			ids.push(...page.mails.map(({ id }) => id));
			assert.doesNotMatch(Buffer.from(page.cursor?.split('.').at(-1) ?? '', 'base64url').toString(), /support|users|http/);
		} while (page.cursor);
		return ids;
	};
	const whole = await walk(50);
	assert.ok(whole.length > 50);
	assert.equal(new Set(whole).size, whole.length);
	assert.deepEqual(await walk(7), whole);
	assert.ok(paths().every((path) => path === `GET /users/${SUPPORT}/mailFolders/inbox/messages`));
});
