/*
 * What the registration asks of Microsoft Graph for the Graph tools that are on.  What a deployment added it marks by a tag of the
 * registration; it takes back what bears its mark and is needed no more, and leaves all else.
 */
import { GRAPH, graphAccess, withGraph } from './application.mjs';
import { consentedTo, withdraw } from './consent.mjs';
import { Stop } from './run.mjs';

const MARK = /^asks:([^:]+):([^:]+)$/;
const marksIn = (tags) => tags.map((tag) => MARK.exec(tag)).filter(Boolean).map(([tag, by, name]) => ({ tag, by, name }));

/* {add, drop (names), tags (all that there are to be)}.  by: this deployment.  Several may share a registration: what another has
 * marked is marked by this one as well, and goes with the last mark. */
export function planned({ tags, present, consented }, { by, wanted }) {
	const marks = marksIn(tags);
	const own = marks.filter((one) => one.by === by);
	const others = marks.filter((one) => one.by !== by).map(({ name }) => name);
	const gone = own.filter(({ name }) => !wanted.includes(name));
	const isNew = (name) => !present.includes(name) && !consented.includes(name);
	const toMark = wanted.filter((name) => !own.some((one) => one.name === name) && (isNew(name) || others.includes(name)));
	return { add: wanted.filter((name) => !present.includes(name)), drop: gone.map(({ name }) => name).filter((name) => !others.includes(name)),
		tags: [...tags.filter((tag) => !gone.some((one) => one.tag === tag)), ...toMark.map((name) => `asks:${by}:${name}`)] };
}

/* Microsoft Graph's delegated permissions, name to id, as this cloud has them. */
async function published({ directory }, wanted) {
	const { oauth2PermissionScopes: scopes } = await directory.principalOf(GRAPH, 'service principal of Microsoft Graph') ?? { oauth2PermissionScopes: [] };
	const ids = new Map(scopes.map(({ value, id }) => [value, id]));
	const unknown = wanted.filter((name) => !ids.has(name));
	if (unknown.length) throw new Stop(`Microsoft Graph has no delegated permission ${unknown.join(', ')} in this cloud.`, 'Leave the tools that need it out of GRAPH_TOOLS, or correct the definition.');
	return ids;
}

/* What to change of the registration, {what (in words), patchOf}; undefined: nothing.  Consent is taken back first: what could not be
 * stays asked for, so that the next run sees it. */
export async function toolPermissions(it, api) {
	const by = it.names.gateway;
	const wanted = it.known.graphPermissions?.filter((name) => name !== 'User.Read') ?? [];
	const { tags = [] } = api.content ?? {};
	if (!api.content || !(wanted.length || marksIn(tags).some((one) => one.by === by))) return undefined;
	const ids = await published(it, wanted);
	const asked = graphAccess(api.content).map(({ id }) => id);
	const state = { tags, present: [...ids.keys()].filter((name) => asked.includes(ids.get(name))), consented: await consentedTo(it, api) };
	let plan = planned(state, { by, wanted });
	if (plan.drop.length && !await withdraw(it, api, plan.drop)) plan = planned(state, { by, wanted: [...wanted, ...plan.drop] });
	return change(plan, (name) => ids.get(name));
}

function change({ add, drop, tags }, idOf) {
	const what = `Microsoft Graph: ${[...add, ...drop.map((name) => `without ${name}`)].join(', ') || 'marks'}`;
	return { what, patchOf(content) {
		const access = withGraph(content, { add: add.map(idOf), drop: drop.map(idOf).filter(Boolean) });
		const same = content.tags?.length === tags.length && tags.every((tag) => content.tags.includes(tag));
		return access || !same ? { ...(access && { requiredResourceAccess: access }), ...(!same && { tags }) } : undefined;
	} };
}
