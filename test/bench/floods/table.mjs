/* The figures of the floods as a table, and the targets with what was measured. */
import { median, ratio } from '../measuring/rounds.mjs';
import { aligned, number } from '../results/report.mjs';

const HEAD = ['flood', 'held', 'hello, kept: p50', 'p99', 'max', 'lost', 'hello, fresh: p99', 'max', 'lost',
	'probes lost', 'max', '/me: p99', 'lost', 'RSS', 'a connection', 'in sockets', 'threads', 'CPU', 'closed, 408, silently'];

const ms = (value) => (value === Infinity ? 'never' : `${value < 100 ? value.toFixed(1) : number(value)} ms`);
const sum = (counts, take) => Object.values(counts).reduce((all, one) => all + (take(one) ?? 0), 0);

function row(name, { honest: { kept, fresh, probes, me }, use, ...flood }) {
	const closed = flood.counts && [sum(flood.counts, (one) => one.closed),
		sum(flood.counts, ({ status }) => status['408']), sum(flood.counts, (one) => one.unanswered)];
	return [name, flood.held === undefined ? '-' : `${flood.held}/${flood.connections}`,
		ms(kept.p50_ms), ms(kept.p99_ms), ms(kept.max_ms), `${kept.lost}/${kept.asked}`,
		ms(fresh.p99_ms), ms(fresh.max_ms), `${fresh.lost}/${fresh.asked}`,
		`${probes.lost}/${probes.asked}`, ms(probes.max_ms), ms(me.p99_ms), `${me.lost}/${me.asked}`,
		`${(use.rss_kb / 1024).toFixed(1)} MB`,
		flood.kb_a_connection === undefined ? '-' : `${flood.kb_a_connection.toFixed(1)} KB`,
		`${number(use.sockets_kb / 1024)} MB`, String(use.threads), `${(use.cpu * 100).toFixed(0)} %`, closed?.join(', ') ?? '-'];
}

/* RSS and CPU are the flood's alone, threads those with the honest callers beside it. */
const flooded = ({ use: { alone, beside }, ...flood }) => ({ ...flood,
	use: { ...alone, threads: beside.threads } });

const smallRows = (entries) => entries.map(({ variant, subject, rps, p99_us }) =>
	[`small calls, ${variant}`, subject, `${number(rps.median)} a second`, `p99 ${ms(p99_us / 1000)}`]);

export function table({ floods, small }) {
	const rows = Object.entries(floods).flatMap(([name, { quiet, ...flood }]) =>
		[row('quiet', quiet), row(name, flooded(flood))]);
	return [rows.length && aligned([HEAD, ...rows]), small.length && aligned(smallRows(small))]
		.filter(Boolean).join('\n\n');
}

const MARKS = new Map([[true, 'met'], [false, 'MISSED']]);
export const verdictsText = ({ verdicts, promises }) => verdicts.length && aligned([['target', 'measured', 'verdict'],
	...verdicts.map(({ target, figure, met }) => [target, figure, MARKS.get(met) + (promises ? '' : ', not promised')])]);

/* Of all at once, in its rounds: each is compared with its own quiet value. */
function ofAll({ floods }) {
	const rounds = Object.entries(floods).filter(([name]) => /^all\b/.test(name)).map(([, round]) => round);
	if (!rounds.length)
		return [];
	const lost = (...names) => names.reduce((sums, name) =>
		sums + rounds.reduce((all, { honest }) => all + honest[name].lost, 0), 0);
	const times = rounds.map(({ honest, quiet }) => honest.kept.p99_ms / quiet.honest.kept.p99_ms);
	const most = (take) => Math.max(...rounds.map(take));
	const kb = most((round) => round.kb_a_connection);
	const more = most(({ use, quiet }) => use.beside.threads - quiet.use.threads);
	const { connections } = rounds[0];
	const held = Math.min(...rounds.map((round) => round.held));
	return [
		{ target: '/hello: p99 at most 3 x its quiet value, nothing lost',
			met: median(times) <= 3 && lost('kept', 'fresh') === 0,
			figure: `${times.map((one) => (one === Infinity ? 'never' : one.toFixed(1))).join(', ')} x, ${lost('kept', 'fresh')} lost` },
		{ target: '/, /status and /status?ready=1 are answered', figure: `${lost('probes')} lost`, met: lost('probes') === 0 },
		{ target: '/me loses nothing', figure: `${lost('me')} lost`, met: lost('me') === 0 },
		{ target: 'at most 16 KB a waiting connection', figure: `${kb.toFixed(1)} KB of ${held}`,
			met: kb <= 16 && held >= connections * 0.9 },
		{ target: 'no thread a connection', figure: `${more} more for ${connections}`, met: more <= connections / 100 },
	];
}

function ofSmall({ small }) {
	return [...new Set(small.map(({ variant }) => variant))].flatMap((variant) => {
		const share = ratio({ entries: small }, 'small', variant, 'handler', 'civetweb');
		const p99 = (name) => small.find((entry) => entry.variant === variant && entry.subject === name).p99_us / 1000;
		return [{ target: `small calls, ${variant}: at least bare civetweb's rate`,
			figure: `${(share * 100).toFixed(0)} %`, met: share >= 1 },
		{ target: `small calls, ${variant}: p99 no worse`, met: p99('handler') <= p99('civetweb'),
			figure: `${ms(p99('handler'))} to ${ms(p99('civetweb'))}` }];
	});
}

/* Behind the host's double it is the double that decides who waits. */
export const judge = (result) => (result.where === 'alone' ? [...ofAll(result), ...ofSmall(result)] : []);
