#!/bin/sh
# Runs the unit test programs given, one a core at a time, and closes with one summary line.
# THREADED: those of them that may start threads; ThreadSanitizer runs no others.
set -u
if [ "$1" = --one ]; then
	case " ${THREADED:-} " in
	*" ${2#build/*/unit/} "*) ;;
	*) export UNIT_THREADLESS=1 ;;
	esac
	output=$("$2" 2>&1)
	status=$?
	passed=$(printf '%s\n' "$output" | grep -c '^\[       OK \]')
	failed=$(printf '%s\n' "$output" | grep '^\[  FAILED  \] [a-z_0-9]*$' | sort -u | wc -l)
	verdict=ok
	if [ $status -ne 0 ]; then
		verdict=FAILED
		[ "$failed" -gt 0 ] || failed=1
	else
		output=$(printf '%s\n' "$output" | grep '^figure: ')
	fi
	echo "$passed $failed" >>"$3"
	# One write, which no other program's lines get into.
	printf '%s%-36s %s\n' "${output:+$output
}" "${2#build/*/}" $verdict
	exit 0
fi
counts=$(mktemp)
printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -I PROGRAM "$0" --one PROGRAM "$counts"
awk -v programs=$# '{ passed += $1; failed += $2 }
	END { failed += programs - NR; printf "unit: %d passed, %d failed\n", passed, failed; exit !(passed && !failed) }' "$counts"
status=$?
rm "$counts"
exit $status
