/*
 * Where the function app and the gateway write what happened: Application Insights on a workspace.
 */
const WORKSPACE_VERSION = '2023-09-01';
const INSIGHTS_VERSION = '2020-02-02';

/* [workspace, component] */
export const insightsResources = ({ names, provider }) => [
	{ label: `workspace ${names.workspace}`, path: provider(`Microsoft.OperationalInsights/workspaces/${names.workspace}`), version: WORKSPACE_VERSION },
	{ label: `Application Insights ${names.insights}`, path: provider(`Microsoft.Insights/components/${names.insights}`), version: INSIGHTS_VERSION },
];

export async function insights(it) {
	const { run, arm, names, options, tags, known } = it;
	const [onWorkspace, onComponent] = insightsResources(it);
	run.say(`Application Insights ${names.insights}`);
	const workspace = { ...onWorkspace, body: { location: options.LOCATION, tags, properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 } }, compare: {} };
	await arm.ensure(workspace);
	const component = { ...onComponent, body: { location: options.LOCATION, kind: 'web', tags, properties: { Application_Type: 'web', WorkspaceResourceId: workspace.path } },
		compare: { properties: { WorkspaceResourceId: workspace.path } } };
	const made = await arm.ensure(component);
	known.insightsId = component.path;
	known.insightsConnection = run.keepSecret(made?.properties.ConnectionString);
}
