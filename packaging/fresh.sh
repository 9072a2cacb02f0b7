#!/bin/sh
# Runs README's two commands as a newcomer would, on a release of Debian's just installed: debootstrap
# makes its root below build/fresh, and what is committed here is cloned into it.
#
#   fresh.sh bookworm|trixie [PORT]
#
# What this machine's apt and npm need to reach packages (proxies, registry, authorities) is passed on.
set -eu
cd "$(dirname "$0")/.."
release=$1
port=${2:-7071}
root=build/fresh/$release
log=$root.log
project=/root/project
began=$(date +%s)

[ "$(id -u)" = 0 ] || {
	echo "fresh: debootstrap and chroot need root" >&2
	exit 1
}
# In namespaces of its own: the mounts and processes of the newcomer's end with this script.
[ -n "${ALONE:-}" ] || exec env ALONE=1 unshare --mount --pid --fork --kill-child packaging/fresh.sh "$@"

trap 'exit 130' INT TERM # the first process of a namespace hears only what it has a trap for

say() {
	printf 'fresh: %s: %s, %d s\n' "$release" "$*" $(($(date +%s) - began))
}

fail() {
	tail -n 30 "$log" >&2
	printf 'fresh: %s: %s; all that was said is in %s\n' "$release" "$*" "$log" >&2
	exit 1
}

newcomer() { # a command, in the root
	chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
		${no_proxy:+"no_proxy=$no_proxy"} sh -c "cd && $1" >>"$log" 2>&1
}

make_root() {
	mkdir -p build/fresh
	rm -rf --one-file-system "$root"
	debootstrap --variant=minbase "$release" "$root" "$(packaging/mirror.sh "$release")" >"$log" 2>&1 ||
		fail "debootstrap could not make it"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
}

pass_settings_on() {
	cp /etc/resolv.conf /etc/hosts "$root/etc"
	apt-config dump | grep -E '^Acquire::(https?::|Check-)' >"$root/etc/apt/apt.conf.d/99machine" || true
	cp -r /usr/local/share/ca-certificates "$root/usr/local/share" || true
	for which in globalconfig userconfig; do
		file=$(npm config get $which 2>/dev/null) && [ -f "$file" ] || continue
		grep -E '^(@[^:]+:)?(registry|https?-proxy|proxy|noproxy|cafile) *=' "$file"
	done >"$root/root/.npmrc" || true
}

clone() {
	newcomer 'apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates git make' ||
		fail "a newcomer's make and git cannot be installed"
	git clone -q --no-hardlinks . "$root$project"
}

# What the token that `make run` prints gets.
profile() {
	token=$(sed -n 's/^TOKEN=//p' "$log")
	newcomer "$project/test/node_modules/.bin/node -e '
		const options = { headers: { authorization: \"Bearer $token\" } };
		fetch(\"http://127.0.0.1:$port/me\", options).then((answer) => answer.text()).then(console.log);'"
	grep -q '"displayName":"Adele Vance"' "$log"
}

make_run() {
	newcomer "cd $project && echo \$\$ >/make.pid && exec make run PORT=$port" &
	until grep -q "^The handler's log:" "$log"; do
		kill -0 $! 2>/dev/null || fail "make run ended"
		sleep 1
	done
	profile || fail "/me gives no profile"
	kill -TERM "$(cat "$root/make.pid")" # what is in the root has its numbers here
	wait $! || true
}

make_test() {
	tail -n 0 -f "$log" | grep -E --line-buffered '^(unit: |lint: |ℹ (tests|pass|fail) |✖)' &
	newcomer "cd $project && make test" || fail "make test failed"
}

make_root
pass_settings_on
say "installed"
clone
say "cloned"
make_run
say "make run has served a profile"
make_test
say "make test has passed"
