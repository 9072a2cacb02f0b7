/*
 * What many instances cost and where they meet limits, computed: node test/bench/results/scale.mjs prints
 * the tables of docs/scale.md, which says where the assumptions come from.
 */
const PRICE_GB_S = 0.000026;
const PRICE_MILLION = 0.40;
const GRAPH_MS = 50;
const ENTRA_MS = 80;
const OWN_MS = 1; /* the handler's and the host's part of a call */
const TENANT_UNITS_PER_S = 800; /* of one application in a large tenant */
const APP_CALLS_PER_S = 13_000; /* of one application in all tenants */
const TOKEN_H = 1.25; /* a user's token lives 60 to 90 minutes */

const row = (cells) => `| ${cells.join(' | ')} |`;
const print = (head, rows) => console.log([row(head), row(head.map((_, i) => (i ? '---:' : '---'))),
	...rows.map(row)].join('\n'), '\n');
const whole = (value) => Math.round(value).toLocaleString('en-US');
const dollars = (value) => `$${value.toFixed(2)}`;

/* Different instances that k calls meet when each goes to any of n. */
const met = (n, k) => n * (1 - (1 - 1 / n) ** k);

function cost(concurrency, memoryGb) {
	const callMs = GRAPH_MS + OWN_MS;
	/* Alone, a call is billed the least active time there is. */
	const activeMs = concurrency < 1 ? 1000 : callMs / concurrency;
	return activeMs / 1000 * 1e6 * memoryGb * PRICE_GB_S + PRICE_MILLION;
}

print(['calls at once on an instance', 'calls/s', '512 MB', '2 GB'], [
	['one now and then, idle between', '', dollars(cost(0.1, 0.5)), dollars(cost(0.1, 2))],
	...[1, 4, 16, 100].map((at_once) => [String(at_once),
		whole(at_once / (GRAPH_MS + OWN_MS) * 1000), dollars(cost(at_once, 0.5)), dollars(cost(at_once, 2))]),
]);

const USERS = 10_000;
const CALLS_PER_HOUR = 20;
const calls = USERS * CALLS_PER_HOUR / 3600;
print(['instances', 'exchanges/s', 'share of calls that exchange', 'mean added wait', 'caches filled'],
	[1, 8, 100, 1000, 10_000].map((n) => {
		const exchanges = USERS * met(n, CALLS_PER_HOUR * TOKEN_H) / TOKEN_H / 3600;
		return [whole(n), exchanges.toFixed(1), `${(exchanges / calls * 100).toFixed(0)} %`,
			`${(exchanges / calls * ENTRA_MS).toFixed(0)} ms`,
			`${whole(met(n, CALLS_PER_HOUR * TOKEN_H) * USERS / n)} entries each`];
	}));

print(['instances, 100 calls at once each', 'could call Graph', 'of one large tenant\'s limit',
	'of the application\'s limit'],
[1, 8, 100, 1000, 10_000].map((n) => {
	const rate = n * 100 / (GRAPH_MS + OWN_MS) * 1000;
	return [whole(n), `${whole(rate)}/s`, `${(rate / TENANT_UNITS_PER_S).toFixed(1)} x`,
		`${(rate / APP_CALLS_PER_S).toFixed(1)} x`];
}));
