/*
 * Microsoft Graph's own service principal, as every tenant has it, with some of the delegated permissions that
 * Microsoft publishes ("Microsoft Graph permissions reference").
 */
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const MICROSOFT_TENANT = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

const SCOPES = {
	'User.Read': 'e1fe6dd8-ba31-4d61-89e7-88639da4683d',
	'User.ReadBasic.All': 'b340eb25-3456-403f-be2f-af7a0d370277',
	'User.Read.All': 'a154be20-db9c-4678-8ab7-66f6cc099a59',
	'GroupMember.Read.All': 'bc024368-1153-4739-b217-4326f2e966d0',
	'People.Read': 'ba47897c-39ec-4d83-8086-ee8256fa737d',
	'Presence.Read': '76bc735e-aecd-4a1d-8b4c-2b915deabb79',
	'Mail.Read': '570282fd-fa5c-430d-a7fd-fc8dc98a9dca',
	'Mail.ReadBasic': 'a4b8392a-d8d1-4954-a029-8e668a39a170',
	'Mail.Read.Shared': '7b9103a5-4610-446b-9670-80643382c1fa',
	'Mail.ReadBasic.Shared': 'b11fa0e7-fdb7-4dc9-b1f1-59facd463480',
	'Mail.ReadWrite.Shared': '5df07973-7d5d-46ed-9847-1271055cbd51',
	'Mail.Send.Shared': 'a367ab51-6b49-43bf-a716-a1fb06d2a174',
	'Mail.ReadWrite': '024d486e-b451-40bb-833d-3e66d98c5c73',
	'Mail.Send': 'e383f46e-2787-4529-855e-0e479a3ffac0',
	'Calendars.Read': '465a38f9-76ea-45b9-9f34-9e8b0d4b0b42',
	'Calendars.ReadBasic': '662d75ba-a364-42ad-adee-f5f880ea4878',
	'Calendars.ReadWrite': '1ec239c2-d7c9-4623-a91a-a9775856bb36',
	'Calendars.Read.Shared': '2b9c4092-424d-4249-948d-b43879977640',
	'Calendars.ReadWrite.Shared': '12466101-c9b8-439a-8589-dd09ee67e8e9',
	'Contacts.Read': 'ff74d97f-43af-4b68-9f2a-b77ee6968c5d',
	'Files.Read': '10465720-29dd-4523-a11a-6a75c743c9d9',
	'Files.Read.All': 'df85f4d6-205c-4ac5-a5ea-6bf408dba283',
	'Chat.ReadBasic': '9547fcb5-d03f-419d-9948-5928bbf71b0f',
	'Chat.Read': 'f501c180-9344-439a-bca0-6cbf209fd270',
	'ChatMessage.Send': '116b7235-7cc6-461e-b163-8e55691d839e',
	'Team.ReadBasic.All': '485be79e-c497-4b35-9400-0e3fa7f2a5d4',
	'Channel.ReadBasic.All': '9d8982ae-4365-4f57-95e9-d6032a4c0b87',
	'ChannelMessage.Read.All': '767156cb-16ae-4d10-8f8b-41b657c8c8c8',
	'Tasks.Read': 'f45671fb-e0fe-4b4b-be20-3d3ce43f1bcb',
	'Tasks.ReadWrite': '2219042f-cab5-40cc-b0d2-16b1540b4c5f',
	'Sites.Read.All': '205e70e5-aba6-4c52-a976-6d2d46c48043',
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
