/*
 * One run of the deployment: what it says, what it changed or would change, and the secrets that nothing it
 * says may hold.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/* What a person has to mend: the words, and what to do next. */
export class Stop extends Error {
	constructor(message, advice) {
		super(message);
		this.advice = advice;
	}
}

const LONGEST_WAIT_S = 120;

export class Run {
	#secrets = new Set();
	changes = [];	/* {verb, label}: made, or with --what-if to be made */
	hindrances = [];	/* what would stop a deployment, of --what-if */
	skipped = [];	/* what was left out, to be said again at the end */
	known = {};	/* what steps found out for those after them */

	/* options: see options.mjs */
	constructor({ options, whatIf = false, print = console.log }) {
		Object.assign(this, { options, whatIf, print });
	}

	/* Text without any secret that this run came to know. */
	clean(text) {
		return [...this.#secrets].reduce((all, secret) => all.replaceAll(secret, '[secret]'), String(text));
	}

	/* Whatever is said from here on does not hold it. */
	keepSecret(value) {
		if (value) this.#secrets.add(value);
		return value;
	}

	say(text) {
		this.print(this.clean(text));
	}

	/* Below the line of the step. */
	note(text) {
		this.say(`  ${text}`);
	}

	/* Something that was left out, said here and once more at the end. */
	skip(text) {
		this.note(text);
		this.skipped.push(text);
	}

	/* Does a change, or with --what-if writes it down.  verb: create, change, restore or delete. */
	async change(verb, label, doIt) {
		this.changes.push({ verb, label });
		this.note(`${this.whatIf ? 'would ' : ''}${verb} ${label}`);
		return this.whatIf ? undefined : doIt();
	}

	/* Says that it is tried again, and waits until then.  left: how many tries there were, with this one. */
	again(what, why, left, retryAfter) {
		this.note(`  ${what}: ${why} (${left - 1} more)`);
		return this.wait(retryAfter);
	}

	/* Waits as long as Azure asks for (Retry-After), else WAIT_S. */
	async wait(retryAfter) {
		const asked = retryAfter === undefined || retryAfter === null || !/^\d+$/.test(retryAfter) ? this.options.WAIT_S : Number(retryAfter);
		await sleep(Math.min(asked, LONGEST_WAIT_S) * 1000);
	}
}
