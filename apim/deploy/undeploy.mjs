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
	if (!isOurs(options, current)) {
		it.staying.push(resource.path.toLowerCase());
		return run.skip(`${resource.label} does not carry the tag made-by: ${options.NAME} and stays.`);
	}
	await arm.remove(resource);
	it.removed.push({ ...resource, location: current.location?.toLowerCase().replaceAll(' ', '') });
}

const isOurs = ({ NAME }, { tags }) => tags?.['made-by'] === NAME;

/* What Azure itself puts beside what is ours, and the group takes along: the network card of a private endpoint, which goes with that, and what watches Application
 * Insights. */
const besideOurs = ({ names }, { name, type }) => [[/\/networkInterfaces$/i, `${names.network}.nic`], [/\/smartDetectorAlertRules$/i, `failure anomalies - ${names.insights}`],
	[/\/actionGroups$/i, 'application insights smart detection']].some(([kind, begins]) => kind.test(type) && name.toLowerCase().startsWith(begins));

async function removeGroup(it) {
	const { run, arm, ids, options } = it;
	const group = { label: `resource group ${options.RG}`, path: ids.group, version: GROUP_VERSION };
	if (!isOurs(options, await arm.get(group) ?? {})) return;
	const left = await arm.list({ label: `what is in ${options.RG}`, path: `${ids.group}/resources`, version: RESOURCES_VERSION });
	/* The list lags behind: what went may still be in it.  The tag alone says nothing here: a policy may hand the group's on to all in it. */
	const gone = resources(it).map(({ path }) => path.toLowerCase()).filter((path) => !it.staying.includes(path));
	const others = left.filter((one) => !gone.includes(one.id.toLowerCase()) && !besideOurs(it, one));
	if (others.length) run.skip(`${group.label} stays: ${others.map(({ name }) => name).join(', ')} is still in it.`);
	else await arm.remove(group);
}

/* How the names of what Azure keeps are freed, for good. */
const PURGES = [
	[/\/vaults\/([^/]+)$/, (name, location) => `az keyvault purge --name ${name} --location ${location}`],
	[/\/service\/([^/]+)$/, (name, location) => `az apim deletedservice purge --service-name ${name} --location ${location}`],
];
const purgeOf = ({ path, location }) => PURGES.map(([pattern, words]) => pattern.test(path) && words(pattern.exec(path)[1], location)).find(Boolean);

function summary({ run, removed }) {
	for (const text of run.skipped) run.say(`Left: ${text}`);
	if (run.whatIf) return run.say(`${run.changes.length} things would go; YES=1 removes them.`);
	run.say(`${run.changes.length} things removed.`);
	if (removed.some(({ path }) => /\/workspaces\//.test(path))) run.say('Azure keeps the workspace with its logs for 14 days, and Entra the registrations for 30 (App registrations, Deleted applications).');
	const purges = removed.map(purgeOf).filter(Boolean);
	if (!purges.length) return undefined;
	run.say('Azure keeps these and their names for a time, and make deploy brings them back.  Gone for good, and the names free:');
	return purges.forEach((words) => run.note(words));
}

await ended('undeploy', async (started) => {
	const options = { ...readOptions(process.env, OF_REMOVAL), LOCATION: '' };
	const it = await begin({ options, whatIf: !['1', 'yes'].includes(process.env.YES) });
	started(it.run);
	it.known.siteId = siteResource(it).path;
	Object.assign(it, { removed: [], staying: [] }); /* [{path, location}], [path in small letters] */
	it.run.say(`Resources in ${options.RG} with the tag made-by: ${options.NAME}`);
	for (const resource of resources(it)) await removeTagged(it, resource);
	await removeRegistrations(it);
	await removeGroup(it);
	summary(it);
});
