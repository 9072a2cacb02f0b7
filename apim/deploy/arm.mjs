/*
 * Azure Resource Manager: a resource is data, and is read, compared, written only where it differs, and waited for.
 *
 *   {label, path (its id), version (api-version), body}
 *   query     what the GET asks beside the version, such as format=xml
 *   compare   what is looked at instead of the body; a function of what is there gives the names of what differs
 *   patch     the body of a PATCH that changes it where it is there; without: PUT, with the tags that it has.  Tags alone are
 *             added by an interface of their own, as not every PATCH takes them
 *   patience  of refusals, see http.mjs
 *   check     (what is there) => why it is of no use, though Azure took it
 *   unread    it cannot be read back
 *   hidden    it lies in the subscription, where whoever has rights in the group alone does not see it: then it is not there
 */
import { Refused, follow } from './http.mjs';
import { differences } from './same.mjs';
import { Stop } from './run.mjs';

const TAGS_VERSION = '2021-04-01';
const LONGEST_S = 5400; /* a new API Management instance of a classic tier takes most of an hour */
const WORD_EACH_MS = 60_000;
const ENDED = /^(Succeeded|Failed|Canceled|Cancelled)$/i;

const stateOf = (body) => body?.status ?? body?.properties?.provisioningState ?? body?.properties?.ProvisioningState;
const reasonOf = (body) => {
	const error = body?.error ?? body?.properties?.error ?? body?.properties?.errors?.[0];
	return error ? `${error.code ?? ''}: ${error.message ?? JSON.stringify(error)}${(error.details ?? []).map((one) => ` ${one.message}`).join('')}` : 'Azure gives no reason.';
};
const failureOf = (body) => (/^(Failed|Cancell?ed)$/i.test(stateOf(body) ?? '') ? reasonOf(body) : undefined);

export class Arm {
	constructor({ run, http, cloud }) {
		Object.assign(this, { run, http, cloud });
		this.toBeMade = []; /* with --what-if: ids of what is not there yet, and nothing below it either */
	}

	url(path, version, query) {
		return `${this.cloud.arm}${path}?api-version=${version}${query ? `&${query}` : ''}`;
	}

	#ask(question) {
		return this.http.ask({ audience: this.cloud.armAudience, ...question });
	}

	/* What is there; undefined: nothing, as in a namespace that the subscription never used. */
	async get({ path, version, query, label, patience, hidden }) {
		if (this.isToBeMade(path)) return undefined;
		try {
			const { status, body } = await this.#ask({ url: this.url(path, version, query), may: [404], label, patience });
			return status === 404 ? undefined : body;
		} catch (error) {
			if (error.code === 'MissingSubscriptionRegistration' || (hidden && error.code === 'AuthorizationFailed')) return undefined;
			throw error;
		}
	}

	isToBeMade(path) {
		return this.toBeMade.some((id) => `${path}/`.toLowerCase().startsWith(`${id}/`.toLowerCase()));
	}

	/* A list, all pages of it. */
	async list({ path, version, query, label }) {
		if (this.isToBeMade(path)) return [];
		const all = [];
		for (let url = this.url(path, version, query); url;) {
			const { status, body } = await this.#ask({ url, may: [404], label });
			if (status === 404) return all;
			all.push(...(body.value ?? []));
			url = body.nextLink && follow(this.cloud.arm, body.nextLink);
		}
		return all;
	}

	/* A POST that changes nothing, such as listKeys. */
	async reading({ path, version, body, label, patience }) {
		return (await this.#ask({ method: 'POST', url: this.url(path, version), body, reads: true, label, patience })).body;
	}

	/* Makes it, or changes it where it differs; returns what is there then (--what-if: what is there). */
	async ensure(resource) {
		const current = await this.settled(resource);
		const differs = current ? this.#differing(resource, current) : [];
		if (current && differences(current.tags, resource.body.tags ?? {}).length) await this.tag(resource, resource.body.tags);
		if (current && !differs.length) return current;
		if (!current && this.run.whatIf) this.toBeMade.push(resource.path);
		const label = differs.length ? `${resource.label} (${differs.join(', ')})` : resource.label;
		return await this.run.change(current ? 'change' : 'create', label, () => this.write(resource, current)) ?? current;
	}

	/* One that failed is written again. */
	#differing({ body, compare }, current) {
		if (failureOf(current)) return ['it failed'];
		const { tags, ...rest } = body;
		return typeof compare === 'function' ? compare(current) : differences(current, compare ?? rest);
	}

	/* Adds tags to what is there; those of others stay. */
	tag({ path, label }, tags) {
		return this.run.change('tag', label, () => this.#ask({ method: 'PATCH', url: this.url(`${path}/providers/Microsoft.Resources/tags/default`, TAGS_VERSION), label,
			body: { operation: 'Merge', properties: { tags } } }));
	}

	/* Writes it and waits until it is done; returns what is there then. */
	async write(resource, current) {
		const { path, version, label, patience, patch, check } = resource;
		const patched = current && patch;
		const body = patched ? patch : { ...resource.body, ...(resource.body.tags && { tags: { ...current?.tags, ...resource.body.tags } }) };
		for (let left = this.run.options.TRIES; ; left--) {
			const answer = await this.#ask({ method: patched ? 'PATCH' : 'PUT', url: this.url(path, version), body, label, patience });
			const { failed, made } = await this.#made(answer, resource);
			const wrong = failed ?? check?.(made);
			if (!wrong) return made;
			/* What Azure took may fail afterwards for the same reasons for which it refuses. */
			if (left <= 1 || !patience?.({ code: wrong, reason: wrong })) throw new Stop(`${label}: ${wrong}`);
			await this.run.again(label, 'not known everywhere yet, tried again', left);
		}
	}

	/* {failed: why, made: what is there} once what an answer began is done. */
	async #made(answer, resource) {
		const failed = await this.#followed(answer, resource);
		if (failed || resource.unread) return { failed };
		const made = await this.#ended(resource);
		return { failed: failureOf(made), made };
	}

	/* Waits for the operation that an answer names, if any; returns why it failed, or nothing. */
	async #followed({ status, headers }, resource) {
		const operation = headers.get('azure-asyncoperation');
		const location = status === 202 && headers.get('location');
		if (!operation && !location) return undefined;
		const isDone = operation ? ({ body }) => ENDED.test(stateOf(body) ?? '') : (one) => one.status !== 202;
		try {
			return failureOf(await this.#until(resource, follow(this.cloud.arm, operation || location), isDone));
		} catch (error) {
			/* A location ends with the refusal itself. */
			if (error instanceof Refused && error.status < 500) return `${error.code}: ${error.reason}`;
			throw error;
		}
	}

	/* What is there once its state is none that passes. */
	#ended(resource) {
		return this.#until(resource, this.url(resource.path, resource.version, resource.query), ({ body }) => ENDED.test(stateOf(body) ?? 'Succeeded'));
	}

	/* Asks until isDone(answer); returns the body of that. */
	async #until({ label, path, goes }, url, isDone) {
		const began = Date.now();
		let said = began;
		for (let unseen = this.run.options.TRIES; ;) {
			/* What was made may not be there to be read at once. */
			const mayLack = !goes && url.includes(path) && unseen-- > 1;
			const answer = await this.#ask({ url, label, may: mayLack ? [404] : [] });
			if (answer.status !== 404 && isDone(answer)) return answer.body;
			const now = Date.now();
			if (now - began > LONGEST_S * 1000) throw new Stop(`${label} is not done after ${LONGEST_S / 60} minutes.`, 'Look at it in the portal, then run it again: it goes on waiting.');
			if (now - said > WORD_EACH_MS) {
				said = now;
				this.run.note(`  ${label}: ${stateOf(answer.body) ?? 'in progress'} (${Math.round((now - began) / 60_000)} min)`);
			}
			await this.run.wait(answer.headers.get('retry-after'));
		}
	}

	/* Waits until what is there already, perhaps from a run that was interrupted, is done. */
	async settled(resource) {
		const current = await this.get(resource);
		if (this.run.whatIf || !current || ENDED.test(stateOf(current) ?? 'Succeeded')) return current;
		this.run.note(`${resource.label} is ${stateOf(current)}; waiting for it`);
		return this.#ended(resource);
	}

	/* A POST that changes something and may go on after its answer. */
	async act({ path, version, body, label }) {
		const answer = await this.#ask({ method: 'POST', url: this.url(path, version), body, label });
		const failed = await this.#followed(answer, { label, path });
		if (failed) throw new Stop(`${label}: ${failed}`);
		return answer.body;
	}

	/* Deletes it, where it is there, and waits until it is gone. */
	async remove(resource) {
		const { path, version, query, label, headers } = resource;
		if (!await this.get({ path, version, label })) return;
		await this.run.change('delete', label, async () => {
			const answer = await this.#ask({ method: 'DELETE', url: this.url(path, version, query), may: [404], label, headers });
			const failed = await this.#followed(answer, { label, path, goes: true });
			/* The address to ask at may go with what it is about. */
			if (failed && await this.get({ path, version, label })) throw new Stop(`${label}: ${failed}`);
		});
	}
}
