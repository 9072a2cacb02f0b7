/* The directory: the user, colleagues, who leads whom and who belongs where; and presence. */
import { managerOf, meDocument, photoBytes } from '../answers.mjs';
import { collection, data, entity } from '../odata/answer.mjs';
import { needEventual, readDirectorySearch } from '../odata/directory_search.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, notFound } from '../refusal.mjs';

const USER = type('user', `businessPhones:object displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname
	userPrincipalName id mailNickname department companyName userType accountEnabled:bool city country employeeId createdDateTime:date state
	streetAddress postalCode usageLocation otherMails:object`,
{ onSelect: ['mailNickname', 'department', 'companyName', 'userType', 'accountEnabled'] });
const BASIC = ['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'];	/* what User.ReadBasic.All shows */
const FULL = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const OBJECT = type('directoryObject', `id displayName description mail mailNickname groupTypes:object securityEnabled:bool mailEnabled:bool visibility
	createdDateTime:date roleTemplateId deletedDateTime:date givenName surname jobTitle userPrincipalName`);
const GROUP_NAMES = ['GroupMember.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const SEARCHED = ['displayName', 'mail', 'mailNickname', 'userPrincipalName', 'givenName', 'surname', 'jobTitle', 'department'];
const FILTERED = ['displayName', 'givenName', 'surname', 'mail', 'userPrincipalName', 'jobTitle', 'department', 'userType', 'accountEnabled', 'id'];
const ADVANCED = ['ne', 'not', 'endswith', 'contains'];
const OPTIONS = ['$select', '$top', '$skiptoken', '$filter', '$orderby', '$search', '$count', '$skip'];
const PAGING = { by: '$skiptoken', max: 999, usual: 100 };
const unsupported = (message) => badRequest(message, 'Request_UnsupportedQuery');

/* What the token lets be seen of another: without more than User.ReadBasic.All most is null, without that all but the id. */
function seen(call, person) {
	if (person.id === call.user.oid || call.mayAny(FULL))
		return person;
	const shown = call.mayAny(['User.ReadBasic.All']) ? BASIC : ['id'];
	return Object.fromEntries(Object.entries(person).map(([name, value]) => [name, shown.includes(name) ? value : Array.isArray(value) ? [] : null]));
}

function checkAdvanced(call, { filter, order }) {
	const { query } = call;
	if (query.has('$skip'))
		throw unsupported('\'$skip\' is not supported by the service.');
	if (query.has('$search'))
		needEventual(call, '$search query parameter');
	if (query.has('$count'))
		needEventual(call, '$count query parameter');
	const advanced = filter.functions.find((name) => ADVANCED.includes(name)) ?? (order.length > 0
		&& query.has('$filter') ? '$orderby beside $filter' : undefined);
	if (!advanced)
		return;
	needEventual(call, `'${advanced}'`);
	if (query.get('$count') !== 'true')
		throw unsupported(`Request with '${advanced}' wants $count=true.`);
}

const directoryList = (call, items, spec) => collection(call, items, { workload: 'directory', allowed: OPTIONS, paging: PAGING, filterable: FILTERED,
	orderable: ['displayName', 'userPrincipalName'], check: (asked) => checkAdvanced(call, asked),
	search: (found, text) => found.filter(readDirectorySearch(text, SEARCHED)), ...spec });

const users = (call) => directoryList(call, call.world.people.map((person) => seen(call, person)), { type: USER, context: 'users' });

function getUser(call) {
	const wanted = call.params.id.toLowerCase();
	const found = call.world.people.find(({ id, userPrincipalName }) => [id, userPrincipalName.toLowerCase()].includes(wanted));
	if (!found || (found.id !== call.user.oid && !call.mayAny(['User.ReadBasic.All', ...FULL])))
		throw notFound('directory', call.params.id);
	return entity(call, seen(call, found), { type: USER, context: 'users' });
}

/* A member of the directory as one of its objects, with its type. */
const asObject = (person) => ({ '@odata.type': '#microsoft.graph.user', ...person });

function manager(call) {
	const found = call.world.people.find(({ id }) => id === managerOf(call.world.users, call.user)?.oid);
	if (!found)
		throw notFound('directory', 'manager');
	return entity(call, asObject(found), { type: USER, context: 'directoryObjects' });
}

const directReports = (call) => directoryList(call, call.world.reports.map((person) => asObject(seen(call, person))), { type: USER,
	context: 'directoryObjects' });

/* Groups are named to those alone who may read memberships; to others they are ids. */
function memberships(call, kinds) {
	const named = call.mayAny(GROUP_NAMES);
	return call.world.memberships.filter((one) => kinds.includes(one['@odata.type'])).map((one) => (named ? one
		: Object.fromEntries(Object.entries(one).map(([name, value]) => [name, ['@odata.type',
			'id'].includes(name) ? value : Array.isArray(value) ? [] : null]))));
}

const memberOf = (call) => directoryList(call, memberships(call, ['#microsoft.graph.group', '#microsoft.graph.directoryRole']), { type: OBJECT,
	context: 'directoryObjects' });

function memberOfGroups(call) {
	needEventual(call, 'a cast');
	if (call.query.get('$count') !== 'true')
		throw unsupported('Request with a cast wants $count=true.');
	return directoryList(call, memberships(call, ['#microsoft.graph.group']), { type: OBJECT, context: 'groups' });
}

const presence = (call) => data({ '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users(\'\')/presence/$entity', id: call.user.oid,
	availability: 'Busy',
	activity: 'InAMeeting', statusMessage: null, outOfOfficeSettings: { message: null, isOutOfOffice: false }, sequenceNumber: 'A1',
		workLocation: null });

export const DIRECTORY = {
	'GET /me': (call) => meDocument(call.user, call.query.get('$select'), call.ids),
	'GET /me/photo/$value': (call) => photoBytes(call.user, call.ids),
	'GET /me/manager': manager,
	'GET /me/directReports': directReports,
	'GET /me/memberOf': memberOf,
	'GET /me/memberOf/microsoft.graph.group': memberOfGroups,
	'GET /me/presence': presence,
	'GET /users': users,
	'GET /users/{id}': getUser,
};
