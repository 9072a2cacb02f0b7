/* Microsoft's published metadata, as far as the catalogue needs it: test/fixture/graph/ says where it is from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from './definitions.mjs';

const readRows = (name) => readFileSync(join(repo, 'test/fixture/graph', `${name}.tsv`), 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t').map((cell) => (cell === '-' ? '' : cell)));
const words = (cell) => cell.split(' ').filter(Boolean);
const pairs = (cell) => words(cell).map((word) => /^([^:]+):?(.*)$/.exec(word).slice(1));

/* "GET /me/messages": what comes back (a type, [type], or nothing), what it takes, who may. */
export const requests = new Map(readRows('requests').map(([method, path, returns, takes, permissions]) => [`${method} ${path}`, {
	returns: returns.replace(/^Collection\((.*)\)$/, '[$1]'),
	takes: new Map(pairs(takes).map(([option, most]) => [option, most ? Number(most) : Infinity])),
	permissions: words(permissions).map((permission) => permission.replace('*', '')),
	least: words(permissions).filter((permission) => permission.startsWith('*')).map((permission) => permission.slice(1)) }]));

const types = new Map(readRows('types').map(([name, base, properties, navigation]) => [name,
	{ base, properties: new Map(pairs(properties)), navigation: new Map(pairs(navigation)) }]));

const withheld = readRows('withheld').map(([permission, type, properties, given]) =>
	({ permission, type, properties: words(properties), given }));

/* The permission for what others share, by that for the user's own. */
export const sharedOf = new Map(readRows('shared').filter(([, shared]) => shared));

export const elementOf = (type) => type.replace(/^\[(.*)\]$/, '$1');
export const isCollection = (type) => type.startsWith('[');

/* The type of a property, its own or inherited, and whether it is one of navigation; undefined: there is none. */
export function propertyOf(type, name) {
	for (let found = types.get(type); found; found = types.get(found.base)) {
		if (found.properties.has(name))
			return { type: found.properties.get(name) };
		if (found.navigation.has(name))
			return { type: found.navigation.get(name), navigation: true };
	}
	return undefined;
}

/* The least permission that gives a property which that permission leaves out. */
export const givenBy = (permission, type, name) => withheld.find((row) =>
	row.permission === permission && row.type === type && row.properties.includes(name))?.given;
