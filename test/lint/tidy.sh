#!/bin/sh
# clang-tidy on the sources named, with the compiler's own warnings (WARNINGS, from the Makefile).
#
# A source that passed is not asked about again until its object is made anew, which make does when the source or one
# of its headers changes, or until the version, the flags or .clang-tidy are others.
set -eu
cd "$(dirname "$0")/../.."

# The analyzer gives a function up after so many states: with these it has seen every block but one call that it
# sees with 50,000, in two thirds of the time.  DEEP=1 lets it go on, for the few functions that have more.
nodes=30000
[ -z "${DEEP:-}" ] || nodes=225000
FLAGS="-std=c17 -D_GNU_SOURCE -Ihandler $WARNINGS -Xclang -analyzer-config -Xclang max-nodes=$nodes"
PASSED=build/lint/tidy-$({ clang-tidy --version && cat .clang-tidy && echo "$FLAGS"; } | cksum | tr ' ' -)
export FLAGS PASSED
mkdir -p "$PASSED"

# Eight files at a time.  A stamp is as old as the beginning, lest it hide a change made meanwhile.
# shellcheck disable=SC2016,SC3013 # for the shell that xargs starts; POSIX.1-2024 has -nt
for source in "$@"; do
	[ "$PASSED/${source##*/}" -nt "build/release/obj/${source%.c}.o" ] || echo "$source"
done | xargs -r -P "$(nproc)" -n 8 sh -euc '
	began=$PASSED/began-$$
	touch "$began"
	clang-tidy --quiet "$@" -- $FLAGS
	for source; do touch -r "$began" "$PASSED/${source##*/}"; done
	rm "$began"' tidy
