/*
 * What the Azure CLI asks of a site about publishing to it, and the signals that a deployment gives.
 */
import { reading } from '../azure.mjs';
import { IN_GROUP } from '../tracked.mjs';
import { TYPE, idleSite } from './sites.mjs';

const XML = { 'content-type': 'application/xml' };

export function publishing(azure) {
	const of = (act) => async ({ params }) => act((await idleSite(azure, params)).resource);
	const scmOf = ({ properties }) => properties.hostNameSslStates.find(({ hostType }) => hostType === 'Repository').name;
	const profile = ({ name }, method, url) => `<publishProfile profileName="${name} - ${method}" publishMethod="${method}" publishUrl="${url}" userName="$${name}" userPWD="SECRET-publishing" />`;

	const at = `${IN_GROUP}/${TYPE}/{name}`;
	return [
		['POST', `${at}/config/publishingcredentials/list`, reading(of((site) => ({ body: { id: `${site.id}/publishingcredentials/$${site.name}`,
			name: site.name, type: `${TYPE}/publishingcredentials`,
			properties: { publishingUserName: `$${site.name}`, publishingPassword: 'SECRET-publishing',
				scmUri: `https://$${site.name}:SECRET-publishing@${scmOf(site)}` } } })))],
		['POST', `${at}/publishxml`, reading(of((site) => ({ headers: XML, body: `<publishData>${profile(site, 'ZipDeploy', `${scmOf(site)}:443`)}${
			profile(site, 'FTP', `ftps://waws-prod.ftp.${scmOf(site).replace(/^[^.]+\.scm\./, '')}/site/wwwroot`)}</publishData>` })))],
		['POST', `${at}/syncfunctiontriggers`, of(() => ({ status: 204 }))],
		['POST', `${at}/restart`, of(() => ({ status: 200 }))],
	];
}
