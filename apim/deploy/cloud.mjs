/*
 * The cloud that az is signed in to: where its interfaces are, and how the addresses of what is made there end.
 */
import { az } from './az.mjs';
import { Stop } from './run.mjs';

/* What az cloud show does not say.  login: the issuer of version 2 tokens, which is not always the host
 * that az itself signs in at. */
const CLOUDS = {
	AzureCloud: { login: 'login.microsoftonline.com', sites: 'azurewebsites.net', gateways: 'azure-api.net' },
	AzureUSGovernment: { login: 'login.microsoftonline.us', sites: 'azurewebsites.us', gateways: 'azure-api.us' },
	AzureChinaCloud: { login: 'login.partner.microsoftonline.cn', sites: 'chinacloudsites.cn', gateways: 'azure-api.cn' },
};

const bare = (url) => url.replace(/\/+$/, '');

/* {name, arm, armAudience, graph, login, vaults, vaultAudience, storage, sites, gateways}; addresses without a closing
 * slash, ends of names without a leading dot. */
export function cloudOf({ name, endpoints, suffixes }) {
	const rest = CLOUDS[name];
	if (!rest) throw new Stop(`az is set to the cloud ${name}, which this deployment does not know.`, `az cloud set --name ${Object.keys(CLOUDS)[0]}, or another of ${Object.keys(CLOUDS).join(', ')}.`);
	const vaults = suffixes.keyvaultDns.replace(/^\./, '');
	return { name, ...rest, arm: bare(endpoints.resourceManager), armAudience: endpoints.activeDirectoryResourceId,
		graph: bare(endpoints.microsoftGraphResourceId), vaults, vaultAudience: `https://${vaults}`,
		sitesAudience: endpoints.appServiceResourceId, storage: suffixes.storageEndpoint };
}

export const cloudOfAz = async () => cloudOf(await az(['cloud', 'show']));
