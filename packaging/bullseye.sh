#!/bin/sh
# Makes the root of a smallest Debian 11 in the folder given, once, for tests.
set -eu
root=$1
[ ! -e "$root/made" ] || exit 0
[ "$(id -u)" = 0 ] || {
	echo "bullseye: debootstrap and chroot need root" >&2
	exit 1
}
# Still with the mirrors, or already in the archive of releases that are over.
for mirror in "$("$(dirname "$0")/mirror.sh" bullseye)" http://archive.debian.org/debian; do
	rm -rf "$root"
	echo "  ROOT $root from $mirror"
	if debootstrap --variant=minbase bullseye "$root" "$mirror" >"$root.log" 2>&1; then
		touch "$root/made"
		exit 0
	fi
done
tail -n 5 "$root.log" >&2
echo "bullseye: no mirror has Debian 11 (bullseye) any more, or none can be reached; see $root.log" >&2
exit 1
