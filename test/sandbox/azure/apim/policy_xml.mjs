/*
 * Policy documents as API Management reads and writes them, in two formats: `xml`, where all is XML and the C# of
 * an expression is escaped like anything else, and `rawxml`, where an expression stands as it is and ends
 * where its brackets close.  Blanks between elements are lost: what is written is indented anew.
 *
 * A node is {kind: 'element', name, attributes: [[name, value]], children, line, column}, {kind: 'comment', text} or
 * {kind: 'text', text}; line and column are those of an element's name, from 1, as .NET counts them.
 */
const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NAME = /[A-Za-z_:][\w:.-]*/y;
const NEW_LINE = '\r\n'; /* what API Management gives back, whatever was sent */

export class SyntaxProblem extends Error {
	constructor(message, line, column) {
		super(`${message} Line ${line}, position ${column}.`);
		Object.assign(this, { line, column });
	}
}

const isExpression = (text) => /^\s*@[({]/.test(text);

/* Where a C# string, character or comment that begins at `at` ends; `at` itself where none begins. */
function afterLiteral(text, at) {
	const forms = [/\/\/[^\n]*/y, /\/\*[\s\S]*?\*\//y, /\$?@\$?"(?:[^"]|"")*"/y, /\$?"(?:[^"\\\n]|\\.)*"/y, /'(?:[^'\\\n]|\\[^\n]+?)'/y];
	for (const form of forms) {
		form.lastIndex = at;
		if (form.test(text)) return form.lastIndex;
	}
	return at;
}

class Reader {
	constructor(text, format) {
		this.text = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
		this.raw = format === 'rawxml';
		this.at = 0;
	}

	fail(message, at = this.at) {
		const before = this.text.slice(0, at).split('\n');
		throw new SyntaxProblem(message, before.length, before.at(-1).length + 1);
	}

	starts(what) {
		return this.text.startsWith(what, this.at);
	}

	/* The text up to `end`, which is passed over. */
	until(end, what) {
		const found = this.text.indexOf(end, this.at);
		if (found < 0) this.fail(`Unexpected end of file while parsing ${what} has occurred.`, this.text.length);
		const text = this.text.slice(this.at, found);
		this.at = found + end.length;
		return text;
	}

	name() {
		NAME.lastIndex = this.at;
		const [name] = NAME.exec(this.text) ?? this.fail(`Name cannot begin with the '${this.text[this.at] ?? 'end of file'}' character.`);
		this.at += name.length;
		return name;
	}

	blanks() {
		while (/\s/.test(this.text[this.at] ?? '')) this.at++;
	}

	/* Entities taken out once. */
	plain(text, at) {
		return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+)?(;)?/g, (all, what, end, place) => {
			const known = end && what && (what.startsWith('#') ? String.fromCodePoint(Number(what.replace('#', '').replace(/^x/, '0x'))) : ENTITIES[what]);
			return known || this.fail('An error occurred while parsing EntityName.', at + place);
		});
	}

	/* The C# that begins here, up to the bracket that closes it. */
	expression() {
		const from = this.at;
		const [open, close] = this.text[from + 1] === '(' ? '()' : '{}';
		let depth = 0;
		for (let at = from + 1; at < this.text.length;) {
			const after = afterLiteral(this.text, at);
			if (after > at) {
				at = after;
				continue;
			}
			if (this.text[at] === open) depth++;
			if (this.text[at++] === close && --depth === 0) {
				this.at = at;
				return this.text.slice(from, at);
			}
		}
		return this.fail('The expression has no end.', from);
	}

	attributeValue() {
		const quote = this.text[this.at];
		if (quote !== '"' && quote !== "'") this.fail(`'${quote}' is an unexpected token. The expected token is '"' or '''.`);
		const from = ++this.at;
		if (this.raw && /@[({]/y.test(this.text.slice(from, from + 2))) {
			const code = this.expression();
			if (this.text[this.at] !== quote) this.fail(`'${this.text[this.at]}' is an unexpected token. The expected token is '${quote}'.`);
			this.at++;
			return code;
		}
		const text = this.until(quote, 'an attribute');
		if (text.includes('<')) this.fail("'<', hexadecimal value 0x3C, is an invalid attribute character.", from + text.indexOf('<'));
		return this.plain(this.raw ? text : text.replace(/[\n\t]/g, ' '), from);
	}

	attributes() {
		const found = [];
		for (;;) {
			const from = this.at;
			this.blanks();
			if (/[/>]|^$/.test(this.text[this.at] ?? '')) return found;
			if (from === this.at) this.fail(`'${this.text[this.at]}' is an unexpected token. Expecting white space.`);
			const name = this.name();
			if (found.some(([other]) => other === name)) this.fail(`'${name}' is a duplicate attribute name.`);
			this.blanks();
			if (this.text[this.at] !== '=') this.fail(`'${this.text[this.at]}' is an unexpected token. The expected token is '='.`);
			this.at++;
			this.blanks();
			found.push([name, this.attributeValue()]);
		}
	}

	element() {
		this.at++;
		const before = this.text.slice(0, this.at).split('\n');
		const element = { kind: 'element', name: this.name(), line: before.length, column: before.at(-1).length + 1 };
		element.attributes = this.attributes();
		element.children = [];
		if (this.starts('/>')) {
			this.at += 2;
			return element;
		}
		if (!this.starts('>')) this.fail('Unexpected end of file has occurred.');
		this.at++;
		this.content(element);
		return element;
	}

	/* What stands in an element, and its end. */
	content({ name, line, children }) {
		for (;;) {
			if (this.at >= this.text.length) this.fail(`Unexpected end of file has occurred. The following elements are not closed: ${name}.`);
			if (this.starts('</')) {
				this.at += 2;
				const from = this.at;
				const closed = this.name();
				if (closed !== name) this.fail(`The '${name}' start tag on line ${line} does not match the end tag of '${closed}'.`, from);
				this.blanks();
				this.until('>', 'an end tag');
				return;
			}
			children.push(this.node());
		}
	}

	node() {
		if (this.starts('<!--')) {
			this.at += 4;
			return { kind: 'comment', text: this.until('-->', 'a comment') };
		}
		if (this.starts('<![CDATA[')) {
			this.at += 9;
			return { kind: 'text', text: this.until(']]>', 'CDATA') };
		}
		if (this.starts('<?') || this.starts('<!')) this.fail('Processing instructions and document types are not supported.');
		return this.starts('<') ? this.element() : this.characters();
	}

	characters() {
		const from = this.at;
		this.blanks();
		if (this.raw && isExpression(this.text.slice(this.at, this.at + 2))) return { kind: 'text', text: this.text.slice(from, this.at) + this.expression() };
		const end = this.text.indexOf('<', this.at);
		this.at = end < 0 ? this.text.length : end;
		return { kind: 'text', text: this.plain(this.text.slice(from, this.at), from) };
	}

	/* The nodes of a whole document: one element, and comments. */
	document() {
		this.blanks();
		if (this.starts('<?xml ')) this.until('?>', 'the XML declaration');
		const nodes = [];
		for (this.blanks(); this.at < this.text.length; this.blanks()) {
			if (!this.starts('<')) this.fail('Data at the root level is invalid.');
			nodes.push(this.node());
		}
		const roots = nodes.filter(({ kind }) => kind === 'element');
		if (roots.length !== 1) this.fail(roots.length ? 'There are multiple root elements.' : 'Root element is missing.');
		return nodes;
	}
}

/* [node] of a document in that format.  Throws SyntaxProblem. */
export const readPolicy = (text, format) => new Reader(text, format).document();

export const rootOf = (nodes) => nodes.find(({ kind }) => kind === 'element');

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const inText = (text, raw) => (raw && isExpression(text) ? text : escaped(text));
const inAttribute = (text, raw) => (raw && isExpression(text) ? text : escaped(text).replace(/"/g, '&quot;').replace(/\n/g, '&#xA;'));

function written(node, raw, indent) {
	if (node.kind === 'comment') return `${indent}<!--${node.text}-->`;
	if (node.kind === 'text') return `${indent}${inText(node.text, raw)}`;
	const start = `${indent}<${node.name}${node.attributes.map(([name, value]) => ` ${name}="${inAttribute(value, raw)}"`).join('')}`;
	const children = node.children.filter(({ kind, text }) => kind !== 'text' || text.trim());
	if (!children.length) return `${start} />`;
	const end = `</${node.name}>`;
	if (children.every(({ kind }) => kind === 'text')) return `${start}>${children.map(({ text }) => inText(text, raw)).join('')}${end}`;
	return [`${start}>`, ...children.map((child) => written(child, raw, `${indent}  `)), `${indent}${end}`].join('\n');
}

/* The document as it is given back. */
export const writePolicy = (nodes, format) => nodes.map((node) => written(node, format === 'rawxml', '')).join('\n').replace(/\n/g, NEW_LINE);

/* Every element below a node, itself included. */
export function* elements(node) {
	if (node.kind !== 'element') return;
	yield node;
	for (const child of node.children) yield* elements(child);
}

/* Every text of a document, comments too, with the element that it stands in. */
export function* texts(node, within = node) {
	if (node.kind !== 'element') yield [node.text, within];
	for (const [, value] of node.attributes ?? []) yield [value, node];
	for (const child of node.children ?? []) yield* texts(child, node);
}
