/* How many requests one mailbox bears at a time; the real one four for each application. */
export class MailboxGate {
	#inside = new Map();
	limit = Infinity;

	/* A function that ends the stay, or undefined: too many are inside. */
	enter(oid) {
		const inside = this.#inside.get(oid) ?? 0;
		if (inside >= this.limit)
			return undefined;
		this.#inside.set(oid, inside + 1);
		return () => this.#inside.set(oid, this.#inside.get(oid) - 1);
	}
}
