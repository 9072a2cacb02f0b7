#!/bin/sh
# Installs what is missing for the groups named: build, test, node, bench.  Says what and why first.
# Debian and Ubuntu; elsewhere it says what to install by hand.
set -eu

# group, what tells that it is there (a command, or a Debian package when it starts with lib or ca-), package, why
WANTED='
build gcc gcc compiles_the_handler
build pkg-config pkg-config finds_libraries
build libc6-dev libc6-dev the_C_library
build libcurl4-openssl-dev libcurl4-openssl-dev HTTPS_to_Entra_and_Graph
build libcjson-dev libcjson-dev JSON
build libcivetweb-dev libcivetweb-dev the_HTTP_server
build libssl-dev libssl-dev signatures_and_hashes
build ca-certificates ca-certificates trusted_certificate_authorities
node npm npm brings_the_tests_and_the_sandbox_their_Node.js
node openssl openssl makes_the_sandbox_its_certificate
test libcmocka-dev libcmocka-dev unit_tests
test clang-format clang-format formatting
test clang-tidy clang-tidy static_analysis
test cppcheck cppcheck static_analysis
test git git lists_the_sources_to_check
bench libnghttp2-dev libnghttp2-dev the_fake_upstream_speaks_HTTP/2
bench wrk wrk checks_the_load_generator
bench go golang-go a_peer_written_in_Go
test strace strace shows_which_system_calls_carry_tokens
'

is_there() {
	case $1 in
	lib* | ca-*) ! command -v dpkg-query >/dev/null ||
		dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=
for group in "$@"; do
	while read -r of probe package why; do
		[ "$of" = "$group" ] || continue
		is_there "$probe" && continue
		[ -n "$missing" ] || echo "Some packages are missing; installing:"
		printf '  %-22s %s\n' "$package" "$(echo "$why" | tr _ ' ')"
		missing="$missing $package"
	done <<END
$WANTED
END
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "This is not Debian or Ubuntu (no apt-get): install the packages above by hand." >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "Not root and no sudo: run as root: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # one word per package
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
	echo "apt-get could not install:$missing" >&2
	exit 1
}
