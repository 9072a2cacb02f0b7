#!/bin/sh
# Writes Newtonsoft.Json.dll, which API Management's expressions have and Debian 13 has not: from the
# package of Debian 12.  apt fetches it and checks it by its SHA-256.
#
#   newtonsoft.sh FILE
set -eu
cd "$(dirname "$0")/.."
file=$1
POOL=pool/main/n/newtonsoft-json
DEB=libnewtonsoft-json5.0-cil_6.0.8+dfsg-1.1_all.deb
SHA256=1132717664d00b543cabddf18ea47517dfe11ce190c3df5b7271a7cf23bcf666
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

mirror=$(packaging/mirror.sh bookworm)
echo "  GET  $DEB"
/usr/lib/apt/apt-helper -qq -o "APT::Sandbox::User=$(id -un)" download-file \
	"$mirror/$POOL/$DEB" "$work/$DEB" "SHA256:$SHA256" || {
	echo "newtonsoft: apt could not get $mirror/$POOL/$DEB, or it has another SHA-256" >&2
	exit 1
}
dpkg-deb --fsys-tarfile "$work/$DEB" |
	tar -xO ./usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll >"$work/dll"
mkdir -p "$(dirname "$file")"
mv "$work/dll" "$file"
