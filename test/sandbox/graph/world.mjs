/*
 * What the sandbox Graph holds of a user, invented when it is first asked for, and the same in every run: all times are counted
 * from one moment (anchor).
 */
import { makeMailbox } from './data/mailbox.mjs';

export const ANCHOR = '2026-11-27T12:00:00Z';

/* A member made when it is first read. */
function lazily(target, name, make) {
	Object.defineProperty(target, name, { configurable: true, get() {
		const value = make();
		Object.defineProperty(target, name, { value });
		return value;
	} });
}

export class World {
	constructor(entra, user, anchor) {
		this.now = Date.parse(anchor);
		this.users = entra.users;
		lazily(this, 'mailbox', () => makeMailbox(user, this.now));
	}
}
