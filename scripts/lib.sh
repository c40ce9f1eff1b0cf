# shellcheck shell=bash
# Functions that the scripts of this folder share: arguments, paths, and the
# installation of what a script needs. It works on a machine that has only bash
# and either apt or any release of Go. An error names what cannot be installed.
#
# Scripts source this file before they change the folder. It sets root, the folder
# of the project.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=$(cd "$(dirname "$0")" && pwd)/${0##*/}
script_name=${script#"$root/"}

die() {
  printf '%s: %s\n' "$script_name" "$*" >&2
  exit 1
}

# usage prints the comment at the top of the script.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"; }

# refuse MESSAGE… ends the script because of its arguments.
refuse() {
  printf '%s: %s\nusage:\n' "$script_name" "$*" >&2
  usage | grep -E "^  (CI=true )?$script_name" >&2
  exit 2
}

# only_help ARGUMENT… accepts no argument but --help.
only_help() {
  [ $# -gt 0 ] || return 0
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    *) refuse "unknown argument $1" ;;
  esac
}

# absolute PATH prints a path that stays valid when the folder changes.
absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$PWD/$1" ;;
  esac
}

# absolute_paths VARIABLE… makes the paths in environment variables absolute.
# Tests run in the folder of their package, where a relative path would mean
# another file.
absolute_paths() {
  local name
  for name; do
    [ -z "${!name:-}" ] || export "$name=$(absolute "${!name}")"
  done
}

# apt_install PACKAGE… prints what it installs and with which command. It fails
# where there is no apt, or where the user may not use it.
apt_install() {
  local sudo=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    sudo=(sudo -n)
  fi
  printf '%s installs missing packages: %s\n' "$script_name" "${sudo[*]:+sudo }apt-get install --no-install-recommends $*" >&2
  [ -n "${apt_updated:-}" ] || "${sudo[@]}" apt-get update -qq >&2 || return 1
  apt_updated=yes
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >&2
}

# debian_suite prints the code name of the running Debian, such as bookworm.
debian_suite() { (. /etc/os-release && echo "${VERSION_CODENAME:-}"); }

# debian_mirror prints the URL from which apt gets the packages of the running
# Debian.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt expands the field
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $(debian_suite)" | head -n 1)
  [ -n "$mirror" ] || die "apt has no Debian mirror: add one to /etc/apt and run apt-get update"
  echo "$mirror"
}

# installed COMMAND reports whether a command is on PATH; an absolute path can be
# any file.
installed() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# need_commands PACKAGE:COMMAND… installs the Debian packages of those commands
# that are not installed.
need_commands() {
  local pair packages=() missing=()
  for pair; do
    installed "${pair#*:}" || packages+=("${pair%%:*}")
  done
  [ ${#packages[@]} = 0 ] || apt_install "${packages[@]}" || true
  for pair; do
    installed "${pair#*:}" || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} = 0 ] || die "not installed: ${missing[*]} (Debian packages: ${packages[*]})"
}

# wanted_go prints the lowest Go release that go.mod accepts, with its patch
# level.
wanted_go() {
  local version
  version=$(sed -n 's/^go \([0-9.]*\)$/\1/p' "$root/go.mod")
  case $version in
    *.*.*) echo "$version" ;;
    *) echo "$version.0" ;;
  esac
}

# go_env GO VARIABLE prints a setting of a Go, whatever the go.mod of the current
# folder requires.
go_env() { (cd / && GOTOOLCHAIN=local "$1" env "$2" 2>/dev/null); }

# go_version GO prints the version of a Go.
go_version() { go_env "$1" GOVERSION | sed 's/^go//'; }

# at_least LOWEST VERSION reports whether a version is not older than another one.
at_least() { printf '%s\n%s\n' "$1" "$2" | sort -V -C; }

# find_go LOWEST prints the first Go on this machine that is not older than
# LOWEST.
find_go() {
  local go version
  for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go /usr/lib/go/bin/go "${HOME:-/}"/sdk/go*/bin/go; do
    [ -x "$go" ] || continue
    version=$(go_version "$go")
    [ -n "$version" ] || continue
    if at_least "$1" "$version"; then
      echo "$go"
      return
    fi
  done
  return 1
}

# download_go OLD_GO VERSION downloads a newer Go with a Go that is too old, and
# prints the path of the new one. It comes as a module: from the module proxy, and
# compared with the checksum database.
download_go() {
  local answer dir module
  module=golang.org/toolchain@v0.0.1-go$2.$(go_env "$1" GOOS)-$(go_env "$1" GOARCH)
  printf '%s downloads Go %s with Go %s: go mod download %s\n' "$script_name" "$2" "$(go_version "$1")" "$module" >&2
  answer=$(cd / && GO111MODULE=on GOTOOLCHAIN=local GOFLAGS=-mod=mod "$1" mod download -json "$module") || {
    printf '%s\n' "$answer" >&2
    return 1
  }
  dir=$(printf '%s\n' "$answer" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  # The files of a module are not executable.
  chmod +x "$dir"/bin/* "$dir"/pkg/tool/*/* && echo "$dir/bin/go"
}

# need_certificates installs a CA bundle, without which no module can be
# downloaded.
need_certificates() {
  local bundle
  for bundle in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    [ ! -s "$bundle" ] || return 0
  done
  apt_install ca-certificates || printf '%s: no CA certificates found, downloads will fail until ca-certificates is installed\n' "$script_name" >&2
}

# need_go puts a Go on PATH that go.mod accepts: an installed one, or one that
# another Go downloads.
need_go() {
  local wanted go old
  wanted=$(wanted_go)
  need_certificates
  if ! go=$(find_go "$wanted"); then
    if ! old=$(find_go 1.13); then
      apt_install golang-go || die "Go $wanted or newer is missing: install it from https://go.dev/dl/"
      old=$(find_go 1.13) || die "Go $wanted or newer is missing, and apt has none: install it from https://go.dev/dl/"
    fi
    go=$(find_go "$wanted") || go=$(download_go "$old" "$wanted") ||
      die "Go $wanted or newer is missing (found $(go_version "$old")): install it from https://go.dev/dl/"
  fi
  PATH=$(dirname "$go"):$PATH
  # This Go is new enough: go must not download another one.
  export PATH GOTOOLCHAIN=local
}

# build_cpi builds openstack_cpi and openstack_cpi_commands in build/, as the
# package of the release does (docs/decisions/0018).
build_cpi() {
  mkdir -p "$root/build"
  CGO_ENABLED=0 go build -C "$root" -trimpath -buildvcs=false -ldflags='-s -w' -tags nocommands -o build/openstack_cpi ./src/cmd/openstack_cpi
  CGO_ENABLED=0 go build -C "$root" -trimpath -buildvcs=false -ldflags='-s -w' -o build/openstack_cpi_commands ./src/cmd/openstack_cpi
}

# need_gcc installs a C compiler, which links the race detector.
need_gcc() {
  installed gcc || installed clang || apt_install gcc libc6-dev ||
    die "gcc is missing, which the race detector needs: install gcc, or use scripts/test --fast"
}

# need_ruby installs Ruby, which renders the templates of BOSH jobs in the tests.
need_ruby() { need_commands ruby:ruby; }

# want_browser installs Chromium, in which the page of openstack_cpi timeline is
# tested. The test is skipped where there is none.
want_browser() {
  local browser
  for browser in chromium chromium-browser google-chrome google-chrome-stable; do
    ! installed "$browser" || return 0
  done
  apt_install chromium fonts-dejavu-core ||
    printf '%s: no Chromium, and apt has none: the page of the timeline is not tested in a browser\n' "$script_name" >&2
}

# need_git installs git, which the bosh command line and the tests of the release
# use.
need_git() { need_commands git:git; }
