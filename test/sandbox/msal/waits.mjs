/*
 * The part of the comparison that needs time to pass.  All of it begins together and shares one
 * wait: each beginning gives the function that ends it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { HANGS_MS } from '../common/until.mjs';
import { describe } from './stage.mjs';

const SHORT_S = 2;
const SLOW_MS = 250;
const PATIENCE_MS = { msal: 500, handler: HANGS_MS }; /* for what only the handler does */

/* Whole seconds decide on both sides: one that has just begun makes the most of a short life. */
const nextSecond = () => delay(1000 - Date.now() % 1000);

async function graphTokenEnds(stage) {
	const caller = await stage.caller();
	await stage.with({ expiresIn: SHORT_S }, () => stage.ask(caller));
	return () => stage.same('the Graph token has expired', '1 POST', caller);
}

async function assertionEnds(stage) {
	const caller = await stage.caller({ expiresIn: SHORT_S });
	await stage.ask(caller);
	return () => stage.better('the assertion has expired, its Graph token has not', {
		msal: 'hit', handler: '1 POST, 401 invalid_token',
		reason: 'nobody is served for longer than the token they show' }, caller);
}

async function comesTrue(fact, limitMs) {
	const end = performance.now() + limitMs;
	while (!fact() && performance.now() < end)
		await delay(10);
}

/* Entra answers slowly meanwhile, so that a caller who had to wait for it would be seen to. */
async function refreshIn(stage) {
	const caller = await stage.caller();
	await stage.with({ refreshIn: 1 }, () => stage.ask(caller));
	return () => stage.with({ latencyMs: SLOW_MS }, async () => {
		const before = stage.posts(caller);
		const answer = await stage.ask(caller);
		const waited = describe(stage.posts(caller) - before, [answer]);
		await comesTrue(() => stage.posts(caller) > before, PATIENCE_MS[stage.engine.name]);
		const behind = stage.posts(caller) > before ? ', renewed behind it' : '';
		stage.note('past refresh_in, the token still good', {
			msal: 'hit', handler: 'hit, renewed behind it',
			reason: 'a new token long before the old one ends, and nobody waits for it' },
		waited + behind);
	});
}

/* Entra sends half an answer and no more; the handler's ENTRA_TIMEOUT_MS is below the wait. */
async function silence(stage) {
	const caller = await stage.caller();
	const before = stage.posts(caller);
	stage.fail(caller, { kind: 'stall' });
	const asked = stage.ask(caller);
	return async () => {
		const tired = delay(PATIENCE_MS[stage.engine.name], { ok: false, code: 'still waiting' },
			{ ref: false });
		const answer = await Promise.race([asked, tired]);
		stage.note('Entra falls silent in mid-answer', { msal: '1 POST, still waiting',
			handler: '1 POST, 504 upstream_timeout',
			reason: 'ENTRA_TIMEOUT_MS; MSAL sets no limit to a POST' },
		describe(stage.posts(caller) - before, [answer]));
	};
}

export const BEGINNINGS = [graphTokenEnds, assertionEnds, refreshIn, silence];
export const ENTRA_TIMEOUT_MS = SHORT_S * 1000;

/* Plays all of it for every stage that newStage(engine) gives. */
export async function playWaits(stages) {
	const endings = [];
	await nextSecond();
	for (const begin of BEGINNINGS) {
		for (const stage of stages())
			endings.push(await begin(stage));
	}
	await delay(SHORT_S * 1000 + 200);
	for (const end of endings)
		await end();
}
