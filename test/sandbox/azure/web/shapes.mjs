/*
 * The members that Microsoft.Web takes, of what the deployment and the Azure CLI send (specification 2024-04-01 and later).
 */
const NAMED = { list: { 'name!': 'string', value: 'string' } };

export const RESTRICTION = { ipAddress: 'string', subnetMask: 'string', vnetSubnetResourceId: 'string', vnetTrafficTag: 'integer', subnetTrafficTag: 'integer',
	action: ['Allow', 'Deny'], tag: ['Default', 'XffProxy', 'ServiceTag'], priority: /^\d+$/, name: 'string', description: 'string', headers: 'any' };

export const SITE_CONFIG = {
	numberOfWorkers: 'integer', defaultDocuments: 'any', netFrameworkVersion: 'string', phpVersion: 'string', pythonVersion: 'string',
		nodeVersion: 'string', powerShellVersion: 'string',
	linuxFxVersion: 'string', windowsFxVersion: 'string', requestTracingEnabled: 'boolean', remoteDebuggingEnabled: 'boolean',
		remoteDebuggingVersion: 'string', httpLoggingEnabled: 'boolean',
	acrUseManagedIdentityCreds: 'boolean', acrUserManagedIdentityID: 'string', logsDirectorySizeLimit: 'integer',
		detailedErrorLoggingEnabled: 'boolean', publishingUsername: 'string',
	appSettings: NAMED, metadata: NAMED, connectionStrings: 'any', handlerMappings: 'any', documentRoot: 'string', scmType: 'string', use32BitWorkerProcess: 'boolean',
	webSocketsEnabled: 'boolean', alwaysOn: 'boolean', javaVersion: 'string', javaContainer: 'string', javaContainerVersion: 'string', appCommandLine: 'string',
	managedPipelineMode: ['Integrated', 'Classic'], virtualApplications: 'any', loadBalancing: 'string', experiments: 'any', limits: 'any',
		autoHealEnabled: 'boolean', autoHealRules: 'any',
	tracingOptions: 'string', vnetName: 'string', vnetRouteAllEnabled: 'boolean', vnetPrivatePortsCount: 'integer',
		cors: { allowedOrigins: { list: 'string' }, supportCredentials: 'boolean' },
	push: 'any', apiDefinition: { url: 'string' }, apiManagementConfig: { id: 'string' }, autoSwapSlotName: 'string', localMySqlEnabled: 'boolean',
		managedServiceIdentityId: 'integer',
	xManagedServiceIdentityId: 'integer', keyVaultReferenceIdentity: 'string', ipSecurityRestrictions: { list: RESTRICTION },
		ipSecurityRestrictionsDefaultAction: ['Allow', 'Deny'],
	scmIpSecurityRestrictions: { list: RESTRICTION }, scmIpSecurityRestrictionsDefaultAction: ['Allow', 'Deny'],
		scmIpSecurityRestrictionsUseMain: 'boolean', http20Enabled: 'boolean',
	http20ProxyFlag: 'integer', minTlsVersion: ['1.0', '1.1', '1.2', '1.3'], minTlsCipherSuite: 'string', scmMinTlsVersion: ['1.0', '1.1', '1.2', '1.3'],
	ftpsState: ['AllAllowed', 'FtpsOnly', 'Disabled'], preWarmedInstanceCount: 'integer', functionAppScaleLimit: 'integer',
		elasticWebAppScaleLimit: 'integer', healthCheckPath: 'string',
	functionsRuntimeScaleMonitoringEnabled: 'boolean', websiteTimeZone: 'string', minimumElasticInstanceCount: 'integer', azureStorageAccounts: 'any',
		publicNetworkAccess: 'string',
	'machineKey~': 'any' };

const STORAGE_AUTHENTICATION = { 'type!': ['SystemAssignedIdentity', 'UserAssignedIdentity', 'StorageAccountConnectionString'],
	userAssignedIdentityResourceId: 'string', storageAccountConnectionStringName: 'string' };

export const FUNCTION_APP_CONFIG = {
	deployment: { storage: { 'type!': ['blobContainer'], 'value!': 'string', 'authentication!': STORAGE_AUTHENTICATION } },
	runtime: { 'name!': ['dotnet-isolated', 'node', 'java', 'powershell', 'python', 'custom'], version: 'string' },
	scaleAndConcurrency: { alwaysReady: { list: { 'name!': 'string', 'instanceCount!': 'integer' } }, maximumInstanceCount: 'integer', instanceMemoryMB: 'integer',
		triggers: { http: { perInstanceConcurrency: 'integer' } } },
	siteUpdateStrategy: { type: ['Recreate', 'RollingUpdate'] } };

const READ_ONLY = Object.fromEntries(['state', 'hostNames', 'repositorySiteName', 'usageState', 'enabledHostNames', 'availabilityState',
	'lastModifiedTimeUtc', 'trafficManagerHostNames',
	'targetSwapSlot', 'outboundIpAddresses', 'possibleOutboundIpAddresses', 'suspendedTill', 'maxNumberOfWorkers', 'resourceGroup',
		'isDefaultContainer', 'defaultHostName', 'slotSwapStatus',
	'inProgressOperationId', 'sku', 'privateEndpointConnections', 'name'].map((name) => [`${name}~`, 'any']));

const PATCHED = {
	...READ_ONLY, enabled: 'boolean', hostNameSslStates: 'any', serverFarmId: 'string', reserved: 'boolean', isXenon: 'boolean', hyperV: 'boolean',
		dnsConfiguration: 'any', siteConfig: SITE_CONFIG,
	scmSiteAlsoStopped: 'boolean', hostingEnvironmentProfile: 'any', clientAffinityEnabled: 'boolean', clientAffinityProxyEnabled: 'boolean', clientCertEnabled: 'boolean',
	clientCertMode: ['Required', 'Optional', 'OptionalInteractiveUser'], clientCertExclusionPaths: 'string', hostNamesDisabled: 'boolean',
		customDomainVerificationId: 'string',
	containerSize: 'integer', dailyMemoryTimeQuota: 'integer', cloningInfo: 'any', httpsOnly: 'boolean', redundancyMode: 'string',
		publicNetworkAccess: ['Enabled', 'Disabled', ''],
	storageAccountRequired: 'boolean', keyVaultReferenceIdentity: 'string', virtualNetworkSubnetId: 'string' };

const IDENTITY = { 'type!': ['SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None'], userAssignedIdentities: 'any',
	'principalId~': 'string', 'tenantId~': 'string' };
const ENVELOPE = { 'id~': 'string', 'name~': 'string', 'type~': 'string' };

export const SITE = {
	...ENVELOPE, 'location!': 'string', kind: 'string', tags: 'map', identity: IDENTITY, extendedLocation: 'any',
	'properties!': { ...PATCHED, functionAppConfig: FUNCTION_APP_CONFIG, outboundVnetRouting: { allTraffic: 'boolean', applicationTraffic: 'boolean',
		contentShareTraffic: 'boolean',
		imagePullTraffic: 'boolean', backupRestoreTraffic: 'boolean' }, daprConfig: 'any', workloadProfileName: 'string', resourceConfig: 'any',
			clientAffinityPartitioningEnabled: 'boolean',
	ipMode: ['IPv4', 'IPv6', 'IPv4AndIPv6'], endToEndEncryptionEnabled: 'boolean', sshEnabled: 'boolean', autoGeneratedDomainNameLabelScope: 'string',
		managedEnvironmentId: 'string'} };

/* The specification has no tags here: those are changed by a PUT or by Microsoft.Resources/tags. */
export const SITE_PATCH = { ...ENVELOPE, kind: 'string', identity: IDENTITY, properties: { ...PATCHED, functionAppConfig: FUNCTION_APP_CONFIG } };

export const PLAN = {
	...ENVELOPE, 'location!': 'string', kind: 'string', tags: 'map', identity: IDENTITY, extendedLocation: 'any',
	'sku!': { 'name!': 'string', tier: 'string', size: 'string', family: 'string', capacity: 'integer', skuCapacity: 'any', locations: 'any', capabilities: 'any' },
	properties: { workerTierName: 'string', hostingEnvironmentProfile: 'any', perSiteScaling: 'boolean', elasticScaleEnabled: 'boolean',
		maximumElasticWorkerCount: 'integer', isSpot: 'boolean',
		reserved: 'boolean', isXenon: 'boolean', hyperV: 'boolean', targetWorkerCount: 'integer', targetWorkerSizeId: 'integer',
			kubeEnvironmentProfile: 'any', zoneRedundant: 'boolean',
		asyncScalingEnabled: 'boolean', ...Object.fromEntries(['status', 'subscription', 'maximumNumberOfWorkers', 'numberOfWorkers', 'geoRegion',
			'numberOfSites', 'resourceGroup',
			'provisioningState'].map((name) => [`${name}~`, 'any'])) } };
