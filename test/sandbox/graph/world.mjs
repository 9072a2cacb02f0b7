/*
 * What the sandbox Graph holds of a user, invented when it is first asked for, and the same in every run: all times are counted
 * from one moment (anchor).
 */
import { makeCalendar } from './data/calendar.mjs';
import { colleagues, hasMailbox, personOf } from './data/cast.mjs';
import { makeContacts, makeMemberships, makePeople } from './data/company.mjs';
import { attachmentOf } from './data/attachments.mjs';
import { fileEntry, makeDrive } from './data/drive.mjs';
import { makeMailbox } from './data/mailbox.mjs';
import { makeSites } from './data/sites.mjs';
import { makePlannerTasks, makeTaskLists } from './data/tasks.mjs';
import { makeChats, makeTeams } from './data/teams.mjs';

export const ANCHOR = '2026-11-27T12:00:00Z';

/* By name what there is of a user: (user, me (as the directory has it), now). */
const MADE = {
	mailbox: (user, me, now) => makeMailbox(user, now),
	calendar: (user, me, now) => makeCalendar(me, now),
	contacts: (user) => makeContacts(user),
	relevant: (user) => makePeople(user),
	memberships: () => makeMemberships(),
	drive: (user, me, now) => makeDrive(user, now),
	chats: (user, me, now) => makeChats(user, me, now),
	teams: (user, me, now) => makeTeams(user.tid, now),
	taskLists: (user, me, now) => makeTaskLists(user, now),
	plannerTasks: (user, me, now) => makePlannerTasks(user, now),
	sites: (user, me, now) => makeSites(now),
};

export class World {
	#user;
	#calendars = new Map();
	#written = 0;

	constructor(entra, user, anchor) {
		this.#user = user;
		this.users = entra.users;
		this.now = Date.parse(anchor);
		for (const [name, make] of Object.entries(MADE)) {
			Object.defineProperty(this, name, { configurable: true, get: () => {
				const value = make(user, personOf(user), this.now);
				Object.defineProperty(this, name, { value });
				return value;
			} });
		}
	}

	/* A number for each thing that is written, and the moment of the n-th: after all that was there before. */
	next() {
		return ++this.#written;
	}

	moment(n) {
		return this.now + n * 1000;
	}

	/* A file in the drive's root, {name, type, bytes}; its id. */
	putFile({ name, type = 'application/octet-stream', bytes }) {
		const entry = fileEntry(this.drive, { name, type, bytes: Buffer.from(bytes), where: '' }, 1000 + this.next());
		this.drive.entries.push(entry);
		return entry.item.id;
	}

	/* One more attachment of a mail, {name, type, bytes, kind, ...} as of data/attachments.mjs; its id. */
	putAttachment(messageId, file) {
		const entry = this.mailbox.mails.find(({ mail, immutableId }) => [mail.id, immutableId].includes(messageId));
		const one = attachmentOf(file, [messageId, 'put', this.next()], this.now);
		entry.attachments.push(one);
		entry.mail.hasAttachments = true;
		return one.shown.id;
	}

	/* Everybody in the directory: the tenant's users, who may grow more, and the colleagues. */
	get people() {
		const own = Object.values(this.users).filter(({ tid }) => tid === this.#user.tid);
		return [...own.map(personOf), ...colleagues];
	}

	/* Those whom the user leads: other users whose manager it is, and of a member with a mailbox three colleagues. */
	get reports() {
		const own = Object.values(this.users).filter(({ manager }) => this.users[manager]?.oid === this.#user.oid).map(personOf);
		return [...own, ...hasMailbox(this.#user) ? colleagues.slice(6, 9) : []];
	}

	/* The calendar behind an address of the tenant; undefined: there is none. */
	calendarOf(address) {
		const wanted = address.toLowerCase();
		const user = Object.values(this.users).find((one) => hasMailbox(one) && one.tid === this.#user.tid && [one.mail,
			one.username].some((name) => name?.toLowerCase() === wanted));
		const person = user ? personOf(user) : colleagues.find(({ mail }) => mail.toLowerCase() === wanted);
		if (person && !this.#calendars.has(person.id))
			this.#calendars.set(person.id, makeCalendar(person, this.now));
		return this.#calendars.get(person?.id);
	}
}
