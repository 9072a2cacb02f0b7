/*
 * What a person does at Entra's pages, without a browser: follows the redirects, reads each page,
 * posts its form with the choice they would click, until the browser is sent back to the client.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const STEPS_MAX = 12;
const LISTENS_WITHIN_MS = 10_000;
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': '\'' };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (one) => ENTITIES[one]);
const attribute = (tag, name) => plain(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/* {step, action, hidden, buttons ({id, name, value})} of a page's form; undefined where it has none. */
function formOf(page) {
	const [form] = /<form\b[^>]*>/.exec(page) ?? [];
	const tags = (pattern) => (page.match(pattern) ?? []).map((tag) => ({ id: attribute(tag, 'id'),
		name: attribute(tag, 'name'), value: attribute(tag, 'value') }));
	return form && { step: attribute(form, 'id'), action: attribute(form, 'action'),
		hidden: tags(/<input type="hidden"[^>]*>/g), buttons: tags(/<button\b[^>]*>/g) };
}

/* Whether a redirect leads back to the client: only there is a code or an error handed over. */
const isBack = (url) => [url.searchParams, new URLSearchParams(url.hash.slice(1))]
	.some((fields) => fields.has('code') || fields.has('error'));

/* One person with one browser's cookies.  user: a key of the sandbox's users; cancelAt: the page
 * ("choose-account", "multi-factor", "consent") on which they give up. */
export class Person {
	#cookies = new Map();	/* origin -> name -> value */
	pages = [];	/* the steps seen by the last signIn, in order */

	constructor({ user = 'adele', cancelAt } = {}) {
		Object.assign(this, { user, cancelAt });
	}

	/* Goes from an authorize URL (Entra's own, or one that leads there) back to the client:
	 * {url (where to), code, error, state, description, fields} or, where the way ends on a page that
	 * asks nothing, {status, page}. */
	async signIn(authorizeUrl) {
		this.pages = [];
		let at = { url: new URL(authorizeUrl) };
		for (let steps = 0; steps < STEPS_MAX; steps++) {
			const response = await this.#fetch(at);
			const location = response.headers.get('location');
			const next = location ? { url: new URL(location, at.url) } : await this.#readPage(at, response);
			if (next.ended)
				return next.ended;
			if (isBack(next.url))
				return this.#back(next.url);
			at = next;
		}
		assert.fail(`no end of pages: ${this.pages.join(' ')}`);
	}

	/* As signIn, and then lets the client have what the browser brings: its answer.  Some listen only
	 * after they have sent the person away, who is slower than this one. */
	async signInAndReturn(authorizeUrl) {
		const { url, page } = await this.signIn(authorizeUrl);
		assert.ok(url, `never came back to the client: ${page}`);
		const endMs = Date.now() + LISTENS_WITHIN_MS;
		for (;;) {
			try {
				return await fetch(url);
			} catch (error) {
				if (error.cause?.code !== 'ECONNREFUSED' || Date.now() > endMs)
					throw error;
				await sleep(50);
			}
		}
	}

	async #fetch({ url, form }) {
		const kept = this.#cookies.get(url.origin) ?? new Map();
		const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
		const response = await fetch(url, { redirect: 'manual', method: form ? 'POST' : 'GET', body: form,
			headers: { accept: 'text/html,application/xhtml+xml', ...(cookie ? { cookie } : {}) } });
		for (const line of response.headers.getSetCookie()) {
			const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line);
			kept.set(name, value);
		}
		this.#cookies.set(url.origin, kept);
		return response;
	}

	async #readPage({ url }, response) {
		const page = await response.text();
		const form = formOf(page);
		if (!form)
			return { ended: { status: response.status, page: plain(page) } };
		if (form.step === 'form-post')
			return { ended: this.#posted(form) };
		this.pages.push(form.step);
		const fields = form.hidden.map(({ name, value }) => [name, value]);
		const { name, value } = this.#choice(form);
		return { url: new URL(form.action, url), form: new URLSearchParams([...fields, [name, value]]) };
	}

	/* The button this person clicks. */
	#choice({ step, buttons }) {
		const wanted = this.cancelAt === step ? 'cancel' : `user-${this.user}`;
		const button = buttons.find(({ id }) => id === wanted) ?? buttons.find(({ name }) => name === 'action');
		assert.ok(button, `nothing to click at ${step}`);
		return button;
	}

	#posted({ action, hidden }) {
		const fields = Object.fromEntries(hidden.map(({ name, value }) => [name, value]));
		return { url: new URL(action), posted: true, ...this.#named(fields) };
	}

	#back(url) {
		const fields = Object.fromEntries(url.hash ? new URLSearchParams(url.hash.slice(1)) : url.searchParams);
		return { url, ...this.#named(fields) };
	}

	#named({ code, error, state, error_description: description, ...fields }) {
		return { code, error, state, description, fields };
	}
}
