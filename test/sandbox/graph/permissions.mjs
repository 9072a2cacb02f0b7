/*
 * Which delegated permission each request wants, any one of them, and which workload answers it.  From Microsoft's published
 * permissions of August 2026 (microsoftgraph/microsoft-graph-devx-content); /me/calendarView is as /me/calendar/calendarView, and
 * the second names beneath /me/drive are as the first.
 */
const MAIL = 'Mail.ReadBasic Mail.Read Mail.ReadWrite';
const MAIL_BODY = 'Mail.Read Mail.ReadWrite';
const MAIL_WRITE = 'Mail.ReadWrite';
const CALENDAR = 'Calendars.ReadBasic Calendars.Read Calendars.ReadWrite';
const FILES = 'Files.Read Files.ReadWrite Files.Read.All Files.ReadWrite.All Sites.Read.All Sites.ReadWrite.All';
const SITES = 'Sites.Read.All Sites.ReadWrite.All';
const CHAT = 'Chat.ReadBasic Chat.Read Chat.ReadWrite';
const TASKS = 'Tasks.Read Tasks.ReadWrite';
const DIRECTORY = 'Directory.Read.All Directory.ReadWrite.All';
const USERS = `User.ReadBasic.All User.Read.All User.ReadWrite.All ${DIRECTORY}`;

const TABLE = {
	outlook: {
		'GET /me/messages': MAIL,
		'GET /me/messages/{id}': MAIL,
		'GET /me/messages/{id}/attachments': MAIL_BODY,
		'GET /me/messages/{id}/attachments/{attachment}': MAIL_BODY,
		'GET /me/messages/{id}/attachments/{attachment}/$value': MAIL_BODY,
		'POST /me/messages': MAIL_WRITE,
		'PATCH /me/messages/{id}': MAIL_WRITE,
		'POST /me/messages/{id}/createReply': MAIL_WRITE,
		'POST /me/messages/{id}/createReplyAll': MAIL_WRITE,
		'POST /me/messages/{id}/move': MAIL_WRITE,
		'POST /me/messages/{id}/send': 'Mail.Send',
		'POST /me/sendMail': 'Mail.Send',
		'GET /me/mailFolders': MAIL,
		'GET /me/mailFolders/{folder}': MAIL,
		'GET /me/mailFolders/{folder}/childFolders': MAIL,
		'GET /me/mailFolders/{folder}/messages': MAIL,
		'GET /me/calendarView': CALENDAR,
		'GET /me/calendar/calendarView': CALENDAR,
		'GET /me/events': CALENDAR,
		'GET /me/calendar/events': CALENDAR,
		'GET /me/events/{id}': CALENDAR,
		'POST /me/events': 'Calendars.ReadWrite',
		'POST /me/events/{id}/accept': 'Calendars.ReadWrite',
		'POST /me/events/{id}/decline': 'Calendars.ReadWrite',
		'POST /me/events/{id}/tentativelyAccept': 'Calendars.ReadWrite',
		'POST /me/calendar/getSchedule': CALENDAR,
		'GET /me/contacts': 'Contacts.Read Contacts.ReadWrite',
		'GET /me/contacts/{id}': 'Contacts.Read Contacts.ReadWrite',
		'GET /me/people': 'People.Read People.Read.All',
		'GET /me/todo/lists': TASKS,
		'GET /me/todo/lists/{list}': TASKS,
		'GET /me/todo/lists/{list}/tasks': TASKS,
		'GET /me/todo/lists/{list}/tasks/{task}': TASKS,
		'POST /me/todo/lists/{list}/tasks': 'Tasks.ReadWrite',
		'PATCH /me/todo/lists/{list}/tasks/{task}': 'Tasks.ReadWrite',
	},
	directory: {
		'GET /me': `User.Read User.ReadWrite ${USERS}`,
		'GET /me/photo/$value': 'User.Read User.ReadBasic.All ProfilePhoto.Read.All',
		'GET /me/manager': `User.Read.All User.ReadWrite.All ${DIRECTORY}`,
		'GET /me/directReports': `User.Read ${USERS}`,
		'GET /me/memberOf': `User.Read GroupMember.Read.All ${DIRECTORY}`,
		'GET /me/memberOf/microsoft.graph.group': `User.Read GroupMember.Read.All ${DIRECTORY}`,
		'GET /users': USERS,
		'GET /users/{id}': `User.Read User.ReadWrite ${USERS}`,
	},
	teams: {
		'GET /me/presence': 'Presence.Read Presence.Read.All',
		'GET /me/chats': CHAT,
		'GET /chats': CHAT,
		'GET /chats/{id}': CHAT,
		'GET /me/chats/{id}': CHAT,
		'GET /chats/{id}/members': `${CHAT} ChatMember.Read ChatMember.ReadWrite`,
		'GET /chats/{id}/messages': 'Chat.Read Chat.ReadWrite',
		'GET /me/chats/{id}/messages': 'Chat.Read Chat.ReadWrite',
		'GET /chats/{id}/messages/{message}': 'Chat.Read Chat.ReadWrite',
		'GET /me/chats/{id}/messages/{message}': 'Chat.Read Chat.ReadWrite',
		'POST /chats/{id}/messages': 'ChatMessage.Send Chat.ReadWrite Group.ReadWrite.All',
		'GET /me/joinedTeams': `Team.ReadBasic.All TeamSettings.Read.All User.Read.All ${DIRECTORY}`,
		'GET /teams/{team}/channels': `Channel.ReadBasic.All ChannelSettings.Read.All Group.Read.All ${DIRECTORY}`,
		'GET /teams/{team}/channels/{channel}/messages': 'ChannelMessage.Read.All Group.Read.All Group.ReadWrite.All',
		'GET /teams/{team}/channels/{channel}/messages/{message}': 'ChannelMessage.Read.All Group.Read.All Group.ReadWrite.All',
	},
	search: {
		'POST /search/query': 'Mail.Read Calendars.Read Chat.Read ChannelMessage.Read.All Files.Read.All Sites.Read.All Acronym.Read.All '
			+ 'Bookmark.Read.All ExternalItem.Read.All QnA.Read.All',
	},
	files: {
		'GET /me/drive': `User.Read ${FILES}`,
		'GET /me/drive/root': FILES,
		'GET /me/drive/root/children': FILES,
		'GET /me/drive/root/search(q={q})': FILES,
		'GET /me/drive/search(q={q})': FILES,
		'GET /me/drive/items/{id}': FILES,
		'GET /me/drive/items/{id}/children': FILES,
		'GET /me/drive/items/{id}/search(q={q})': FILES,
		'GET /me/drive/items/{id}/content': FILES,
		'GET /drives/{drive}/items/{id}': FILES,
		'GET /drives/{drive}/items/{id}/content': FILES,
		'GET /sites': SITES,
		'GET /sites/{site}': SITES,
		'GET /sites/{site}/lists': SITES,
		'GET /sites/{site}/lists/{list}': SITES,
		'GET /sites/{site}/lists/{list}/items': SITES,
		'GET /sites/{site}/lists/{list}/items/{item}': SITES,
	},
	planner: {
		'GET /me/planner/tasks': `${TASKS} Group.Read.All Group.ReadWrite.All`,
	},
};

/* What a .Shared permission opens: of the own mailbox and of others', under their name. */
const SHARED = ['Mail.ReadBasic', 'Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Calendars.Read', 'Calendars.ReadWrite', 'Contacts.Read',
	'Contacts.ReadWrite'];
const READING = /^GET |\/getSchedule$|^POST \/search\/query$/;

/* The name of a request in another's mailbox; undefined: there is none. */
export const inMailbox = (request) => (/^\w+ \/me\/(messages|mailFolders|sendMail|calendarView|calendar|events|contacts)\b/.test(request)
	? request.replace('/me/', '/users/{mailbox}/') : undefined);

const row = (workload, request, permissions, shared) => [request, { workload, permissions, shared, writes: !READING.test(request) }];

function rowsOf([workload, requests]) {
	return Object.entries(requests).flatMap(([request, text]) => {
		const names = text.split(' ');
		const theirs = inMailbox(request);
		const forms = names.filter((name) => SHARED.includes(name)).map((name) => `${name}.Shared`);
		return [row(workload, request, names, false), ...(theirs ? [row(workload, theirs, [...names, ...forms], true)] : [])];
	});
}

/* {"GET /me/messages": {workload, permissions, shared (it is another's mailbox), writes}}. */
export const NEEDS = Object.fromEntries(Object.entries(TABLE).flatMap(rowsOf));
