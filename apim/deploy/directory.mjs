/*
 * Microsoft Graph as far as a deployment needs it: registrations, their service principals and consent.
 */
import { Refused } from './http.mjs';
import { Stop } from './run.mjs';
import { patched } from './application.mjs';

/* Whether the directory lets somebody else do it, and not whoever deploys. */
export const isDenied = (error) => error instanceof Refused && error.status === 403;

/* What was made a moment ago is not known everywhere: neither by itself nor to what refers to it. */
const isNew = ({ status, code, reason }) => (status === 404 && code === 'Request_ResourceNotFound')
	|| (status === 400 && /does not reference a valid application object/.test(reason))
	|| (status === 403 && /backing application of the service principal being created must/.test(reason));

/* A registration: {label, appId, given: by its client id, content: undefined where it is not made yet (--what-if) or may not
 * be read}. */
export class Directory {
	#principals = new Map(); /* by client id: what a list may not have yet */

	constructor({ run, http, cloud }) {
		Object.assign(this, { run, http, cloud });
	}

	async ask(path, question) {
		const { body } = await this.http.ask({ url: `${this.cloud.graph}/v1.0${path}`, audience: this.cloud.graph, patience: isNew, ...question });
		return body;
	}

	/* All that a collection has of which the filter says so; filter: "member eq 'value'". */
	async list(path, filter, label) {
		const all = [];
		for (let next = `${path}${filter ? `?$filter=${encodeURIComponent(filter)}` : ''}`; next;) {
			const body = await this.ask(next, { label });
			all.push(...body.value);
			next = body['@odata.nextLink']?.replace(`${this.cloud.graph}/v1.0`, '');
		}
		return all;
	}

	/* By its client id, where that is given, else by its name; undefined: there is none. */
	async find({ name, appId, label }) {
		const found = await this.list('/applications', appId ? `appId eq '${appId}'` : `displayName eq '${name}'`, label);
		if (found.length > 1) throw new Stop(`More than one registration is called ${name}.`, 'Say which one is meant with its client id: CLIENT_ID, or MCP_CLIENT_ID for the one of the MCP clients.');
		if (appId && !found.length) throw new Stop(`There is no registration with the client id ${appId} in this tenant.`, 'Leave the variable out to have one made.');
		return found[0];
	}

	/* once: a second one of the same name would be made. */
	create(body, label) {
		return this.ask('/applications', { method: 'POST', body, label, once: true });
	}

	/* Makes what there can be only one of, and what is therefore there already where an answer got lost. */
	make(path, body, label) {
		return this.ask(path, { method: 'POST', body, label, may: [409] });
	}

	/* Changes what of a registration differs.  patchOf: (content) => the PATCH, undefined: none. */
	async change(registration, what, patchOf) {
		const patch = registration.content && patchOf(registration.content);
		if (!patch) return;
		const label = `${registration.label} (${what})`;
		await this.run.change('change', label, async () => {
			await this.ask(`/applications/${registration.content.id}`, { method: 'PATCH', body: patch, label });
			registration.content = patched(registration.content, patch);
		});
	}

	async makePrincipal(appId, label) {
		const made = await this.make('/servicePrincipals', { appId }, label);
		if (made?.id) this.#principals.set(appId, made);
		return made;
	}

	async principalOf(appId, label) {
		return this.#principals.get(appId) ?? (await this.list('/servicePrincipals', `appId eq '${appId}'`, label))[0];
	}
}
