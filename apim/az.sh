# shellcheck shell=bash
# What the scripts beside this one need to ask and change things with az; they read it in.  what_if, TRIES, WAIT_S and GRAPH_HOST
# are theirs.
GUID_0=00000000-0000-0000-0000-000000000000

exec 3>&1 # what a person reads, also from inside $(...)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*" >&3; }
stop() {
	printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
	exit 1
}
shown() {
	local word line=' '
	for word in "$@"; do
		[[ $word =~ ^[A-Za-z0-9_./:=@,+%-]+$ ]] || word=${word@Q}
		line+=" $word"
	done
	printf '%s\n' "$line" >&3
}

# ask PLACEHOLDER ARGUMENTS...: reads with az; --what-if gives the placeholder.
ask() {
	local placeholder=$1
	shift
	if [ "$what_if" ]; then
		shown az "$@"
		printf '%s' "$placeholder"
	else
		az "$@" --only-show-errors || stop "az $1 ${2:-} could not be asked; its own message is above."
	fi
}

# absent ARGUMENTS...: whether az lists nothing.  No substitution in a test, where a failure would be lost.
absent() {
	answer=$(ask '' "$@") || exit 1
	[ -z "$answer" ]
}

# change ARGUMENTS...: changes something with az; its output is not shown, as it may hold a secret.
change() {
	shown az "$@"
	[ "$what_if" ] || az "$@" --only-show-errors >"$work/output" || stop "az $1 ${2:-} failed; its own message is above."
}

# The same, again and again: rights and registrations take a minute to be known everywhere.
change_when_known() {
	local try
	shown az "$@"
	[ "$what_if" ] && return
	for ((try = 1; try <= TRIES; try++)); do
		az "$@" --only-show-errors >"$work/output" 2>"$work/error" && return
		((try == TRIES)) || sleep "$WAIT_S"
	done
	cat "$work/error" >&2
	stop "az $1 ${2:-} failed $TRIES times; its last message is above."
}

plan() { node apim/plan.mjs "$@" || stop "the step could not be planned; see above."; }

# patch_application APP_ID STEP [ARGUMENTS]: what the registration lacks for that step, if anything.
patch_application() {
	local app=$1 step=$2 object_id
	shift 2
	ask '{}' ad app show --id "$app" -o json >"$work/application.json"
	plan "$step" "$work/application.json" "$@" "$work/$step.json"
	[ -s "$work/$step.json" ] || return 0
	object_id=$(ask "$GUID_0" ad app show --id "$app" --query id -o tsv)
	change_when_known rest --method PATCH --uri "https://$GRAPH_HOST/v1.0/applications/$object_id" \
		--headers Content-Type=application/json --body "@$work/$step.json"
}
