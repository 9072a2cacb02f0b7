/* What is wrong with a definition by Microsoft's published metadata. */
import { templatesOf } from './definitions.mjs';
import { elementOf, givenBy, isCollection, propertyOf, requests, sharedOf } from './metadata.mjs';

const OPERATORS = 'eq|ne|ge|gt|le|lt|in';

/* Sentences, each with tool and place. */
export const faultsOf = (tool) => [...new Set([...[tool.request].flat().flatMap((request) => faultsOfOne({ ...tool, request })), ...faultsOfLook(tool)])];

/* Of what is looked at before a write: that there is such a request and such properties, and that its permissions, or the tool's own, do. */
function faultsOfLook({ name, look, permissions: own, shared }) {
	const faults = [];
	const fault = (place, text) => faults.push(`${name}: look.${place.replace(/^re\w+\./, '')}: ${text}`);
	const address = look && `GET ${look.path.replace(/\{\w+\}/g, '{id}')}`;
	const request = requests.get(address);
	if (look && !request)
		fault('path', `Graph has no ${address}`);
	if (!request)
		return faults;
	const { permissions = own, pick, query = {} } = look;
	const type = elementOf(request.returns);
	const list = isCollection(request.returns);
	for (const permission of permissions.filter((each) => !request.permissions.includes(each) && !own.includes(each)))
		fault('permissions', `${permission} is no delegated permission of this request`);
	const needed = pickedOf(pick).map((each) => givenBy(request.least[0], type, each)).find(Boolean) ?? request.least[0];
	if (look.permissions && !(permissions.length === 1 && permissions[0] === needed))
		fault('permissions', `${permissions.join(' ')}, but ${needed} is the least privileged`);
	checkShared({ permissions, shared: look.permissions ? look.shared : shared, request: look }, look.path, fault);
	checkQuery({ request: { query }, result: { pick } }, request, type, fault);
	for (const [short, what] of Object.entries(pick)) {
		const inner = list && /^value\[\]$/.test(what.at) ? what.pick : { [short]: what };
		checkPicks(inner, { type, place: 'pick' }, fault);
	}
	return faults;
}

/* Of a tool of one request. */
function faultsOfOne(tool) {
	const faults = [];
	const fault = (place, text) => faults.push(`${tool.name}: ${place}: ${text}`);

	for (const path of templatesOf(tool.request.path)) {
		const address = addressOf(tool.request, path);
		const request = requests.get(address);
		if (!request) {
			fault('request.path', `Graph has no ${address}`);
			continue;
		}
		const type = elementOf(request.returns);
		checkPermissions(tool, request, type, fault);
		checkQuery(tool, request, type, fault);
		if (tool.result.pick)
			checkResult(tool, request, type, fault);
		checkShared(tool, path, fault);
	}
	return faults;
}

const addressOf = ({ method = 'GET' }, path) => `${method} ${path.replace(/(')?\{\w+\}'?/g, (all, quoted) => (quoted ? '{value}' : '{id}'))}`;

/* For another's mailbox: the same request, and of each permission the one that Graph has for what is shared. */
function checkShared({ permissions, shared, request }, path, fault) {
	const address = addressOf(request, path.replace(/^\/me\//, '/users/{id}/'));
	if (shared && !requests.has(address))
		fault('shared', `Graph has no ${address}`);
	if (shared && shared.join() !== permissions.map((name) => sharedOf.get(name)).join())
		fault('shared', `${shared.join(' ')}, but ${permissions.map((name) => sharedOf.get(name) ?? `none for ${name}`).join(' ')} is what Graph has`);
}

const pathOf = (what) => (typeof what === 'string' ? what : what.at);

/* The first names of what is picked. */
const pickedOf = (pick) => Object.values(pick ?? {}).map((what) => pathOf(what).split(/[.[]/)[0])
	.filter((name) => !name.startsWith('@'));

/* The least privileged that serves; of two, a read takes the one that reads. */
function checkPermissions({ permissions, larger, writes, result }, request, type, fault) {
	const least = request.least.find((permission) => Boolean(writes) === /Write|Send/.test(permission)) ?? request.least[0];
	const picked = pickedOf(result.pick);
	const needs = larger && givenBy(least, type, larger.split('.')[0]);
	const wanted = needs ?? least;

	for (const permission of permissions.filter((each) => !request.permissions.includes(each)))
		fault('permissions', `${permission} is no delegated permission of this request`);
	if (larger && !needs)
		fault('larger', `${least} gives ${larger} too`);
	if (larger && !picked.includes(larger.split('.')[0]))
		fault('larger', `${larger} is not picked`);
	if (permissions.length !== 1 || permissions[0] !== wanted)
		fault('permissions', `${permissions.join(' ')}, but ${wanted} is the least privileged`);
	for (const name of picked.filter((each) => permissions.every((permission) => givenBy(permission, type, each))))
		fault('permissions', `${permissions.join(' ')} leaves out ${name}`);
}

const expanded = (query) => templatesOf(query.$expand).flatMap((text) => text.split(','));

function checkQuery({ request: { query = {} }, result }, request, type, fault) {
	const exists = (option, path) => {
		const found = path.split('/').reduce((at, name) => at && propertyOf(elementOf(at.type), name), { type });
		if (!found)
			fault(`request.query.${option}`, `${type} has no ${path}`);
	};
	for (const option of [...Object.keys(query), ...(result.page?.size ? [result.page.size] : [])]) {
		if (!request.takes.has(option))
			fault(`request.query.${option}`, 'this request does not take it');
	}
	if (result.page?.size && result.page.max > request.takes.get(result.page.size))
		fault('result.page.max', `a page has at most ${request.takes.get(result.page.size)}`);
	for (const top of templatesOf(query.$top).filter((text) => Number(text) > request.takes.get('$top')))
		fault('request.query.$top', `${top}, but a page has at most ${request.takes.get('$top')}`);
	for (const text of query.$select === true ? [] : templatesOf(query.$select)) {
		text.split(',').forEach((name) => exists('$select', name));
		for (const name of pickedOf(result.pick).filter((each) => !text.split(',').includes(each)))
			fault('request.query.$select', `${name} is picked, but not selected`);
	}
	for (const name of expanded(query)) {
		if (!propertyOf(type, name)?.navigation)
			fault('request.query.$expand', `${type} has no navigation to ${name}`);
	}
	for (const text of templatesOf(query.$orderby))
		text.split(',').forEach((order) => exists('$orderby', order.split(' ')[0]));
	for (const text of templatesOf(query.$filter)) {
		for (const [, compared, searched] of text.matchAll(new RegExp(`([\\w/]+) (?:${OPERATORS}) |\\w+\\(([\\w/]+),`, 'g')))
			exists('$filter', compared ?? searched);
	}
}

function checkResult({ request: { query = {} }, result }, request, type, fault) {
	if (result.list ? result.list !== 'value' || !isCollection(request.returns) : isCollection(request.returns))
		fault('result.list', `what comes back is ${request.returns}`);
	checkPicks(result.pick, { type, place: 'result.pick', expanded: expanded(query) }, fault);
	for (const name of result.others ?? []) {
		const found = name.split('.').reduce((pick, part) => pick && (pick.pick ?? pick)[part], result.pick);
		if (!found)
			fault('result.others', `${name} is not picked`);
	}
}

function checkPicks(pick, { type, place, expanded = [] }, fault) {
	for (const [short, what] of Object.entries(pick)) {
		const here = { type, place: `${place}.${short}`, expanded };
		const found = typeAt(pathOf(what), here, fault);
		if (!found)
			continue;
		if (what.html && found !== 'String')
			fault(here.place, `${found} is no HTML`);
		if (what.pick && isCollection(found))
			fault(here.place, `${found} is picked into without []`);
		else if (what.pick)
			checkPicks(what.pick, { type: found, place: here.place }, fault);
	}
}

/* What a path leads to: a type; undefined where nothing is known of it. */
function typeAt(path, { type, place, expanded }, fault) {
	let at = type;
	for (const part of path.split(/\.(?!.*@)|\.(?=@)/)) {
		if (part.startsWith('@'))
			return undefined;
		const name = part.replace('[]', '');
		const property = isCollection(at) ? undefined : propertyOf(at, name);
		if (!property)
			return void fault(place, `${at} has no ${name}`);
		if (property.navigation && !expanded.includes(name))
			return void fault(place, `${name} does not come without $expand`);
		if (part !== name && !isCollection(property.type))
			return void fault(place, `${name} is no list`);
		at = part === name ? property.type : elementOf(property.type);
	}
	return at;
}
