/*
 * The colleagues of the sandbox's users: people of the tenant who never sign in, and who write to those who do.
 */
import { guid } from './seed.mjs';

const COLLEAGUES = [
	['Priya', 'Raman', 'Head of Logistics', 'Operations'], ['Tomás', 'Ortega', 'Account Executive', 'Sales'],
	['Ingrid', 'Sørensen', 'Finance Controller', 'Finance'], ['Kwame', 'Mensah', 'Platform Engineer', 'Engineering'],
	['Mei', 'Tanaka', 'Product Manager', 'Product'], ['Liam', 'O\'Brien', 'Legal Counsel', 'Legal'],
	['Fatima', 'al-Sayed', 'Data Analyst', 'Finance'], ['Jonas', 'Weber', 'Store Planner', 'Retail'],
	['Chloé', 'Dubois', 'Brand Designer', 'Marketing'], ['Samuel', 'Green', 'IT Support', 'IT'],
	['Nadia', 'Petrova', 'People Partner', 'HR'], ['Arjun', 'Mehta', 'Buyer', 'Retail'],
	['Hannah', 'Lindqvist', 'Executive Assistant', 'Office'], ['Diego', 'Fuentes', 'Warehouse Lead', 'Operations'],
	['Grace', 'Kim', 'Security Engineer', 'IT'], ['Oskar', 'Nowak', 'Sales Analyst', 'Sales'],
	['Leila', 'Haddad', 'Copywriter', 'Marketing'], ['Ben', 'Carter', 'Facilities', 'Office'],
	['Yuki', 'Sato', 'QA Engineer', 'Engineering'], ['Amara', 'Okafor', 'Training Lead', 'HR'],
	['Pieter', 'de Vries', 'Auditor', 'Finance'], ['Sofia', 'Rossi', 'Merchandiser', 'Retail'],
	['Noah', 'Fischer', 'Support Engineer', 'IT'], ['Zara', 'Khan', 'Partner Manager', 'Sales'],
];
const ascii = (text) => text.normalize('NFD').replace(/[^A-Za-z-]/g, '').replace('rensen', 'orensen');

function colleague([givenName, surname, jobTitle, department], i) {
	const address = `${ascii(givenName)}.${ascii(surname)}@contoso.example`;
	return { id: guid('colleague', address), displayName: `${givenName} ${surname}`, givenName, surname, jobTitle, department, mail: address,
		userPrincipalName: address, mailNickname: ascii(givenName).toLowerCase(), businessPhones: [`+1 425 555 ${String(200 + i).padStart(4, '0')}`],
		mobilePhone: null, officeLocation: `${10 + (i % 9)}/${1000 + 7 * i}`, preferredLanguage: 'en-US', companyName: 'Contoso', userType: 'Member',
		accountEnabled: true };
}

export const colleagues = COLLEAGUES.map(colleague);

/* From outside of the tenant. */
export const strangers = [
	{ displayName: 'Fabrikam Billing', mail: 'billing@fabrikam.example' }, { displayName: 'Northwind Newsletter', mail: 'news@northwind.example' },
	{ displayName: 'Harry "H." Osborne', mail: 'harry.osborne@adatum.example' },
];

/* A user of the sandbox Entra as the directory shows people. */
export function personOf(user) {
	return { id: user.oid, displayName: user.name, givenName: user.givenName, surname: user.surname, jobTitle: user.jobTitle,
		department: user.department, mail: user.mail, userPrincipalName: user.username, mailNickname: user.username.split(/[@#]/)[0],
		businessPhones: user.businessPhones, mobilePhone: user.mobilePhone, officeLocation: user.officeLocation,
		preferredLanguage: user.preferredLanguage, companyName: null, userType: user.kind === 'guest' ? 'Guest' : 'Member', accountEnabled: true };
}

/* Who has a mailbox, and who a OneDrive: members with an address, unless the user says otherwise. */
export const hasMailbox = (user) => user.mailbox ?? (user.kind === 'member' && user.mail !== null);
export const hasDrive = (user) => user.oneDrive ?? hasMailbox(user);

/* As a recipient in mail and calendar. */
export const recipient = ({ displayName, mail }) => ({ emailAddress: { name: displayName, address: mail } });
