/*
 * What Flex Consumption takes and what it refuses: the configuration of the function app, the app settings and the
 * members of siteConfig that other plans have.
 */
import { containerAt } from './storage.mjs';
import { refuseWeb } from './form.mjs';

const SETTINGS = ['FUNCTIONS_WORKER_RUNTIME', 'FUNCTIONS_WORKER_RUNTIME_VERSION', 'FUNCTIONS_EXTENSION_VERSION', 'FUNCTIONS_WORKER_PROCESS_COUNT',
	'FUNCTIONS_MAX_HTTP_CONCURRENCY',
	'WEBSITE_RUN_FROM_PACKAGE', 'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING', 'WEBSITE_CONTENTSHARE', 'WEBSITE_CONTENTOVERVNET',
		'WEBSITE_SKIP_CONTENTSHARE_VALIDATION', 'WEBSITE_NODE_DEFAULT_VERSION',
	'WEBSITE_DNS_SERVER', 'WEBSITE_VNET_ROUTE_ALL', 'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT', 'SCM_DO_BUILD_DURING_DEPLOYMENT',
		'ENABLE_ORYX_BUILD', 'PYTHON_ENABLE_WORKER_EXTENSIONS'];
const MEMBERS = ['alwaysOn', 'ftpsState', 'functionAppScaleLimit', 'functionsRuntimeScaleMonitoringEnabled', 'javaVersion', 'linuxFxVersion',
	'minimumElasticInstanceCount', 'netFrameworkVersion',
	'nodeVersion', 'phpVersion', 'powerShellVersion', 'preWarmedInstanceCount', 'pythonVersion', 'use32BitWorkerProcess', 'vnetRouteAllEnabled', 'windowsFxVersion'];
const VERSIONS = { 'dotnet-isolated': ['8.0', '9.0', '10.0'], node: ['20', '22', '24'], java: ['11', '17', '21'], powershell: ['7.4'],
	python: ['3.10', '3.11', '3.12', '3.13'], custom: ['1.0'] };
const MEMORY_MB = [512, 2048, 4096];
const ALWAYS_READY = /^(http|durable|blob|function:[\w-]+)$/;
const MOST_INSTANCES = 1000;

const isOne = (found, kind) => (found.length === 1 ? `The following ${kind} (${found[0]})` : `The following list of ${found.length} ${kind === 'app setting' ? 'app settings' : 'site configuration properties'} (${found.join(',')})`);
const refuseNames = (found, kind) => found.length
	&& refuseWeb(400, `${isOne(found, kind)} for Flex Consumption sites is invalid.  Please remove or rename it before retrying.`, '51021');

/* settings: {name: value}. */
export function checkFlexSettings(settings) {
	refuseNames(Object.keys(settings).filter((name) => SETTINGS.includes(name.toUpperCase()) || name.includes(':')).map((name) => `Site.SiteConfig.AppSettings.${name}`), 'app setting');
}

export function checkFlexSiteConfig(config) {
	const upper = (name) => name[0].toUpperCase() + name.slice(1);
	const given = Object.keys(config).filter((name) => MEMBERS.includes(name) && ![null, ''].includes(config[name]));
	refuseNames(given.map((name) => `Site.SiteConfig.${upper(name)}`), 'site configuration property');
}

function checkScale({ instanceMemoryMB, maximumInstanceCount, alwaysReady = [] }) {
	if (!MEMORY_MB.includes(instanceMemoryMB)) refuseWeb(400,
		`Site.FunctionAppConfig.ScaleAndConcurrency.InstanceMemoryMB is invalid.  It must be one of ${MEMORY_MB.join(', ')}.`);
	if (!(maximumInstanceCount >= 1 && maximumInstanceCount <= MOST_INSTANCES))
		refuseWeb(400, `Site.FunctionAppConfig.ScaleAndConcurrency.MaximumInstanceCount is invalid.  It must be from 1 to ${MOST_INSTANCES}.`);
	const names = (alwaysReady ?? []).map(({ name }) => name);
	const wrong = names.find((name) => !ALWAYS_READY.test(name));
	if (wrong) refuseWeb(400, `Site.FunctionAppConfig.ScaleAndConcurrency.AlwaysReady.Name '${wrong}' is invalid.  It must be http, durable, blob or function:NAME.`);
	if (new Set(names).size < names.length) refuseWeb(400, 'Site.FunctionAppConfig.ScaleAndConcurrency.AlwaysReady has a name twice.');
	const total = (alwaysReady ?? []).reduce((sum, { instanceCount }) => sum + instanceCount, 0);
	if (total > maximumInstanceCount) refuseWeb(400, 'Site.FunctionAppConfig.ScaleAndConcurrency.AlwaysReady has more instances than MaximumInstanceCount.');
}

/* config: of the shape FUNCTION_APP_CONFIG; given: {settings, identity} of the same app. */
export function checkFunctionAppConfig(azure, config, { settings, identity }) {
	if (!config?.deployment?.storage || !config.runtime || !config.scaleAndConcurrency)
		refuseWeb(400, 'Site.FunctionAppConfig is invalid.  It must have Deployment.Storage, Runtime and ScaleAndConcurrency on Flex Consumption sites.');
	const { runtime, deployment: { storage }, scaleAndConcurrency } = config;
	if (!VERSIONS[runtime.name].includes(runtime.version)) refuseWeb(400,
		`Site.FunctionAppConfig.Runtime.Version is invalid.  It must be one of ${VERSIONS[runtime.name].join(', ')} for ${runtime.name}.`);
	if (!containerAt(azure, storage.value)) refuseWeb(400, `Site.FunctionAppConfig.Deployment.Storage.Value is invalid.  There is no container '${storage.value}'.`);
	const { type, storageAccountConnectionStringName: setting } = storage.authentication;
	if (type === 'StorageAccountConnectionString' && !settings[setting])
		refuseWeb(400, `Site.FunctionAppConfig.Deployment.Storage.Authentication.StorageAccountConnectionStringName is invalid.  There is no app setting '${setting}'.`);
	if (type === 'SystemAssignedIdentity' && identity && !identity.type.startsWith('SystemAssigned'))
		refuseWeb(400, 'Site.FunctionAppConfig.Deployment.Storage.Authentication is invalid.  The site has no system assigned identity.');
	checkScale(scaleAndConcurrency);
}
