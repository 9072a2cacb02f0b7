#!/usr/bin/env bash
# Puts the service into Azure and is safe to run again: every step looks at what is there and changes
# only what differs.  docs/deploy.md is the manual.
#
#   RG=... LOCATION=... apim/deploy.sh [--what-if]
#
# --what-if prints every call of az and curl, and makes none.  No secret is ever an argument or
# printed: az writes them to files that only this user can read, and Key Vault reads them from there.
set -euo pipefail
shopt -s inherit_errexit
umask 077
cd "$(dirname "$0")/.."

what_if=
[ "${1:-}" != --what-if ] || what_if=1

: "${RG:=}" "${LOCATION:=}" "${NAME:=graph-mcp}" "${FLAVOR:=flex}" "${APIM_SKU:=BasicV2}"
: "${OBO_CREDENTIAL:=managed-identity}" "${REQUIRED_SCOPE:=access_as_user}" "${PREAUTH:=apim/preauth.json}"
: "${LOGIN_HOST:=login.microsoftonline.com}" "${GRAPH_HOST:=graph.microsoft.com}" "${MCP_IDENTIFIER:=yes}"
: "${MCP_SIGN_IN:=yes}" "${PACKAGE:=dist/functions.zip}" "${TRIES:=12}" "${WAIT_S:=10}" "${ADMIN_CONSENT:=yes}" "${RENDERED:=build/apim}"
export OBO_CREDENTIAL REQUIRED_SCOPE LOGIN_HOST GRAPH_HOST PREAUTH
ARM_VERSION=2024-05-01

. apim/az.sh

# grant PRINCIPAL TYPE ROLE: on the vault.
grant() {
	! absent role assignment list --scope "$vault_id" \
		--query "[?principalId=='$1' && roleDefinitionName=='$3'].id" -o tsv ||
		change_when_known role assignment create --assignee-object-id "$1" \
			--assignee-principal-type "$2" --role "$3" --scope "$vault_id"
}

# keep_secret NAME: what the last change wrote out becomes the vault's secret.
keep_secret() {
	[ "$what_if" ] || tr -d '\r\n' <"$work/output" >"$work/secret"
	[ "$what_if" ] || [ -s "$work/secret" ] || stop "az gave no value for $1."
	change_when_known keyvault secret set --vault-name "$vault" --name "$1" --file "$work/secret"
	rm -f "$work/secret" "$work/output"
}
lacks_secret() { absent keyvault secret list --vault-name "$vault" --query "[?name=='$1'].name" -o tsv; }

# federate NAME PRINCIPAL: the registration trusts a managed identity.
federate() {
	local subject
	subject=$(ask '' ad app federated-credential list --id "$CLIENT_ID" --query "[?name=='$1'].subject" -o tsv)
	[ "$subject" != "$2" ] || return 0
	[ -z "$subject" ] || stop "The federated credential $1 is for another identity ($subject); remove it first."
	plan federated "$1" "$2" "$work/federated.json"
	change_when_known ad app federated-credential create --id "$CLIENT_ID" --parameters "@$work/federated.json"
}

# expect STATUS PATH [CURL ARGUMENTS...]: through the gateway.
expect() {
	local wanted=$1 url=$APIM_GATEWAY_URL$2 status='' try
	shift 2
	shown curl "$url" "$@"
	[ "$what_if" ] && return
	for ((try = 1; try <= TRIES; try++)); do
		status=$(curl -sS -o "$work/answer" -w '%{http_code}' --max-time 60 "$@" "$url") || status='no answer'
		[ "$status" != "$wanted" ] || return 0
		((try == TRIES)) || sleep "$WAIT_S"
	done
	stop "$url answered $status, not $wanted."
}

check_arguments() {
	local problems=()
	[ -n "$RG" ] || problems+=("RG is missing: the resource group's name.")
	[ -n "$LOCATION" ] || problems+=("LOCATION is missing: an Azure region, such as westeurope.")
	[[ $NAME =~ ^[a-z][a-z0-9-]{1,13}[a-z0-9]$ ]] || problems+=("NAME is not 3 to 15 of a-z, 0-9 and -.")
	[[ $FLAVOR =~ ^(flex|linux)$ ]] || problems+=("FLAVOR is not flex or linux.")
	[ "$APIM_SKU" != Consumption ] || problems+=("APIM_SKU is Consumption, which has neither rate-limit-by-key nor a cache.")
	[[ $MCP_SIGN_IN =~ ^(yes|no)$ ]] || problems+=("MCP_SIGN_IN is not yes or no.")
	[[ $OBO_CREDENTIAL =~ ^(secret|managed-identity)$ ]] || problems+=("OBO_CREDENTIAL is not secret or managed-identity.")
	[ -r "$PREAUTH" ] || problems+=("$PREAUTH cannot be read; copy apim/preauth.example.json and put your clients in.")
	[ "$what_if" ] || [ -r "$PACKAGE" ] || problems+=("$PACKAGE is not there; run make dist.")
	for tool in node $([ "$what_if" ] || echo az curl); do
		command -v "$tool" >/dev/null || problems+=("$tool is not installed.")
	done
	[ ${#problems[@]} = 0 ] || stop "$(printf '%s ' "${problems[@]}")"
}

who_is_asking() {
	say "Account"
	subscription=$(ask "$GUID_0" account show --query id -o tsv)
	TENANT_ID=$(ask "$GUID_0" account show --query tenantId -o tsv)
	user_type=$(ask user account show --query user.type -o tsv)
	user_name=$(ask you@example.com account show --query user.name -o tsv)
	if [ "$user_type" = user ]; then
		me=$(ask "$GUID_0" ad signed-in-user show --query id -o tsv)
		my_type=User
	else
		me=$(ask "$GUID_0" ad sp show --id "$user_name" --query id -o tsv)
		my_type=ServicePrincipal
	fi
	: "${PUBLISHER_EMAIL:=$user_name}" "${PUBLISHER_NAME:=$NAME}"
	[[ $PUBLISHER_EMAIL == *@* ]] || stop "PUBLISHER_EMAIL is missing: API Management wants an e-mail address."
	export TENANT_ID PUBLISHER_EMAIL PUBLISHER_NAME
	# The names must be free in all of Azure; the same subscription and group give the same ones.
	suffix=$(printf '%s/%s' "$subscription" "$RG" | sha256sum | cut -c1-6)
	storage=${NAME//-/}$suffix vault=$NAME-$suffix functions=$NAME-$suffix gateway=$NAME-$suffix
}

make_group_and_storage() {
	say "Resource group $RG"
	answer=$(ask false group exists --name "$RG")
	[ "$answer" = true ] || change group create --name "$RG" --location "$LOCATION"
	say "Storage account $storage"
	! absent storage account list -g "$RG" --query "[?name=='$storage'].name" -o tsv ||
		change storage account create -g "$RG" --name "$storage" --location "$LOCATION" --sku Standard_LRS \
			--allow-blob-public-access false --min-tls-version TLS1_2
}

make_vault() {
	say "Key Vault $vault"
	! absent keyvault list -g "$RG" --query "[?name=='$vault'].name" -o tsv ||
		change keyvault create -g "$RG" --name "$vault" --location "$LOCATION" --enable-rbac-authorization true
	vault_id=$(ask "/vaults/$vault" keyvault show -g "$RG" --name "$vault" --query id -o tsv)
	KEY_VAULT_URL=$(ask "https://$vault.vault.azure.net" keyvault show -g "$RG" --name "$vault" --query properties.vaultUri -o tsv)
	export KEY_VAULT_URL=${KEY_VAULT_URL%/}
	grant "$me" "$my_type" "Key Vault Secrets Officer"
}

make_function_app() {
	local plan_arguments=(--flexconsumption-location "$LOCATION" --runtime custom --runtime-version 1.0)
	[ "$FLAVOR" = flex ] || plan_arguments=(--consumption-plan-location "$LOCATION" --os-type Linux
		--functions-version 4 --runtime custom)
	say "Function app $functions ($FLAVOR)"
	! absent functionapp list -g "$RG" --query "[?name=='$functions'].name" -o tsv ||
		change functionapp create -g "$RG" --name "$functions" --storage-account "$storage" \
			"${plan_arguments[@]}" --assign-identity '[system]' --https-only true
	function_app_id=$(ask "/sites/$functions" functionapp show -g "$RG" --name "$functions" --query id -o tsv)
	functions_identity=$(ask "$GUID_0" functionapp identity show -g "$RG" --name "$functions" --query principalId -o tsv)
	[ -n "$functions_identity" ] || stop "The function app has no system-assigned identity; assign one and run again."
	FUNCTION_APP_URL=https://$(ask "$functions.azurewebsites.net" functionapp show -g "$RG" --name "$functions" --query defaultHostName -o tsv)
	export FUNCTION_APP_URL
	grant "$functions_identity" ServicePrincipal "Key Vault Secrets User"
}

make_gateway() {
	say "API Management $gateway ($APIM_SKU; a new one can take the better part of an hour)"
	service=/subscriptions/$subscription/resourceGroups/$RG/providers/Microsoft.ApiManagement/service/$gateway
	if absent apim list -g "$RG" --query "[?name=='$gateway'].name" -o tsv; then
		# az apim create does not know the newer tiers.
		plan gateway "$LOCATION" "$APIM_SKU" "$work/gateway.json"
		change rest --method PUT --uri "$service?api-version=$ARM_VERSION" \
			--headers Content-Type=application/json --body "@$work/gateway.json"
		change apim wait -g "$RG" --name "$gateway" --created
	fi
	gateway_identity=$(ask "$GUID_0" apim show -g "$RG" --name "$gateway" --query identity.principalId -o tsv)
	[ -n "$gateway_identity" ] || stop "API Management $gateway has no system-assigned identity; give it one and run again."
	if [ -z "${APIM_GATEWAY_URL:-}" ]; then
		APIM_GATEWAY_URL=$(ask "https://$gateway.azure-api.net" apim show -g "$RG" --name "$gateway" --query gatewayUrl -o tsv)
	fi
	export APIM_GATEWAY_URL
	grant "$gateway_identity" ServicePrincipal "Key Vault Secrets User"
}

make_registration() {
	say "Registration $NAME in Microsoft Entra"
	CLIENT_ID=$(registration "$NAME" "${CLIENT_ID:-}")
	[ -n "$CLIENT_ID" ] || CLIENT_ID=$(create_registration "$GUID_0" "$NAME")
	export CLIENT_ID
	patch_application "$CLIENT_ID" scope # the clients below refer to it
	if [ "$MCP_IDENTIFIER" = yes ]; then
		say "  $APIM_GATEWAY_URL/mcp as identifier URI: its domain must be one that the tenant has verified"
		patch_application "$CLIENT_ID" resource
	fi
	if [ "$MCP_SIGN_IN" = yes ]; then make_public_client; else export MCP_CLIENT_ID=; fi
	patch_application "$CLIENT_ID" preauth
	make_principal "$CLIENT_ID" User.Read
	[ "$MCP_SIGN_IN" != yes ] || make_principal "$MCP_CLIENT_ID" "$REQUIRED_SCOPE" offline_access
}

# registration NAME ID: prints the client id of the registration of that name, unless it is given; empty: there is none.
registration() {
	local found=$2
	[ -n "$found" ] || found=$(ask '' ad app list --filter "displayName eq '$1'" --query '[].appId' -o tsv)
	[ "$(wc -w <<<"$found")" -le 1 ] || stop "More than one registration is called $1; say which one is meant with its client id."
	printf %s "$found"
}

# create_registration PLACEHOLDER NAME ARGUMENTS...: prints its client id; --what-if the placeholder.
create_registration() {
	local placeholder=$1 name=$2
	shift 2
	change ad app create --display-name "$name" --sign-in-audience AzureADMyOrg "$@" --query appId -o tsv
	if [ "$what_if" ]; then printf %s "$placeholder"; else tr -d '\r\n' <"$work/output"; fi
}

make_public_client() {
	say "Registration $NAME-clients, which MCP clients sign in with"
	MCP_CLIENT_ID=$(registration "$NAME-clients" "${MCP_CLIENT_ID:-}")
	[ -n "$MCP_CLIENT_ID" ] || MCP_CLIENT_ID=$(create_registration "${GUID_0/%0/1}" "$NAME-clients" --is-fallback-public-client false)
	export MCP_CLIENT_ID
	patch_application "$MCP_CLIENT_ID" public
}

# make_principal APP_ID SCOPES...: its service principal, with consent to those scopes for all users.
make_principal() {
	local app=$1 scope
	shift
	! absent ad sp list --filter "appId eq '$app'" --query '[].id' -o tsv ||
		change_when_known ad sp create --id "$app"
	[ "$ADMIN_CONSENT" = yes ] || return 0
	say "  Consent to $* for all users (needs an administrator; ADMIN_CONSENT=no leaves it to each user)"
	answer=$(ask '' ad app permission list-grants --id "$app" --query "[?consentType=='AllPrincipals'].scope | join(' ', @)" -o tsv)
	for scope in "$@"; do
		[[ " $answer " == *" $scope "* ]] && continue
		change_when_known ad app permission admin-consent --id "$app"
		break
	done
}

make_credentials() {
	say "Credential for the exchange: $OBO_CREDENTIAL"
	if [ "$OBO_CREDENTIAL" = managed-identity ]; then
		federate apim "$gateway_identity"
		federate functions "$functions_identity"
	elif lacks_secret client-secret; then
		change ad app credential reset --id "$CLIENT_ID" --append --display-name "$NAME" --years 1 --query password -o tsv
		keep_secret client-secret
	fi
}

configure_functions() {
	local names
	say "App settings"
	names=$(plan setting-names)
	ask '[]' functionapp config appsettings list -g "$RG" --name "$functions" \
		--query "[?contains('$names', join('', ['|', name, '|']))].{name: name, value: value}" -o json >"$work/current.json"
	plan settings "$work/current.json" "$work/settings.json"
	[ ! -s "$work/settings.json" ] || change functionapp config appsettings set -g "$RG" --name "$functions" --settings "@$work/settings.json"
	say "Package $PACKAGE"
	hash=HASH
	[ "$what_if" ] || hash=$(sha256sum "$PACKAGE" | cut -c1-32)
	answer=$(ask '' functionapp show -g "$RG" --name "$functions" --query tags.package -o tsv)
	if [ "$answer" != "$hash" ]; then
		change functionapp deployment source config-zip -g "$RG" --name "$functions" --src "$PACKAGE"
		change tag update --resource-id "$function_app_id" --operation Merge --tags "package=$hash"
	fi
	say "Host key for the gateway"
	answer=$(ask false functionapp keys list -g "$RG" --name "$functions" --query "functionKeys.apim != null" -o tsv)
	if [ "$answer" != true ] || lacks_secret function-key; then
		change_when_known functionapp keys set -g "$RG" --name "$functions" --key-type functionKeys --key-name apim --query value -o tsv
		keep_secret function-key
	fi
}

# put LABEL PATH QUERY BODY: creates or changes a resource of the gateway, if it differs.
put() {
	local uri="$service/$2?api-version=$ARM_VERSION" query=${3#-} verdict=differs
	: >"$work/current.json"
	if [ "$what_if" ]; then
		shown az rest --method GET --uri "$uri$query"
	elif ! az rest --method GET --uri "$uri$query" --only-show-errors >"$work/current.json" 2>"$work/error"; then
		grep -qiE 'not ?found|404' "$work/error" || { cat "$work/error" >&2 && stop "$1 could not be read."; }
		: >"$work/current.json"
	fi
	[ ! -s "$work/current.json" ] || verdict=$(plan compare "$work/current.json" "$4")
	case $verdict in
	same) ;;
	foreign) say "  $1 is not ours and stays as it is" ;;
	*) change_when_known rest --method PUT --uri "$uri" --headers Content-Type=application/json --body "@$4" ;;
	esac
}

configure_gateway() {
	local label path query body out=$RENDERED
	[ ! "$what_if" ] || out=$RENDERED-what-if
	say "Policies, named values and APIs of the gateway"
	node apim/render.mjs --preauth "$PREAUTH" --out "$out" >"$work/output" || stop "the policies could not be rendered; see above."
	plan requests "$out" >"$work/requests"
	while IFS=$'\t' read -r label path query body; do
		put "$label" "$path" "$query" "$body" </dev/null
	done <"$work/requests"
}

try_it() {
	say "Calls through the gateway"
	expect 200 '/hello?name=Adele'
	[ "$MCP_SIGN_IN" != yes ] || expect 200 /.well-known/oauth-authorization-server
	expect 401 /me
	expect 401 /mcp -X POST -H 'Content-Type: application/json' -d '{}'
	if [ "$user_type" != user ]; then
		say "  no call as a user: az is signed in as an application"
		return
	fi
	ask '' account get-access-token --scope "api://$CLIENT_ID/$REQUIRED_SCOPE" --query accessToken -o tsv >"$work/token"
	{ printf 'Authorization: Bearer ' && tr -d '\r\n' <"$work/token"; } >"$work/header"
	expect 200 /me -H "@$work/header"
}

check_arguments
who_is_asking
make_group_and_storage
make_vault
make_function_app
make_gateway
make_registration
make_credentials
configure_functions
configure_gateway
try_it
say "Done: $APIM_GATEWAY_URL (MCP: $APIM_GATEWAY_URL/mcp), client id $CLIENT_ID"
