#!/bin/sh
# Gets what the static binary is made of, as packaging/sources.lock names it, into build/dist/files:
# Debian's source packages and its packages of static libraries.  With --lock it takes whatever
# Debian offers now and rewrites the lock.
#
# apt does the getting and the checking (signed index, SHA-256 of every file) with the mirrors and
# the proxy of this machine's apt (packaging/mirror.sh) but with lists and cache of its own, so that nothing of the machine changes and root is not needed.
set -eu
cd "$(dirname "$0")/.."
LOCK=packaging/sources.lock
FILES=build/dist/files
APT=$PWD/build/dist/apt
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
RELEASE=bookworm
mkdir -p "$FILES" "$APT/lists/partial" "$APT/cache/archives/partial"

fail() {
	echo "packaging: $*" >&2
	exit 1
}

locked() { # the lock without its comments
	grep -v '^#' $LOCK
}

have_all() {
	locked | awk '{print $5 "  " $6}' | (cd $FILES && sha256sum -c --status 2>/dev/null)
}

private_apt() {
	[ -r $KEYRING ] || fail "$KEYRING is missing: install debian-archive-keyring"
	cat >"$APT/apt.conf" <<-END
		Dir::State "$APT";
		Dir::State::status "$APT/status";
		Dir::Cache "$APT/cache";
		Dir::Etc::sourcelist "$APT/sources.list";
		Dir::Etc::sourceparts "-";
		APT::Architecture "amd64";
		APT::Architectures "amd64";
		APT::Sandbox::User "$(id -un)";
		Acquire::Retries "3";
	END
	: >"$APT/status"
	for suite in $RELEASE $RELEASE-updates $RELEASE-security; do
		uri=$(packaging/mirror.sh "$suite")
		for type in deb deb-src; do
			echo "$type [signed-by=$KEYRING] $uri $suite main"
		done
	done >"$APT/sources.list"
	export APT_CONFIG="$APT/apt.conf"
	apt-get -qq update || fail "apt could not read the lists that $APT/sources.list names"
}

# "kind package version" of all that is offered of packages, the oldest first.  apt reads its lists at every call, so it is asked
# for all at once, here and below.
offered() { # packages
	# shellcheck disable=SC2086 # one word per package
	apt-cache madison $1 | awk '{print ($NF == "Sources" ? "source" : "deb"), $1, $3}' | sort -uV
}

versions() { # what is offered, kind, package
	echo "$1" | sed -n "s/^$2 $3 //p"
}

get() { # lines of kind, package and version; leaves their files in $FILES
	echo "$1" | sed 's/^[a-z]*/  GET /'
	for kind in source deb; do
		of_kind=$(echo "$1" | sed -n "s/^$kind \(.*\) /\1=/p")
		[ -n "$of_kind" ] || continue
		# shellcheck disable=SC2086 # one word per package
		(
			cd $FILES
			case $kind in
			source) apt-get -qq source --download-only $of_kind ;;
			deb) apt-get -qq download $of_kind ;;
			esac >/dev/null
		) || fail "apt could not get all of" $of_kind
	done
}

explain_gone() { # package version offered
	fail "Debian no longer offers $1 $2, which $LOCK names; it offers: $(echo "$3" | tail -n 1).
  Debian replaces a package when it mends it, mostly for security.  To build with what it offers
  now: make dist-lock; read what changed (git diff, https://tracker.debian.org/pkg/$1); then
  make dist-test, and commit $LOCK."
}

get_locked() {
	wanted=$(locked | awk '{print $1, $2, $3}' | uniq)
	offers=$(offered "$(echo "$wanted" | cut -d ' ' -f 2)")
	echo "$wanted" | while read -r kind package version; do
		versions=$(versions "$offers" "$kind" "$package")
		echo "$versions" | grep -qxF "$version" || explain_gone "$package" "$version" "$versions"
		newest=$(echo "$versions" | tail -n 1)
		[ "$newest" = "$version" ] || echo "  note: Debian now has $package $newest;" \
			"make dist-lock takes it"
	done
	get "$wanted"
	have_all || fail "a file in $FILES is not the one that $LOCK names; if Debian really changed it
  without changing its version, find out why before make dist-lock"
}

lines() { # kind package version licence, and the paths of the files below $FILES
	for file in $5; do
		echo "$1 $2 $3 $4 $(sha256sum <"$FILES/$file" | cut -d ' ' -f 1) $file"
	done
}

# The files that a .dsc or a .deb stands for.
files_of() { # kind package version
	plain=${3#*:}
	case $1 in
	source)
		echo "$2_$plain.dsc"
		sed -n '/^Checksums-Sha256:/,/^[^ ]/s/^ [0-9a-f]* [0-9]* //p' "$FILES/$2_$plain.dsc"
		;;
	deb) echo "$2_$(echo "$3" | sed s/:/%3a/)_amd64.deb" ;;
	esac
}

write_lock() {
	grep '^#' $LOCK
	packages=$(locked | awk '{print $1, $2, $4}' | uniq)
	offers=$(offered "$(echo "$packages" | cut -d ' ' -f 2)")
	newest=$(echo "$packages" | while read -r kind package licence; do
		version=$(versions "$offers" "$kind" "$package" | tail -n 1)
		[ -n "$version" ] || fail "Debian has no $package"
		echo "$kind $package $version $licence"
	done)
	get "$(echo "$newest" | cut -d ' ' -f 1-3)" >&2
	echo "$newest" | while read -r kind package version licence; do
		lines "$kind" "$package" "$version" "$licence" "$(files_of "$kind" "$package" "$version")"
	done
}

if [ "${1:-}" = --lock ]; then
	private_apt
	write_lock >build/dist/sources.lock
	mv build/dist/sources.lock $LOCK
elif ! have_all; then
	private_apt
	get_locked
fi
