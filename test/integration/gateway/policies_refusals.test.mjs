/* What Entra refuses the exchange with comes out of the gateway's policy of /me and of the handler as the same answer. */
import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { readRefusals } from '../../../apim/refusals.mjs';
import { startAlone, use } from '../stage/fixture.mjs';
import { LOGIN, startPolicies } from '../stage/policies_stage.mjs';

/* The gateway, and a handler beside it. */
const stage = use(async () => {
	const policies = await startPolicies();
	const handler = await startAlone({ env: policies.env });
	return { ...policies, handler, async stop() {
		await handler.stop();
		await policies.stop();
	} };
});
beforeEach(() => stage().fresh());

/* Entra's 400 with these members. */
const refusal = (members) => ({ kind: 'raw', status: 400, headers: { 'content-type': 'application/json' },
	body: JSON.stringify({ error_description: 'AADSTS1: never shown', trace_id: 'trace-1', ...members }), times: Infinity });

/* What either says: all that a client acts on, and what it shows its user. */
function said({ status, headers, json: { error: { code, message, consentUrl, upstream } } }, login) {
	const challenge = headers['www-authenticate'];
	return { status, code, message, consentUrl: consentUrl?.replace(login, 'https://login'), upstream, wait: headers['retry-after'],
		challenge: challenge && [...challenge.matchAll(/\b(error|claims)="([^"]*)"/g)].map(([pair]) => pair) };
}

/* What both answer an exchange that fails so. */
async function answers(fault) {
	const { entra, ask, handler, fresh } = stage();
	await fresh();
	entra.fail(fault);
	const gateway = said(await ask('/me', { token: await entra.mintUserToken() }), LOGIN);
	return { gateway, handler: said(await handler.ask('/me', { token: await entra.mintUserToken() }), entra.url) };
}

async function assertAlike(fault, expected) {
	const { gateway, handler: own } = await answers(fault);
	const what = fault.body;
	/* The gateway alone says when to come back to an Entra that is not well. */
	const wait = own.code === 'upstream_unavailable' ? gateway.wait : own.wait;
	assert.deepEqual(gateway, { ...own, wait }, what);
	if (expected) assert.equal(own.code, expected, what);
	return own;
}

/* The members that carry a sign of the table. */
function membersOf(sign) {
	const [kind, word] = sign.split(' ');
	if (!word) return { error: 'unheard_of', error_codes: [Number(kind)] };
	return kind === 'error' ? { error: word } : { error: 'unheard_of', error_codes: [70000], suberror: word };
}

suite('the gateway and the handler answer alike', () => {
	const rows = readRefusals();
	for (const remedy of new Set(rows.map((row) => row.remedy))) {
		test(`each refusal whose remedy is ${remedy}`, async () => {
			for (const { sign, code } of rows.filter((row) => row.remedy === remedy)) {
				const { consentUrl, message } = await assertAlike(refusal(membersOf(sign)), code);
				assert.equal(/\/adminconsent\?/.test(consentUrl), remedy === 'ADMIN_CONSENT', sign);
				if (code === 'access_blocked' || remedy === 'ADMIN_CONSENT') assert.match(message, /administrator/, sign);
			}
		});
	}

	const claims = (n) => '{"access_token":{}}'.padEnd(n);
	const OTHERS = {
		'a refusal that nobody knows': [{ error: 'unheard_of', error_codes: [1] }, 'server_configuration'],
		'a number before a word': [{ error: 'invalid_grant', suberror: 'consent_required', error_codes: [53003] }, 'access_blocked'],
		'the first number alone': [{ error: 'invalid_grant', error_codes: [1, 65001] }, 'invalid_token'],
		'a suberror before the error': [{ error: 'invalid_grant', suberror: 'message_only' }, 'access_blocked'],
		'a suberror that nobody knows': [{ error: 'invalid_grant', suberror: 'unheard_of' }, 'invalid_token'],
		'a number in quotes, which is none': [{ error: 'invalid_grant', error_codes: ['65001'] }, 'invalid_token'],
		'a number with a fraction, which is none': [{ error: 'invalid_grant', error_codes: [65001.5] }, 'invalid_token'],
		'a number without an error': [{ error_codes: [65001] }, 'consent_required'],
		'no error at all': [{}, 'upstream_unavailable'],
		'an empty error, which is none': [{ error: '', suberror: '' }, 'upstream_unavailable'],
		'half a character in the words': [{ error: 'invalid_grant', error_codes: [50105], error_description: 'for \ud83d' }, 'access_blocked'],
		'members of other types': [{ error: { a: 1 }, error_codes: [[1]], suberror: [], claims: {} }, 'upstream_unavailable'],
		'a word that only begins like one of the table': [{ error: 'invalid_grantee' }, 'server_configuration'],
		'a word with an invisible letter': [{ error: 'invalid_grant\u200d' }, 'server_configuration'],
		'a challenge as long as a header takes': [{ error: 'invalid_grant', error_codes: [50076], claims: claims(1533) }, 'insufficient_claims'],
		'a challenge longer than that': [{ error: 'invalid_grant', error_codes: [50076], claims: claims(1534) }, 'interaction_required'],
	};
	for (const [what, [members, expected]] of Object.entries(OTHERS))
		test(what, () => assertAlike(refusal(members), expected));

	test('a success that is none, whatever it says', async () => {
		const { gateway, handler } = await answers({ ...refusal({ error: 'invalid_grant', error_codes: [65001] }), status: 200 });
		assert.deepEqual([gateway.code, handler.code], ['upstream_unavailable', 'upstream_unavailable']);
	});
});
