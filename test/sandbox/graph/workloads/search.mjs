/*
 * Microsoft Search: POST /search/query over mail, meetings, Teams messages, files, list items and sites, each kind alone or with
 * those that may stand beside it ("Use the Microsoft Search API to query data", known limitations; the page on interleaving lets mail and
 * Teams messages stand together too).  A word of the query begins a word of what is found; ranks are the order of the lists.
 *
 * Messages of Teams want two permissions, Chat.Read (or Chat.ReadWrite) and ChannelMessage.Read.All, even for chats alone: the comma in
 * the page's table means "and", as the service's own 403 says.
 */
import { collected } from '../data/searched.mjs';
import { hasDrive, hasMailbox } from '../data/cast.mjs';
import { wordsOf } from '../odata/kql.mjs';
import { data } from '../odata/answer.mjs';
import { GraphRefusal } from '../refusal.mjs';

const FILES = ['drive', 'driveItem', 'externalItem', 'list', 'listItem', 'site'];
const TOGETHER = [['message'], ['chatMessage'], ['event'], FILES, ['acronym', 'bookmark', 'qna'], ['person']];
const MEMBERS = ['entityTypes', 'query', 'from', 'size', 'fields', 'sortProperties', 'contentSources', 'region', 'enableTopResults', 'aggregations',
	'aggregationFilters', 'queryAlterationOptions', 'resultTemplateOptions', 'trimDuplicates', 'sharePointOneDriveOptions', 'collapseProperties'];
const ANY_FILES = ['Files.Read.All', 'Files.ReadWrite.All', 'Sites.Read.All', 'Sites.ReadWrite.All'];
const SITES = ['Sites.Read.All', 'Sites.ReadWrite.All'];
const OUTLOOK = ['message', 'chatMessage', 'event'];
/* What may search a kind: of each list one. */
const NEEDED = { message: [['Mail.Read', 'Mail.ReadWrite']], event: [['Calendars.Read', 'Calendars.ReadWrite']],
	chatMessage: [['Chat.Read', 'Chat.ReadWrite'], ['ChannelMessage.Read.All']], drive: [ANY_FILES], driveItem: [ANY_FILES], list: [SITES],
	listItem: [SITES], site: [SITES], externalItem: [['ExternalItem.Read.All']], acronym: [['Acronym.Read.All']], bookmark: [['Bookmark.Read.All']],
	qna: [['QnA.Read.All']], person: [['People.Read']] };
const SIZE_MAX = 1000;
const SIZE_OF = { message: 25, event: 25 };

/* The service says the status within its errors too. */
const refusal = (httpCode, code, message) => Object.assign(new GraphRefusal(httpCode, code, message), { more: { httpCode } });
const invalid = (message) => refusal(400, 'BadRequest', `SearchRequest Invalid (EntityRequest Invalid (${message}))`);

function checkKinds(call, kinds) {
	if (!Array.isArray(kinds) || kinds.length === 0)
		throw invalid('searchRequest -> entityTypes is invalid (entityTypes required)');
	const unknown = kinds.find((kind) => !Object.hasOwn(NEEDED, kind));
	if (unknown !== undefined)
		throw refusal(400, 'BadRequest', `Requested value '${unknown}' was not found.`);
	if (!TOGETHER.some((group) => kinds.every((kind) => group.includes(kind))))
		throw invalid(`Invalid entity type combination: ${kinds.join(', ')}`);
	for (const kind of kinds) {
		if (!NEEDED[kind].every((names) => call.mayAny(names)))
			throw refusal(403, 'Forbidden', `Access to ${kind[0].toUpperCase() + kind.slice(1)} in Graph API requires the following permissions: `
				+ `${NEEDED[kind].map((names) => names.join(' or ')).join(', ')}. However, the application only has the following permissions granted: ${call.scopes.join(', ')}`);
	}
}

/* {kinds, words, from, size} of the body's one request. */
function readRequest(call) {
	const { requests, ...rest } = call.body;
	if (!Array.isArray(requests) || requests.length === 0 || Object.keys(rest).length > 0)
		throw invalid('requests required');
	if (requests.length > 1)
		throw invalid('Only one request is supported at a time for these entity types');
	const [{ entityTypes, query, from = 0, size = 25, ...more }] = requests;
	const unknown = Object.keys(more).find((name) => !MEMBERS.includes(name));
	if (unknown !== undefined)
		throw refusal(400, 'BadRequest', `The property '${unknown}' does not exist on type 'microsoft.graph.searchRequest'.`);
	checkKinds(call, entityTypes);
	if (typeof query?.queryString !== 'string' || wordsOf(query.queryString).length === 0)
		throw invalid('searchRequest -> query is invalid (queryString required)');
	const max = Math.min(...entityTypes.map((kind) => SIZE_OF[kind] ?? SIZE_MAX));
	if (!Number.isInteger(from) || from < 0 || !Number.isInteger(size) || size < 1 || size > max)
		throw invalid(`From must be at least 0 and Size between 1 and ${max}`);
	return { kinds: entityTypes, words: wordsOf(query.queryString), from, size };
}

const begins = (text, word) => wordsOf(text).some((one) => one.startsWith(word));

/* Some of the text around the first hit, the words marked; what was cut away is a mark too, of Teams messages three dots. */
function summaryOf(text, words, cutMark) {
	const flat = text.replace(/\s+/g, ' ');
	const at = Math.max(0, flat.toLowerCase().indexOf(words[0]) - 40);
	const cut = flat.slice(at, at + 180).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
	const marked = cut.replace(/[\p{L}\p{N}]+/gu, (one) => (words.some((word) => one.toLowerCase().startsWith(word)) ? `<c0>${one}</c0>` : one));
	return `${at > 0 ? cutMark : ''}${marked}${at + 180 < flat.length ? cutMark : ''}`;
}

function query(call) {
	const { kinds, words, from, size } = readRequest(call);
	const has = { mailbox: hasMailbox(call.user), drive: hasDrive(call.user) };
	const found = kinds.flatMap((kind) => (collected[kind]?.(call.world, has) ?? []))
		.filter(({ text }) => words.every((word) => begins(text, word)));
	const cutMark = kinds[0] === 'chatMessage' ? '...' : '<ddd/>';
	const hits = found.slice(from, from + size).map(({ hitId, text, resource }, i) => ({ hitId, rank: from + i + 1,
		summary: summaryOf(text, words, cutMark), resource }));
	/* Outlook and Teams count those of the page. */
	const total = OUTLOOK.includes(kinds[0]) ? hits.length : found.length;
	return data({ '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.searchResponse)',
		value: [{ searchTerms: words, hitsContainers: [{ ...(hits.length > 0 ? { hits } : {}), total, moreResultsAvailable: from + size < found.length }] }] });
}

export const SEARCH = { 'POST /search/query': query };
