/*
 * Stands in for policies_stage.mjs: what is around the gateway is kept from one mutant to the next,
 * the gateway is started for each.  Within a mutant one gateway serves all that ask for such a one.
 */
import { startGateway, startSurroundings } from '../../integration/stage/policies_stage.mjs';
import { state } from './tests.mjs';

export * from '../../integration/stage/policies_stage.mjs';

const kept = new Map(); /* by kind of backend: {around, gateways: by options} */

async function keptOr(map, key, start) {
	if (!map.has(key)) map.set(key, await start());
	return map.get(key);
}

/* Tests take turns and begin afresh, so that all of a kind share one. */
export async function startPolicies({ real = false, door = false, settings = {}, miss = 'unset', global = '' } = {}) {
	const { around, gateways } = await keptOr(kept, `${real} ${real && door}`, async () => ({ around: await startSurroundings({ real, door }), gateways: new Map() }));
	const key = JSON.stringify({ door, settings, miss, global });
	state.starting.needs.add(`${real} ${key}`);
	const gateway = await keptOr(gateways, key, () => startGateway(around, { door, settings, miss, global }));
	const fresh = async () => {
		const { clock_added_s: added } = await gateway.seen();
		if (added) await gateway.advance(-added);
		await gateway.reset();
		around.reset();
	};
	await fresh();
	return { ...around, ...gateway, fresh, async stop() {} };
}

const quietly = (stopping) => stopping.catch(() => {}); /* what a test broke may not stop well */

/* Ends the gateways of a mutant. */
export async function stopGateways() {
	for (const { gateways } of kept.values()) {
		await Promise.all([...gateways.values()].map((gateway) => quietly(gateway.stop())));
		gateways.clear();
	}
}

export async function stopAll() {
	await stopGateways();
	await Promise.all([...kept.values()].map(({ around }) => quietly(around.stop())));
}
