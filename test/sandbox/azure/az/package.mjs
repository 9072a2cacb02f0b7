/*
 * az functionapp deployment source config-zip: to the site's own deployment service where it is a Flex Consumption app, by
 * a blob of its storage account where it is one of the Consumption plan.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cloudShown } from './cloud.mjs';
import { Failure } from './failure.mjs';
import { accountShown, tokenValue } from './sign_in.mjs';

const VERSION = '2024-04-01';
const CONTAINER = 'function-releases';
const STATUS_TRIALS = 450;
const HEALTH_TRIALS = 15;
const FAILED = { '-1': 'Deployment was cancelled.', 5: 'Deployment was cancelled and another deployment is in progress.', 6: 'Deployment was partially successful.' };
const TOO_LONG = `Timeout reached by the command, however, the deployment operation
                       is still on-going. Navigate to your scm site to check the deployment status`;

async function connect({ 'resource-group': group, name }) {
	const { value: token } = await tokenValue({});
	const root = `${cloudShown().endpoints.resourceManager.replace(/\/$/, '')}/subscriptions/${accountShown().id}`;
	const site = `${root}/resourceGroups/${group}/providers/Microsoft.Web/sites/${name}`;
	async function call(method, url, body) {
		const response = await fetch(`${url}?api-version=${VERSION}`, { method, body: body && JSON.stringify(body),
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
		const text = await response.text();
		const answer = text ? JSON.parse(text) : undefined;
		if (!response.ok) throw new Failure(response.status === 404 ? `(${answer.error?.code ?? answer.Code}) ${answer.error?.message ?? answer.Message}` : `Operation returned an invalid status '${response.statusText}'`, response.status === 404 ? 3 : 1);
		return answer;
	}
	return { site, call, manager: new URL(root).origin };
}

async function waitForDeployment(url, headers, trials) {
	for (let left = trials; left > 0; left--) {
		const response = await fetch(url, { headers });
		const answer = response.status === 404 ? {} : await response.json();
		const { status } = answer;
		if (status === 4) return;
		if (status === 3) throw new Failure(`Zip deployment failed. ${JSON.stringify(answer)}. These are the deployment logs: `);
		if (FAILED[status]) throw new Failure(FAILED[status]);
	}
	throw new Failure(TOO_LONG);
}

async function checkHealth({ site, call }, host) {
	const { masterKey } = await call('POST', `${site}/host/default/listkeys`);
	for (let left = HEALTH_TRIALS; left > 0; left--) {
		const response = await fetch(`https://${host}/admin/host/status`, { headers: { 'x-functions-key': masterKey } });
		await response.arrayBuffer();
		if (response.ok) return 'Deployment was successful.';
		if (response.status === 403 && response.statusText === 'Ip Forbidden') return 'Deployment was successful but health check failed due to IP restriction.';
	}
	throw new Failure('Deployment was successful but the app appears to be unhealthy. Please check the app logs.');
}

const hostOf = ({ properties: { hostNameSslStates } }, type) => hostNameSslStates.find(({ hostType }) => hostType === type).name;

async function toFlex(connection, site, { src, timeout }) {
	const { value: token } = await tokenValue({ resource: cloudShown().endpoints.appServiceResourceId });
	const scm = `https://${hostOf(site, 'Repository')}`;
	const headers = { authorization: `Bearer ${token}` };
	const response = await fetch(`${scm}/api/publish?RemoteBuild=False&Deployer=az_cli`, { method: 'POST', body: readFileSync(src),
		headers: { ...headers, 'content-type': 'application/zip', 'cache-control': 'no-cache' } });
	const text = await response.text();
	if (response.status === 409) throw new Failure(`There may be an ongoing deployment. Please track your deployment in ${scm}/api/deployments/latest`);
	if (response.status !== 202) throw new Failure(`An error occured during deployment. Status Code: ${response.status}, Details: ${text}`);
	await waitForDeployment(`${scm}/api/deployments/latest`, headers, timeout ? Math.floor(timeout / 2) : STATUS_TRIALS);
	return checkHealth(connection, hostOf(site, 'Standard'));
}

async function toBlob({ AccountName: account, EndpointSuffix: suffix }, src) {
	const at = `https://${account}.blob.${suffix}/${CONTAINER}`;
	/* The played account looks at who signs, not at the signature. */
	const headers = { authorization: `SharedKey ${account}:${'A'.repeat(43)}=` };
	async function send(method, url, more) {
		const response = await fetch(url, { method, ...more, headers: { ...headers, ...more?.headers } });
		const text = await response.text();
		if (!response.ok && response.status !== 404) throw new Failure(`${/<Message>(.*)<\/Message>/.exec(text)?.[1]}\nErrorCode:${response.headers.get('x-ms-error-code')}`);
		return response.status;
	}
	if (await send('GET', `${at}?restype=container`) === 404) await send('PUT', `${at}?restype=container`);
	const blob = `${at}/${randomUUID()}.zip`;
	await send('PUT', blob, { body: readFileSync(src), headers: { 'x-ms-blob-type': 'BlockBlob' } });
	return `${blob}?sp=r&sr=b&sig=SECRET-${randomUUID()}`;
}

async function toConsumption({ site, call }, { src }) {
	const { properties: settings } = await call('POST', `${site}/config/appsettings/list`);
	if (!settings.AzureWebJobsStorage)
		throw new Failure('The Azure CLI does not support this deployment path. Please configure the app to deploy from a remote package using the steps here: https://aka.ms/deployfromurl');
	const connection = Object.fromEntries(settings.AzureWebJobsStorage.split(';').map((one) => /^([^=]+)=(.*)$/.exec(one).slice(1)));
	const address = await toBlob(connection, src);
	await call('PUT', `${site}/config/appsettings`, { properties: { ...settings, WEBSITE_RUN_FROM_PACKAGE: address } });
	await call('POST', `${site}/syncfunctiontriggers`);
}

export async function deployZip(options) {
	const connection = await connect(options);
	const site = await connection.call('GET', connection.site);
	if (site.properties.functionAppConfig) return toFlex(connection, site, options);
	const plan = await connection.call('GET', `${connection.manager}${site.properties.serverFarmId}`);
	if (plan.sku.tier !== 'Dynamic') throw new Failure('the stand-in knows the Flex Consumption and the Consumption plan only');
	return toConsumption(connection, options);
}
