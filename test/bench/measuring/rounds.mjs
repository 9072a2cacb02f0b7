/* Repeated measurements: every subject once a round, one after the other, so that what disturbs the
 * machine disturbs them alike; the first round is thrown away. */
import { load } from './machine.mjs';

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const spread = (values) => ({ median: median(values), min: Math.min(...values),
	max: Math.max(...values) });

async function once(subject, { connections, seconds, rate }) {
	const before = subject.server.usage();
	const got = await load({ port: subject.server.port, file: subject.file, connections, seconds, rate });
	const after = subject.server.usage();
	return { ...got, rss_mb: after.rss_kb / 1024,
		cpu_us: (after.cpu_s - before.cpu_s) * 1e6 / Math.max(got.answers, 1) };
}

function summary(rounds) {
	const of = (key) => median(rounds.map((round) => round[key]));
	return { rps: spread(rounds.map(({ rps }) => rps)), p50_us: of('p50_us'), p99_us: of('p99_us'),
		p999_us: of('p999_us'), cpu_us: of('cpu_us'), rss_mb: rounds.at(-1).rss_mb,
		bytes: rounds[0].bytes / Math.max(rounds[0].answers, 1) };
}

/*
 * subjects: [{name, server, file}].  Adds an entry {id, variant, subject, rps: {median, min, max},
 * p50_us, p99_us, p999_us, cpu_us, rss_mb, bytes, bad, rounds} for each to bench.entries.
 */
export async function rounds(bench, { id, variant, subjects, seconds = bench.seconds, ...how }) {
	const all = new Map(subjects.map(({ name }) => [name, []]));
	for (let round = 0; round <= bench.runs; round++) {
		for (const subject of subjects)
			all.get(subject.name).push(await once(subject, { seconds: round ? seconds : 1, ...how }));
	}
	for (const [subject, taken] of all) {
		const bad = taken.reduce((sum, one) => sum + one.bad, 0);
		const entry = { id, variant, subject, ...summary(taken.slice(1)), bad,
			first_bad: taken.find(({ first_bad }) => first_bad)?.first_bad,
			rounds: taken.slice(1) };
		bench.entries.push(entry);
		bench.say(`${id} ${variant} ${subject}: ${Math.round(entry.rps.median)} rps`
			+ ` (${Math.round(entry.rps.min)}-${Math.round(entry.rps.max)}),`
			+ ` p99 ${Math.round(entry.p99_us)} us, ${entry.cpu_us.toFixed(1)} us CPU, bad ${bad}`);
	}
}

/* How the rates of two subjects compare, round by round. */
export function ratio(bench, id, variant, subject, other) {
	const of = (name) => bench.entries.find((entry) =>
		entry.id === id && entry.variant === variant && entry.subject === name)?.rounds;
	const ours = of(subject);
	const theirs = of(other);
	return ours && theirs ? median(ours.map(({ rps }, i) => rps / theirs[i].rps)) : undefined;
}
