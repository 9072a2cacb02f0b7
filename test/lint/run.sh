#!/bin/sh
# The checks that read the sources instead of running them.  Ends with one summary line.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0
noted=0
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

# The sources are kept clean by the tools of Debian 12.  What another version finds besides, or how it
# would format, is said, and no reason to fail.
check_by() { # version, tool, what to run
	by=$1
	tool=$2
	shift 2
	version=$($tool --version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
	case $version in
	"$by" | "$by".*) check "$tool" "$@" ;;
	*)
		if output=$("$@" 2>&1); then
			passed=$((passed + 1))
			printf 'lint: %-14s ok\n' "$tool"
		else
			noted=$((noted + 1))
			printf '%s\nlint: %-14s NOTED: %s finds the above; what counts is version %s\n' \
				"$(echo "$output" | grep -F ' error: ')" "$tool" "$version" "$by"
		fi
		;;
	esac
}

files=$(test/lint/files.sh) || exit 1
sources=$(echo "$files" | grep '^handler/.*\.c$')
all=$(echo "$files" | grep '\.[ch]$')
scripts=$(echo "$files" | grep -E '\.sh$|^\.ci/run$')
if [ -z "$sources" ] || [ -z "$scripts" ]; then
	echo "lint: there are no sources to check" >&2
	exit 1
fi

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

mkdir -p build/lint/cppcheck
# shellcheck disable=SC2086 # file names without spaces, also below
check_by 14 clang-format clang-format --dry-run -Werror $all
check_by 2.10 cppcheck cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
	--suppress=normalCheckLevelMaxBranches --cppcheck-build-dir=build/lint/cppcheck \
	--std=c11 -D_GNU_SOURCE -Ihandler --error-exitcode=1 handler
# shellcheck disable=SC2086
check_by 14 clang-tidy test/lint/tidy.sh $sources
# shellcheck disable=SC2086
check shellcheck shellcheck $scripts
check policies policies
check structure test/node_modules/.bin/node --test test/lint/*.test.mjs
[ $noted -eq 0 ] || echo "lint: $noted noted"
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
