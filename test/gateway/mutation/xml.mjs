/*
 * Where things stand in a policy's source: a reader of well-formed XML that keeps offsets, so that a
 * change can be made to one place and the rest of the text stays as it is.
 */
const TOKEN = /<!--[\s\S]*?-->|<\?([\w-]+)[^?]*\?>|<\/([\w-]+)\s*>|<([\w-]+)((?:\s+[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/* [{name, start, end, attributes: [{name, value, start, end, from, to}], text: {value, from, to} or
 * undefined when it holds elements}] in document order, and instructions as {instruction, start, end}.
 * start..end is the whole, from..to the value between the quotes or tags. */
export function readSource(source) {
	const found = [];
	const open = [];
	for (const token of source.matchAll(TOKEN)) {
		const [all, instruction, closing, name, attributes, selfClosing] = token;
		const at = token.index;
		if (instruction) found.push({ instruction, start: at, end: at + all.length });
		if (instruction || name) open.forEach((one) => { one.leaf &&= Boolean(instruction); });
		if (closing) close(open.pop(), source, at, all.length);
		if (!name) continue;
		const element = { name, start: at, end: at + all.length, attributes: read(attributes, at + 1 + name.length), leaf: true, inner: at + all.length };
		found.push(element);
		if (!selfClosing) open.push(element);
	}
	if (open.length) throw new Error(`${open[0].name} is not closed`);
	return found;
}

function close(element, source, at, length) {
	if (element.leaf && at > element.inner) element.text = { value: source.slice(element.inner, at), from: element.inner, to: at };
	element.end = at + length;
}

function read(text, offset) {
	return [...text.matchAll(ATTRIBUTE)].map((match) => {
		const [all, name, double, single] = match;
		const start = offset + match.index;
		const value = double ?? single;
		return { name, value, start, end: start + all.length, from: start + all.length - 1 - value.length, to: start + all.length - 1 };
	});
}

export const lineOf = (source, at) => source.slice(0, at).split('\n').length;
