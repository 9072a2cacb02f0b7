/*
 * Which function answers a URL, as ASP.NET Core routing under the Functions host decides it:
 * case-insensitive templates, optional trailing slash, {name}, {name?}, {name:int},
 * {name:regex(^...$)} and {*rest}, literals before parameters before catch-alls.  Also the host's own reading of path and query,
 * because forwarding and payload mode rebuild both from the parsed form.
 */

const CONSTRAINTS = {
	int: '-?[0-9]+',
	long: '-?[0-9]+',
	bool: 'true|false',
	alpha: '[A-Za-z]+',
	guid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
};

/* The path as Kestrel hands it on: percent-decoded except %2F, dot segments collapsed.
 * Escapes that are no UTF-8 stay as they are. */
export function decodePath(rawPath) {
	const decoded = rawPath.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
		run.split(/(%2f)/i).map((part, i) => (i % 2 ? part : decodeOr(part))).join(''));
	return collapseDots(decoded);
}

/* Splits a request target (origin or absolute form) into raw path and raw query with its '?'. */
export function splitTarget(target) {
	const local = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
	const mark = local.indexOf('?');
	if (mark < 0) return { rawPath: local, rawQuery: '' };
	return { rawPath: local.slice(0, mark) || '/', rawQuery: local.slice(mark) };
}

/* The query as ASP.NET's collection holds it: [{key, values}] in order of first appearance,
 * keys of any case merged under the first spelling, '+' read as a space. */
export function parseQuery(rawQuery) {
	const byName = new Map();
	for (const pair of rawQuery.replace(/^\?/, '').split('&')) {
		if (pair === '') continue;
		const eq = pair.indexOf('=');
		const key = decodeOr((eq < 0 ? pair : pair.slice(0, eq)).replaceAll('+', ' '));
		const value = eq < 0 ? '' : decodeOr(pair.slice(eq + 1).replaceAll('+', ' '));
		const known = byName.get(key.toLowerCase());
		if (known) known.values.push(value);
		else byName.set(key.toLowerCase(), { key, values: [value] });
	}
	return [...byName.values()];
}

/* A parsed query as a plain object, repeats comma-joined: what metadata and envelopes carry. */
export function queryObject(query) {
	return Object.fromEntries(query.map(({ key, values }) => [key, values.join(',')]));
}

/* Compiles one route template under a prefix.  Throws on a constraint this double lacks, so that
 * a typing slip in function.json is not mistaken for a 404. */
export function compileRoute(prefix, route) {
	const template = [prefix, route].map((part) => part.replace(/^\/+|\/+$/g, ''))
		.filter((part) => part !== '').join('/');
	const names = [];
	const segments = template === '' ? [] : template.split('/');
	const pattern = segments.map((segment) => segmentPattern(segment, names)).join('');
	return {
		template,
		names,
		rank: segments.map(segmentRank).join(''),
		regex: new RegExp(`^${pattern}/?$`, 'is'),
	};
}

/* Finds the function for a decoded path and a method: {fn, params}, or null.  A wrong method is
 * no match (the host answers 404, not 405).  A missing optional parameter is null. */
export function matchRoute(functions, path, method) {
	const candidates = functions.filter((fn) => fn.route && allows(fn, method))
		.map((fn) => ({ fn, found: fn.route.regex.exec(path) }))
		.filter(({ found }) => found)
		.sort((a, b) => (a.fn.route.rank < b.fn.route.rank ? -1 : 1));
	if (candidates.length === 0) return null;
	const { fn, found } = candidates[0];
	const params = fn.route.names.map((name) => [name, found.groups[name] || null]);
	return { fn, params: Object.fromEntries(params) };
}

function allows(fn, method) {
	return fn.methods === null || fn.methods.includes(method.toUpperCase());
}

function decodeOr(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/* Dot segments resolved, as .NET's Uri does with '.' and '..' between slashes. */
export function collapseDots(path) {
	const kept = [];
	const segments = path.split('/').slice(1);
	segments.forEach((segment, i) => {
		const last = i === segments.length - 1;
		if (segment === '..') kept.pop();
		if (segment !== '.' && segment !== '..') kept.push(segment);
		else if (last) kept.push('');
	});
	return '/' + kept.join('/');
}

function segmentPattern(segment, names) {
	const catchAll = /^\{\*{1,2}(\w+)\}$/.exec(segment);
	if (catchAll) {
		names.push(catchAll[1]);
		return `(?:/(?<${catchAll[1]}>.*))?`;
	}
	const parts = segment.split(/(\{[^}]+\})/).filter((part) => part !== '');
	const body = parts.map((part) => partPattern(part, names, segment)).join('');
	return /^\{[^}]*\?\}$/.test(segment) ? `(?:/${body})?` : `/${body}`;
}

function partPattern(part, names, segment) {
	const parameter = /^\{(\w+)(?::(\w+)(?:\(\^(.+)\$\))?)?\??\}$/.exec(part);
	if (!parameter) {
		if (part.startsWith('{')) throw new Error(`route "${segment}" is not supported`);
		return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	}
	const [, name, constraint, regex] = parameter;
	const admitted = constraint === 'regex' ? regex : CONSTRAINTS[constraint];
	if (constraint && !admitted) {
		throw new Error(`route constraint ":${constraint}" is not supported`);
	}
	names.push(name);
	return `(?<${name}>${admitted ?? '[^/]+'})`;
}

/* ASP.NET's precedence digit: 1 literal, 2 constrained, 3 parameter, 5 catch-all. */
function segmentRank(segment) {
	if (!segment.includes('{')) return '1';
	if (segment.startsWith('{*')) return '5';
	return segment.includes(':') ? '2' : '3';
}
