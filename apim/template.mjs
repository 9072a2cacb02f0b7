/*
 * Policies are written once and filled in here, before API Management sees them, where its own
 * named values ({{NAME}}, which stay) cannot: lists, numbers, variants, and what Microsoft's
 * fragments may not hold (children of return-response, on-error, cache-lookup-value).  Every source
 * is well-formed XML.
 *
 *   <?part NAME?>                         the content of policies/parts/NAME.xml
 *   <?when SETTING value?> ... <?end?>    only where the setting has that value
 *   <?each LIST?> ... ${item} ... <?end?> once for each item
 *   ${SETTING}                            the setting's text; a list's items, separated by commas
 *
 * An instruction stands on a line of its own; when and each do not nest.
 */
const PART = /^([ \t]*)<\?part ([a-z-]+)\?>\n/gm;
const BLOCK = /^[ \t]*<\?(when|each) ([^?]+)\?>\n([\s\S]*?)^[ \t]*<\?end\?>\n/gm;
const SETTING = /\$\{(\w+)\}/g;

/* What stands between <part> and </part>, moved to the indent given. */
function partBody(text, indent) {
	const body = text.replace(/^<part>\n/, '').replace(/<\/part>\n$/, '');
	return body.replace(/^\t/gm, '').replace(/^(?=.)/gm, indent);
}

/* The text with its parts in; readPart(name) gives a part's text. */
function withParts(text, readPart) {
	return text.replace(PART, (all, indent, name) => withParts(partBody(readPart(name), indent), readPart));
}

/* Fills a template in.  Throws where it names a setting that is not there. */
export function fill(template, settings, readPart) {
	const value = (name) => {
		if (!(name in settings)) throw new Error(`the template names ${name}, which is no setting`);
		return settings[name];
	};
	return withParts(template, readPart)
		.replace(BLOCK, (all, kind, words, body) => {
			const [name, wanted] = words.split(' ');
			if (kind === 'when') return value(name) === wanted ? body : '';
			return value(name).map((item) => body.replaceAll('${item}', item)).join('');
		})
		.replace(SETTING, (all, name) => [value(name)].flat().join(','));
}

/* The named values that a policy refers to. */
export const namedValues = (text) => [...text.matchAll(/\{\{([A-Za-z0-9._-]+)\}\}/g)].map(([, name]) => name);
