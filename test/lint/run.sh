#!/bin/sh
# The checks that read the sources instead of running them.  Ends with one summary line.
set -u
cd "$(dirname "$0")/../.."
passed=0
failed=0

check() {
	name=$1
	shift
	if output=$("$@" 2>&1); then
		passed=$((passed + 1))
		printf 'lint: %-14s ok\n' "$name"
	else
		failed=$((failed + 1))
		printf 'lint: %-14s FAILED\n%s\n' "$name" "$output"
	fi
}

sources=$(git ls-files --cached --others --exclude-standard 'handler/*.c')
all=$(git ls-files --cached --others --exclude-standard 'handler/*.[ch]' 'test/unit/*.[ch]' \
	'packaging/*.c' 'test/bench/*.c')

tidy() {
	# Eight files at a time on two cores; compile flags go after the second --.
	# shellcheck disable=SC2086 # file names without spaces
	printf '%s\n' $sources | xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$@" -- \
		-std=c17 -D_GNU_SOURCE -Ihandler' tidy
}

check clang-format clang-format --dry-run -Werror $all
check cppcheck cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
	--std=c11 -D_GNU_SOURCE -Ihandler --error-exitcode=1 handler
check clang-tidy tidy
check structure test/node_modules/.bin/node --test test/lint/structure.test.mjs
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
