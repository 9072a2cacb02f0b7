/* The words of an OData expression: names, literals, parentheses and commas, with where they stand. */
import { badRequest } from '../refusal.mjs';

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?/;
const NUMBER = /^-?\d+(\.\d+)?(?![\w-])/;
const NAME = /^[A-Za-z_@][\w.]*(\/[A-Za-z_][\w.]*)*/;

/* Up to a string's end, quotes within it being doubled. */
function stringFrom(text, start, clause) {
	let value = '';
	for (let i = start + 1; i < text.length; i++) {
		if (text[i] !== '\'')
			value += text[i];
		else if (text[i + 1] === '\'')
			value += text[i++];
		else
			return { kind: 'string', value, at: start, end: i + 1 };
	}
	throw badRequest(`${clause}: There is an unterminated string literal at position ${text.length} in '${text}'.`);
}

function wordFrom(text, start, clause) {
	const rest = text.slice(start);
	const found = [['date', DATE], ['number', NUMBER], ['name', NAME]]
		.map(([kind, pattern]) => ({ kind, value: pattern.exec(rest)?.[0] })).find(({ value }) => value !== undefined);
	if (!found)
		throw badRequest(`${clause}: Syntax error: character '${text[start]}' is not valid at position ${start} in '${text}'.`);
	return { ...found, at: start, end: start + found.value.length };
}

export function tokenize(text, clause) {
	const tokens = [];
	for (let i = 0; i < text.length;) {
		if (/\s/.test(text[i])) {
			i++;
			continue;
		}
		const sign = '(),'.includes(text[i]) && { kind: text[i], value: text[i], at: i, end: i + 1 };
		const token = sign || (text[i] === '\'' ? stringFrom(text, i, clause) : wordFrom(text, i, clause));
		tokens.push(token);
		i = token.end;
	}
	return tokens;
}

/* The value of a whole text that must be one string literal. */
export function stringLiteral(text, clause) {
	const tokens = tokenize(text, clause);
	if (tokens.length !== 1 || tokens[0].kind !== 'string')
		throw badRequest(`${clause}: one string literal is wanted, not '${text}'.`);
	return tokens[0].value;
}
