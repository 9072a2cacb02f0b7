/* The directory: the user, colleagues, who leads and belongs to whom. */
import { managerDocument, meDocument, photoBytes } from '../answers.mjs';

export const DIRECTORY = {
	'GET /me': (call) => meDocument(call.user, call.query.get('$select'), call.ids),
	'GET /me/photo/$value': (call) => photoBytes(call.user, call.ids),
	'GET /me/manager': (call) => managerDocument(call.world.users[call.user.manager], call.ids),
};
