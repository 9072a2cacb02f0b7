/*
 * The query options of a list: $filter as far as deployments and the Azure CLI write it, $select, $top.
 */
import { refuse } from '../refusal.mjs';

const TEXT = String.raw`'((?:[^']|'')*)'`;
const CLAUSES = [
	[new RegExp(`^(\\w+) eq ${TEXT}$`), (name, value) => (one) => one[name] === value],
	[/^(\w+) eq (true|false|null)$/, (name, value) => (one) => String(one[name] ?? null) === value],
	[new RegExp(`^startswith\\((\\w+), ?${TEXT}\\)$`), (name, value) => (one) => one[name]?.toLowerCase().startsWith(value.toLowerCase()) ?? false],
	[new RegExp(`^(\\w+)/any\\((\\w+): ?\\2 eq ${TEXT}\\)$`), (name, _, value) => (one) => one[name]?.includes(value) ?? false],
];

function clauseOf(text, filterable) {
	for (const [pattern, make] of CLAUSES) {
		const found = pattern.exec(text.trim());
		if (!found) continue;
		if (!filterable.includes(found[1]))
			refuse(400, 'Request_UnsupportedQuery', `Unsupported or invalid query filter clause specified for property '${found[1]}' of resource.`);
		return make(...found.slice(1).map((one) => one.replaceAll('\'\'', '\'')));
	}
	return refuse(400, 'BadRequest', `Invalid filter clause: ${text}`);
}

/* An "and" with an even number of quotation marks behind it is quoted by none. */
const conjuncts = (filter) => filter.split(/ and (?=(?:[^']*'[^']*')*[^']*$)/);

function selected(resource, fields) {
	return fields ? Object.fromEntries(fields.map((name) => [name, resource[name]]).filter(([, value]) => value !== undefined)) : resource;
}

const fieldsOf = (question) => question.query('$select')?.split(',').map((one) => one.trim());

function checkOptions({ url }, known) {
	const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
	if (unknown) refuse(400, 'BadRequest', `The query specified in the URI is not valid. The query parameter '${unknown}' is not supported.`);
}

/* The answer to a list of these resources, with a page of its own for each $top. */
export function listOf(question, resources, filterable) {
	checkOptions(question, ['$filter', '$select', '$top', '$skiptoken']);
	const filter = question.query('$filter');
	const tests = filter ? conjuncts(filter).map((clause) => clauseOf(clause, filterable)) : [];
	const found = resources.filter((one) => tests.every((test) => test(one)));
	const size = Number(question.query('$top') ?? 100);
	const from = Number(question.query('$skiptoken') ?? 0);
	const next = new URL(question.url);
	next.searchParams.set('$skiptoken', String(from + size));
	return { body: { '@odata.context': `https://${question.host}/v1.0/$metadata#${question.url.pathname.split('/').pop()}`,
		...(from + size < found.length && { '@odata.nextLink': next.href }),
		value: found.slice(from, from + size).map((one) => selected(one, fieldsOf(question))) } };
}

/* The answer to the question for one. */
export function oneOf(question, resource) {
	checkOptions(question, ['$select']);
	return { body: { '@odata.context': `https://${question.host}/v1.0/$metadata#${question.url.pathname.split('/')[2]}/$entity`, ...selected(resource, fieldsOf(question)) } };
}
