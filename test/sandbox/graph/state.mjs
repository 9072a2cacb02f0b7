/* What the sandbox Graph holds and what was done to it: a world a user, who may open whose mailbox, and what was written and sent. */
import { remember } from '../common/http_server.mjs';
import { requireUser } from '../entra/users.mjs';
import { Shares } from './shares.mjs';
import { World } from './world.mjs';

export class State {
	#entra;
	#anchor;
	#worlds = new Map();
	#changed = new Set();	/* whose world is no longer as it was invented */
	writes = [];
	sent = [];

	constructor(entra, anchor) {
		this.#entra = entra;
		this.#anchor = anchor;
		this.shares = new Shares(entra);
	}

	worldOf(user) {
		if (!this.#worlds.has(user.oid))
			this.#worlds.set(user.oid, new World(this.#entra, user, this.#anchor));
		return this.#worlds.get(user.oid);
	}

	/* The world of a user, by key or as such, that is about to be changed. */
	changing(key) {
		const user = requireUser(this.#entra.users, key);
		this.#changed.add(user.oid);
		return this.worldOf(user);
	}

	/* Answers a call, and keeps what it did. */
	answer(call) {
		const { route, path, caller, user } = call;
		if (!route.writes)
			return route.answer(call);
		this.changing(user);
		const answer = route.answer(call);
		remember(this.writes, { request: route.request, path, user: caller.oid, mailbox: user.oid, body: call.optionalBody });
		return answer;
	}

	/* The lists stay, since tests hold them. */
	forget() {
		[this.writes, this.sent].forEach((list) => { list.length = 0; });
	}

	reset() {
		this.#changed.forEach((oid) => this.#worlds.delete(oid));
		this.#changed.clear();
		this.shares.reset();
	}
}
