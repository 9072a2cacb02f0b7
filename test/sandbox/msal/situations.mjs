/*
 * The script of the comparison: what callers do, what Entra does, and what each engine must make
 * of it.  What stands here of MSAL was measured; a version that does otherwise fails the test.
 */
import { setTimeout as delay } from 'node:timers/promises';

const AT_ONCE = 20;
const HOUR_S = 3599;
const transient = { kind: 'temporarily_unavailable', status: 503 };
const throttled = { kind: 'temporarily_unavailable', status: 429, retryAfter: 60 };

async function cacheOfOneUser(stage) {
	const first = await stage.caller();
	const { user } = first;
	const second = { user, assertion: await stage.entra.mintUserToken({ user }) };
	await stage.same('the first call', '1 POST', first);
	await stage.same('the same assertion again', 'hit', first);
	await stage.same('a second assertion of that user', '1 POST', second);
	await stage.better('then the first assertion again', { msal: '1 POST', handler: 'hit',
		reason: 'two live tokens of a user do not push each other out' }, first);
}

async function crowd(stage) {
	const caller = await stage.caller();
	await stage.with({ latencyMs: 1500 }, () => stage.better( /* all ask before one is answered */
		`${AT_ONCE} calls at once of a new user`, { msal: `${AT_ONCE} POSTs`, handler: '1 POST',
			reason: 'one exchange, shared by all who wait for it' }, caller,
		() => Promise.all(Array.from({ length: AT_ONCE }, () => stage.ask(caller)))));
	await stage.same('and that user once more', 'hit', caller);
}

async function shortLife(stage) {
	const caller = await stage.caller();
	await stage.with({ expiresIn: 299 }, async () => {
		await stage.ask(caller);
		await stage.better('a Graph token with a life of 299 s, asked for again',
			{ msal: '1 POST', handler: 'hit',
				reason: 'the margin is a tenth of the life, at most 300 s' }, caller);
	});
}

async function unavailable(stage) {
	const known = await stage.caller();
	const [unlucky, next, other] = await Promise.all(
		Array.from({ length: 3 }, () => stage.caller()));
	await stage.ask(known);
	stage.fail(unlucky, { ...transient, times: Infinity });
	await stage.alike('Entra answers 503 for one user, every time', {
		msal: '1 POST, temporarily_unavailable',
		handler: '2 POSTs, 503 upstream_unavailable',
		remark: 'the handler asks twice before it gives up' }, unlucky);
	await stage.better('another user at once after the 503', {
		msal: 'no POST, 90033', handler: '1 POST',
		reason: 'one user\'s failure is no other user\'s' }, next);
	await stage.same('a user whose token is in the cache, meanwhile', 'hit', known);
	await stage.better('and yet another user', { msal: 'no POST, 90033', handler: '1 POST',
		reason: 'MSAL goes on refusing everybody' }, other);
}

async function unavailableOnce(stage) {
	const caller = await stage.caller();
	stage.fail(caller, transient);
	await stage.better('Entra answers 503 once', { msal: '1 POST, temporarily_unavailable',
		handler: '2 POSTs', reason: 'one repeat after a moment' }, caller);
}

async function throttling(stage) {
	const [unlucky, next] = await Promise.all([stage.caller(), stage.caller()]);
	stage.fail(unlucky, throttled);
	await stage.alike('Entra throttles one user (429, Retry-After: 60)', {
		msal: '1 POST, temporarily_unavailable',
		handler: '1 POST, 429 throttled, Retry-After 60' }, unlucky);
	await stage.better('another user after the 429', { msal: 'no POST, 90033',
		handler: '1 POST', reason: 'a throttle holds for the assertion that met it' }, next);
	await stage.alike('the throttled assertion again', { msal: 'no POST, 90033',
		handler: 'no POST, 429 throttled, Retry-After 60' }, unlucky);
}

async function emptyThrottling(stage) {
	const unlucky = await stage.caller();
	stage.fail(unlucky, { kind: 'http_429', retryAfter: 60 });
	await stage.alike('a 429 without a body', { msal: '1 POST, token_parsing_error',
		handler: '1 POST, 429 throttled, Retry-After 60' }, unlucky);
	await stage.better('that assertion again, at once', { msal: '1 POST',
		handler: 'no POST, 429 throttled, Retry-After 60',
		reason: 'Retry-After counts, whatever the body' }, unlucky);
}

async function deadConnections(stage) {
	const [first, second, third] = await Promise.all(
		Array.from({ length: 3 }, () => stage.caller()));
	stage.fail(first, { kind: 'close_idle', ms: 1 });
	await stage.ask(first);
	await delay(100); /* both ends know by then */
	await stage.same('Entra has closed the idle connection', '1 POST', second);
	stage.fail(third, { kind: 'close' });
	await stage.better('Entra closes the kept connection when the next request comes', {
		msal: '1 POST, network_error', handler: '2 POSTs',
		reason: 'a connection that dies before a byte is worth a fresh one' }, third);
}

async function refusals(stage) {
	const caller = await stage.caller();
	const { user } = caller;
	const newer = { user, assertion: await stage.entra.mintUserToken({ user }) };
	stage.fail(caller, { kind: 'consent_required' });
	await stage.alike('Entra wants consent', { msal: '1 POST, invalid_grant',
		handler: '1 POST, 403 consent_required' }, caller);
	await stage.better('the refused assertion again', { msal: '1 POST',
		handler: 'no POST, 403 consent_required',
		reason: 'a refusal that only the user can mend is remembered for a short time' }, caller);
	await stage.same('a newer assertion of the refused user', '1 POST', newer);
}

async function entraChallenge(stage) {
	const caller = await stage.caller();
	const { user } = caller;
	const newer = { user, assertion: await stage.entra.mintUserToken({ user }) };
	stage.fail(caller, { kind: 'interaction_required' });
	await stage.alike('Entra answers with a claims challenge', {
		msal: '1 POST, interaction_required, the claims passed on',
		handler: '1 POST, 401 insufficient_claims, the claims passed on' }, caller);
	await stage.same('the assertion that the user then brings', '1 POST', newer);
}

async function graphChallenge(stage) {
	const caller = await stage.caller();
	const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
	await stage.ask(caller);
	await stage.same('Graph answers with a claims challenge (continuous access evaluation)',
		'1 POST', caller,
		() => stage.engine.challenged(caller.assertion, { user: caller.user, claims }));
	await stage.same('after that challenge, without claims', 'hit', caller);
}

export const SITUATIONS = [cacheOfOneUser, crowd, shortLife, deadConnections, unavailableOnce,
	unavailable, throttling, emptyThrottling, refusals, entraChallenge, graphChallenge];

/* With the scope .default: one sequence per way that Entra may name what it granted. */
export async function defaultScope(stage) {
	const plain = await stage.caller();
	await stage.ask(plain);
	await stage.same('.default, echoed in the answer\'s scope, again', 'hit', plain);
	const silent = await stage.caller();
	const answer = async () => stage.fail(silent, { kind: 'raw', status: 200,
		headers: { 'content-type': 'application/json' }, body: await unechoed(stage, silent) });
	await answer();
	await stage.ask(silent);
	await answer();
	await stage.better('.default, not echoed in the answer\'s scope, again', { msal: '1 POST',
		handler: 'hit', reason: 'a token always serves the scope it was asked for, whatever is named' }, silent);
}

async function unechoed({ entra }, { user }) {
	const info = JSON.stringify({ uid: user.oid, utid: user.tid });
	return { token_type: 'Bearer', scope: 'https://graph.microsoft.com/User.Read',
		expires_in: HOUR_S, access_token: await entra.mintGraphToken({ user }),
		client_info: Buffer.from(info).toString('base64url') };
}
