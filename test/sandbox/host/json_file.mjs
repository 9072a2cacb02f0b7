/*
 * JSON that people write by hand.  JSON.parse does not say behind which key it stopped, nor on which
 * line each key stands.
 */
import { readFileSync } from 'node:fs';

const TOKEN = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))|$)/y;

/* What is wrong at a place where no token begins, by its first character; never what stands there. */
const WRONG = {
	'"': 'a text does not end on its line or has a lone backslash',
	"'": 'single quotes, where JSON has double ones',
	'/': 'a comment, which JSON has not',
	'#': 'a comment, which JSON has not',
};

/* The file's value, and `keys`: for each object in it [{key, line}], in the file's order.  Errors begin
 * with the file's name and the line. */
export function readJsonFile(file) {
	let text;
	try {
		text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
	} catch (cause) {
		throw new Error(`cannot read ${file}: ${cause.message}`, { cause });
	}
	const reader = new Reader(file, text);
	return { value: reader.document(), keys: reader.keys };
}

class Reader {
	keys = new Map();
	#file;
	#text;
	#at = 0;
	#last = ''; /* the key read last */

	constructor(file, text) {
		this.#file = file;
		this.#text = text;
	}

	document() {
		const value = this.#value(this.#next());
		if (this.#peek() !== '') {
			this.#next();
			this.#fail('something stands behind the end');
		}
		return value;
	}

	#line() {
		return this.#text.slice(0, this.#at).split('\n').length;
	}

	#fail(what) {
		const after = this.#last && `, after "${this.#last}"`;
		throw new Error(`${this.#file}:${this.#line()}: ${what}${after}`);
	}

	/* The next token's text, '' at the end. */
	#next() {
		TOKEN.lastIndex = this.#at;
		const token = TOKEN.exec(this.#text);
		if (!token) {
			this.#at += /^\s*/.exec(this.#text.slice(this.#at))[0].length;
			this.#fail(WRONG[this.#text[this.#at]] ?? 'something is no JSON');
		}
		const [, mark, string, word] = token;
		if (mark ?? string ?? word) this.#at = TOKEN.lastIndex;
		return mark ?? string ?? word ?? '';
	}

	#peek() {
		const at = this.#at;
		const token = this.#next();
		this.#at = at;
		return token;
	}

	#value(token) {
		if (token === '') this.#fail('the file ends here, with something still open');
		if (token === '{') return this.#object();
		if (token === '[') return this.#list();
		if (/^[\]},:]/.test(token)) this.#fail('a value is missing');
		return JSON.parse(token);
	}

	#object() {
		const object = {};
		const keys = [];
		this.keys.set(object, keys);
		this.#each('}', () => {
			if (!this.#peek().startsWith('"')) this.#fail('a key is missing');
			const key = JSON.parse(this.#next());
			this.#last = key;
			keys.push({ key, line: this.#line() });
			if (this.#peek() !== ':') this.#fail('a colon is missing');
			this.#next();
			object[key] = this.#value(this.#next());
		});
		return object;
	}

	#list() {
		const list = [];
		this.#each(']', () => list.push(this.#value(this.#next())));
		return list;
	}

	/* Members with commas between them, up to the end. */
	#each(end, member) {
		if (this.#peek() === end) return this.#next();
		for (;;) {
			member();
			const token = this.#peek();
			if (token === '') this.#value(token);
			if (token !== end && token !== ',') this.#fail('a comma is missing');
			this.#next();
			if (token === end) return token;
			if (this.#peek() === end) this.#fail('a comma with nothing behind it');
		}
	}
}
