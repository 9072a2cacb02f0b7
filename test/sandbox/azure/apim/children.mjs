/*
 * What an instance of API Management holds, by its path below the instance: named values, backends, policies, APIs and so
 * on.  A kind of them says {what (its name in refusals), shape (of properties), accept(), view(), slow (finished some
 * questions later), usedBy()}; the rest is the same for all and is here.
 */
import { createHash } from 'node:crypto';
import { mustFit, refuse } from '../refusal.mjs';
import { notFound } from './validation.mjs';

const TYPE = 'Microsoft.ApiManagement/service';

/* One of them.  usable: it has been accepted once; what was not is shown, but cannot be referred to. */
class Child {
	constructor(kind, path) {
		Object.assign(this, { kind, path, usable: false, state: 'InProgress', properties: {} });
		const segments = path.split('/');
		this.name = segments.at(-1);
		this.type = [TYPE, ...segments.filter((_, i) => i % 2 === 0)].join('/');
	}

	get etag() {
		return `"${createHash('sha256').update(JSON.stringify([this.properties, this.state])).update(this.nodes ? JSON.stringify(this.nodes) : '').digest('base64').slice(0, 12)}"`;
	}
}

/* `namedValues/a` is of the kind `namedValues`, `apis/a/policies/policy` of `apis/policies`. */
export const collectionOf = (path) => path.split('/').filter((_, i) => i % 2 === 0).join('/');

/* The children of one instance; kinds: by collection. */
export class Children {
	#byPath = new Map();
	#kinds;

	constructor(kinds) {
		this.#kinds = kinds;
	}

	find(path) {
		return this.#byPath.get(path.toLowerCase());
	}

	add(path) {
		const child = new Child(this.#kinds[collectionOf(path)], path);
		this.#byPath.set(path.toLowerCase(), child);
		return child;
	}

	/* With all that is below it. */
	remove(path) {
		for (const one of [...this.#byPath.keys()].filter((key) => `${key}/`.startsWith(`${path.toLowerCase()}/`))) this.#byPath.delete(one);
	}

	all() {
		return [...this.#byPath.values()];
	}

	/* Those directly in a collection, such as `namedValues` or `apis/a/operations`. */
	in(collection) {
		return this.all().filter(({ path }) => path.toLowerCase().startsWith(`${collection.toLowerCase()}/`) && path.split('/').length === collection.split('/').length + 1);
	}
}

const parentOf = (path) => path.split('/').slice(0, -2).join('/');
const KNOWN = { apis: 'API', operations: 'Operation' };

function mustHaveParent(instance, path) {
	const parent = parentOf(path);
	if (!parent) return;
	mustHaveParent(instance, parent);
	const found = instance.find(parent) ?? notFound(KNOWN[parent.split('/').at(-2)]);
	if (found.state === 'InProgress') refuse(409, 'PessimisticConcurrencyConflict', 'Operation on the API is in progress');
}

const idOf = (instance, child) => `${instance.id}/${child.path}`;

function body(instance, child, question) {
	const shown = child.usable ? child.kind.view?.(child, question, instance) ?? child.properties : child.properties;
	return { id: idOf(instance, child), type: child.type, name: child.name, properties: { ...shown, ...(child.kind.slow && { provisioningState: child.state }) } };
}

function mustMatch(question, child, { required }) {
	const given = question.headers['if-match'];
	if (!given && required) refuse(400, 'ValidationError', 'The If-Match header is required: the ETag of the entity, or * for whatever it is.');
	if (given && given !== '*' && given !== child.etag) refuse(412, 'PreconditionFailed', 'The ETag in the If-Match header is not that of the entity.');
}

export function childHandlers(azure, kinds, instanceOf) {
	/* {instance, path, kind, child} of a request. */
	function placed(question) {
		const instance = instanceOf(question);
		const path = decodeURIComponent(question.url.pathname).replace(/^.*?\/service\/[^/]+\//i, '').replace(/\/$/, '');
		return { instance, path, kind: kinds[collectionOf(path)], child: instance.find(path) };
	}

	function answer(question, { status, instance, child }) {
		return { status, headers: { etag: child.etag }, body: body(instance, child, question) };
	}

	/* Where the operation is asked after: the same address, and which operation is meant. */
	function pending(question, { operation, status, rest }) {
		const { host, pathname } = question.url;
		const version = question.query('api-version');
		return { ...rest, status: 202, headers: { ...rest?.headers, 'retry-after': '0',
			location: `https://${host}${pathname}?api-version=${version}&asyncId=${operation}&asyncCode=${status}` } };
	}

	async function follow(question, operation) {
		const { state, error } = await azure.operations.ask(operation);
		if (state === 'InProgress') return pending(question, { operation, status: question.query('asyncCode') });
		if (state === 'Failed') throw error;
		const { instance, child } = placed(question);
		return answer(question, { status: Number(question.query('asyncCode')), instance, child });
	}

	async function get(question) {
		const operation = question.query('asyncId');
		if (operation) return follow(question, operation);
		const { instance, path, kind, child } = placed(question);
		mustHaveParent(instance, path);
		if (!child) notFound(kind.what);
		if (child.state === 'InProgress') await azure.operations.ask(child.operation);
		return answer(question, { instance, child });
	}

	async function head(question) {
		const { headers } = await get(question);
		return { status: 200, headers };
	}

	function list(question) {
		const instance = instanceOf(question);
		const collection = placed(question).path;
		mustHaveParent(instance, `${collection}/-`);
		const value = instance.in(collection).map((child) => body(instance, child, question));
		return { body: { value, count: value.length } };
	}

	/* Takes what was sent, some questions later; a first one that fails remains to be seen, but cannot be referred to. */
	async function settle({ instance, child, given, question }) {
		try {
			instance.mustNotFail(idOf(instance, child));
			Object.assign(child, await child.kind.accept({ instance, child, given, question }), { usable: true, state: 'Succeeded' });
		} catch (error) {
			child.state = 'Failed';
			if (error.properties) child.properties = { ...child.properties, ...error.properties };
			throw error;
		}
	}

	async function put(question) {
		const { instance, path, kind, child: there } = placed(question);
		instance.mustBeActive();
		mustHaveParent(instance, path);
		mustFit(question.json, { 'properties!': kind.shape, id: 'string', name: 'string', type: 'string' }, { code: 'ValidationError' });
		kind.mustBe?.({ id: path.split('/').at(-1), instance, path, given: question.json.properties });
		if (there) mustMatch(question, there, { required: false });
		if (there?.state === 'InProgress') refuse(409, 'PessimisticConcurrencyConflict', `Operation on the ${kind.what} is in progress`);
		return taking(question, { instance, path, kind, there });
	}

	async function taking(question, { instance, path, kind, there }) {
		const given = question.json.properties;
		const status = there ? 200 : 201;
		const slow = typeof kind.slow === 'function' ? kind.slow(given) : kind.slow;
		if (!slow) {
			const taken = await kind.accept({ instance, path, child: there, given, question });
			const child = there ?? instance.add(path);
			Object.assign(child, taken, { usable: true, state: 'Succeeded' });
			return answer(question, { status, instance, child });
		}
		const child = there ?? instance.add(path);
		child.state = 'InProgress';
		child.operation = azure.operations.begin('', () => settle({ instance, child, given, question })).slice(1);
		const done = azure.slowStates ? undefined : await azure.operations.ask(child.operation);
		const now = answer(question, { status, instance, child });
		return done?.state === 'Succeeded' ? now : pending(question, { operation: child.operation, status, rest: now });
	}

	function remove(question) {
		const { instance, path, kind, child } = placed(question);
		instance.mustBeActive();
		mustHaveParent(instance, path);
		if (!child) return { status: 204 };
		mustMatch(question, child, { required: true });
		const users = kind.usedBy?.({ instance, name: child.name, child }) ?? [];
		if (users.length) refuse(400, 'ValidationError', `${kind.what} '${child.name}' is used by ${users.map((one) => one.path).join(', ')} and cannot be deleted.`);
		kind.removed?.({ instance, child });
		instance.remove(path);
		return { status: 200 };
	}

	return { get, head, list, put, remove };
}
