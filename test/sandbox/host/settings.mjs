/*
 * local.settings.json, as `func start` reads it: its Values are the handler's environment.  What is wrong
 * in it is named with file, line and key, because people write it by hand.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from './json_file.mjs';

const MEMBERS = ['IsEncrypted', 'Values', 'Host', 'ConnectionStrings'];
const SLIPS_MAX = 2;

/* {values, warnings} of the file in that root; none without one.  The names of the settings are those in
 * local.settings.example.json beside it. */
export function readSettings(root) {
	const file = join(root, 'local.settings.json');
	if (!existsSync(file)) return { values: {}, warnings: [] };
	const { value, keys } = readJsonFile(file);
	const at = { file, keys };
	checkMembers(at, value);
	return { values: textsOf(at, value.Values),
		warnings: [...strayMembers(at, value), ...doubtfulNames(at, value.Values, settingNames(root))] };
}

function fail({ file }, line, what) {
	throw new Error(`${file}:${line}: ${what}`);
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function checkMembers(at, document) {
	if (!isObject(document)) fail(at, 1, 'is no object');
	for (const { key, line } of at.keys.get(document)) {
		const meant = MEMBERS.includes(key) ? key : nearest(key, MEMBERS);
		if (meant && meant !== key) fail(at, line, `"${key}" must be "${meant}"`);
		if (key === 'IsEncrypted' && document.IsEncrypted === true)
			fail(at, line, '"IsEncrypted" is true, and only func can read encrypted values: func settings decrypt');
		if (key === 'Values' && !isObject(document.Values)) fail(at, line, '"Values" is no object');
	}
	if (!document.Values) fail(at, 1, 'has no "Values"');
}

/* Values as an environment has them. */
function textsOf(at, values) {
	for (const { key, line } of at.keys.get(values)) {
		if (!['string', 'number', 'boolean'].includes(typeof values[key]))
			fail(at, line, `"${key}" is neither text, number nor boolean`);
	}
	return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function strayMembers({ file, keys }, document) {
	return keys.get(document).filter(({ key }) => !MEMBERS.includes(key))
		.map(({ key, line }) => `${file}:${line}: "${key}" stands outside of "Values", where nobody reads it`);
}

function doubtfulNames({ file, keys }, values, names) {
	return keys.get(values).flatMap(({ key, line }, i, all) => {
		const meant = names.includes(key) ? key : nearest(key, names);
		const again = all.findIndex((other) => other.key === key) < i;
		return [...(again ? [`${file}:${line}: "${key}" stands here again; the last one counts`] : []),
			...(meant && meant !== key ? [`${file}:${line}: "${key}" is no setting; "${meant}" is`] : [])];
	});
}

function settingNames(root) {
	const example = join(root, 'local.settings.example.json');
	return existsSync(example) ? Object.keys(readJsonFile(example).value.Values) : [];
}

/* The name that is the same but for case and at most two slips, one in a short one. */
function nearest(name, names) {
	for (let slips = 0; slips <= SLIPS_MAX; slips++) {
		const found = names.find((one) => slips <= one.length / 4 && within(name.toUpperCase(), one.toUpperCase(), slips));
		if (found) return found;
	}
	return undefined;
}

/* Whether so many characters too many, missing or other ones, or swapped, make one of the other. */
function within(a, b, slips) {
	let n = 0;
	while (n < a.length && a[n] === b[n]) n++;
	const [x, y] = [a.slice(n), b.slice(n)];
	if (!x && !y) return true;
	if (!slips) return false;
	const swapped = x.length > 1 && x[0] === y[1] && x[1] === y[0];
	return within(x.slice(1), y, slips - 1) || within(x, y.slice(1), slips - 1)
		|| within(x.slice(1), y.slice(1), slips - 1) || (swapped && within(x.slice(2), y.slice(2), slips - 1));
}
