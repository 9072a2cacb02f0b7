/* SharePoint: sites by words, their lists, and the items of a list. */
import { wordsOf } from '../odata/kql.mjs';
import { collection, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, notFound } from '../refusal.mjs';

const SITE = type('site',
	`id createdDateTime:date description eTag lastModifiedDateTime:date name webUrl displayName isPersonalSite:bool root:object siteCollection:object
	createdBy:object lastModifiedBy:object parentReference:object sharepointIds:object error:object`);
const LIST = type('list',
	`id createdDateTime:date description eTag lastModifiedDateTime:date name webUrl displayName parentReference:object createdBy:object lastModifiedBy:object
	list:object sharepointIds:object system:object`);
const ITEM = type('listItem',
	`id createdDateTime:date description eTag lastModifiedDateTime:date name webUrl createdBy:object lastModifiedBy:object parentReference:object
	contentType:object sharepointIds:object deleted:object fields:object`);
const PAGE = { by: '$skiptoken', max: 1000, usual: 200 };

function sites(call) {
	const words = wordsOf(call.query.get('search'));
	const all = call.query.get('search') === '*';
	if (words.length === 0 && !all)
		throw badRequest('The search text is empty.', 'invalidRequest');
	const fits = ({ displayName, description,
		name }) => words.every((one) => wordsOf(`${displayName} ${description} ${name}`).some((word) => word.startsWith(one)));
	return collection(call, call.world.sites.map(({ shown }) => shown).filter((site) => all || fits(site)), { type: SITE, workload: 'files',
		context: 'sites',
		allowed: ['$select', '$top', '$skiptoken', '$orderby'], orderable: ['createdDateTime'], paging: PAGE });
}

function siteOf(call) {
	const { site } = call.params;
	const found = call.world.sites.find(({ shown }) => shown.id === site || (site === 'root' && shown.name === ''));
	if (!found && !/^[\w.-]+,[\w-]+,[\w-]+$/.test(site))
		throw badRequest('Invalid hostname for this tenancy', 'invalidRequest');
	if (!found)
		throw notFound('files', site);
	return found;
}

function listOf(call) {
	const found = siteOf(call).lists.find(({ shown }) => [shown.id, shown.name].includes(call.params.list));
	if (!found)
		throw notFound('files', call.params.list);
	return found;
}

const lists = (call) => collection(call, siteOf(call).lists.map(({ shown }) => shown), { type: LIST, workload: 'files', context: 'sites/lists',
	allowed: ['$select', '$top', '$skiptoken'], paging: PAGE });

/* "fields", or "fields($select=Title,Cost)". */
function readFields(call) {
	const text = call.query.get('$expand');
	if (text === undefined)
		return () => false;
	const [, names] = /^fields(?:\((?:\$?select)=([\w,]+)\))?$/.exec(text) ?? [null, ''];
	if (names === '')
		throw badRequest(`Parsing OData Select and Expand failed: '${text}' cannot be expanded on type 'microsoft.graph.listItem'.`);
	return (name) => names === undefined || name.startsWith('@') || names.split(',').includes(name);
}

function items(call) {
	const found = listOf(call).items;
	const wanted = readFields(call);
	const fieldsOf = new Map(found.map(({ id, fields }) => [id, Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name)))]));
	const expand = ({ id }) => (call.query.has('$expand') ? { fields: fieldsOf.get(id) } : {});
	return collection(call, found.map(({ fields, ...rest }) => rest), { type: ITEM, workload: 'files', context: 'sites/lists/items',
		always: ['id'], expand,
		allowed: ['$select', '$top', '$skiptoken', '$expand', '$orderby'], orderable: ['createdDateTime', 'lastModifiedDateTime'], paging: PAGE });
}

/* fields are asked for as everywhere. */
function item(call) {
	const found = listOf(call).items.find(({ id }) => id === call.params.item);
	if (!found)
		throw notFound('files', call.params.item);
	const wanted = readFields(call);
	const { fields, ...rest } = found;
	const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name)));
	return entity(call, rest, { type: ITEM, always: ['id'], allowed: ['$select', '$expand'], context: 'sites/lists/items',
		expand: () => (call.query.has('$expand') ? { fields: kept } : {}) });
}

export const SITES = {
	'GET /sites': sites,
	'GET /sites/{site}': (call) => entity(call, siteOf(call).shown, { type: SITE, context: 'sites' }),
	'GET /sites/{site}/lists': lists,
	'GET /sites/{site}/lists/{list}': (call) => entity(call, listOf(call).shown, { type: LIST, context: 'sites/lists' }),
	'GET /sites/{site}/lists/{list}/items': items,
	'GET /sites/{site}/lists/{list}/items/{item}': item,
};
