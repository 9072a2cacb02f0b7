/*
 * Pages: how many of a list are given at once, and the link to the next.  Some collections go on by $skip, some by a $skiptoken
 * that nobody but Graph can read; a token serves its own user, path and search alone.
 */
import { createHash } from 'node:crypto';
import { badRequest } from '../refusal.mjs';
import { wholeNumber } from './options.mjs';

const BOUND = ['$search', '$filter', '$orderby', 'search', 'startdatetime', 'enddatetime'];

function tooMany(top, max, workload) {
	return workload === 'directory'
		? badRequest(`Invalid page size specified: '${top}'. Must be between 1 and ${max} inclusive.`, 'Request_UnsupportedQuery')
		: badRequest(`The limit of '${max}' for Top query has been exceeded. The value from the incoming request is '${top}'.`);
}

function readTop(query, { max, usual }, workload) {
	const top = wholeNumber(query, '$top');
	if (top === undefined)
		return usual;
	if (top > max || top === 0)
		throw tooMany(top, max, workload);
	return top;
}

const seal = (call, offset) => createHash('sha256').update(JSON.stringify([call.user.oid, call.path.toLowerCase(), offset,
	BOUND.map((name) => call.query.get(name) ?? null)])).digest('base64').slice(0, 16);

/* As odd as the real ones: brackets, quotes, plus signs and equals signs, and as long as wanted. */
function token(call, offset) {
	const body = `[{"token":"+RID:~${seal(call, offset)}==#RT:1#TRC:${offset}#RTD:","range":{"min":"05C1&D7","max":"05/FF%"}}]`;
	return body + 'Zm9v+YmFy/'.repeat(Math.ceil(Math.max(0, call.skiptokenBytes - body.length) / 10));
}

function offsetOf(call, text) {
	const [, seen, offset] = /^\[\{"token":"\+RID:~(.{16})==#RT:1#TRC:(\d{1,9})#RTD:/.exec(text) ?? [];
	if (seen === undefined || seen !== seal(call, Number(offset)))
		throw badRequest('The skip token is not valid for this request.');
	return Number(offset);
}

/* The request's own query, to the letter, with where to go on in place of where it began; Outlook encodes its "$". */
function link(call, name, value) {
	const kept = call.search.replace(/^\?/, '').split('&').filter((part) => part !== '' && !/^(?:\$|%24)skip(?:token)?=/i.test(part));
	const shown = name === '$skip' ? '%24skip' : name;
	return `${call.graphUrl}${call.rawPath}?${[...kept, `${shown}=${encodeURIComponent(value)}`].join('&')}`;
}

/* {page, next}: the items asked for and the link to those after them.  paging: {by: "$skip", "$skiptoken" or undefined for a list
 * that comes whole, max, usual}. */
export function pageOf(call, items, paging, workload) {
	if (!paging.by)
		return { page: items };
	const size = readTop(call.query, paging, workload);
	const at = call.query.get('$skiptoken');
	const offset = at === undefined ? wholeNumber(call.query, '$skip') ?? 0 : offsetOf(call, at);
	const end = offset + size;
	const more = end < items.length;
	const by = at === undefined ? paging.by : '$skiptoken';
	return { page: items.slice(offset, end), next: more ? link(call, by, by === '$skip' ? String(end) : token(call, end)) : undefined };
}
