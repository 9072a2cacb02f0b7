/*
 * Whether what is there says the same as what is wanted.
 */
const plain = (value) => {
	const text = String(value ?? '').replace(/\r/g, '').trim();
	return text.toLowerCase().startsWith('/subscriptions/') ? text.toLowerCase() : text;
};
/* Azure answers West Europe where westeurope was asked for. */
const place = (value) => plain(value).toLowerCase().replaceAll(' ', '');

/* The paths of the members of `wanted` that `current`, which may say more, does not have so.  Nothing that is wanted
 * ('', null) may be absent. */
export function differences(current, wanted, path = '') {
	if (wanted === null || typeof wanted !== 'object') {
		const form = /(^|\.)location$/.test(path) ? place : plain;
		return form(current) === form(wanted) ? [] : [path];
	}
	if (Array.isArray(wanted)) {
		const same = Array.isArray(current) && current.length === wanted.length && wanted.every((item, i) => !differences(current[i], item).length);
		return same || (!wanted.length && (current ?? null) === null) ? [] : [path];
	}
	return Object.entries(wanted).flatMap(([name, value]) => differences(current?.[name], value, path ? `${path}.${name}` : name));
}
