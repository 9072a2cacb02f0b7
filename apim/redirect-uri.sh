#!/usr/bin/env bash
# Lets MCP clients return to one more address from the sign-in, as ChatGPT's connectors and Copilot Studio's tools need: adds it to
# the registration that they share and to the handler's MCP_REDIRECT_URIS.  Safe to run again; docs/sign-in.md is the manual.
#
#   RG=... URI=... [APP=...] [REGISTERED=yes] apim/redirect-uri.sh
#
# REGISTERED: of a client with a registration of its own, where the address already is; only the handler's list is changed.
set -euo pipefail
shopt -s inherit_errexit
umask 077
cd "$(dirname "$0")/.."

what_if=
: "${RG:=}" "${URI:=}" "${APP:=}" "${REGISTERED:=no}" "${GRAPH_HOST:=graph.microsoft.com}" "${TRIES:=12}" "${WAIT_S:=10}"

. apim/az.sh

check_arguments() {
	[ -n "$RG" ] || stop "RG is missing: the resource group's name."
	[ -n "$URI" ] || stop "URI is missing: the address that the client shows."
	uri=$(plan redirect-uri "$URI")
}

find_handler() {
	[ -n "$APP" ] || APP=$(ask '' functionapp list -g "$RG" --query '[].name' -o tsv)
	[ "$(wc -w <<<"$APP")" = 1 ] || stop "There is not one function app in $RG; say which one is meant with APP."
	ask '[]' functionapp config appsettings list -g "$RG" --name "$APP" \
		--query "[?name=='MCP_CLIENT_ID' || name=='MCP_REDIRECT_URIS'].{name: name, value: value}" -o json >"$work/current.json"
	client=$(plan value "$work/current.json" MCP_CLIENT_ID)
	[ -n "$client" ] || stop "MCP_CLIENT_ID of $APP is not set: there, clients sign in at Microsoft Entra itself."
}

# Entra first: what the handler lets through has to be known there.
add() {
	if [ "$REGISTERED" != yes ]; then
		say "$uri, in the registration $client"
		patch_application "$client" redirect "$uri"
	fi
	say "$uri, in $APP"
	plan redirect-setting "$work/current.json" "$uri" "$work/settings.json"
	[ ! -s "$work/settings.json" ] || change functionapp config appsettings set -g "$RG" --name "$APP" --settings "@$work/settings.json"
}

check_arguments
find_handler
add
say "Done; the function app takes a moment to begin anew."
