#!/bin/sh
# Fails, and says why, unless a binary is what the zip may carry: linked statically and with every
# protection that the compiler and the linker have.
#
#   check-binary.sh BINARY [OBJECT-OR-ARCHIVE...]
#
# What only the compiler's output shows (stack protector, fortified calls, CET) is looked for in the
# objects and archives given.  CET there means marked for it: the binary as a whole is not, because
# Debian's own static libraries are not.
# shellcheck disable=SC2317 # the functions are called by name
set -eu
binary=$1
shift
bad=0

want() { # what, then a command that must succeed
	what=$1
	shift
	"$@" >/dev/null || {
		echo "check-binary: $binary: $what" >&2
		bad=1
	}
}

unless() {
	! "$@"
}

headers=$(readelf -lW "$binary")
dynamic=$(readelf -dW "$binary")
has() { # text, pattern
	echo "$1" | grep -qE "$2"
}

want "is not position-independent (PIE)" has "$dynamic" '\(FLAGS_1\).* PIE'
want "needs an interpreter, so it is not static" unless has "$headers" ' INTERP '
want "needs shared libraries" unless has "$dynamic" '\(NEEDED\)'
want "has no RELRO segment" has "$headers" ' GNU_RELRO '
want "does not bind everything at start (full RELRO)" has "$dynamic" '\(FLAGS_1\).* NOW'
want "has text relocations" unless has "$dynamic" '\(TEXTREL\)|\(FLAGS\).*TEXTREL'
want "has an executable stack" has "$headers" ' GNU_STACK .* RW  '
want "has a segment that is writable and executable" unless has "$headers" ' LOAD .* RWE '

calls() { # object or archive, pattern
	readelf -sW "$1" | grep -qE " UND ($2)\$"
}

# Every frame is entered a page at a time, so that none can step over the page that guards a stack's end.
# What is taken off below nothing (0xffff...) is given back.
steps_small() {
	# shellcheck disable=SC2016 # the dollars are the disassembler's
	! objdump -d --no-show-raw-insn "$1" | grep -E 'sub +\$0x[0-9a-f]{4,},%rsp' | grep -vqE '\$0x(1000|f{9}[0-9a-f]+),'
}

marked() { # every object in it
	readelf -hnW "$1" | awk '/Class:/ {objects++} /IBT, SHSTK/ {marks++}
		END {exit !(objects && objects == marks)}'
}

for file in "$@"; do
	want "$file has frames that are entered unprobed (-fstack-clash-protection)" steps_small "$file"
	want "$file is not marked for CET (-fcf-protection)" marked "$file"
	case $file in
	*.a)
		want "$file has no stack protector" calls "$file" __stack_chk_fail
		want "$file has no fortified calls (_FORTIFY_SOURCE)" calls "$file" '__[a-z]+_chk'
		;;
	esac
done
exit $bad
