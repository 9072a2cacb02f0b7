/* OneDrive: the drive, its items, what lies in a folder, and a search by words. */
import { hasDrive } from '../data/cast.mjs';
import { wordsOf } from '../odata/kql.mjs';
import { collection, data, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { GraphRefusal, badRequest, noDrive, notFound } from '../refusal.mjs';

const ITEM = type('driveItem',
	`id createdBy:object createdDateTime:date eTag lastModifiedBy:object lastModifiedDateTime:date name parentReference:object webUrl cTag
	fileSystemInfo:object size:number file:object folder:object root:object description audio:object bundle:object content deleted:object image:object location:object
	malware:object package:object pendingOperations:object photo:object publication:object remoteItem:object searchResult:object shared:object
	sharepointIds:object specialFolder:object video:object webDavUrl`);
const OPTIONS = ['$select', '$top', '$skiptoken', '$orderby', '$expand'];
const LIST = { type: ITEM, workload: 'files', orderable: ['name', 'size', 'lastModifiedDateTime'], paging: { by: '$skiptoken', max: 1000, usual: 200 } };

/* The user's own, however it is named. */
function driveOf(call) {
	if (call.params.drive !== undefined && !/^b![\w-]{4,200}$/.test(call.params.drive))
		throw badRequest('The provided drive id appears to be malformed, or does not represent a valid drive.', 'invalidRequest');
	if (!hasDrive(call.user))
		throw noDrive();
	const { drive } = call.world;
	if (call.params.drive !== undefined && call.params.drive !== drive.id)
		throw notFound('files', call.params.drive);
	return drive;
}

function itemOf(call) {
	const { root, entries } = driveOf(call);
	const { id } = call.params;
	if (id === undefined || id === 'root' || id === root.id)
		return root;
	if (!/^[A-Za-z0-9!._-]{4,200}$/.test(id))
		throw badRequest('The provided drive item id appears to be malformed.', 'invalidRequest');
	const found = entries.find(({ item }) => item.id === id);
	if (!found)
		throw notFound('files', id);
	return found.item;
}

const context = (call, what) => `users('${call.user.oid}')/drive/${what}`;

/* The root's children are those that name nothing as their place. */
function children(call) {
	const parent = itemOf(call);
	const name = parent.root ? '' : parent.name;
	const items = driveOf(call).entries.filter(({ where }) => where === name && parent.folder).map(({ item }) => item);
	return collection(call, items.toSorted((a, b) => (a.name < b.name ? -1 : 1)), { ...LIST, allowed: OPTIONS, context: context(call,
		'items/children') });
}

function search(call) {
	const wanted = wordsOf(call.argument('q'));
	if (wanted.length === 0)
		throw badRequest('The search text is empty.', 'invalidRequest');
	itemOf(call);
	const found = driveOf(call).entries.filter(({ words }) => wanted.every((one) => wordsOf(words).some((word) => word.startsWith(one))));
	return collection(call, found.map(({ item }) => item), { ...LIST, allowed: OPTIONS, context: 'Collection(driveItem)' });
}

/* The bytes are fetched elsewhere. */
function content(call) {
	const { entries } = driveOf(call);
	const wanted = itemOf(call);
	const found = entries.find(({ item }) => item.id === wanted.id);
	if (!found?.bytes)
		throw badRequest('You cannot get content for a folder', 'notAFile');
	if (call.query.has('format'))
		throw new GraphRefusal(406, 'notSupported', 'The sandbox converts no files.');
	const location = call.addressOf({ name: found.item.name, type: found.item.file.mimeType, bytes: found.bytes });
	return { status: 302, headers: { location }, body: '' };
}

const drive = (call) => data({ '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#drives/$entity', id: driveOf(call).id,
	driveType: 'business', name: 'OneDrive',
	webUrl: `https://contoso-my.sharepoint.com/personal/${call.user.oid}/Documents`, owner: { user: { id: call.user.oid, displayName: call.user.name } },
	quota: { total: 1099511627776, used: 52428800, remaining: 1099459198976, deleted: 0, state: 'normal' } });

const item = (call) => entity(call, itemOf(call), { type: ITEM, context: context(call, 'items') });

export const FILES = {
	'GET /me/drive': drive,
	'GET /me/drive/root': item,
	'GET /me/drive/root/children': children,
	'GET /me/drive/root/search(q={q})': search,
	'GET /me/drive/search(q={q})': search,
	'GET /me/drive/items/{id}': item,
	'GET /me/drive/items/{id}/content': content,
	'GET /drives/{drive}/items/{id}': item,
	'GET /drives/{drive}/items/{id}/content': content,
	'GET /me/drive/items/{id}/children': children,
	'GET /me/drive/items/{id}/search(q={q})': search,
};
