/*
 * How the gateway and the function app prove to Entra that they may exchange a token: by their own
 * identities, which the registration trusts, or by a client secret in the vault.
 *
 * Takes known.api (see registration.mjs), known.gatewayIdentity and known.functionsIdentity: object ids, undefined where --what-if has
 * none yet.
 */
import { exchangeAudience, settingOf } from '../settings.mjs';
import { isDenied } from './directory.mjs';
import { Stop } from './run.mjs';
import { hasSecret, keepSecret } from './vault.mjs';

const YEAR_MS = 365 * 86_400_000;
const SECRET = 'client-secret';

export async function credentials(it) {
	const { run, known } = it;
	const kind = settingOf(it.settings(), 'OBO_CREDENTIAL');
	run.say(`Credential for the exchange: ${kind}`);
	if (kind === 'secret') return clientSecret(it);
	const there = await federated(it);
	await trust(it, { there, name: 'apim', subject: known.gatewayIdentity });
	return trust(it, { there, name: 'functions', subject: known.functionsIdentity });
}

const addressOf = ({ known }) => `/applications/${known.api.content.id}/federatedIdentityCredentials`;

/* Those that the registration has; undefined: nobody lets us see. */
const federated = async (it) => (it.known.api.content ? it.directory.list(addressOf(it), undefined, 'federated credentials') : it.known.api.given ? undefined : []);

/* The registration trusts a managed identity. */
async function trust(it, { there, name, subject }) {
	const { run, directory, known, account } = it;
	const login = it.settings().LOGIN_HOST;
	const label = `federated credential ${name}`;
	const body = { name, issuer: `https://${login}/${account.tenantId}/v2.0`, subject, audiences: [exchangeAudience(login)], description: 'On-Behalf-Of exchange' };
	const byHand = () => run.skip(`${known.api.label} has to trust an identity, which you may not set: a federated credential ${name} with issuer ${body.issuer}, subject ${subject}, audience ${body.audiences[0]}`);
	if (!there) return byHand();
	if (there.some((one) => one.subject === subject && one.issuer === body.issuer && one.audiences.join() === body.audiences.join())) return undefined;
	const current = there.find((one) => one.name === name);
	/* The other may be of another deployment that shares the registration. */
	if (current) throw new Stop(`The ${label} of ${known.api.label} is for another identity (${current.subject}).`, 'If nothing uses that identity any more, remove the credential from the registration and run it again.');
	try {
		return await run.change('create', label, () => directory.make(addressOf(it), body, label));
	} catch (error) {
		if (!isDenied(error) || !known.api.given) throw error;
		return byHand();
	}
}

async function clientSecret(it) {
	const { run, directory, known, names, options } = it;
	if (await hasSecret(it, SECRET)) return;
	const label = `client secret of ${known.api.label}, for a year, in Key Vault`;
	const byHand = `Have one made, and put it there from a file: az keyvault secret set --vault-name ${names.vault} --name ${SECRET} --file FILE`;
	if (!known.api.content && known.api.given) throw new Stop(`There is no ${SECRET} in Key Vault ${names.vault}, and you may not make one.`, byHand);
	try {
		await run.change('create', label, async () => {
			const passwordCredential = { displayName: options.NAME, endDateTime: new Date(Date.now() + YEAR_MS).toISOString() };
			const { secretText } = await directory.ask(`/applications/${known.api.content.id}/addPassword`, { method: 'POST', body: { passwordCredential }, label, once: true });
			await keepSecret(it, SECRET, secretText);
		});
	} catch (error) {
		throw isDenied(error) ? Object.assign(error, { advice: byHand }) : error;
	}
}
