/*
 * docs/msal.md: the tables between its markers are written by the test, the rest by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const line = (cells) => `| ${cells.join(' | ')} |`;

/* A Markdown table. */
export function table(head, rows) {
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const markers = (name) => [`<!-- ${name}: written by the test -->`, `<!-- end of ${name} -->`];

/* The text with the parts, {name: Markdown}, between their markers. */
export function withParts(text, parts) {
	for (const [name, markdown] of Object.entries(parts)) {
		const [begin, end] = markers(name);
		const [from, to] = [text.indexOf(begin), text.indexOf(end)];
		if (from < 0 || to < from)
			throw new Error(`no "${begin}" with its end in the document`);
		text = `${text.slice(0, from + begin.length)}\n\n${markdown}\n\n${text.slice(to)}`;
	}
	return text;
}

/* Times change from run to run and are no difference between documents. */
export const withoutTimes = (text) => text.replace(/\d+(\.\d+)? ms/g, 'some ms');

/* {written, fresh}: the document as it stands and as it should be; stored when store is true. */
export function renew(path, parts, { store = false } = {}) {
	const written = readFileSync(path, 'utf8');
	const fresh = withParts(written, parts);
	if (store)
		writeFileSync(path, fresh);
	return { written: store ? fresh : written, fresh };
}
