#!/bin/sh
# Installs what is missing for the groups named (first column).  Says what and why first.
# Debian and Ubuntu; elsewhere it says what to install by hand.
set -eu

# group, what tells that it is there (a command, or a Debian package when it starts with lib, zlib, ca- or debian-), package, why
WANTED='
build gcc gcc compiles_the_handler
build pkg-config pkg-config finds_libraries
build libc6-dev libc6-dev the_C_library
build libcurl4-openssl-dev libcurl4-openssl-dev HTTPS_to_Entra_and_Graph
build libcjson-dev libcjson-dev JSON
build libcivetweb-dev libcivetweb-dev the_HTTP_server
build libexpat1-dev libexpat1-dev XML_of_Office_files
build zlib1g-dev zlib1g-dev zips_that_Office_files_are
build libssl-dev libssl-dev signatures_and_hashes
build ca-certificates ca-certificates trusted_certificate_authorities
node npm npm brings_the_tests_and_the_sandbox_their_Node.js
node openssl openssl makes_the_sandbox_its_certificate
dist gcc-12 gcc-12 compiles_the_static_binary
dist dpkg-source dpkg-dev unpacks_and_patches_sources
dist debian-archive-keyring debian-archive-keyring the_keys_that_sign_Debian
dist zip zip packs_the_functions
dist unzip unzip unpacks_them_again_to_test_them
dist jq jq writes_the_bill_of_materials
dist git git names_the_commit
fresh debootstrap debootstrap installs_a_Debian_to_test_in
fresh git git clones_the_checkout_into_it
bullseye debootstrap debootstrap makes_a_Debian_11_to_test_in
unit libcmocka-dev libcmocka-dev unit_tests
lint clang-format clang-format formatting
lint clang-tidy clang-tidy static_analysis
lint cppcheck cppcheck static_analysis
lint shellcheck shellcheck checks_the_shell_scripts
lint git git lists_what_is_committed
gateway mcs mono-mcs compiles_the_gateway_emulator_and_policy_expressions
gateway mono mono-runtime runs_the_gateway_emulator
gateway libmono-system-data4.0-cil libmono-system-data4.0-cil what_Newtonsoft.Json_needs
gateway libmono-system-numerics4.0-cil libmono-system-numerics4.0-cil what_Newtonsoft.Json_needs
gateway libmono-system-runtime-serialization4.0-cil libmono-system-runtime-serialization4.0-cil what_Newtonsoft.Json_needs
gateway libmono-system-core4.0-cil libmono-system-core4.0-cil LINQ_in_policy_expressions
gateway libmono-system-xml-linq4.0-cil libmono-system-xml-linq4.0-cil XML_in_policy_expressions
asan clang clang AddressSanitizer_and_fuzzing
asan libclang-rt-dev libclang-rt-dev AddressSanitizer_and_fuzzing
integration chromium-headless-shell chromium-headless-shell a_browser,_for_web_pages_that_are_MCP_clients
integration curl curl runs_the_commands_that_make_run_prints
integration zip zip packs_what_a_deployment_deploys
integration unzip unzip unpacks_it_where_it_is_served
azure pip3 python3-pip the_real_Azure_CLI,_which_deployments_are_tested_with
bench libnghttp2-dev libnghttp2-dev the_fake_upstream_speaks_HTTP/2
bench wrk wrk checks_the_load_generator
bench go golang-go a_peer_written_in_Go
integration strace strace shows_which_system_calls_carry_tokens
'

is_there() {
	case $1 in
	lib* | zlib* | ca-* | debian-*) ! command -v dpkg-query >/dev/null ||
		dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# "package why" of each that is missing.
missing() {
	for group in "$@"; do
		echo "$WANTED" | while read -r of probe package why; do
			if [ "$of" != "$group" ] || is_there "$probe"; then continue; fi
			printf '  %-22s %s\n' "$package" "$(echo "$why" | tr _ ' ')"
		done
	done
}

[ -n "$(missing "$@")" ] || exit 0
# make -j asks for several groups at once: the next has to wait, and may find nothing missing any more.
if [ -z "${INSTALLING:-}" ] && command -v flock >/dev/null; then
	exec env INSTALLING=1 flock --close "$0" "$0" "$@"
fi
list=$(missing "$@")
[ -n "$list" ] || exit 0
echo "Some packages are missing; installing:"
echo "$list"
packages=$(echo "$list" | awk '{print $1}')

if ! command -v apt-get >/dev/null; then
	echo "This is not Debian or Ubuntu (no apt-get): install the packages above by hand." >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		# shellcheck disable=SC2086 # one word per package, also below
		echo "Not root and no sudo: run as root: apt-get install" $packages >&2
		exit 1
	fi
	as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# Ubuntu has no such package, only a snap: what wants the browser is skipped there.
if ! apt-cache show chromium-headless-shell >/dev/null 2>&1; then
	packages=$(echo "$packages" | grep -vx chromium-headless-shell) || exit 0
fi
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null || {
	echo "apt-get could not install:" $packages >&2
	exit 1
}
