#!/bin/sh
# Installs the real Azure CLI into build/azure-cli, every package with its version.  Where that cannot be, one line
# says why, and the tests that need it are skipped.
set -eu
cd "$(dirname "$0")/../../../.."
home=build/azure-cli
list=test/sandbox/azure/az/requirements.txt
wanted=$(sha256sum <$list)
[ ! -e $home/installed ] || [ "$(cat $home/installed)" != "$wanted" ] || exit 0

skip() {
	echo "azure-cli: $1; what needs the real az is skipped"
	rm -rf $home
	exit 0
}

rm -rf $home
mkdir -p build
command -v python3 >/dev/null || skip "there is no python3"
python3 -m venv $home >build/azure-cli.log 2>&1 || skip "python3 has no venv"
echo "  PIP  $home (a minute or two, 700 MB)"
# With --no-deps: the list is whole, and nothing comes that it does not name.
$home/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --only-binary :all: -r $list >build/azure-cli.log 2>&1 ||
	skip "PyPI did not give it ($(tail -n 1 build/azure-cli.log | cut -c 1-120))"
echo "$wanted" >$home/installed
