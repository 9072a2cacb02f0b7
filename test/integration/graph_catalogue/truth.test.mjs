/*
 * The catalogue against Microsoft's published metadata: that requests, properties and permissions are
 * Graph's own, and the permissions the least that serve.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTools } from '../stage/catalogue/definitions.mjs';
import { sharedOf } from '../stage/catalogue/metadata.mjs';
import { faultsOf } from '../stage/catalogue/truth.mjs';

const tools = readTools();

for (const tool of tools)
	test(`${tool.name} asks what Graph has, with the least privileged permission`, () => assert.deepEqual(faultsOf(tool), []));

test('every tool of mail and calendar for which Graph has such permissions takes another\'s mailbox, and no other tool', () => {
	const takes = tools.filter(({ shared }) => shared).map(({ name }) => name);
	assert.ok(takes.length >= 5);
	assert.deepEqual(takes, tools.filter(({ set, permissions }) => /^(mail|calendar)$/.test(set) && permissions.every((name) => sharedOf.has(name)))
		.map(({ name }) => name));
});

/* What was changed in which tool, and the one fault that is seen. */
const MISTAKES = [
	['a path that is not there', 'list_mail', (t) => { t.request.path = '/me/mailFolder/{folder}/messages'; },
		/^list_mail: request\.path: Graph has no GET \/me\/mailFolder\/\{id\}\/messages$/],
	['a path with a literal where Graph has a key', 'get_mail', (t) => { t.request.path = '/me/messages/first'; },
		/^get_mail: request\.path: /],
	['one wrong path of a choice', 'get_mail', (t) => { t.request.path = { choose: 'id', of: { a: '/me/messages/{id}', b: '/me/message/{id}' } }; },
		/^get_mail: request\.path: .*\/me\/message\/\{id\}$/],
	['another method', 'find_free_time', (t) => { delete t.request.method; }, /^find_free_time: request\.path: Graph has no GET /],
	['a picked name that is misspelt', 'list_mail', (t) => { t.result.pick.subject = 'subjekt'; },
		/^list_mail: result\.pick\.subject: message has no subjekt$/],
	['a nested name that is misspelt', 'list_events', (t) => { t.result.pick.organizer = 'organizer.emailAddress.nam'; },
		/^list_events: result\.pick\.organizer: emailAddress has no nam$/],
	['a name inside a picked list', 'find_free_time', (t) => { t.result.pick.busy.pick.start = 'begin.dateTime'; },
		/^find_free_time: result\.pick\.busy\.start: scheduleItem has no begin$/],
	['a name below a string', 'get_user', (t) => { t.result.pick.mail = 'mail.address'; },
		/^get_user: result\.pick\.mail: String has no address$/],
	['a list without []', 'get_mail', (t) => { t.result.pick.to = 'toRecipients.emailAddress'; },
		/^get_mail: result\.pick\.to: \[recipient\] has no emailAddress$/],
	['[] where there is no list', 'get_mail', (t) => { t.result.pick.from = 'from[].emailAddress.name'; },
		/^get_mail: result\.pick\.from: from is no list$/],
	['a list that is picked into as an object', 'get_event', (t) => { t.result.pick.attendees.at = 'attendees'; },
		/^get_event: result\.pick\.attendees: \[attendee\] is picked into without \[\]$/],
	['a relationship that is not expanded', 'list_chats', (t) => { delete t.request.query.$expand; },
		/^list_chats: result\.pick\.members: members does not come without \$expand$/],
	['an expanded name that is no relationship', 'list_items', (t) => { t.request.query.$expand = 'fields,name'; },
		/^list_items: request\.query\.\$expand: listItem has no navigation to name$/],
	['HTML of what is no text', 'list_chat_messages', (t) => { t.result.pick.text.at = 'body'; },
		/^list_chat_messages: result\.pick\.text: itemBody is no HTML$/],
	['a selected name that is misspelt', 'my_groups', (t) => { t.request.query.$select = 'id,displayName,description,mail,names'; },
		/^my_groups: request\.query\.\$select: group has no names$/],
	['a picked name that is not selected', 'my_groups', (t) => { t.request.query.$select = 'id,displayName,description'; },
		/^my_groups: request\.query\.\$select: mail is picked, but not selected$/],
	['an ordered name that is misspelt', 'list_events', (t) => { t.request.query.$orderby = 'start/date'; },
		/^list_events: request\.query\.\$orderby: event has no start\/date$/],
	['a filtered name that is misspelt', 'list_mail', (t) => { t.request.query.$filter.all[3] = "from/emailAddres/address eq '{from}'"; },
		/^list_mail: request\.query\.\$filter: message has no from\/emailAddres\/address$/],
	['a searched name that is misspelt', 'list_contacts', (t) => { t.request.query.$filter = "startswith(name,'{query}')"; },
		/^list_contacts: request\.query\.\$filter: contact has no name$/],
	['an option that the request does not take', 'list_teams', (t) => { t.request.query = { $top: '5' }; },
		/^list_teams: request\.query\.\$top: this request does not take it$/],
	['a page size that the request does not take', 'list_channels', (t) => { t.result.page = { size: '$top', default: 5, max: 5 }; },
		/^list_channels: request\.query\.\$top: this request does not take it$/],
	['a larger page than Graph gives', 'list_chats', (t) => { t.result.page.max = 51; },
		/^list_chats: result\.page\.max: a page has at most 50$/],
	['a constant page that is larger', 'my_groups', (t) => { t.request.query.$top = '1000'; },
		/^my_groups: request\.query\.\$top: 1000, but a page has at most 999$/],
	['an object where a list comes', 'list_teams', (t) => { delete t.result.list; },
		/^list_teams: result\.list: what comes back is \[team\]$/],
	['a list where an object comes', 'my_manager', (t) => { t.result.list = 'value'; },
		/^my_manager: result\.list: what comes back is user$/],
	['words of others that are not picked', 'get_event', (t) => { t.result.others.push('attendees.nickname'); },
		/^get_event: result\.others: attendees\.nickname is not picked$/],
	['a permission that writes', 'get_mail', (t) => { t.permissions = ['Mail.ReadWrite']; delete t.shared; }, /^get_mail: permissions: /, 2],
	['a permission that writes, though starred', 'list_contacts', (t) => { t.permissions = ['Contacts.ReadWrite']; },
		/^list_contacts: permissions: Contacts\.ReadWrite, but Contacts\.Read is the least privileged$/],
	['a larger permission of the same request', 'list_chats', (t) => { t.permissions = ['Chat.Read']; },
		/^list_chats: permissions: Chat\.Read, but Chat\.ReadBasic is the least privileged$/],
	['a second permission', 'list_teams', (t) => { t.permissions.push('User.Read.All'); },
		/^list_teams: permissions: Team\.ReadBasic\.All User\.Read\.All, but Team\.ReadBasic\.All is the least privileged$/],
	['a larger permission that says no reason', 'list_mail', (t) => { delete t.larger; },
		/^list_mail: permissions: Mail\.Read, but Mail\.ReadBasic is the least privileged$/],
	['a reason that is not picked', 'list_mail', (t) => { t.larger = 'body'; }, /^list_mail: larger: body is not picked$/],
	['a reason that needs nothing larger', 'list_mail', (t) => { t.larger = 'subject'; },
		/^list_mail: larger: Mail\.ReadBasic gives subject too$/, 2],
	['a reason with more than it needs', 'my_groups', (t) => { t.permissions = ['Directory.Read.All']; },
		/^my_groups: permissions: Directory\.Read\.All, but GroupMember\.Read\.All is the least privileged$/],
	['a shared permission of another kind', 'list_mail', (t) => { t.shared = ['Calendars.Read.Shared']; },
		/^list_mail: shared: Calendars\.Read\.Shared, but Mail\.Read\.Shared is what Graph has$/],
	['a shared permission of a request that is the user\'s own alone', 'my_planner_tasks', (t) => { t.shared = ['Tasks.Read.Shared']; },
		/^my_planner_tasks: shared: Graph has no GET \/users\/\{id\}\/planner\/tasks$/, 2],
	['a look at what is not there', 'send_draft', (t) => { t.look.path = '/me/message/{id}'; },
		/^send_draft: look\.path: Graph has no GET \/me\/message\/\{id\}$/],
	['a look that picks a name that is misspelt', 'send_draft', (t) => { t.look.pick.bcc.at = 'bccRecipient[]'; },
		/^send_draft: look\.pick\.bcc: message has no bccRecipient$/],
	['a look that picks such a name of a list', 'send_chat_message', (t) => { t.look.pick.members.pick.address = 'mail'; },
		/^send_chat_message: look\.pick\.address: aadUserConversationMember has no mail$/],
	['a look with a permission that does not do', 'send_draft', (t) => { t.look.permissions = ['User.Read']; delete t.look.shared; },
		/^send_draft: look\.permissions: User\.Read is no delegated permission of this request$/, 2],
	['a look with a larger permission', 'send_chat_message', (t) => { t.look.permissions = ['Chat.Read']; },
		/^send_chat_message: look\.permissions: Chat\.Read, but Chat\.ReadBasic is the least privileged$/],
	['a look with a shared permission of another kind', 'send_draft', (t) => { t.look.shared = ['Mail.Send.Shared']; },
		/^send_draft: look\.shared: Mail\.Send\.Shared, but Mail\.Read\.Shared is what Graph has$/],
	['a permission too small for what is picked', 'get_user', (t) => { t.result.pick.title = 'jobTitle'; },
		/^get_user: permissions: User\.ReadBasic\.All leaves out jobTitle$/],
];

describe('a definition is refused, with tool and place, for', () => {
	for (const [what, name, change, expected, count = 1] of MISTAKES) {
		test(what, () => {
			const tool = structuredClone(tools.find((each) => each.name === name));
			change(tool);
			const faults = faultsOf(tool);
			assert.equal(faults.length, count, faults.join('\n'));
			assert.match(faults[0], expected);
		});
	}
});
