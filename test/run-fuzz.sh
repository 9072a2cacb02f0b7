#!/bin/sh
# run-fuzz.sh seconds target...: fuzzes each target that long, from its corpus on, one a core at a
# time.  What it finds stays in build/fuzz/corpus; an input that breaks a target in build/fuzz.
set -u
if [ "$1" = --one ]; then
	seconds=$2
	target=$3
	name=$(basename "$target")
	seeds=test/fuzz/corpus/${name#fuzz_}
	found=build/fuzz/corpus/$name
	mkdir -p "$found"
	if output=$("$target" -max_total_time="$seconds" -max_len=16384 -timeout=10 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$name-" "$found" "$seeds" 2>&1); then
		runs=$(printf '%s\n' "$output" | sed -n 's/^stat::number_of_executed_units: *//p')
		printf '%-28s ok, %s inputs\n' "$name" "$runs"
	else
		printf '%s\n%-28s FAILED\n' "$(printf '%s\n' "$output" | tail -40)" "$name"
		echo "$name" >>"$4"
	fi
	exit 0
fi
seconds=$1
shift
broken=$(mktemp)
printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -I TARGET "$0" --one "$seconds" TARGET "$broken"
failed=$(wc -l <"$broken")
rm "$broken"
echo "fuzz: $# targets, $failed failed"
[ "$failed" -eq 0 ]
