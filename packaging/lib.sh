# What try and check share: the packages of Debian 12 by purpose, and their installation. Sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages_build=(gcc g++ libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libjson-glib-dev libtiff-dev libcairo2-dev
    libdcmtk-dev libopenjp2-7-dev libgtk-3-dev)
# The viewer's icons are SVG files of a theme; words need a font.
packages_viewer=(adwaita-icon-theme librsvg2-common fonts-dejavu-core)
# Orthanc (package orthanc) and ImageJ (imagej, default-jdk) are judges too where they are installed: the one would start a
# service that listens, the other brings Java.
packages_check=(git python3 xvfb xauth xdotool dicom3tools dcmtk iproute2 python3-pydicom python3-numpy python3-gdcm
    python3-pil clang-format clang-tidy cppcheck)

say() {
    printf '\n== %s\n' "$*"
}

# Installs those of the named packages that are missing; needs root or sudo only then.
install_packages() {
    local missing=() package as_root=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "These packages are missing; run this as root: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build DIR [MESON OPTIONS]: sets up once, compiles.
build() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$@" "$dir" "$root"
    ninja -C "$dir"
}
