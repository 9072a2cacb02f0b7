#!/bin/sh
# Runs the unit test programs given and closes with one summary line.
set -u
passed=0
failed=0
for program in "$@"; do
	output=$("$program" 2>&1)
	status=$?
	passed=$((passed + $(printf '%s\n' "$output" | grep -c '^\[       OK \]')))
	bad=$(printf '%s\n' "$output" | grep '^\[  FAILED  \] [a-z_0-9]*$' | sort -u | wc -l)
	if [ $status -ne 0 ]; then
		printf '%s\n' "$output"
		[ "$bad" -gt 0 ] || bad=1
	fi
	failed=$((failed + bad))
	printf '%s\n' "$output" | grep '^figure: '
	printf '%-28s %s\n' "${program##*/unit/}" "$([ $status -eq 0 ] && echo ok || echo FAILED)"
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
