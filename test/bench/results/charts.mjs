/* The results as bars, in SVG that every browser draws by itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../measuring/machine.mjs';

const WIDTH = 720;
const LABELS = 250;
const BAR = 18;
const GAP = 8;
const TOP = 44;
const OURS = '#0f6cbd';
const THEIRS = '#8a8886';

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/* bars: [{label, value, text}]; ours are those whose label begins with handler. */
function chart({ title, note, bars, scale }) {
	const room = WIDTH - LABELS - 130;
	const most = Math.max(...bars.map(({ value }) => scale(value)));
	const lines = bars.map(({ label, value, text }, i) => {
		const y = TOP + i * (BAR + GAP);
		const width = Math.max(scale(value) / most * room, 1).toFixed(1);
		const color = label.startsWith('handler') ? OURS : THEIRS;
		return `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escape(label)}</text>`
			+ `<rect x="${LABELS}" y="${y}" width="${width}" height="${BAR}" fill="${color}"/>`
			+ `<text x="${LABELS + Number(width) + 6}" y="${y + 13}">${escape(text)}</text>`;
	});
	const height = TOP + bars.length * (BAR + GAP) + 8;
	return [`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"`
		+ ' font-family="system-ui, sans-serif" font-size="12">',
	`<rect width="${WIDTH}" height="${height}" fill="white"/>`,
	`<text x="8" y="18" font-size="14" font-weight="bold">${escape(title)}</text>`,
	`<text x="8" y="34" fill="#605e5c">${escape(note)}</text>`, ...lines, '</svg>', ''].join('\n');
}

const rate = (value) => `${Math.round(value).toLocaleString('en-US')} /s`;

function calls({ entries }) {
	const bars = entries.filter(({ id, variant }) => id === 'B5' && variant === 'c=32')
		.sort((a, b) => b.rps.median - a.rps.median)
		.map(({ subject, rps }) => ({ label: subject, value: rps.median, text: rate(rps.median) }));
	return { title: 'Small tools/call, 32 callers', bars, scale: (value) => Math.log10(value + 1),
		note: 'requests a second on one core; the scale is logarithmic' };
}

function profiles({ entries }) {
	const bars = entries.filter(({ id }) => id === 'B7').map(({ variant, subject, rps }) => {
		const value = rps.median / (Number(variant.slice(2)) / 0.05);
		return { label: `${subject}, ${variant.slice(2)} callers`, value,
			text: `${(value * 100).toFixed(0)} % (${rate(rps.median)})` };
	});
	return { title: 'GET /me, Graph takes 50 ms', bars, scale: (value) => value,
		note: 'share of the ideal, callers / 0.05 s; peers only pass a Graph token on' };
}

function starts({ facts }) {
	const bars = Object.entries(facts.B12 ?? {}).map(([label, { ms, rss_mb }]) => ({ label, value: ms,
		text: `${ms.toFixed(1)} ms, ${rss_mb.toFixed(1)} MB` }));
	return { title: 'From exec to the first answer', bars, scale: (value) => value,
		note: 'milliseconds, and memory while idle' };
}

export function writeCharts(results) {
	const all = { 'bench-call': calls(results), 'bench-me': profiles(results),
		'bench-start': starts(results) };
	for (const [name, what] of Object.entries(all)) {
		if (what.bars.length)
			writeFileSync(join(ROOT, `docs/${name}.svg`), chart(what));
	}
}
