#!/bin/sh
# Prints the repository that holds a suite of Debian's: the one that this machine's apt has it from,
# else the one that it has another release from, else deb.debian.org.
#
#   mirror.sh bookworm | bookworm-updates | bookworm-security | trixie ...
set -eu
suite=$1
case $suite in
*-security) kind=debian-security ;;
*) kind=debian ;;
esac
unset APT_CONFIG
# shellcheck disable=SC2016 # the fields are apt-get's
uri=$(apt-get indextargets --format '$(CODENAME) $(RELEASE) $(COMPONENT) $(ORIGIN) $(REPO_URI)' \
	'Identifier: Packages' | awk -v suite="$suite" -v kind=$kind '
	{ name = $1 ~ /^[a-z]/ ? $1 : $2; of = name ~ /-security$/ ? "debian-security" : "debian" }
	($4 != "Debian" && ($4 ~ /^[A-Z]/ || $5 !~ /\/debian/)) || $3 != "main" || of != kind {next}
	name == suite || !uri {uri = $5}
	name == suite {exit}
	END {print uri}')
uri=${uri:-http://deb.debian.org/$kind}
echo "${uri%/}"
