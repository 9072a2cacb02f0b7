/*
 * The people of the sandbox tenant, and those from elsewhere who matter to a token validator: a
 * guest, a user of another organisation, a personal Microsoft account.
 */
import { randomUUID } from 'node:crypto';

export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
export const OTHER_TENANT = '5e0a7c1f-1d3b-4f6e-9a52-7b8c9d0e1f2a';

/* A complete user from the fields given; the rest is unset, as Graph would show it.  photo is
 * base64, manager the key of another user. */
export function makeUser(tenantId, fields) {
	const { name, username } = fields;
	return { oid: randomUUID(), tid: tenantId, kind: 'member', givenName: null, surname: null,
		mail: null, jobTitle: null, mobilePhone: null, officeLocation: null,
		preferredLanguage: null, businessPhones: [], department: null, photo: null,
		manager: null, ...fields,
		name: name ?? username, username };
}

/* A JPEG and a PNG of one pixel, base64. */
const JPEG = '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCg'
	+ 'sOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAA'
	+ 'BJRU5ErkJggg==';

/* Test data with fixed object ids: adele is fully filled in, zoe checks UTF-8 from end to end. */
export function defaultUsers(tenantId) {
	const user = (oidTail, fields) => makeUser(fields.tid ?? tenantId,
		{ oid: `87d349ed-44d7-43e1-9a83-${oidTail}`, ...fields });
	return {
		adele: user('5f2406dee5bd', { name: 'Adele Vance',
			username: 'AdeleV@contoso.example', givenName: 'Adele', surname: 'Vance',
			mail: 'AdeleV@contoso.example', jobTitle: 'Retail Manager',
			mobilePhone: '+1 425 555 0109', officeLocation: '18/2111', preferredLanguage: 'en-US',
			businessPhones: ['+1 425 555 0100'], department: 'Retail',
			photo: JPEG, manager: 'zoe' }),
		bare: user('000000000002', { name: 'Bare Minimum',
			username: 'bare@contoso.example' }),
		zoe: user('000000000003', { name: 'Zoë Ünïcode 雪',
			username: 'zoe@contoso.example', givenName: 'Zoë',
			surname: 'Ünïcode 雪', mail: 'zoë@contoso.example',
			jobTitle: 'Say "hi"\\ & <bye> 👩🏽‍💻',
			preferredLanguage: 'de-CH', photo: PNG }),
		guest: user('000000000004', { kind: 'guest', name: 'Greta Guest',
			username: 'greta_fabrikam.example#EXT#@contoso.example',
			mail: 'greta@fabrikam.example', givenName: 'Greta', surname: 'Guest', manager: 'adele',
			idp: `https://sts.windows.net/${OTHER_TENANT}/` }),
		fabrikam: user('000000000005', { tid: OTHER_TENANT, name: 'Fay Fabrikam',
			username: 'fay@fabrikam.example', givenName: 'Fay', surname: 'Fabrikam' }),
		personal: user('000000000006', { tid: PERSONAL_TENANT, kind: 'personal',
			oid: '00000000-0000-0000-66f3-3332eca7ea81', name: 'Pat Personal',
			username: 'pat@outlook.example', givenName: 'Pat', surname: 'Personal' }),
	};
}

/* The user meant by a key ("adele"), an oid, a user name or a user object. */
export function findUser(users, wanted) {
	if (wanted && typeof wanted === 'object')
		return wanted;
	return users[wanted] ?? Object.values(users)
		.find((user) => user.oid === wanted || user.username === wanted);
}

/* As findUser, for callers to whom an unknown user is a mistake in the test. */
export function requireUser(users, wanted) {
	const user = findUser(users, wanted);
	if (!user)
		throw new Error(`unknown user "${wanted}" among ${Object.keys(users).join(' ')}`);
	return user;
}
