/* Waiting for what cannot be awaited: a fact that only asking shows. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/* For whatever only has to happen at all, on any machine: beyond it something hangs. */
export const HANGS_MS = 90_000;

/* Waits for a fact, which may be a promise; fails with its text when it never comes true. */
export async function until(what, { limitMs = HANGS_MS, pauseMs = 10 } = {}) {
	const end = performance.now() + limitMs;
	while (!await what()) {
		assert.ok(performance.now() < end, `never came true: ${what}`);
		await delay(pauseMs);
	}
}
