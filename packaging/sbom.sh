#!/bin/sh
# Writes dist/functions.cdx.json, the bill of materials of dist/functions.zip (CycloneDX 1.5): what
# the lock names, and the static libraries themselves.
#
#   sbom.sh LINKER-MAP
set -eu
cd "$(dirname "$0")/.."
map=$1
version=$(sed -n 's/^#define SERVICE_VERSION "\(.*\)"/\1/p' handler/base/version.h)
sha256() {
	sha256sum "$1" | cut -d ' ' -f 1
}

# "package SHA-256 file" of each static library that the link took code from, by the linker's map.
linked() {
	sed -n 's|^\([^ ]*\.a\)(.*|\1|p' "$map" | sort -u | while read -r archive; do
		path=${archive#build/dist/root/}
		package=$(cd build/dist/owners && grep -lxF "./$path" -- *) || package=$(basename "$path" .a)
		echo "$package $(sha256 "$archive") ${path##*/}"
	done
}

# What each .deb holds, in a file of the package's name.
rm -rf build/dist/owners
mkdir build/dist/owners
awk '$1 == "deb" {print $2, $6}' packaging/sources.lock | while read -r package deb; do
	dpkg-deb --fsys-tarfile "build/dist/files/$deb" | tar -t >"build/dist/owners/$package"
done
if outside=$(grep '^LOAD ' "$map" | grep -v '^LOAD build/'); then
	echo "packaging: linked from this machine instead of build/dist/root: $outside" >&2
	exit 1
fi
# "package file" of each of our own changes.
patches() {
	for change in packaging/patches/*/*.patch; do
		package=${change%/*}
		echo "${package##*/} $change"
	done
}

linked >build/dist/linked
patches >build/dist/patches
jq -n --rawfile lock packaging/sources.lock --rawfile linked build/dist/linked --rawfile patches build/dist/patches \
	--arg version "$version" --arg zip "$(sha256 dist/functions.zip)" \
	--arg binary "$(sha256 build/dist/stage/bin/handler)" -f packaging/sbom.jq >dist/functions.cdx.json
