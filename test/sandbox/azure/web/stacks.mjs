/*
 * What Microsoft.Web says of itself: regions, runtimes and whether a name is free.
 */
import { reading } from '../azure.mjs';
import { versioned } from '../arm.mjs';
import { mustFit } from '../refusal.mjs';
import { REGIONS } from '../regions.mjs';
import { hasFlex } from './plans.mjs';
import { VERSIONS } from './form.mjs';
import { siteOf } from './sites.mjs';

/* A custom handler has a runtime but no version: value is a word, which the Azure CLI strips to nothing. */
const FLEX_SKU = { skuCode: 'FC1', instanceMemoryMB: [{ size: 512, isDefault: false }, { size: 2048, isDefault: true }, { size: 4096, isDefault: false }],
	maximumInstanceCount: { lowestMaximumInstanceCount: 40, highestMaximumInstanceCount: 1000, defaultValue: 100 },
	functionAppConfigProperties: { runtime: { name: 'custom', version: '1.0' } } };
const settings = (sku) => ({ runtimeVersion: '', isDefault: true, isHidden: false, remoteDebuggingSupported: false, appInsightsSettings: { isSupported: true },
	gitHubActionSettings: { isSupported: false }, appSettingsDictionary: { FUNCTIONS_WORKER_RUNTIME: 'custom' },
		siteConfigPropertiesDictionary: { use32BitWorkerProcess: false, linuxFxVersion: '' },
	supportedFunctionsExtensionVersions: ['~4'], ...(sku && { Sku: [sku] }) });
const stack = (sku) => ({ id: null, name: 'custom', type: 'Microsoft.Web/functionAppStacks', properties: { displayText: 'Custom Handler',
	value: 'custom', preferredOs: 'windows',
	majorVersions: [{ displayText: 'Custom Handler', value: 'custom', minorVersions: [{ displayText: 'Custom Handler', value: 'custom',
		stackSettings: { linuxRuntimeSettings: settings(sku) } }] }] } });

export function stacks(azure) {
	function regions(question) {
		const flex = question.query('sku') === 'FlexConsumption';
		const value = Object.entries(REGIONS).filter(([key]) => !flex || hasFlex(key)).map(([key,
			name]) => ({ id: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Web/geoRegions/${name}`,
			name, type: 'Microsoft.Web/geoRegions', properties: { name, displayName: name,
				orgDomain: `PUBLIC;DYNAMIC;LINUXDYNAMIC;FUNCTIONS${hasFlex(key) ? ';FLEXCONSUMPTION' : ''}` } }));
		return { body: { value } };
	}

	function free({ json }) {
		mustFit(json, { 'name!': 'string', 'type!': ['Site', 'Microsoft.Web/sites', 'Slot', 'Microsoft.Web/sites/slots'], isFqdn: 'boolean', environmentId: 'string' });
		const taken = azure.taken.includes(json.name.toLowerCase()) || siteOf(azure, json.name);
		return { body: { nameAvailable: !taken, ...(taken && { reason: 'AlreadyExists',
			message: `Hostname '${json.name}' already exists. Please select a different name.` }) } };
	}

	return [
		...versioned(VERSIONS, [
			['GET', '/subscriptions/{subscription}/providers/Microsoft.Web/geoRegions', regions],
			['POST', '/subscriptions/{subscription}/providers/Microsoft.Web/checknameavailability', reading(free)],
			['GET', '/providers/Microsoft.Web/functionAppStacks', () => ({ body: { value: [stack()] } })],
		]),
		...versioned(['2020-10-01', ...VERSIONS], [
			['GET', '/providers/Microsoft.Web/locations/{location}/functionAppStacks',
				(question) => ({ body: { value: question.query('stack') === 'custom' ? [stack(FLEX_SKU)] : [] } })],
		]),
	];
}
