#!/bin/bash
# check_package.sh PACKAGE.deb SOURCE - installs the Debian package in a clean root, which mmdebstrap makes from
# this machine's own package sources and which goes away at the end, and uses it there: the version, an
# ensemble, the man pages, the completion, a program of examples/ built against it. Needs root and
# the network; where there is neither, the package is only unpacked, which says less, and is said.
set -eu
package=$(readlink -f "$1") source=$(readlink -f "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What is done in the root, by its own shell.
cat >"$folder/inside" <<'SH'
set -eu
export HOME=/tmp/home OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$HOME"
cd /tmp
dpkg -s leray | sed -n 's/^\(Version\|Section\|Maintainer\|Depends\): /  &/p'
leray --version | head -n 1
leray gen /usr/share/leray/configs/demo.yaml solver.n=16 ensemble.simulations=2 ensemble.frames=3 -q -o few
[ -s few/ensemble.h5 ]
for page in man1/leray.1 man1/leray-solve.1 man5/leray-decks.5; do
    [ -s /usr/share/man/$page ] || [ -s /usr/share/man/$page.gz ] || { echo "no $page"; exit 1; }
done
[ -s /usr/share/bash-completion/completions/leray ]
[ -s /usr/share/doc/leray/copyright ]
gcc -std=c11 decay.c -o decay $(pkg-config --cflags --libs leray) -lm
./decay | tail -n 3
apt-get remove -y -qq leray >/dev/null
[ ! -e /usr/bin/leray ]
echo "installed, used and removed in a clean root"
SH

# The hook gets the root's folder.
cat >"$folder/hook" <<SH
set -eu
touch "$folder/begun"
cp "$package" "$source/examples/decay.c" "$folder/inside" "\$1/tmp/"
chroot "\$1" apt-get install -y -qq --no-install-recommends /tmp/$(basename "$package") gcc libc6-dev pkg-config >/dev/null
chroot "\$1" bash /tmp/inside
SH

unpacked() {
    echo "no clean root: $1; the package is unpacked only" >&2
    dpkg-deb -x "$package" "$folder/root"
    dpkg-deb -I "$package" | sed -n 's/^ \(Version\|Section\|Maintainer\|Depends\): / &/p'
    local lib
    lib=$(dirname "$(find "$folder/root" -name libleray.so)")
    LD_LIBRARY_PATH=$lib "$folder/root/usr/bin/leray" --version | head -n 1
    LD_LIBRARY_PATH=$lib "$folder/root/usr/bin/leray" gen "$folder/root/usr/share/leray/configs/demo.yaml" solver.n=16 \
        ensemble.simulations=2 ensemble.frames=3 -q -o "$folder/few"
    [ -s "$folder/root/usr/share/man/man1/leray.1" ]
    echo "unpacked and used; not installed"
}

[ "$(id -u)" -eq 0 ] || { unpacked "it takes root"; exit; }
command -v mmdebstrap >/dev/null || { unpacked "mmdebstrap is missing: tools/deps.sh package"; exit; }
. /etc/os-release
sources=(/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list)
for list in "${sources[@]}"; do [ -s "$list" ] && break; done
mmdebstrap --quiet --variant=apt --mode=root --format=null --customize-hook="bash $folder/hook \"\$1\"" \
    "$VERSION_CODENAME" - "$list" >"$folder/log" 2>&1 && { cat "$folder/log"; exit; }
cat "$folder/log" >&2
[ ! -e "$folder/begun" ] || exit 1
unpacked "mmdebstrap made none"
