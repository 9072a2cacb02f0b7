/*
 * What belongs to a site beside its resource: its configuration and its host's keys.
 */
import { randomBytes } from 'node:crypto';
import { rulesOf } from './access.mjs';

export const newKey = () => `SECRET-${randomBytes(24).toString('base64url')}AzFu==`;
export const newKeys = () => ({ masterKey: newKey(), functionKeys: { default: newKey() }, systemKeys: {}, publishing: { scm: true, ftp: true } });

export const newConfig = () => ({ linuxFxVersion: '', minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'FtpsOnly', http20Enabled: false,
	alwaysOn: false, scmType: 'None',
	ipSecurityRestrictions: [], ipSecurityRestrictionsDefaultAction: null, scmIpSecurityRestrictions: [],
		scmIpSecurityRestrictionsDefaultAction: null, scmIpSecurityRestrictionsUseMain: false });

/* The configuration with what was sent of it; the app settings are kept apart. */
export function mergeConfig(azure, config, given) {
	const { appSettings, ...rest } = given;
	const merged = { ...config, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) };
	for (const name of ['ipSecurityRestrictions', 'scmIpSecurityRestrictions'])
		if (rest[name]) merged[name] = rulesOf(azure, rest[name]);
	return merged;
}
