/* Who may open whose mailbox: /users/{mailbox}/... is another's, or one's own under another name. */
import { RIGHTS, sharedMailboxes } from './data/shared.mjs';
import { findUser } from '../entra/users.mjs';
import { GraphRefusal, denied } from './refusal.mjs';

const invalidUser = (name) => new GraphRefusal(404, 'ErrorInvalidUser', `The requested user '${name}' is invalid.`);
const wrongSender = () => new GraphRefusal(403, 'ErrorSendAsDenied', 'The user account which was used to submit this request does not have the '
	+ 'right to send mail on behalf of the specified sending account., Cannot submit message.');

/* "mail", "calendar" or "contacts", by what follows the mailbox in the path. */
const areaOf = ({ request }) => (/\/(messages|mailFolders|sendMail)\b/.test(request) ? 'mail' : /\/contacts\b/.test(request) ? 'contacts' : 'calendar');
const sends = ({ request }) => /\/(send|sendMail)$/.test(request);

export class Shares {
	#entra;
	#shared;
	#rights;

	constructor(entra) {
		this.#entra = entra;
		this.#shared = sharedMailboxes(entra.tenantId);
		this.reset();
	}

	reset() {
		this.#rights = structuredClone(RIGHTS);
	}

	/* Rights of a user to a mailbox: {mail, calendar, contacts: "read" or "write", send: true}; {} takes all back. */
	give(mailbox, key, rights) {
		const owner = this.find(mailbox);
		if (!owner)
			throw new Error(`no mailbox "${mailbox}"`);
		(this.#rights[owner.username.toLowerCase()] ??= {})[key] = rights;
	}

	/* The user by address, user name or id, of a user who signs in or a shared mailbox; undefined: there is none. */
	find(name) {
		const wanted = name.toLowerCase();
		return [...Object.values(this.#entra.users), ...this.#shared].find((one) =>
			[one.oid, one.username, one.mail].some((known) => known?.toLowerCase() === wanted));
	}

	/* Whose mailbox a request is for. */
	open(name, { user }, route) {
		const owner = this.find(name);
		if (!owner || owner.tid !== user.tid)
			throw invalidUser(name);
		if (owner.oid === user.oid)
			return user;
		const rights = Object.entries(this.#rights[owner.username.toLowerCase()] ?? {})
			.find(([key]) => findUser(this.#entra.users, key)?.oid === user.oid)?.[1] ?? {};
		if (sends(route) && !rights.send)
			throw wrongSender();
		const held = rights[areaOf(route)];
		if (held === undefined || (route.writes && held !== 'write'))
			throw denied('outlook');
		return owner;
	}
}
