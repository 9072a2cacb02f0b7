/* The targets, each with the figure that was measured: met, missed, or (undefined) not measured. */
import { ratio } from '../measuring/rounds.mjs';

const percent = (value) => `${(value * 100).toFixed(0)} %`;
const times = (value) => `${value.toFixed(value < 10 ? 1 : 0)} x`;

function verdict(id, target, figure, met) {
	return figure === undefined ? { id, target, figure: 'not measured' } : { id, target, figure, met };
}

/* The handler's rate as a share of another subject's. */
function share(bench, { id, variant = 'c=32', of = 'handler', other, atLeast, show = percent }) {
	const value = ratio(bench, id, variant, of, other);
	return verdict(id, `${variant}: at least ${show(atLeast)} of ${other}`,
		value === undefined ? undefined : `${show(value)} (by CPU time ${show(
			entryOf(bench, id, variant, other).cpu_us / entryOf(bench, id, variant, of).cpu_us)})`,
		value >= atLeast);
}

const entryOf = (bench, id, variant, subject = 'handler') => bench.entries.find((entry) =>
	entry.id === id && entry.variant === variant && entry.subject === subject);

function againstIdeal(bench, callers) {
	const entry = entryOf(bench, 'B7', `c=${callers}`);
	const value = entry && entry.rps.median / (callers / 0.05);
	return verdict('B7', `${callers} callers: at least 95 % of ideal, no error`, value === undefined
		? undefined : `${percent(value)}, ${entry.bad} errors`, value >= 0.95 && entry?.bad === 0);
}

function withoutError(bench, callers) {
	const entry = entryOf(bench, 'B7', `c=${callers}`);
	return verdict('B7', `${callers} callers: no error and no timeout`, entry
		? `${entry.bad} errors, ${Math.round(entry.rps.median)} rps` : undefined, entry?.bad === 0);
}

function connections(bench, callers, atMost) {
	const value = bench.facts.graph_connections?.[callers];
	return verdict('B7', `${callers} callers: at most ${atMost} connections to Graph`,
		value === undefined ? undefined : String(value), value <= atMost);
}

function counts(bench) {
	const { B8, B9, B10 } = bench.facts;
	return [
		verdict('B8', 'one exchange for each new user, then none', B8
			&& `${B8.exchanges} for ${B8.users}, then ${B8.exchanges_again}; ${B8.bad} errors`,
		B8?.exchanges === B8?.users && B8?.exchanges_again === 0 && B8?.bad === 0),
		verdict('B9', 'one exchange for 100 parallel calls', B9
			&& `${B9.exchanges}; ${B9.bad} errors`, B9?.exchanges === 1 && B9?.bad === 0),
		verdict('B10', 'others see no error of a user whom Entra refuses', B10
			&& `${B10.bad} errors of others, ${B10.refused_bad} of the refused one's`,
		B10?.bad === 0 && B10?.refused_bad > 0),
	];
}

function lookUp({ facts: { B11 } }) {
	const costs = B11?.map(({ hit_ns }) => hit_ns / 1000) ?? [];
	return verdict('B11', 'flat within 2 x', B11 && costs.map((us, i) =>
		`${us.toFixed(2)} us at ${B11[i].users}`).join(', '),
	Math.max(...costs) <= 2 * Math.min(...costs));
}

function starting({ facts }) {
	const own = facts.B12?.handler;
	return [
		verdict('B12', 'exec to the first 200 in at most 10 ms', own && `${own.ms.toFixed(1)} ms`,
			own?.ms <= 10),
		verdict('B12', 'at most 8 MB idle', own && `${own.rss_mb.toFixed(1)} MB`, own?.rss_mb <= 8),
		verdict('B12', 'zip of at most 4 MB', facts.zip_mb && `${facts.zip_mb.toFixed(1)} MB`,
			facts.zip_mb <= 4),
	];
}

function crowd({ facts: { B15 } }) {
	return verdict('B15', 'each answer its caller\'s, one exchange a user', B15
		&& `${B15.bad} errors in ${B15.answers} calls of ${B15.tools} tools, ${B15.exchanges} exchanges for ${B15.users} users`,
	B15?.bad === 0 && B15?.exchanges === B15?.users);
}

function patience({ facts: { B13, B14 } }) {
	const steady = B14?.growth <= 0.03 && B14.files[1] <= B14.files[0] + 8
		&& B14.threads[0] === B14.threads[1] && B14.bad === 0;
	return [
		verdict('B13', 'hello p99 at most 2 x its undisturbed value', B13
			&& `${times(B13.ratio)} (${Math.round(B13.alone_p99_us)} to`
			+ ` ${Math.round(B13.beside_p99_us)} us), ${B13.bad} errors`, B13?.ratio <= 2 && B13?.bad === 0),
		verdict('B14', 'no slope: memory grows at most 3 % after the first third, files and threads do not', B14
			&& `${percent(B14.growth)} (${B14.rss_kb_per_minute.toFixed(0)} KB a minute at ${B14.rss_mb[1].toFixed(1)} MB),`
			+ ` ${B14.files.join(' to ')} files, ${B14.threads.join(' to ')} threads,`
			+ ` ${B14.bad} errors in ${B14.seconds} s`, steady),
	];
}

export function judge(bench) {
	return [
		share(bench, { id: 'B1', other: 'civetweb', atLeast: 0.9 }),
		share(bench, { id: 'B5', other: 'civetweb', atLeast: 0.9 }),
		share(bench, { id: 'B5', other: 'Go, mcp-go', atLeast: 1.5, show: times }),
		share(bench, { id: 'B5', other: 'TypeScript SDK v1', atLeast: 40, show: times }),
		share(bench, { id: 'B4', other: 'handler, tools/call', atLeast: 0.95 }),
		share(bench, { id: 'B6', of: 'token, checked before', other: 'no token', atLeast: 0.9 }),
		...[1, 32, 256].map((callers) => againstIdeal(bench, callers)),
		withoutError(bench, 1000),
		connections(bench, 256, 4),
		connections(bench, 1000, 12),
		...counts(bench),
		lookUp(bench),
		...starting(bench),
		...patience(bench),
		crowd(bench),
	];
}
