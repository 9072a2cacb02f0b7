/*
 * $filter, read in earnest: what is no expression of properties, literals and the functions here is a 400, so that a filter
 * that somebody got out of is seen.  Not played: lambdas (any, all), arithmetic, in, has.
 */
import { badRequest } from '../refusal.mjs';
import { at, kindOf } from './schema.mjs';
import { tokenize } from './tokens.mjs';

const CLAUSE = 'Invalid filter clause';
const COMPARE = {
	eq: (a, b) => a === b, ne: (a, b) => a !== b, gt: (a, b) => a > b, ge: (a, b) => a >= b, lt: (a, b) => a < b, le: (a, b) => a <= b,
};
const FUNCTIONS = {
	startswith: (a, b) => a.startsWith(b), endswith: (a, b) => a.endsWith(b), contains: (a, b) => a.includes(b),
};
const EDM = { text: 'Edm.String', date: 'Edm.DateTimeOffset', bool: 'Edm.Boolean', number: 'Edm.Int32', null: 'null' };

/* A value as it is compared: texts without case, times as numbers. */
function comparable(value, kind) {
	if (value === null || value === undefined)
		return null;
	if (kind === 'date')
		return Date.parse(value);
	return typeof value === 'string' ? value.toLowerCase() : value;
}

class Parser {
	constructor(text, type, paths) {
		Object.assign(this, { text, type, paths, tokens: tokenize(text, CLAUSE), next: 0, used: [], functions: [] });
	}

	get token() {
		return this.tokens[this.next];
	}

	fail(why) {
		throw badRequest(`${CLAUSE}: ${why ?? `Syntax error at position ${this.token?.at ?? this.text.length}`} in '${this.text}'.`);
	}

	take(kind, value) {
		const { token } = this;
		if (token?.kind !== kind || (value !== undefined && token.value !== value))
			this.fail();
		this.next++;
		return token;
	}

	is(value) {
		return this.token?.kind === 'name' && this.token.value === value;
	}

	all() {
		if (this.tokens.length === 0)
			this.fail();
		const test = this.or();
		if (this.token)
			this.fail();
		return test;
	}

	or() {
		const parts = [this.and()];
		while (this.is('or') && ++this.next)
			parts.push(this.and());
		return (item) => parts.some((part) => part(item));
	}

	and() {
		const parts = [this.not()];
		while (this.is('and') && ++this.next)
			parts.push(this.not());
		return (item) => parts.every((part) => part(item));
	}

	not() {
		if (!this.is('not'))
			return this.one();
		this.next++;
		this.functions.push('not');
		const part = this.not();
		return (item) => !part(item);
	}

	one() {
		if (this.token?.kind === '(') {
			this.next++;
			const inner = this.or();
			this.take(')');
			return inner;
		}
		if (this.token?.kind === 'name' && Object.hasOwn(FUNCTIONS, this.token.value) && this.tokens[this.next + 1]?.kind === '(')
			return this.call();
		return this.comparison();
	}

	call() {
		const { value: name } = this.take('name');
		this.take('(');
		const path = this.path();
		this.take(',');
		const literal = this.take('string').value.toLowerCase();
		this.take(')');
		if (path.kind !== 'text')
			this.fail(`No function signature for the function with name '${name}' matches the specified arguments`);
		this.functions.push(name);
		return (item) => FUNCTIONS[name](comparable(at(item, path.name), 'text') ?? '', literal);
	}

	comparison() {
		const path = this.path();
		const { value: operator } = this.take('name');
		if (!Object.hasOwn(COMPARE, operator))
			this.fail();
		const literal = this.literal();
		if (literal.kind !== 'null' && literal.kind !== path.kind)
			this.fail(`A binary operator with incompatible types was detected. Found operand types '${EDM[path.kind]}' and `
				+ `'${EDM[literal.kind]}' for operator kind '${operator}'`);
		this.functions.push(operator);
		return (item) => COMPARE[operator](comparable(at(item, path.name), path.kind), comparable(literal.value, path.kind));
	}

	path() {
		const { value: name } = this.take('name');
		const kind = kindOf(this.type, name);
		if (kind === undefined)
			this.fail(`Could not find a property named '${name.split('/')[0]}' on type '${this.type.name}'`);
		if (!this.paths.includes(name))
			this.fail(`The property '${name}' cannot be used in the $filter query option`);
		this.used.push(name);
		return { name, kind };
	}

	literal() {
		const { token } = this;
		this.next++;
		if (token?.kind === 'string')
			return { kind: 'text', value: token.value };
		if (token?.kind === 'date')
			return { kind: 'date', value: token.value };
		if (token?.kind === 'number')
			return { kind: 'number', value: Number(token.value) };
		if (token?.value === 'true' || token?.value === 'false')
			return { kind: 'bool', value: token.value === 'true' };
		if (token?.value === 'null')
			return { kind: 'null', value: null };
		this.next--;
		return this.fail();
	}
}

/* {test(item), used (the paths, in order), functions}; paths: those that this collection can be filtered by. */
export function readFilter(text, type, paths) {
	const parser = new Parser(text, type, paths);
	const test = parser.all();
	return { test, used: parser.used, functions: parser.functions };
}

/* [{path, descending}] of a $orderby. */
export function readOrder(text, type, paths) {
	return text.split(',').map((part) => {
		const [path, direction = 'asc', ...rest] = part.trim().split(/\s+/);
		if (rest.length > 0 || !['asc', 'desc'].includes(direction.toLowerCase()))
			throw badRequest(`Syntax error at position ${path.length} in '${text}'.`);
		if (kindOf(type, path) === undefined)
			throw badRequest(`Could not find a property named '${path}' on type '${type.name}'.`);
		if (!paths.includes(path))
			throw badRequest(`The property '${path}' cannot be used in the $orderby query option.`);
		return { path, descending: direction.toLowerCase() === 'desc' };
	});
}

export function inOrder(items, order) {
	const key = (item, path) => comparable(at(item, path), 'text') ?? '';
	return items.toSorted((a, b) => {
		for (const { path, descending } of order) {
			const [left, right] = [key(a, path), key(b, path)];
			if (left !== right)
				return (left < right ? -1 : 1) * (descending ? -1 : 1);
		}
		return 0;
	});
}
