#!/usr/bin/env bash
# Usage: deploy/image/rootfs.sh DIR PACKAGE...
#
# Run in a Debian image that has PACKAGEs, it puts into DIR what a program without a
# shell needs of them: shared libraries, CA certificates, licences, and dpkg's word on each
# package in var/lib/dpkg/status.d, where scanners look when there is no dpkg. Beside
# these: the user 10001, /tmp, /models, an empty cache that is the user's, and the folders
# that a runtime mounts over.
set -euo pipefail

[[ $# -ge 2 ]] || { printf 'usage: deploy/image/rootfs.sh DIR PACKAGE...\n' >&2; exit 2; }
root=$1
shift

install -d -m 755 "$root"/{etc/ssl/certs,usr/lib,usr/lib64,usr/share/doc,var/lib/dpkg/status.d,models,dev,proc,sys}
install -d -m 1777 "$root/tmp"
install -d -m 755 -o 10001 -g 10001 "$root/var/cache/portcullis"
ln -sfn usr/lib "$root/lib"
ln -sfn usr/lib64 "$root/lib64"

# A pattern of whole paths: what lies deeper than a library folder (gconv, audit) is for programs that this is not.
libraries='^/(usr/)?lib(64)?/([^/]+/)?[^/]+\.so(\.[0-9.]+)?$'
for package in "$@" base-files; do
	dpkg-query --listfiles "$package" | grep -E "$libraries|^/usr/share/doc/[^/]+/copyright\$|^/etc/os-release\$|^/usr/lib/os-release\$" |
		while read -r file; do [[ -e $file ]] && printf '%s\n' "${file#/}"; done >/tmp/files || true
	tar --create --directory / --files-from /tmp/files | tar --extract --directory "$root" --keep-directory-symlink
	dpkg-query --status "$package" >"$root/var/lib/dpkg/status.d/$package"
done

install -m 444 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/:/sbin/nologin\nportcullis:x:10001:10001:Portcullis:/:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nportcullis:x:10001:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
