#!/bin/sh
# Writes dist/functions.zip: host.json, every function's folder, graph-tools and bin/handler, and nothing else.
# The same commit gives the same bytes: entries in order, with the commit's time and fixed modes.
# The zip is a Unix one, because the Functions host needs bin/handler's mode.
set -eu
cd "$(dirname "$0")/.."
binary=$1
epoch=${SOURCE_DATE_EPOCH:-$([ -e .git ] && git log -1 --format=%ct 2>/dev/null || echo 946684800)}
stage=build/dist/stage

rm -rf $stage
mkdir -p $stage/bin dist
for file in host.json */function.json graph-tools/*.json; do
	mkdir -p "$stage/$(dirname "$file")"
	cp "$file" "$stage/$file"
done
strip -o $stage/bin/handler "$binary"
find $stage -type f -exec chmod 0644 {} + -exec touch -d "@$epoch" {} +
chmod 0755 $stage/bin/handler
rm -f dist/functions.zip
(cd $stage && find . -type f | cut -c 3- | LC_ALL=C sort | TZ=UTC zip -q -9 -X -D ../../../dist/functions.zip -@)
