/* The query of a request: its options, each once, and those alone that the collection knows. */
import { badRequest } from '../refusal.mjs';

const KNOWN = ['$select', '$top', '$skip', '$skiptoken', '$filter', '$orderby', '$search', '$count', '$expand', '$format'];
const TITLE = { $select: 'Select', $top: 'Top', $skip: 'Skip', $filter: 'Filter', $orderby: 'OrderBy', $search: 'Search', $count: 'Count',
	$expand: 'Expand', $skiptoken: 'SkipToken', $format: 'Format' };

function decode(text) {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		throw badRequest('The query holds a malformed percent-encoding.');
	}
}

/* A map of the options by lower-case name; those without "$" (startDateTime, search) are the endpoint's own. */
export function readQuery(search) {
	const query = new Map();
	for (const part of search.replace(/^\?/, '').split('&').filter(Boolean)) {
		const cut = part.indexOf('=');
		const name = decode(cut < 0 ? part : part.slice(0, cut)).toLowerCase();
		if (query.has(name))
			throw badRequest(`Query option '${name}' was specified more than once, but it must be specified at most once.`);
		query.set(name, cut < 0 ? '' : decode(part.slice(cut + 1)));
	}
	for (const name of query.keys()) {
		if (name.startsWith('$') && !KNOWN.includes(name))
			throw badRequest(`The query parameter '${name}' is not supported.`);
	}
	return query;
}

/* Refuses the options that a collection does not take. */
export function allowOnly(query, allowed) {
	const wrong = [...query.keys()].find((name) => name.startsWith('$') && !allowed.includes(name));
	if (wrong)
		throw badRequest(`The query specified in the URI is not valid. Query option '${TITLE[wrong]}' is not allowed. To allow it, set the `
			+ '\'AllowedQueryOptions\' property on EnableQueryAttribute or QueryValidationSettings.');
}

/* A count; undefined when the option was not given. */
export function wholeNumber(query, name) {
	const text = query.get(name);
	if (text === undefined)
		return undefined;
	if (!/^\d{1,9}$/.test(text))
		throw badRequest(`Invalid value '${text}' for ${name} query option found. The ${name} query option requires a non-negative integer value.`);
	return Number(text);
}

/* The names of $select, each a property of the type; undefined: all. */
export function readSelect(query, type, selectable = type.kinds) {
	const text = query.get('$select');
	if (text === undefined || text.trim() === '')
		return undefined;
	const names = text.split(',').map((name) => name.trim());
	const unknown = names.find((name) => !selectable.has(name));
	if (unknown !== undefined)
		throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type '${type.name}'.`);
	return [...new Set(names)];
}
