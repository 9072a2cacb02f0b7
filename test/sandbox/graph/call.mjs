/* One request as the workloads see it, be it by itself or a part of a batch. */
import { stringLiteral } from './odata/tokens.mjs';
import { readQuery } from './odata/options.mjs';
import { badRequest, denied } from './refusal.mjs';

/* name="value" pairs of a Prefer header, names in lower case (RFC 7240). */
function preferences(text = '') {
	const found = text.matchAll(/([\w.-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"]+))/g);
	return new Map([...found].map(([, name, quoted, bare]) => [name.toLowerCase(), quoted ?? bare]));
}

/* What a Content-Type and a body say. */
function jsonOf(contentType, text) {
	try {
		const value = /^application\/json\b/i.test(contentType ?? '') ? JSON.parse(text) : undefined;
		if (value !== null && typeof value === 'object' && !Array.isArray(value))
			return value;
	} catch { /* refused below, like any other body that is no object */ }
	throw badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.');
}

export class Call {
	#headers;
	#text;
	#prefer;
	#applied = new Set();

	/* {route, params, caller (the token's user), user (whose mailbox it is: mostly the caller's own), scopes, rawPath, path, search, headers, text,
	 * ids, world, graphUrl, skiptokenBytes, sent (mails that went out), addressOf(file) (where it can be downloaded)}. */
	constructor({ headers, text, ...facts }) {
		Object.assign(this, facts);
		this.#headers = headers;
		this.#text = text;
		this.#prefer = preferences(headers.prefer);
		this.query = readQuery(this.search);
	}

	header(name) {
		return this.#headers[name];
	}

	get body() {
		return jsonOf(this.header('content-type'), this.#text);
	}

	/* The value of a preference, which then counts as applied. */
	preference(name) {
		const value = this.#prefer.get(name.toLowerCase());
		if (value !== undefined)
			this.#applied.add(`${name}="${value}"`);
		return value;
	}

	prefers(name, wanted) {
		return this.#prefer.get(name.toLowerCase())?.toLowerCase() === wanted.toLowerCase() && this.preference(name) !== undefined;
	}

	get applied() {
		return this.#applied.size > 0 ? { 'preference-applied': [...this.#applied].join(', ') } : {};
	}

	get optionalBody() {
		return (this.#text ?? '') === '' ? {} : this.body;
	}

	/* Of another's mailbox a permission counts in its .Shared form alone. */
	mayAny(names) {
		const foreign = this.user.oid !== this.caller.oid;
		const forms = this.route.shared ? [...(foreign ? [] : ['']), '.Shared'] : [''];
		return names.some((name) => forms.some((form) => this.scopes.includes(name + form)));
	}

	/* Refused without one of the route's permissions. */
	checkPermission() {
		const { workload, permissions } = this.route;
		if (!this.mayAny(permissions))
			throw denied(workload, permissions, this.scopes);
	}

	/* The one argument of a function in the path, an OData string. */
	argument(name) {
		return stringLiteral(this.params[name], 'Invalid function argument');
	}
}
