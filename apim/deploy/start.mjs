/*
 * What each program here begins with: who is signed in, in which cloud, and what everything is called.
 */
import { createHash } from 'node:crypto';
import { Arm } from './arm.mjs';
import { cloudOfAz } from './cloud.mjs';
import { Http, account } from './http.mjs';
import { Run, Stop } from './run.mjs';

/* The names must be free in all of Azure; the same subscription and group give the same ones. */
export function namesOf({ NAME, RG }, subscription) {
	const suffix = createHash('sha256').update(`${subscription}/${RG}`).digest('hex').slice(0, 6);
	const name = `${NAME}-${suffix}`;
	return { storage: NAME.replaceAll('-', '') + suffix, vault: name, workspace: name, insights: name, plan: name, site: name, gateway: name, network: name };
}

/* {run, http, arm, cloud, account, options, names, known, tags, ids: {subscription, group}, provider(path)}: what every
 * step takes.  known: what steps found out for those after them. */
export async function begin({ options, whatIf }) {
	const run = new Run({ options, whatIf });
	const http = new Http(run);
	run.say('Account');
	const who = await account();
	const cloud = await cloudOfAz();
	const { oid } = await http.claims(cloud.armAudience);
	/* A pipeline that signed in with a token of its federation gets no others once that has ended, some minutes later: these are
	 * kept, here and by az, which brings the package with the one for the sites. */
	for (const audience of [cloud.graph, cloud.vaultAudience, cloud.sitesAudience].filter(Boolean)) await http.claims(audience);
	const subscription = `/subscriptions/${who.subscription}`;
	const group = `${subscription}/resourceGroups/${options.RG}`;
	run.note(`${who.userName} (${who.userType}), subscription ${who.subscription}, cloud ${cloud.name}`);
	return { run, http, cloud, options, arm: new Arm({ run, http, cloud }), account: { ...who, objectId: oid }, known: run.known,
		names: namesOf(options, who.subscription), tags: { 'made-by': options.NAME ?? '' }, ids: { subscription, group },
		provider: (path) => `${group}/providers/${path}` };
}

/* Runs a program's main and ends the process: 1 with the words of what stopped it. */
export async function ended(program, main) {
	let run;
	try {
		await main((started) => { run = started; });
	} catch (error) {
		const clean = (text) => (run ? run.clean(text) : text);
		const words = error instanceof Stop ? error.message : error.stack;
		console.error(clean(words).replace(/^/gm, `${program}: `));
		if (error.advice) console.error(`${program}: ${clean(error.advice)}`);
		process.exitCode = 1;
	}
}
