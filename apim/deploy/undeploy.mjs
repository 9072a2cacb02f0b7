#!/usr/bin/env node
/*
 * Removes what a deployment made, and nothing else: the resources that carry its tag, its registrations, and
 * the group where that was made for it and nothing is left in it.
 *
 *   RG=... [NAME=...] [YES=1] node apim/deploy/undeploy.mjs
 *
 * Without YES=1 it lists what would go.  Nothing is purged: it ends with the commands for that.
 */
import { GROUP_VERSION, storageResource } from './foundation.mjs';
import { planResource, siteResource } from './functions.mjs';
import { serviceResource } from './gateway.mjs';
import { insightsResources } from './insights.mjs';
import { networkResources } from './network.mjs';
import { OF_REMOVAL, readOptions } from './options.mjs';
import { removeRegistrations } from './registration.mjs';
import { begin, ended } from './start.mjs';
import { vaultResource } from './vault.mjs';

const RESOURCES_VERSION = '2021-04-01';

/* Each before what it stands on. */
function resources(it) {
	const network = networkResources(it).reverse();
	return [serviceResource(it), ...network.filter(({ path }) => /\/privateEndpoints\/[^/]+$/.test(path)), siteResource(it), planResource(it),
		...insightsResources(it).reverse(), vaultResource(it), storageResource(it),
		...network.filter(({ body, path }) => body.tags && !/\/privateEndpoints\//.test(path))];
}

async function removeTagged(it, resource) {
	const { run, arm, options } = it;
	const current = await arm.get(resource);
	if (!current) return;
	if (current.tags?.['made-by'] === options.NAME) await arm.remove(resource);
	else run.skip(`${resource.label} does not carry the tag made-by: ${options.NAME} and stays.`);
}

async function removeGroup(it) {
	const { run, arm, ids, options } = it;
	const group = { label: `resource group ${options.RG}`, path: ids.group, version: GROUP_VERSION };
	if ((await arm.get(group))?.tags?.['made-by'] !== options.NAME) return;
	const left = await arm.list({ label: `what is in ${options.RG}`, path: `${ids.group}/resources`, version: RESOURCES_VERSION });
	const others = run.whatIf ? left.filter(({ tags }) => tags?.['made-by'] !== options.NAME) : left;
	if (others.length) run.skip(`${group.label} stays: ${others.map(({ name }) => name).join(', ')} is still in it.`);
	else await arm.remove(group);
}

function summary({ run, names }) {
	for (const text of run.skipped) run.say(`Left: ${text}`);
	if (run.whatIf) return run.say(`${run.changes.length} things would go; YES=1 removes them.`);
	run.say(`${run.changes.length} things removed.  A vault and a gateway that were deleted keep their names for a time; make deploy brings them back.  Gone for good, and the names free:`);
	run.note(`az keyvault purge --name ${names.vault}`);
	run.note(`az apim deletedservice purge --service-name ${names.gateway} --location LOCATION`);
	return undefined;
}

await ended('undeploy', async (started) => {
	const options = { ...readOptions(process.env, OF_REMOVAL), LOCATION: '' };
	const it = await begin({ options, whatIf: !['1', 'yes'].includes(process.env.YES) });
	started(it.run);
	it.known.siteId = siteResource(it).path;
	it.run.say(`Resources in ${options.RG} with the tag made-by: ${options.NAME}`);
	for (const resource of resources(it)) await removeTagged(it, resource);
	await removeRegistrations(it);
	await removeGroup(it);
	summary(it);
});
