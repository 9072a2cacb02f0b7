/* Every request that the sandbox Graph answers, by method and path; what of them is whose is said in permissions.mjs. */
import { NEEDS, inMailbox } from './permissions.mjs';
import { badRequest } from './refusal.mjs';
import { ATTACHMENTS } from './workloads/attachments.mjs';
import { CALENDAR } from './workloads/calendar.mjs';
import { DIRECTORY } from './workloads/directory.mjs';
import { EVENT_WRITES } from './workloads/event_writes.mjs';
import { FILES } from './workloads/files.mjs';
import { MAIL } from './workloads/mail.mjs';
import { MAIL_WRITES } from './workloads/mail_writes.mjs';
import { PEOPLE } from './workloads/people.mjs';
import { SEARCH } from './workloads/search.mjs';
import { SITES } from './workloads/sites.mjs';
import { TASKS } from './workloads/tasks.mjs';
import { TEAMS } from './workloads/teams.mjs';

const OWN = { ...DIRECTORY, ...MAIL, ...MAIL_WRITES, ...ATTACHMENTS, ...CALENDAR, ...EVENT_WRITES, ...PEOPLE, ...FILES, ...TEAMS, ...TASKS, ...SITES,
	...SEARCH };
const THEIRS = Object.entries(OWN).map(([request, answer]) => [inMailbox(request), answer]).filter(([request]) => request);
const HANDLERS = { ...OWN, ...Object.fromEntries(THEIRS) };

/* A segment of a template: {name} takes any, f(q={name}) a function's argument. */
function matcher(segment) {
	const [, before, name, after] = /^(.*)\{(\w+)\}(.*)$/.exec(segment) ?? [];
	if (name === undefined)
		return (text, params) => text.toLowerCase() === segment.toLowerCase() && params;
	return (text, params) => text.length > before.length + after.length && text.toLowerCase().startsWith(before.toLowerCase()) && text.endsWith(after)
		&& { ...params, [name]: text.slice(before.length, text.length - after.length) };
}

const ROUTES = Object.entries(HANDLERS).map(([request, answer]) => {
	const [method, template] = request.split(' ');
	const segments = template.slice(1).split('/');
	return { request, method, answer, matchers: segments.map(matcher), open: segments.filter((one) => one.includes('{')).length, ...NEEDS[request] };
}).sort((a, b) => a.open - b.open);

function segmentsOf(path) {
	return path.slice(1).split('/').map((segment) => {
		let decoded;
		try {
			decoded = decodeURIComponent(segment);
		} catch {
			throw badRequest('The path holds a malformed percent-encoding.');
		}
		if (decoded === '' || decoded === '.' || decoded === '..')
			throw badRequest('The path holds an empty or a dot segment.');
		return decoded;
	});
}

const fit = ({ matchers }, segments) => (matchers.length === segments.length
	? matchers.reduce((params, match, i) => params && match(segments[i], params), {}) : false);

/* {route, params} for a path below /v1.0, still encoded; route undefined: no such path, or "methods", which it has. */
export function findRoute(method, path) {
	const segments = segmentsOf(path);
	const found = ROUTES.map((route) => ({ route, params: fit(route, segments) })).filter(({ params }) => params);
	return found.find(({ route }) => route.method === method) ?? { methods: found.map(({ route }) => route.method) };
}

/* "GET /me/messages", for each. */
export const REQUESTS = Object.keys(HANDLERS);
