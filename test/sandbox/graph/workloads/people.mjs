/* Those whom a user knows: the relevant people and the contacts of the mailbox. */
import { hasMailbox } from '../data/cast.mjs';
import { quotedSearch, wordsOf } from '../odata/kql.mjs';
import { collection, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, noMailbox, notFound } from '../refusal.mjs';
import { checkId } from './mail.mjs';

const PERSON = type('person', `id displayName givenName surname birthday personNotes isFavorite:bool jobTitle companyName yomiCompany department
	officeLocation profession userPrincipalName imAddress scoredEmailAddresses:object phones:object postalAddresses:object websites:object personType:object`);
const CONTACT = type('contact',
	`id createdDateTime:date lastModifiedDateTime:date changeKey categories:object parentFolderId birthday:date fileAs displayName
	givenName initials middleName nickName surname title imAddresses:object jobTitle companyName department officeLocation profession businessHomePage
	assistantName manager homePhones:object mobilePhone businessPhones:object spouseName personalNotes children:object emailAddresses:object
	homeAddress:object businessAddress:object otherAddress:object`);
const NAMES = ['displayName', 'givenName', 'surname', 'companyName', 'jobTitle', 'department', 'fileAs'];

/* Every word begins one of the texts' words. */
function begins(texts, wanted) {
	const words = wordsOf(texts.join(' '));
	return wordsOf(wanted).every((one) => words.some((word) => word.startsWith(one)));
}

/* By name or address; what stands before a colon would be a keyword, of which none is known here. */
function findPeople(items, text) {
	const wanted = text.startsWith('"') ? quotedSearch(text) : text;
	if (wordsOf(wanted).length === 0 || /^\w+:/.test(wanted))
		throw badRequest(`Syntax error in the search text '${text}'.`);
	return items.filter(({ displayName, scoredEmailAddresses }) => begins([displayName, scoredEmailAddresses[0].address], wanted));
}

function people(call) {
	if (call.query.has('$search') && call.query.has('$skip'))
		throw badRequest('The query parameter \'$skip\' is not supported with \'$search\'.');
	return collection(call, call.world.relevant, { type: PERSON, workload: 'outlook', context: `users('${call.user.oid}')/people`,
		filterable: NAMES.slice(0, 3), orderable: ['displayName'],
		allowed: ['$select', '$top', '$skip', '$filter', '$orderby', '$search', '$count'], search: findPeople, paging: { by: '$skip', max: 1000,
			usual: 10 } });
}

const contactsOf = (call) => {
	if (!hasMailbox(call.user))
		throw noMailbox();
	return call.world.contacts;
};

function checkTogether({ query }) {
	if (query.has('$search') && query.has('$orderby'))
		throw badRequest('The query parameter \'$orderBy\' is not supported with \'$search\'.', 'SearchWithOrderBy');
	if (query.has('$search') && query.has('$filter'))
		throw badRequest('The query parameter \'$filter\' is not supported with \'$search\'.', 'SearchWithFilter');
}

const contacts = (call) => collection(call, contactsOf(call), { type: CONTACT, workload: 'outlook', always: ['id'],
	context: `users('${call.user.oid}')/contacts`,
	filterable: NAMES, orderable: NAMES, check: ({ filter, order }) => {
		checkTogether(call);
		if (call.query.has('$filter') && order.some(({ path }, i) => filter.used[i] !== path))
			throw badRequest('The restriction or sort order is too complex for this operation.', 'InefficientFilter');
	},
	search: (items, text) => items.filter((one) => begins([...NAMES.map((name) => one[name] ?? ''), one.emailAddresses[0].address], quotedSearch(text))),
	allowed: ['$select', '$top', '$skip', '$filter', '$orderby', '$search', '$count'], paging: { by: '$skip', max: 1000, usual: 10 } });

function getContact(call) {
	checkId(call.params.id);
	const found = contactsOf(call).find(({ id }) => id === call.params.id);
	if (!found)
		throw notFound('outlook', call.params.id);
	return entity(call, found, { type: CONTACT, always: ['id'], context: `users('${call.user.oid}')/contacts` });
}

export const PEOPLE = { 'GET /me/people': people, 'GET /me/contacts': contacts, 'GET /me/contacts/{id}': getContact };
