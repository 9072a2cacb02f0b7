#!/bin/sh
# Builds build/dist/root, the headers and static libraries that the static binary is compiled with:
# Debian's packages of static libraries unpacked, and libcurl, civetweb and cJSON compiled from
# Debian's sources (its patches applied, and ours from packaging/patches) with only what the handler
# uses.
# From the Makefile: CC, CFLAGS and LDFLAGS, which name that root as build/dist/root.
#
# libcurl's configure takes longer than compiling it, and always finds the same, as the root is always
# the same: packaging/curl/curl_config.h is kept, with what it was made for in its first line.
# With --configure it is made anew.
set -eu
cd "$(dirname "$0")/.."
# configure takes no blank in a path.
case $PWD in *[[:space:]]*)
	alias=$(mktemp -d)
	ln -s "$PWD" "$alias/checkout"
	cd "$alias/checkout"
	;;
esac
FILES=$PWD/build/dist/files
ROOT=$PWD/build/dist/root
SRC=$PWD/build/dist/src
INCLUDE=$ROOT/usr/include
PATHS=$PWD/build/dist/paths
LIB=$ROOT/usr/lib/x86_64-linux-gnu
LOG=build/dist/libs.log
# civetweb has the day of its compilation in it, which is to be the same every day.
export SOURCE_DATE_EPOCH=946684800

rm -rf "$ROOT" "$SRC"
mkdir -p "$ROOT" "$SRC"
exec 3>&1 >$LOG 2>&1
finish() {
	[ $? -eq 0 ] || { tail -n 20 $LOG; echo "packaging: see $LOG"; } >&3
	[ -z "${alias:-}" ] || rm -rf "$alias"
}
trap finish EXIT

# Options for the compiler, in a file for the blank: wherever the checkout is, the same bytes are made.
printf '"-ffile-prefix-map=%s=."\n' "$PWD" "$(pwd -P)" >"$PATHS"

locked() { # a name's ending
	awk '{print $6}' packaging/sources.lock | grep "\\.$1\$"
}

unpack() {
	for deb in $(locked deb); do
		dpkg-deb -x "$FILES/$deb" "$ROOT"
	done
	for dsc in $(locked dsc); do
		dpkg-source --no-check -x "$FILES/$dsc" "$SRC/${dsc%%_*}" # fetch.sh has checked it
	done
	for change in packaging/patches/*/*.patch; do
		source=${change%/*}
		patch -s -p1 -F0 -d "$SRC/${source##*/}" <"$change"
	done
	# The kernel's headers bring no code into the binary, so this machine's will do.
	for dir in linux asm-generic x86_64-linux-gnu/asm; do
		ln -s "/usr/include/$dir" "$INCLUDE/$dir"
	done
}

library() { # name, source, and more for the compiler
	name=$1
	source=$2
	shift 2
	echo "  LIB  $name" >&3
	# shellcheck disable=SC2086 # one word per flag
	$CC $CFLAGS "@$PATHS" "$@" -c -o "$SRC/$name.o" "$SRC/$source"
	ar rcD "$LIB/$name.a" "$SRC/$name.o"
}

curl_options() {
	echo "--with-openssl=$ROOT/usr --with-nghttp2=$ROOT/usr --enable-ares=$ROOT/usr"
	printf -- '--without-%s ' zlib brotli zstd libidn2 libpsl librtmp libgsasl ca-bundle ca-path
	printf -- '--disable-%s ' ftp file ldap ldaps rtsp dict telnet tftp pop3 imap smb smtp gopher \
		mqtt manual libcurl-option unix-sockets cookies netrc alt-svc hsts websockets doh mime \
		dateparse progress-meter get-easy-options headers-api ntlm tls-srp crypto-auth \
		openssl-auto-load-config
}

# The same flags for where the root is no path below.
from_anywhere() {
	echo "$1" | sed "s|build/dist/root|$ROOT|g"
}

configured() { # what curl_config.h follows from
	{
		grep ' curl_[^ ]*\.dsc$' packaging/sources.lock
		curl_options | sed "s|$ROOT||g"
		cat packaging/patches/curl/*.patch
	} | sha256sum | cut -c1-16
}

configure() {
	echo "  CONF libcurl" >&3
	cd "$SRC/curl"
	# shellcheck disable=SC2046 # one option per word
	./configure --host=x86_64-linux-gnu --prefix=/usr CC="$CC" CFLAGS="$(from_anywhere "$CFLAGS") @$PATHS" \
		LDFLAGS="$(from_anywhere "$LDFLAGS")" PKG_CONFIG=false --disable-shared --enable-static \
		--disable-dependency-tracking $(curl_options)
	cd "$OLDPWD"
	{
		echo "/* Configured for $(configured); packaging/libs.sh --configure makes it anew. */"
		cat "$SRC/curl/lib/curl_config.h"
	} >packaging/curl/curl_config.h
}

libcurl() {
	grep -q "^/\* Configured for $(configured);" packaging/curl/curl_config.h || {
		echo "packaging: curl's version, patches or options have changed: make dist-configure" >&3
		exit 1
	}
	echo "  LIB  libcurl" >&3
	cp packaging/curl/curl_config.h "$SRC/curl/lib"
	cp -r "$SRC/curl/include/curl" "$INCLUDE"
	flags="$(from_anywhere "$CFLAGS") @$PATHS"
	cd "$SRC/curl/lib"
	# One object a file, as the linker then leaves out what nothing uses.
	# shellcheck disable=SC2016,SC2086 # the inner shell's; one word per flag
	grep -v '^#' "$OLDPWD/packaging/curl/sources" | xargs -P "$(nproc)" -n 1 sh -c 'for file; do :; done
		"$@" -o "$(echo "${file%.c}" | tr / _).o" || exit 255' compile $CC -DHAVE_CONFIG_H -I../include -I. -DBUILDING_LIBCURL \
		-DCURL_STATICLIB -DCURL_HIDDEN_SYMBOLS -fvisibility=hidden $flags -Werror=implicit-function-declaration -c
	ar rcD "$LIB/libcurl.a" ./*.o
	cd "$OLDPWD"
}

unpack
mkdir "$INCLUDE/cjson"
cp "$SRC/cjson/cJSON.h" "$INCLUDE/cjson"
cp "$SRC/civetweb/include/civetweb.h" "$INCLUDE"
library libcjson cjson/cJSON.c
library libcivetweb civetweb/src/civetweb.c -I"$SRC/civetweb/include" -Ipackaging/civetweb \
	@packaging/civetweb/options
[ "${1:-}" != --configure ] || configure
libcurl
touch "$ROOT/made"
