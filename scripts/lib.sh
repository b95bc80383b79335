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
cache_dir() { printf '%s\n' "${PORTCULLIS_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/portcullis}"; }

# sha256 prints the digest, in hex, of standard input or of the file named.
sha256() {
	if command -v sha256sum >/dev/null; then
		sha256sum "${1:--}" | cut -d' ' -f1
	else # macOS
		shasum -a 256 "${1:--}" | cut -d' ' -f1
	fi
}

# publish_begin DIR makes a temporary folder beside DIR and names it in PUBLISH;
# publish_end puts it in DIR's place. What is there is therefore always complete:
# an interrupted or failed run leaves nothing, and of two runs at once both end
# with a whole folder.
publish_begin() {
	PUBLISH_AT=$1
	mkdir -p "$(dirname "$PUBLISH_AT")"
	PUBLISH=$(mktemp -d "$PUBLISH_AT.XXXXXX")
	trap 'rm -rf "$PUBLISH"' EXIT
	chmod 755 "$PUBLISH" # mktemp gives 700; a service may run as another user
}

publish_end() {
	rm -rf "$PUBLISH_AT"
	if ! mv -T "$PUBLISH" "$PUBLISH_AT" 2>/dev/null; then
		# Another run was faster, or this mv has no -T (macOS).
		[[ -d $PUBLISH_AT ]] || mv "$PUBLISH" "$PUBLISH_AT"
	fi
	rm -rf "$PUBLISH"
}
