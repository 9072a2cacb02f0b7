/* Mailboxes that belong to nobody who signs in, and who may open whose. */
import { makeUser } from '../../entra/users.mjs';
import { guid } from './seed.mjs';

const ALL = { mail: 'write', calendar: 'write', contacts: 'write', send: true };

/* Each as a user whom no directory lists. */
export const sharedMailboxes = (tenantId) => [['Customer Support', 'support@contoso.example'], ['Board', 'board@contoso.example']]
	.map(([name, address]) => makeUser(tenantId, { oid: guid('mailbox', address), name, username: address, mail: address }));

/* Address: {user's key: rights}.  The board's is there and nobody here may open it; of Zoë's Adele may see the calendar. */
export const RIGHTS = {
	'support@contoso.example': { adele: ALL, zoe: ALL },
	'zoe@contoso.example': { adele: { calendar: 'read' } },
};
