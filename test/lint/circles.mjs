/*
 * Which source files need each other in a circle, by what each object file needs of which other.
 * One of a circle cannot be read, changed or tested without the others.
 */
import { execFileSync } from 'node:child_process';

/* {object: Map(object it needs: names it needs of it)} of the objects, as nm lists them. */
export function needsOf(objects) {
	const listed = execFileSync('nm', ['-g', '-A', ...objects], { encoding: 'utf8', maxBuffer: 1 << 26 });
	const lines = listed.split('\n').filter(Boolean)
		.map((line) => line.match(/^(.+?):[0-9a-f ]*([A-Za-z]) (\S+)$/).slice(1));
	const owner = new Map(lines.filter(([, kind]) => kind !== 'U').map(([object, , name]) => [name, object]));
	const needs = Object.fromEntries(objects.map((object) => [object, new Map()]));
	for (const [object, kind, name] of lines) {
		const other = owner.get(name);
		if (kind !== 'U' || !other) continue;
		needs[object].set(other, [...needs[object].get(other) ?? [], name]);
	}
	return needs;
}

/* The shortest way from a file back to itself, as [[file, what it needs of the next], ...]. */
function wayBack(needs, start) {
	const ways = [[start]];
	const seen = new Set();
	for (const way of ways) {
		for (const next of needs[way.at(-1)].keys()) {
			if (next === start) return way.map((file, i) => [file, needs[file].get(way[i + 1] ?? start)]);
			if (!seen.has(next)) ways.push([...way, next]);
			seen.add(next);
		}
	}
	return null;
}

/* A sentence for each circle: "a needs f of b, b needs g of a". */
export function circles(needs) {
	const told = new Set();
	return Object.keys(needs).sort().flatMap((file) => {
		const way = wayBack(needs, file);
		if (!way || told.has(file)) return [];
		way.forEach(([member]) => told.add(member));
		return way.map(([member, names], i) =>
			`${member} needs ${[...names].sort().join(', ')} of ${way[(i + 1) % way.length][0]}`).join(', ');
	});
}
