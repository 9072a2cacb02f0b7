#!/bin/sh
# The checks that read the sources instead of running them.  Ends with one summary line.
set -u
cd "$(dirname "$0")/../.." || exit 1
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
all=$(git ls-files --cached --others --exclude-standard '*.[ch]')
scripts=$(git ls-files --cached --others --exclude-standard '*.sh' .ci/run)

tidy() {
	# Eight files at a time on two cores; compile flags go after the second --.
	# shellcheck disable=SC2086 # file names without spaces
	printf '%s\n' $sources | xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$@" -- \
		-std=c17 -D_GNU_SOURCE -Ihandler' tidy
}

# The gateway's policies as they would be deployed, for either credential.
policies() {
	folder=$(mktemp -d)
	wrong=0
	for credential in managed-identity secret; do
		env -i PATH="$PATH" OBO_CREDENTIAL=$credential test/node_modules/.bin/node apim/render.mjs \
			--settings apim/settings.example.json --preauth apim/preauth.example.json --out "$folder" &&
			mono build/gateway/gateway.exe lint --apim "$folder" --placeholders || wrong=1
	done
	rm -r "$folder"
	return $wrong
}

# shellcheck disable=SC2086 # file names without spaces, also below
check clang-format clang-format --dry-run -Werror $all
check cppcheck cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
	--std=c11 -D_GNU_SOURCE -Ihandler --error-exitcode=1 handler
check clang-tidy tidy
# shellcheck disable=SC2086
check shellcheck shellcheck $scripts
check policies policies
check gateway test/node_modules/.bin/node --test test/lint/gateway.test.mjs
check structure test/node_modules/.bin/node --test test/lint/structure.test.mjs test/lint/shape.test.mjs
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
