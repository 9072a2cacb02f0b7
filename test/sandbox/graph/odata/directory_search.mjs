/*
 * $search on directory objects: "property:value" in double quotes, joined by AND and OR, and only with the header
 * ConsistencyLevel: eventual ("Advanced query capabilities on directory objects").
 */
import { badRequest } from '../refusal.mjs';
import { wordsOf } from './kql.mjs';

const CLAUSE = /^"((?:[^"\\]|\\.)*)"/s;
const unsupported = (message) => badRequest(message, 'Request_UnsupportedQuery');

export function needEventual(call, what) {
	if (call.header('consistencylevel')?.toLowerCase() !== 'eventual')
		throw unsupported(`Request with ${what} only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'`);
}

/* Display names and descriptions are searched by words, all else by how it begins. */
const matches = (item, property, value) => (/^(displayName|description)$/.test(property)
	? wordsOf(value).every((wanted) => wordsOf(item[property]).some((word) => word.startsWith(wanted)))
	: (item[property] ?? '').toLowerCase().startsWith(value.toLowerCase()));

function clause(text, properties) {
	const cut = text.indexOf(':');
	const [property, value] = [text.slice(0, cut), text.slice(cut + 1)];
	if (cut < 0 || value.trim() === '')
		throw unsupported(`Syntax error: a search clause must be "property:value", not '${text}'.`);
	if (!properties.includes(property))
		throw unsupported(`Search by property '${property}' is not supported.`);
	return (item) => matches(item, property, value);
}

/* A test for items; OR binds weaker than AND. */
export function readDirectorySearch(text, properties) {
	const groups = [[]];
	let rest = text.trim();
	for (;;) {
		const found = CLAUSE.exec(rest);
		if (!found)
			throw unsupported(`Syntax error: a search clause must stand in double quotes: '${rest}'.`);
		groups.at(-1).push(clause(found[1].replace(/\\(.)/gs, '$1'), properties));
		rest = rest.slice(found[0].length).trimStart();
		if (rest === '')
			return (item) => groups.some((group) => group.every((part) => part(item)));
		const joint = /^(AND|OR)\s+/.exec(rest);
		if (!joint)
			throw unsupported(`Syntax error in the search text: '${rest}'.`);
		if (joint[1] === 'OR')
			groups.push([]);
		rest = rest.slice(joint[0].length);
	}
}
