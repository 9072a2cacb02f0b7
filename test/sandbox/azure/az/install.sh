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
# Without a pip of its own, which takes as long to install as a third of the list.
python3 -m venv --without-pip $home >build/azure-cli.log 2>&1 || skip "python3 has no venv"
echo "  PIP  $home (half a minute, 400 MB)"
# With --no-deps: the list is whole, and nothing comes that it does not name.  pip's own install reads what is there
# already again for each package: twice the time of fetching and unpacking.
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest $home/wheels -r $list >build/azure-cli.log 2>&1 ||
	skip "PyPI did not give it ($(tail -n 1 build/azure-cli.log | cut -c 1-120))"
$home/bin/python -c '
import pathlib, sysconfig, zipfile
for wheel in pathlib.Path("'$home/wheels'").iterdir():
    zipfile.ZipFile(wheel).extractall(sysconfig.get_path("purelib"))'
rm -r $home/wheels
echo "$wanted" >$home/installed
