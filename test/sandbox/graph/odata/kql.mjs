/*
 * The Keyword Query Language of $search on messages: words, "phrases", property restrictions, AND, OR, NOT and parentheses.
 * A text that does not parse is a 400.  Not played: NEAR, XRANK, the property kinds of SharePoint.
 */
import { badRequest } from '../refusal.mjs';

const DAY_MS = 86_400_000;
const RESTRICTION = /^([A-Za-z]+)(:|>=|<=|<>|=|>|<)(?=[^\s()])/;

const bad = (text, why) => badRequest(`Syntax error: ${why} in the search text '${text}'.`);

export const wordsOf = (text) => (text ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/* Whether the words of a phrase follow each other in a text; a star at the end takes any word that begins so. */
export function holds(text, phrase) {
	const [all, wanted] = [wordsOf(text), wordsOf(phrase)];
	const open = phrase.trimEnd().endsWith('*');
	const fits = (word, i, at) => (open && i === wanted.length - 1 ? all[at + i]?.startsWith(word) : all[at + i] === word);
	return wanted.length > 0 && all.some((_, at) => wanted.every((word, i) => fits(word, i, at)));
}

const person = ({ emailAddress: { name, address } } = { emailAddress: {} }) => `${name} ${address}`;
const people = (list) => list.map(person).join(' | ');
const PEOPLE = {
	from: (mail) => person(mail.from), to: (mail) => people(mail.toRecipients), cc: (mail) => people(mail.ccRecipients),
	bcc: (mail) => people(mail.bccRecipients), recipients: (mail) => people([...mail.toRecipients, ...mail.ccRecipients, ...mail.bccRecipients]),
	participants: (mail) => people([mail.from, ...mail.toRecipients, ...mail.ccRecipients, ...mail.bccRecipients]),
};
const TEXTS = { ...PEOPLE, subject: (mail) => mail.subject, body: (mail) => mail.text,
	hasattachment: (mail) => (mail.hasAttachments ? 'true yes' : 'false no'), importance: (mail) => mail.importance, kind: () => 'email' };
const DATES = { received: (mail) => mail.receivedDateTime, sent: (mail) => mail.sentDateTime };
const everywhere = (mail) => `${mail.subject} | ${mail.text} | ${person(mail.from)}`;

/* {from, to} in ms of a day or a moment. */
function spanOf(value, text) {
	const from = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : NaN;
	if (Number.isNaN(from))
		throw bad(text, `'${value}' is no date`);
	return { from, to: value.length === 10 ? from + DAY_MS : from + 1 };
}

const WITHIN = {
	':': (at, { from, to }) => at >= from && at < to, '=': (at, { from, to }) => at >= from && at < to, '<>': (at, { from, to }) => at < from || at >= to,
	'>=': (at, { from }) => at >= from, '<=': (at, { to }) => at < to, '>': (at, { to }) => at >= to, '<': (at, { from }) => at < from,
};

function dated(name, operator, value, text) {
	const [first, last] = value.split('..');
	const span = last === undefined ? spanOf(first, text) : { from: spanOf(first, text).from, to: spanOf(last, text).to };
	return (mail) => WITHIN[operator](Date.parse(DATES[name](mail)), span);
}

function restriction(name, operator, value, text) {
	if (Object.hasOwn(DATES, name))
		return dated(name, operator, value, text);
	if (!Object.hasOwn(TEXTS, name) || !(operator === ':' || operator === '=')) /* words with a colon between them */
		return (mail) => holds(everywhere(mail), `${name} ${value}`);
	return (mail) => holds(TEXTS[name](mail), value);
}

class Reader {
	constructor(text) {
		Object.assign(this, { text, rest: text });
	}

	skip() {
		this.rest = this.rest.trimStart();
		return this.rest;
	}

	takes(word) {
		if (!new RegExp(`^${word}(?=[\\s()]|$)`).test(this.skip()))
			return false;
		this.rest = this.rest.slice(word.length);
		return true;
	}

	all() {
		const test = this.or();
		if (this.skip() !== '')
			throw bad(this.text, `'${this.rest}' is left over`);
		return test;
	}

	or() {
		const parts = [this.and()];
		while (this.takes('OR'))
			parts.push(this.and());
		return (mail) => parts.some((part) => part(mail));
	}

	and() {
		const parts = [this.one()];
		while (this.skip() !== '' && this.rest[0] !== ')' && !/^OR(?=[\s()]|$)/.test(this.rest)) {
			this.takes('AND');
			parts.push(this.one());
		}
		return (mail) => parts.every((part) => part(mail));
	}

	one() {
		if (this.takes('NOT')) {
			const part = this.one();
			return (mail) => !part(mail);
		}
		if (this.skip()[0] === '(')
			return this.group();
		const found = RESTRICTION.exec(this.rest);
		if (!found)
			return this.phrase();
		this.rest = this.rest.slice(found[0].length);
		return restriction(found[1].toLowerCase(), found[2], this.value(), this.text);
	}

	group() {
		this.rest = this.rest.slice(1);
		const inner = this.or();
		if (this.skip()[0] !== ')')
			throw bad(this.text, 'a parenthesis is not closed');
		this.rest = this.rest.slice(1);
		return inner;
	}

	phrase() {
		const value = this.value();
		return (mail) => wordsOf(value).length === 0 || holds(everywhere(mail), value);
	}

	value() {
		const [whole, quoted] = /^"([^"]*)"/.exec(this.rest) ?? /^[^\s()"]+/.exec(this.rest) ?? [];
		if (whole === undefined)
			throw bad(this.text, this.rest === '' ? 'it ends too early' : `'${this.rest[0]}' is not valid`);
		this.rest = this.rest.slice(whole.length);
		return quoted ?? whole;
	}
}

/* The text within the quotes that a $search must be in, escapes undone. */
export function quotedSearch(value) {
	if (!/^"(?:[^"\\]|\\.)*"$/s.test(value))
		throw badRequest(`Syntax error: the search text must stand in double quotes, and quotes within it after a backslash: '${value}'.`);
	return value.slice(1, -1).replace(/\\(.)/gs, '$1');
}

export const readKql = (text) => new Reader(text).all();
