/*
 * The mutants of a policy's source: every element left out, every condition turned round, always and
 * never, every attribute and text changed, and in C# every literal, comparison and condition.  Each is
 * {file, line, text (the whole source then), name}; the name says where and what without the line's
 * number, so that it stays the same when lines move.
 */
import { lineOf, readSource } from './xml.mjs';

const ROOTS = ['policies', 'part', 'fragment'];

/* Attributes that may be left out, with what API Management takes them for then; nothing changes where
 * they say that. */
const OPTIONAL = { 'exists-action': 'override', 'timeout': '', 'ignore-error': 'false', 'caching-type': 'prefer-external', 'separator': '',
	'match': 'all', 'allow-credentials': 'false', 'terminate-unmatched-request': '', 'preflight-result-max-age': '0',
	'header-name': 'Authorization', 'authentication-endpoint': '', 'failed-validation-httpcode': '401', 'output-token-variable-name': '',
	'retry-after-variable-name': '', 'buffer-response': 'true', 'reason': '', 'interval': '', 'mode': '' };

const isCode = (value) => /^\s*@[({]/.test(value);

/* A plain value of another meaning. */
function other(name, value) {
	const words = { true: 'false', false: 'true', any: 'all', override: 'skip', internal: 'prefer-external', new: 'copy' };
	if (Object.hasOwn(words, value.trim())) return words[value.trim()];
	if (/^\d+$/.test(value)) return otherNumber(value);
	if (/^\$\{RATE_\w+\}$/.test(value)) return `${value}0`;
	return `${value}X`;
}

const otherNumber = (digits) => String(Number(digits) < 10 ? Number(digits) + 1 : Number(digits) * 2);

/* [from, to, replacement, what] */
function elementChanges(element) {
	const { name, start, end } = element;
	return [...(ROOTS.includes(name) ? [] : [[start, end, '', `no <${name}>`]]),
		...element.attributes.flatMap(attributeChanges), ...(element.text ? textChanges(element) : [])];
}

function attributeChanges({ name, value, start, end, from, to }) {
	if (name === 'condition') return conditionChanges({ value, from, to });
	const removed = Object.hasOwn(OPTIONAL, name) && OPTIONAL[name] !== value ? [[start, end, '', `no ${name}`]] : [];
	if (isCode(value)) return [...removed, ...codeChanges(value, from)];
	const now = other(name, value);
	return [...removed, [from, to, now, `${name} ${value} -> ${now}`]];
}

function conditionChanges({ value, from, to }) {
	const always = ['true', 'false'].map((fixed) => [from, to, `@(${fixed})`, `condition ${fixed}`]);
	const simple = /^@\(([\s\S]*)\)$/.exec(value);
	const comparisons = value.match(/==|!=|&gt;=|&lt;|>|&amp;&amp;|\|\|/g) ?? []; /* one alone is turned round as such */
	const turned = simple && comparisons.length !== 1 ? [[from, to, `@(!(${simple[1]}))`, 'condition negated']] : [];
	return [...always, ...turned, ...codeChanges(value, from)];
}

function textChanges({ name, text: { value, from } }) {
	if (isCode(value)) return codeChanges(value, from);
	const [plain] = /\S(?:[\s\S]*\S)?/.exec(value) ?? [];
	if (!plain || plain.startsWith('<?')) return [];
	const at = from + value.indexOf(plain);
	return [[at, at + plain.length, other(name, plain), `${plain} -> ${other(name, plain)}`]];
}

/* What C# is made of, as it stands in XML. */
const PIECE = /\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\.)*)"|<\?[^?]*\?>|\bif \(|==|!=|&amp;&amp;|\|\||>=|&lt;=|&lt;(?!string>|JObject>)|(?<![=&;])>(?=[ =])|!(?=[\w(])|\s-\s|(?<![\w.])\d+\b/g;
const OPERATORS = { '==': '!=', '!=': '==', '&amp;&amp;': '||', '||': '&amp;&amp;', '>=': '&lt;', '&lt;=': '>', '&lt;': '>=', '>': '&lt;=', '!': '' };

function codeChanges(code, offset) {
	return [...code.matchAll(PIECE)].flatMap((match) => {
		const [all, text] = match;
		const from = offset + match.index;
		const change = (now, what) => [[from, from + all.length, now, what]];
		if (text !== undefined) return change(`"${text}X"`, `"${text}" -> "${text}X"`);
		if (all === 'if (') return ifChanges(code, match.index, offset);
		if (Object.hasOwn(OPERATORS, all)) return change(OPERATORS[all], `${all} -> ${OPERATORS[all] || 'nothing'} (${column(code, match.index)})`);
		if (/^\s-\s$/.test(all)) return change(' + ', `- -> + (${column(code, match.index)})`);
		if (/^\d+$/.test(all)) return change(otherNumber(all), `${all} -> ${otherNumber(all)} (${column(code, match.index)})`);
		return []; /* a comment, an instruction */
	});
}

/* Tells several changes of a line apart. */
function column(code, at) {
	const start = code.lastIndexOf('\n', at - 1) + 1;
	return `after "${code.slice(start, at).trim().slice(-12)}"`;
}

function ifChanges(code, at, offset) {
	const from = at + 'if ('.length;
	let to = from;
	for (let depth = 1, quoted = false; depth; to++) {
		if (code[to] === '"' && code[to - 1] !== '\\') quoted = !quoted;
		if (!quoted && code[to] === '(') depth++;
		if (!quoted && code[to] === ')') depth--;
	}
	const condition = code.slice(from, to - 1);
	/* With the condition in it, as it may set a variable. */
	return [['true', '|| true'], ['false', '&amp;&amp; false']].map(([fixed, end]) =>
		[offset + from, offset + to - 1, `(${condition}) ${end}`, `if ${fixed}: ${condition}`]);
}

function instructionChanges({ instruction, start, end }) {
	return instruction === 'part' ? [[start, end, '', 'no part']] : [];
}

export function mutantsOf(file, source) {
	const lines = source.split('\n');
	const seen = new Map();
	return readSource(source).flatMap((one) => (one.instruction ? instructionChanges(one) : elementChanges(one)))
		.map(([from, to, now, change]) => {
			const line = lineOf(source, from);
			const said = `${file}: ${lines[line - 1].trim()}: ${change}`;
			const nth = (seen.get(said) ?? 0) + 1;
			seen.set(said, nth);
			return { file, line, name: nth > 1 ? `${said} (${nth})` : said, text: source.slice(0, from) + now + source.slice(to) };
		});
}
