#!/bin/sh
# Makes .venv hold exactly what a lock file pins, and Bookable itself: tools/environment.sh requirements.lock
# Run by make, which knows when it is needed. Needs Python 3.11 or later, nothing else: a Debian that has neither pip
# nor ensurepip (they are packages of their own) is helped by the pip wheel that lies here.
set -eu
cd "$(dirname "$0")/.."
lock=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV || true

say() { printf '%s\n' "· $*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
quietly() { "$@" >/dev/null 2>&1; }

new_enough() { quietly "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }

find_python() { # 3.11 first: it is the one the lock files are tested with
    for python in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if new_enough "$python"; then return 0; fi
    done
    fail "Bookable needs Python 3.11 or later; this machine has $(python3 --version 2>/dev/null || echo none). On Debian 12: apt-get install python3 python3-venv"
}

# Sets pip to a command that installs into .venv. Debian keeps pip and ensurepip in packages of their own.
make_venv() {
    if [ -x .venv/bin/python ] && new_enough .venv/bin/python; then python=.venv/bin/python; else rm -rf .venv; find_python; fi
    if quietly .venv/bin/python -m pip --version; then
        pip=".venv/bin/python -m pip"; return
    fi
    [ -d .venv ] || say "Making .venv with $("$python" --version)"
    host=$python; [ "$host" != .venv/bin/python ] || { find_python; host=$python; }
    for wheel in "" /usr/share/python-wheels/pip-*.whl tools/pip-*.whl; do
        via=${wheel:+$wheel/pip}; via=${via:--m pip}
        # shellcheck disable=SC2086
        if { [ -x .venv/bin/python ] || quietly "$host" -m venv --without-pip .venv; } &&
            quietly "$host" $via --python .venv/bin/python --version; then
            pip="$host $via --python .venv/bin/python"; return
        fi
    done
    rm -rf .venv
    if quietly "$host" -m venv .venv || { rm -rf .venv; quietly virtualenv -p "$host" .venv; }; then
        pip=".venv/bin/python -m pip"; return
    fi
    rm -rf .venv
    fail "$("$host" --version) has neither pip nor venv: apt-get install python3-venv (on Debian), then make again"
}

# uv installs in a few seconds what takes pip half a minute. It is pinned like everything else, and it is only a
# shortcut: it does not read pip's configuration, so where it can't install, pip does.
install_with_uv() {
    uv=.venv/.uv/bin/uv
    if ! quietly "$uv" --version; then
        awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements-dev.lock >.venv/.uv.lock
        # shellcheck disable=SC2086
        quietly $pip install --no-compile --no-deps --require-hashes --target .venv/.uv -r .venv/.uv.lock || return 1
    fi
    # shellcheck disable=SC2086
    index=$($pip config get global.index-url 2>/dev/null || printf %s "${PIP_INDEX_URL:-}")
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
    export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-15}" UV_PYTHON_DOWNLOADS=never
    quietly "$uv" pip install --python .venv/bin/python --require-hashes -r "$lock" || return 1
    quietly "$uv" pip install --python .venv/bin/python --offline --no-deps --no-build-isolation -e .
}

install_with_pip() {
    say "Installing with pip (uv could not); this takes half a minute"
    # shellcheck disable=SC2086
    $pip install -qq --no-compile --require-hashes -r "$lock" &&
        $pip install -qq --no-deps --no-build-isolation -e .
}

make_venv
say "Installing $(grep -c '^[a-z].*==' "$lock") packages from $lock"
install_with_uv || install_with_pip || fail "The packages of $lock could not be installed; the reason is above"
say "Ready: .venv"
