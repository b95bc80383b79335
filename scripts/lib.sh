# Functions that the scripts of this folder share. Source it; it does nothing alone.
# shellcheck shell=bash

# say tells people what is done. It writes to standard error because the standard
# output of a script is its result, often a path.
say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# die is say and the end.
die() {
	say "$*"
	exit 1
}

# cache_dir prints the folder of everything that is fetched or built and is not
# part of the tree. The Go program looks for ONNX Runtime in the same place.
cache_dir() { printf '%s\n' "${PORTCULLIS_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, nor is PORTCULLIS_CACHE}/.cache}/portcullis}"; }

# sha256 prints the digest, in hex, of the file named or of standard input.
sha256() {
	if command -v sha256sum >/dev/null; then
		sha256sum "${1:--}" | cut -d' ' -f1
	else # macOS
		shasum -a 256 "${1:--}" | cut -d' ' -f1
	fi
}

# Whatever is listed here goes away when the script ends, however it ends.
leftovers=()
trap 'rm -rf ${leftovers[@]+"${leftovers[@]}"}' EXIT

# make_temp VARIABLE [TEMPLATE] makes a folder that lives as long as the script and
# stores its path. It prints nothing, because in $(...) the folder would be unknown
# to the shell that has to remove it.
make_temp() {
	local made
	made=$(mktemp -d ${2+"$2"})
	leftovers+=("$made")
	printf -v "$1" '%s' "$made"
}

# publish_begin DIR makes a temporary folder beside DIR and names it in PUBLISH;
# publish_end puts it in DIR's place. So what DIR holds is always complete: a run
# that is stopped or fails leaves DIR as it was.
publish_begin() {
	PUBLISH_AT=$1
	mkdir -p "$(dirname "$PUBLISH_AT")"
	make_temp PUBLISH "$PUBLISH_AT.XXXXXX"
	chmod 755 "$PUBLISH" # mktemp gives 700; a service may run as another user
}

publish_end() {
	# Another run may have been faster. Its result is as good, but what lies there
	# can also be the damaged folder that this run replaces.
	rm -rf "$PUBLISH_AT"
	mv "$PUBLISH" "$PUBLISH_AT"
}
