/* Teams: chats and channels.  Few options are taken: what is no page size is mostly refused. */
import { personOf } from '../data/cast.mjs';
import { iso } from '../data/seed.mjs';
import { identity } from '../data/teams.mjs';
import { collection, data, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { GraphRefusal, badRequest, notFound } from '../refusal.mjs';
import { bodyOf, checkKnown, created } from './writing.mjs';

const CHAT = type('chat', 'id topic createdDateTime:date lastUpdatedDateTime:date chatType webUrl tenantId onlineMeetingInfo:object viewpoint:object');
const MESSAGE = type('chatMessage',
	`id replyToId etag messageType createdDateTime:date lastModifiedDateTime:date lastEditedDateTime:date deletedDateTime:date subject
	summary chatId importance locale webUrl channelIdentity:object policyViolation:object eventDetail:object from:object body:object attachments:object
	mentions:object reactions:object`);
const MEMBER = type('aadUserConversationMember', 'id roles:object displayName visibleHistoryStartDateTime:date userId email tenantId');
const TEAM = type('team', 'id createdDateTime:date displayName description isArchived:bool tenantId visibility');
const CHANNEL = type('channel',
	'id createdDateTime:date displayName description isFavoriteByDefault:bool email tenantId webUrl membershipType isArchived:bool');
const PAGE = { by: '$skiptoken', max: 50, usual: 20 };

/* What a chat may be asked to bring, by name. */
const EXPANDED = {
	members: (chat) => ({ members: chat.members }),
	lastMessagePreview: ({ messages: [last] }) => ({ lastMessagePreview: { id: last.id, createdDateTime: last.createdDateTime, isDeleted: false,
		messageType: last.messageType,
		eventDetail: null, body: last.body, from: last.from } }),
};

function readExpand(call) {
	const names = call.query.get('$expand')?.split(',').map((name) => name.trim()) ?? [];
	const unknown = names.find((name) => !Object.hasOwn(EXPANDED, name));
	if (unknown !== undefined)
		throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.chat'.`);
	if (names.includes('lastMessagePreview') && !call.mayAny(['Chat.Read', 'Chat.ReadWrite']))
		throw badRequest('lastMessagePreview wants Chat.Read.', 'Forbidden');
	return (chat) => Object.assign({}, ...names.map((name) => EXPANDED[name](chat)));
}

function descending({ order }, paths) {
	if (order.some(({ path, descending: down }) => !down || !paths.includes(path)))
		throw badRequest('QueryOptions to order by is not supported: only in descending order.');
}

function chats(call) {
	const expand = readExpand(call);
	const byId = new Map(call.world.chats.map((chat) => [chat.shown.id, chat]));
	return collection(call, [...byId.values()].map(({ shown }) => shown), { type: CHAT, workload: 'teams', context: 'chats', paging: PAGE,
		expand: ({ id }) => expand(byId.get(id)),
		allowed: ['$top', '$skiptoken', '$expand', '$filter', '$orderby'], filterable: ['topic', 'chatType', 'lastUpdatedDateTime'],
			orderable: ['lastUpdatedDateTime', 'createdDateTime'],
		check: (asked) => descending(asked, ['lastUpdatedDateTime', 'createdDateTime']) });
}

function chatOf(call) {
	const found = call.world.chats.find(({ shown }) => shown.id === call.params.id);
	if (!found)
		throw notFound('teams', call.params.id);
	return found;
}

function chat(call) {
	const found = chatOf(call);
	return data({ '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#chats/$entity', ...found.shown, ...readExpand(call)(found) });
}

/* All at once: it takes no options and has no pages. */
function members(call) {
	const { members: all, shown } = chatOf(call);
	return collection(call, all, { type: MEMBER, workload: 'teams', context: `chats('${encodeURIComponent(shown.id)}')/members`, allowed: [], paging: {} });
}

/* A filter counts only beside an order of the same property. */
function chatMessages(call) {
	const { messages, shown } = chatOf(call);
	const dates = ['createdDateTime', 'lastModifiedDateTime'];
	return collection(call, messages, { type: MESSAGE, workload: 'teams', context: `chats('${encodeURIComponent(shown.id)}')/messages`, paging: PAGE,
		allowed: ['$top', '$skiptoken', '$orderby', '$filter'], filterable: dates, orderable: dates, check: (asked) => descending(asked, dates) });
}

const teams = (call) => collection(call, call.world.teams.map(({ shown }) => shown), { type: TEAM, workload: 'teams', context: 'teams',
	allowed: [], paging: {} });

function teamOf(call) {
	const found = call.world.teams.find(({ shown }) => shown.id === call.params.team);
	if (!found)
		throw notFound('teams', call.params.team);
	return found;
}

const channels = (call) => collection(call, teamOf(call).channels.map(({ shown }) => shown), { type: CHANNEL, workload: 'teams',
	context: `teams('${call.params.team}')/channels`,
	allowed: ['$select', '$filter'], filterable: ['displayName', 'membershipType'], paging: {} });

function channelOf(call) {
	const found = teamOf(call).channels.find(({ shown }) => shown.id === call.params.channel);
	if (!found)
		throw notFound('teams', call.params.channel);
	return found;
}

function channelMessages(call) {
	const found = channelOf(call);
	return collection(call, found.messages, { type: MESSAGE, workload: 'teams', allowed: ['$top', '$skiptoken'], paging: PAGE,
		context: `teams('${call.params.team}')/channels('${encodeURIComponent(found.shown.id)}')/messages` });
}

function oneMessage(call, messages, context) {
	const found = messages.find(({ id }) => id === call.params.message);
	if (!found)
		throw notFound('teams', call.params.message);
	return entity(call, found, { type: MESSAGE, allowed: [], context });
}

const chatMessage = (call) => oneMessage(call, chatOf(call).messages, `chats('${encodeURIComponent(call.params.id)}')/messages`);
const channelMessage = (call) => oneMessage(call, channelOf(call).messages,
	`teams('${call.params.team}')/channels('${encodeURIComponent(call.params.channel)}')/messages`);

const TOLD_MAX = 28 * 1024;	/* bytes of a message's text */

function send(call) {
	const { messages, shown } = chatOf(call);
	const { body } = call;
	checkKnown(body, MESSAGE);
	const { contentType, content } = bodyOf(body.body);
	if (content === '')
		throw badRequest('Missing body content.');
	if (Buffer.byteLength(content) > TOLD_MAX)
		throw new GraphRefusal(413, 'RequestEntityTooLarge', 'The message is too large.');
	const ms = call.world.moment(call.world.next());
	const made = { ...messages[0], id: String(ms), etag: String(ms), messageType: 'message', createdDateTime: iso(ms), lastModifiedDateTime: iso(ms),
		from: identity(personOf(call.user), call.user.tid), subject: body.subject ?? null, body: { contentType, content }, attachments: [] };
	messages.unshift(made);
	Object.assign(shown, { lastUpdatedDateTime: iso(ms) });
	call.sent.push({ by: call.caller.oid, chat: shown.id, body: made.body });
	return created(entity(call, made, { type: MESSAGE, allowed: [], context: `chats('${encodeURIComponent(shown.id)}')/messages` }));
}

export const TEAMS = {
	'GET /me/chats': chats,
	'GET /chats': chats,
	'GET /chats/{id}': chat,
	'GET /me/chats/{id}': chat,
	'GET /chats/{id}/members': members,
	'GET /chats/{id}/messages': chatMessages,
	'GET /me/chats/{id}/messages': chatMessages,
	'GET /chats/{id}/messages/{message}': chatMessage,
	'GET /me/chats/{id}/messages/{message}': chatMessage,
	'POST /chats/{id}/messages': send,
	'GET /teams/{team}/channels/{channel}/messages/{message}': channelMessage,
	'GET /me/joinedTeams': teams,
	'GET /teams/{team}/channels': channels,
	'GET /teams/{team}/channels/{channel}/messages': channelMessages,
};
