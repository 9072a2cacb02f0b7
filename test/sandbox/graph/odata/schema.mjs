/* The types of what the sandbox Graph holds: which properties there are, and of what kind. */

/* "id isRead:bool" is a type of a text and a truth; kinds: text, date, bool, number, object. */
export function type(name, properties, { onSelect = [] } = {}) {
	const kinds = new Map(properties.trim().split(/\s+/).map((one) => {
		const [property, kind = 'text'] = one.split(':');
		return [property, kind];
	}));
	return { name: `microsoft.graph.${name}`, kinds, onSelect };
}

/* The value at a/b/c. */
export const at = (item, path) => path.split('/').reduce((value, name) => value?.[name], item);

/* The kind of what a path leads to: beneath an object only names tell. */
export function kindOf({ kinds }, path) {
	const [first, ...rest] = path.split('/');
	const kind = kinds.get(first);
	if (kind === undefined || rest.length === 0)
		return kind;
	return kind === 'object' ? 'text' : undefined;
}
