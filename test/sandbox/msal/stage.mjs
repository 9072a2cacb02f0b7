/*
 * Where the engines are compared: every situation is played once for each of them, with users of
 * its own, and each call in it is one row of the table: the requests that Entra saw for it, and
 * what became of it.
 */
import { DEFAULT_CHALLENGE } from '../entra/answers.mjs';

const plural = (posts) => `${posts} POST${posts === 1 ? '' : 's'}`;

/* It counts down while the script runs: to the nearest ten, which the script sends. */
const tens = (seconds) => Math.round(seconds / 10) * 10;

function ending({ status, code, claims, retryAfter }) {
	const number = status ? `${status} ` : '';
	const passed = claims === DEFAULT_CHALLENGE ? ', the claims passed on' : '';
	const wait = retryAfter ? `, Retry-After ${tens(retryAfter)}` : '';
	return `${number}${code}${passed}${wait}`;
}

/* "hit", "1 POST", "2 POSTs, 503 upstream_unavailable", "no POST, 429 throttled". */
export function describe(posts, answers) {
	const ends = new Set(answers.map((answer) => (answer.ok ? '' : ending(answer))));
	const asked = posts > 0 ? plural(posts) : 'no POST';
	const [end] = ends;
	if (ends.size > 1)
		return `${asked}, ${[...ends].map((one) => one || 'a token').join(' / ')}`;
	if (end)
		return `${asked}, ${end}`;
	return posts > 0 ? asked : 'hit';
}

/* The rows in the order of their first appearance:
 * {situation, expected: {msal, handler}, reason, remark, measured: {msal, handler}}.  A reason
 * stands where the handler must be better; without one both must come to the same. */
export class Table {
	#rows = new Map();

	get rows() {
		return [...this.#rows.values()];
	}

	note(engine, situation, { reason, remark, ...expected }, outcome) {
		const row = this.#rows.get(situation)
			?? { situation, expected, reason, remark, measured: {} };
		this.#rows.set(situation, row);
		if (Object.hasOwn(row.measured, engine))
			throw new Error(`two rows are called "${situation}"`);
		row.measured[engine] = outcome;
	}
}

let people = 0;

/* One engine in one situation. */
export class Stage {
	constructor({ entra, graph, engine, table }) {
		Object.assign(this, { entra, graph, engine, table });
	}

	newUser() {
		const name = `${this.engine.name}-${++people}`;
		return this.entra.addUser(name, { username: `${name}@contoso.example` });
	}

	/* A user of one's own and an assertion: {user, assertion}. */
	async caller(options) {
		const user = this.newUser();
		return { user, assertion: await this.entra.mintUserToken({ user, ...options }) };
	}

	ask({ assertion }) {
		return this.engine.ask(assertion);
	}

	posts({ user }) {
		return this.entra.counts.byUser[user.oid] ?? 0;
	}

	/* Entra fails this caller, once unless fault.times says otherwise. */
	fail({ user }, fault) {
		this.entra.fail({ user, ...fault });
	}

	/* With Entra's settings (expiresIn, refreshIn, latencyMs) changed for the while. */
	async with(settings, run) {
		const names = Object.keys(settings);
		const old = Object.fromEntries(names.map((name) => [name, this.entra[name]]));
		Object.assign(this.entra, settings);
		try {
			return await run();
		} finally {
			Object.assign(this.entra, old);
		}
	}

	async #measure(caller, call) {
		const before = this.posts(caller);
		const answers = [await call()].flat();
		return describe(this.posts(caller) - before, answers);
	}

	async #row(situation, expected, caller, call) {
		const outcome = await this.#measure(caller, call ?? (() => this.ask(caller)));
		this.note(situation, expected, outcome);
	}

	/* A row in which both engines must do this. */
	same(situation, outcome, caller, call) {
		return this.#row(situation, { msal: outcome, handler: outcome }, caller, call);
	}

	/* A row in which both must come to the same, each in its own words. */
	alike(situation, { msal, handler, remark }, caller, call) {
		return this.#row(situation, { msal, handler, remark }, caller, call);
	}

	/* A row in which the handler must do better, for a reason. */
	better(situation, { msal, handler, reason }, caller, call) {
		return this.#row(situation, { msal, handler, reason }, caller, call);
	}

	/* Any row, with an outcome that the script has found itself. */
	note(situation, expected, outcome) {
		this.table.note(this.engine.name, situation, expected, outcome);
	}
}
