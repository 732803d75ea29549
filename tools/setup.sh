#!/usr/bin/env bash
# Makes the environment that `make` works in, and says nothing when all is there.
#   tools/setup.sh run    .venv with what the product runs on
#   tools/setup.sh dev    the same, what checks and tests it, and the system's Redis, Chromium and gettext
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

install_packages() {
    if ! command -v apt-get >/dev/null; then
        say "Please install with this system's package manager: $*"
        exit 1
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "Missing: $*. Run as root, or install sudo, or type: apt-get install $*"
            exit 1
        fi
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n) # nobody is there to type a password
    fi
    say "Installing $* …"
    local log
    log=$(mktemp)
    # The index may be stale on a machine that was just made; a mirror that fails once is asked again.
    if ! {
        "${as_root[@]}" apt-get -qq -o Acquire::Retries=3 update
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
            install --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        say "apt-get could not install: $*"
        exit 1
    fi
    rm -f "$log"
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed. Name it: make run PYTHON=/path/to/python3"
    exit 1
}

make_environment() {
    # A folder that was moved or half made is no environment.
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null; then
        return
    fi
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then # Debian keeps them apart
        install_packages "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    say "Making .venv …"
    "$python" -m venv --clear .venv
}

# Installs a locked file once: the stamp is the file's hash.
install_locked() {
    local file=$1 stamp
    stamp=.venv/.installed-$(sha256sum "$file" | cut -c1-16)
    [ -e "$stamp" ] && return
    say "Installing $file …"
    with_uv "$file" || with_pip "$file"
    touch "$stamp"
}

# uv reads no pip.conf: where packages come from a mirror that only pip knows, it fails, and pip does the work.
with_uv() {
    [ -x .venv/bin/uv ] || with_pip requirements-uv.txt || return 1
    .venv/bin/uv pip install --quiet --no-config --python .venv/bin/python --require-hashes -r "$1"
}

with_pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --retries 5 --require-hashes -r "$1"
}

install_servers() {
    local missing=()
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v msgfmt >/dev/null || missing+=(gettext)
    command -v chromium >/dev/null || missing+=(chromium fonts-liberation fonts-dejavu-core)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

make_environment
if [ "${1:-run}" = dev ]; then
    install_servers & # takes the network while the rest takes the processor
    servers=$!
    install_locked requirements.txt
    install_locked requirements-dev.txt
    wait "$servers"
else
    install_locked requirements.txt
fi
