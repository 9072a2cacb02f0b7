/* What people keep beside mail: whom they know, contacts, and what they belong to. */
import { colleagues } from './cast.mjs';
import { Chance, guid, outlookId } from './seed.mjs';

const FIRST = ['Alba', 'Boris', 'Carla', 'Dmitri', 'Eun-ji', 'Farid', 'Gwen', 'Hiro', 'Ines', 'Jakub', 'Kira', 'Luca', 'Mona', 'Nils', 'Olga',
	'Pablo', 'Rosa',
	'Sven', 'Tessa', 'Umar', 'Vera', 'Wim', 'Ximena', 'Yann', 'Zoltán'];
const LAST = ['Ahlgren', 'Bauer', 'Costa', 'D\'Angelo', 'Eriksen', 'Fabre', 'Gallo', 'Horvat'];
const COMPANIES = ['Fabrikam', 'Northwind Traders', 'Adatum', 'Tailspin Toys'];
const address = { street: '1 Harbour Road', city: 'Oslo', state: null, countryOrRegion: 'Norway', postalCode: '0150' };

/* 34 people outside of the company. */
export function makeContacts(user) {
	const folder = outlookId('AQMkAGI2', user.oid, 'contacts');
	return Array.from({ length: 34 }, (_, i) => {
		const chance = new Chance(user.oid, 'contact', i);
		const [givenName, surname, companyName] = [FIRST[i % FIRST.length], chance.of(LAST), chance.of(COMPANIES)];
		const displayName = `${givenName} ${surname}`;
		const mail = `${givenName}.${surname}${i}@${companyName.split(' ')[0].toLowerCase()}.example`.normalize('NFD').replace(/[^\w.@-]/g, '');
		return { '@odata.etag': `W/"EQAAABYAAAC${i}"`, id: outlookId('AAMkAGI2', user.oid, 'contact', i), createdDateTime: '2026-03-01T09:00:00Z',
			lastModifiedDateTime: '2026-03-02T09:00:00Z', changeKey: `EQAAABYAAAC${i}`, categories: [], parentFolderId: folder, birthday: null,
				fileAs: `${surname}, ${givenName}`,
			displayName, givenName, initials: null, middleName: null, nickName: null, surname, title: null, imAddresses: [],
			jobTitle: chance.of(['Buyer', 'Sales Lead', 'Engineer', null]), companyName, department: null, officeLocation: null, profession: null,
			businessHomePage: null, assistantName: null, manager: null, homePhones: [], mobilePhone: i % 3 === 0 ? null : `+47 555 ${1000 + i}`,
			businessPhones: [`+47 555 ${2000 + i}`], spouseName: null, personalNotes: '', children: [],
			emailAddresses: [{ name: displayName, address: mail }], homeAddress: {}, businessAddress: address, otherAddress: {} };
	});
}

/* Colleagues by how much the user has to do with them. */
export const makePeople = (user) => colleagues.filter((_, i) => i !== user.oid.charCodeAt(35) % colleagues.length).map((person, i) => ({
	id: person.id, displayName: person.displayName, givenName: person.givenName, surname: person.surname, birthday: '', personNotes: '',
		isFavorite: false,
	jobTitle: person.jobTitle, companyName: 'Contoso', yomiCompany: '', department: person.department, officeLocation: person.officeLocation,
		profession: '',
	userPrincipalName: person.userPrincipalName, imAddress: `sip:${person.mail}`, scoredEmailAddresses: [{ address: person.mail, relevanceScore: 30 - i,
		selectionLikelihood: 'notSpecified' }], phones: [{ type: 'business', number: person.businessPhones[0] }], postalAddresses: [], websites: [],
	personType: { class: 'Person', subclass: 'OrganizationUser' } }));

const GROUPS = [['All staff', 'Everybody at Contoso', ['Unified']], ['Lighthouse', 'The launch of the new stores', ['Unified']], ['Retail leads',
	null, []],
	['Café committee', 'Menus & hours; say "hi"', ['Unified']], ['VPN users', null, []]];

export const makeMemberships = () => [...GROUPS.map(([displayName, description, groupTypes]) => ({ '@odata.type': '#microsoft.graph.group',
	id: guid('group', displayName),
	displayName, description, mail: groupTypes.length > 0 ? `${displayName.split(' ')[0].toLowerCase()}@contoso.example` : null,
		mailNickname: displayName.split(' ')[0],
	groupTypes, securityEnabled: groupTypes.length === 0, mailEnabled: groupTypes.length > 0, visibility: groupTypes.length > 0 ? 'Private' : null,
	createdDateTime: '2025-01-07T10:00:00Z' })),
{ '@odata.type': '#microsoft.graph.directoryRole', id: guid('role', 'reader'), displayName: 'Directory Readers',
	description: 'Can read basic directory information.',
	roleTemplateId: guid('template', 'reader') }];
