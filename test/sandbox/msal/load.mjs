/*
 * Many users at once: how many tokens each engine keeps, and what a hit costs with few and with
 * many of them.  Times depend on the machine; that MSAL's grow with the number of users does not.
 */
const WARM = 300;
const HITS = 50;
const WAVE = 20;

async function inWaves(items, run) {
	for (let i = 0; i < items.length; i += WAVE)
		await Promise.all(items.slice(i, i + WAVE).map(run));
}

export async function fill(stage, count) {
	const callers = [];
	await inWaves(Array.from({ length: count }), async () => {
		const caller = await stage.caller();
		const answer = await stage.ask(caller);
		if (!answer.ok)
			throw new Error(`${stage.engine.name}: no token (${answer.code})`);
		callers.push(caller);
	});
	return callers;
}

/* The time of a hit in ms, once Node has compiled what it runs: the fastest, since all that the
 * machine does besides can only add to it. */
async function hitMs(stage, caller) {
	const times = [];
	for (let i = 0; i < WARM + HITS; i++) {
		const begun = performance.now();
		await stage.ask(caller);
		times.push(performance.now() - begun);
	}
	return Math.min(...times.slice(WARM));
}

/* {few, many}: ms of a hit with one user (for MSAL the only one) and with count more. */
export async function hitTimes(stage, count) {
	const [caller] = await fill(stage, 1);
	const few = await hitMs(stage, caller);
	const before = stage.posts(caller);
	await fill(stage, count);
	const many = await hitMs(stage, caller);
	if (stage.posts(caller) !== before)
		throw new Error(`${stage.engine.name}: these were no hits`);
	return { few, many };
}
