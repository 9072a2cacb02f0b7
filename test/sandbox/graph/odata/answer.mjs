/* Answers of one entity or a collection, cut to what $select names. */
import { badRequest } from '../refusal.mjs';
import { inOrder, readFilter, readOrder } from './filter.mjs';
import { allowOnly, readSelect } from './options.mjs';
import { pageOf } from './paging.mjs';

const DATA_TYPE = { 'content-type': 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8' };
const CONTEXT = 'https://graph.microsoft.com/v1.0/$metadata';

export const data = (body, headers = {}) => ({ status: 200, headers: { ...DATA_TYPE, ...headers }, streamed: true, body });

/* The item with the properties named (and those with "@", and always), or with all but those that must be named. */
function cut(item, names, { always = [], type }) {
	const kept = names ? ([name]) => name.startsWith('@') || always.includes(name) || names.includes(name)
		: ([name]) => !type.onSelect.includes(name);
	return Object.fromEntries(Object.entries(item).filter(kept));
}

const shape = (item, names, { expand = () => ({}), ...spec }) => ({ ...cut(item, names, spec), ...expand(item) });
const selected = (names) => (names ? `(${names.join(',')})` : '');

/* spec: {type, context, always (properties that come unasked), allowed (options)}. */
export function entity(call, item, { allowed = ['$select'], context, ...spec }) {
	allowOnly(call.query, allowed);
	const names = readSelect(call.query, spec.type);
	return data({ '@odata.context': `${CONTEXT}#${context}${selected(names)}/$entity`, ...shape(item, names, spec) }, call.applied);
}

function filtered(call, items, { type, filterable = [] }) {
	const text = call.query.get('$filter');
	if (text === undefined)
		return { items, used: [], functions: [] };
	const { test, used, functions } = readFilter(text, type, filterable);
	return { items: items.filter(test), used, functions };
}

function ordered(call, items, { type, orderable = [] }) {
	const text = call.query.get('$orderby');
	const order = text === undefined ? [] : readOrder(text, type, orderable);
	return { items: order.length > 0 ? inOrder(items, order) : items, order };
}

function counted(call, items) {
	const text = call.query.get('$count');
	if (text !== undefined && text !== 'true' && text !== 'false')
		throw badRequest(`Invalid value '${text}' for $count query option found. Valid values are 'true' or 'false'.`);
	return text === 'true' ? { '@odata.count': items.length } : {};
}

/* spec: as for an entity, and {filterable, orderable (paths), search(items, text), check({filter, order}), paging (paging.mjs),
 * workload, expand(item)}. */
export function collection(call, all, spec) {
	const { query } = call;
	allowOnly(query, spec.allowed);
	const names = readSelect(query, spec.type);
	const filter = filtered(call, all, spec);
	const { items, order } = ordered(call, filter.items, spec);
	spec.check?.({ filter, order });
	const found = query.has('$search') ? spec.search(items, query.get('$search')) : items;
	const { page, next } = pageOf(call, found, spec.paging, spec.workload);
	return data({ '@odata.context': `${CONTEXT}#${spec.context}${selected(names)}`, ...counted(call, found),
		...(next ? { '@odata.nextLink': next } : {}), value: page.map((item) => shape(item, names, spec)) }, call.applied);
}
