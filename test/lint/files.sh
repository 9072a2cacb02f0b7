#!/bin/sh
# Lists the project's files, one a line.  git is not asked: an unpacked tarball is checked as well.
# Left out is what .gitignore names.
set -eu
cd "$(dirname "$0")/../.."
find . \( -path ./.git -o -path ./bin -o -path ./build -o -path ./dist -o -name node_modules \) -prune \
	-o \( -type f -o -type l \) -print | cut -c 3- |
	grep -vE '^\.git$|(^|/)(local\.settings\.json|preauth\.json|\.env)$|^apim/settings\.json$' |
	LC_ALL=C sort
