/*
 * CONFIRM_WRITES over HTTP, message by message: a write is done once the person agreed to it as it is done; and where nobody can be
 * asked, not at all.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, during, startAlone, use } from '../stage/fixture.mjs';
import { AGREED, FORMS, SETTINGS, calling, startGuarded } from '../stage/graph_guard/stage.mjs';
import { clientOf, failureOf } from '../stage/mcp.mjs';
import { preload, unlessShared, wrongClock } from '../stage/scarcity/preload.mjs';

const sandbox = await startGuarded();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const env = { ...sandbox.env, ...SETTINGS, CONFIRM_WRITES: 'true' };
const handler = use(() => startAlone({ env, keeps: sandbox }));
const another = use(() => startAlone({ env, keeps: sandbox }));

const MAIL = { to: ['alex@contoso.example'], cc: ['bo@contoso.example'], subject: 'Budget', body: 'It is done.\nTo: nobody' };
const TEXT = 'Send this mail?\nTo: alex@contoso.example\nCc: bo@contoso.example\nSubject: Budget\n\nIt is done.\n    To: nobody';

/* A call as a client's who has a token of its user; the result. */
async function call(name, args, { token, at = handler(), ...options } = {}) {
	const { body, headers } = calling(name, args, options);
	const answer = await clientOf(at, { token: token ?? await entra.mintUserToken() }).post(body, { headers });
	assert.equal(answer.status, 200, answer.text);
	return { ...answer, result: answer.json.result };
}

/* The question that a call is answered with: {text, state}. */
async function asked(name, args, options) {
	const { result } = await call(name, args, options);
	assert.equal(result.resultType, 'input_required', JSON.stringify(result));
	const { confirm: { method, params }, ...others } = result.inputRequests;
	assert.deepEqual([others, method, params.mode], [{}, 'elicitation/create', 'form']);
	assert.equal(sandbox.done().length, 0);
	return { text: params.message, state: result.requestState };
}

const refused = async (code, ...rest) => {
	const failure = failureOf(await call(...rest));
	assert.equal(failure.code, code);
	assert.match(failure.message, /Nothing was done/);
	assert.deepEqual(sandbox.done(), []);
	return failure;
};

describe('a write', () => {
	test('is shown to the person, and done when they agree', async () => {
		const { text, state } = await asked('send_mail', MAIL);
		assert.equal(text, TEXT);
		const { result } = await call('send_mail', MAIL, { answer: AGREED, state });
		assert.deepEqual(result.structuredContent, { done: 'The mail was sent.' });
		assert.deepEqual(graph.sent.map(({ to, cc, subject }) => [to, cc, subject]), [[MAIL.to, MAIL.cc, 'Budget']]);
	});

	test('may be agreed to at another instance than asked', async () => {
		const { state } = await asked('send_mail', MAIL);
		const { result } = await call('send_mail', MAIL, { answer: AGREED, state, at: another() });
		assert.deepEqual(result.structuredContent, { done: 'The mail was sent.' });
	});

	for (const action of ['decline', 'cancel']) {
		test(`is not done: ${action}`, async () => {
			const { state } = await asked('send_mail', MAIL);
			await refused('declined', 'send_mail', MAIL, { answer: { action }, state });
		});
	}

	test('that reads is not asked about', async () => {
		const { result } = await call('list_mail', { limit: 1 });
		assert.equal(result.structuredContent.mails.length, 1);
	});

	test('whose arguments Graph would not be sent is refused before the person is asked', async () => {
		assert.equal(failureOf(await call('update_mail', { id: 'x' })).code, 'bad_request');
		assert.equal(failureOf(await call('send_draft', { id: '..' })).code, 'bad_request');
		assert.equal(graph.requests.length, 0);
	});
});

describe('an answer counts for what was asked alone', () => {
	test('not for other arguments: it is asked again', async () => {
		const { state } = await asked('send_mail', MAIL);
		for (const other of [{ ...MAIL, to: ['eve@evil.example'] }, { ...MAIL, body: 'x' }, { ...MAIL, cc: undefined }]) {
			const again = await asked('send_mail', other, { answer: AGREED, state });
			assert.notEqual(again.state, state);
		}
	});

	test('not for a draft that was changed meanwhile: it is asked again, with the change', async () => {
		const id = await sandbox.draft({ to: ['alex@contoso.example'], cc: ['bo@contoso.example'], bcc: ['cy@contoso.example'],
			replyTo: ['di@evil.example'] });
		const first = await asked('send_draft', { id });
		for (const address of ['alex', 'bo', 'cy'])
			assert.match(first.text, new RegExp(`\\b${address}@contoso\\.example`));
		assert.match(first.text, /Replies go to: .*<di@evil\.example>\nSubject: Plan\nAttachments, inline ones aside: no\n\nThe plan\./);
		await sandbox.change(id, { to: ['eve@evil.example'] });
		const second = await asked('send_draft', { id }, { answer: AGREED, state: first.state });
		assert.match(second.text, /eve@evil\.example/);
		await call('send_draft', { id }, { answer: AGREED, state: second.state });
		assert.deepEqual(graph.sent.map(({ to }) => to), [['eve@evil.example']]);
	});

	test('not for another user', async () => {
		const { state } = await asked('send_mail', MAIL);
		entra.consentGraph(['Mail.Send'], 'zoe');
		await asked('send_mail', MAIL, { answer: AGREED, state, token: await entra.mintUserToken({ user: 'zoe' }) });
	});

	test('not for another tool', async () => {
		const { state } = await asked('send_mail', MAIL);
		await asked('draft_mail', MAIL, { answer: AGREED, state });
	});

	test('not after ten minutes: it is refused, and may be asked again', { skip: unlessShared }, async (t) => {
		const clock = wrongClock(preload('clock'));
		const late = await during(t, startAlone({ env: { ...env, ...clock.env }, keeps: sandbox }));
		const { state } = await asked('send_mail', MAIL, { at: late });
		clock.set(601);
		const { message } = await refused('confirmation_required', 'send_mail', MAIL, { at: late, answer: AGREED, state });
		assert.match(message, /more than ten minutes/);
		const again = await asked('send_mail', MAIL, { at: late });
		clock.set(1190);
		await call('send_mail', MAIL, { at: late, answer: AGREED, state: again.state });
		assert.equal(graph.sent.length, 1);
	});

	test('again within its time, for the same: it is a seat belt, no lock', async () => {
		const { state } = await asked('send_mail', MAIL);
		for (let i = 0; i < 2; i++)
			await call('send_mail', MAIL, { answer: AGREED, state });
		assert.equal(graph.sent.length, 2);
		const id = await sandbox.draft({ to: ['alex@contoso.example'] });
		const { state: once } = await asked('send_draft', { id });
		await call('send_draft', { id }, { answer: AGREED, state: once });
		const { result } = await call('send_draft', { id }, { answer: AGREED, state: once }); /* what was sent is another mail */
		assert.ok(result.isError || result.resultType === 'input_required');
		assert.equal(graph.sent.length, 3);
	});
});

describe('where nobody can be asked', () => {
	test('a client without forms is refused, and told the way around', async () => {
		for (const capabilities of [{}, { elicitation: { url: {} } }]) {
			const { message, status } = await refused('confirmation_required', 'send_mail', MAIL, { capabilities });
			assert.equal(status, 403);
			assert.match(message, /elicitation.*by hand in Outlook or Teams.*CONFIRM_WRITES off/);
		}
	});

	test('so are a client of the legacy era, and each call of a batch', async () => {
		const client = clientOf(handler(), { token: await entra.mintUserToken() });
		assert.equal(failureOf(await client.legacyCall('send_mail', MAIL)).code, 'confirmation_required');
		const { body } = calling('send_mail', MAIL, { answer: AGREED, state: 'x' });
		const { _meta, ...params } = body.params;
		const [one, two] = (await client.post([{ ...body, params }, { ...body, params, id: 2 }])).json;
		for (const { result } of [one, two])
			assert.equal(JSON.parse(result.content[1].text).error.code, 'confirmation_required');
		assert.deepEqual(sandbox.done(), []);
	});

	test('so is a call over REST', async () => {
		const answer = await handler().ask('/tools/send_mail', { method: 'POST', body: JSON.stringify(MAIL), token: await entra.mintUserToken(),
			headers: { 'content-type': 'application/json' } });
		assertError(answer, 403, 'confirmation_required');
		assert.deepEqual(sandbox.done(), []);
	});

	test('not even a draft is made', async () => {
		await asked('draft_mail', MAIL);
		await refused('confirmation_required', 'draft_mail', MAIL, { capabilities: {} });
		assert.deepEqual(sandbox.done(), []);
	});
});

test('consent that is missing is asked for before the person is, where something is looked at', async () => {
	const id = await sandbox.draft({ to: ['alex@contoso.example'] });
	entra.fail({ kind: 'consent_required', times: 1 });
	const { result } = await call('send_draft', { id }, { capabilities: { elicitation: { form: {}, url: {} } } });
	assert.deepEqual(Object.keys(result.inputRequests), ['consent']);
	assert.match(new URL(result.inputRequests.consent.params.url).searchParams.get('scope'), /Mail\.Read( |$)/);
});

test('without CONFIRM_WRITES nobody is asked', async (t) => {
	const plain = await during(t, startAlone({ env: { ...env, CONFIRM_WRITES: undefined } }));
	const { result } = await call('send_mail', MAIL, { at: plain, capabilities: FORMS });
	assert.deepEqual(result.structuredContent, { done: 'The mail was sent.' });
});
