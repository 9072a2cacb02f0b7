/*
 * Microsoft Graph's own service principal, as every tenant has it, with some of the delegated permissions that
 * Microsoft publishes ("Microsoft Graph permissions reference").
 */
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const MICROSOFT_TENANT = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

const SCOPES = {
	'User.Read': 'e1fe6dd8-ba31-4d61-89e7-88639da4683d',
	'User.ReadBasic.All': 'b340eb25-3456-403f-be2f-af7a0d370277',
	'Mail.Read': '570282fd-fa5c-430d-a7fd-fc8dc98a9dca',
	'Calendars.Read': '465a38f9-76ea-45b9-9f34-9e8b0d4b0b42',
	'Files.Read': '10465720-29dd-4523-a11a-6a75c743c9d9',
	offline_access: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
	openid: '37f7f235-527c-4136-accd-4a02d197296e',
	profile: '14dad69e-099b-42c9-810b-d002981feec1',
	email: '64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0',
};

const scope = ([value, id]) => ({ id, value, type: 'User', isEnabled: true, adminConsentDisplayName: value, adminConsentDescription: value,
	userConsentDisplayName: value, userConsentDescription: value });

export function publishedByMicrosoft() {
	return { id: '6c1f0a9d-3d52-4a8e-9b67-0f4c2e5d8a13', appId: GRAPH_APP_ID, displayName: 'Microsoft Graph', appDisplayName: 'Microsoft Graph',
		servicePrincipalType: 'Application', servicePrincipalNames: [GRAPH_APP_ID, 'https://graph.microsoft.com', 'https://graph.microsoft.com/'], accountEnabled: true,
		appOwnerOrganizationId: MICROSOFT_TENANT, appRoleAssignmentRequired: false, appRoles: [], tags: [], oauth2PermissionScopes: Object.entries(SCOPES).map(scope) };
}
