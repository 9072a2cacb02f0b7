/*
 * Stands in for policies_stage.mjs: what is around the gateway is kept from one mutant to the next,
 * the gateway is started for each.  Within a mutant one gateway serves all that ask for such a one.
 */
import { startGateway, startSurroundings } from '../../integration/policies_stage.mjs';
import { state } from './tests.mjs';

export * from '../../integration/policies_stage.mjs';

const kept = []; /* {key, around, shared, busy, spoilt, gateways: [{key, gateway}]} */

/* Surroundings of that kind: suites share theirs, as their tests take turns and begin afresh; a test
 * has its own, which it may spoil by closing Entra. */
async function take({ real = false, down = false }) {
	const shared = !state.inTest;
	const key = JSON.stringify({ real, down, shared });
	let one = kept.find((candidate) => candidate.key === key && !candidate.spoilt && (shared || !candidate.busy));
	if (!one) {
		one = { key, gateways: [], around: await startSurroundings({ real, down }) };
		kept.push(one);
		const { entra } = one.around;
		const close = entra.close.bind(entra);
		entra.close = () => {
			one.spoilt = true;
			return close();
		};
	}
	one.busy = true;
	return one;
}

async function gatewayIn(one, { settings = {}, miss = 'unset' }) {
	const key = JSON.stringify({ settings, miss });
	const started = one.gateways.find((candidate) => candidate.key === key);
	if (started) return started.gateway;
	const gateway = await startGateway(one.around, { settings, miss });
	one.gateways.push({ key, gateway });
	return gateway;
}

export async function startPolicies(options = {}) {
	const one = await take(options);
	const gateway = await gatewayIn(one, options);
	const fresh = async () => {
		const { clock_added_s: added } = await gateway.seen();
		if (added) await gateway.advance(-added);
		await gateway.reset();
		one.around.reset();
	};
	await fresh();
	return { ...one.around, ...gateway, fresh, async stop() { one.busy = false; } };
}

const quietly = (stopping) => stopping.catch(() => {}); /* what a test broke may not stop well */

/* Ends the gateways of a mutant, and what a test spoilt. */
export async function stopGateways() {
	for (const one of kept.splice(0)) {
		await Promise.all(one.gateways.map(({ gateway }) => quietly(gateway.stop())));
		Object.assign(one, { gateways: [], busy: false });
		if (one.spoilt) await quietly(one.around.stop());
		else kept.push(one);
	}
}

export async function stopAll() {
	await stopGateways();
	await Promise.all(kept.map(({ around }) => quietly(around.stop())));
}
