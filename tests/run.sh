#!/usr/bin/env bash
# Runs every test. Installs the IRC daemons, the proxies and the Python that the
# live tests need where they are missing (Debian or Ubuntu, as root), and pinned
# Python packages into target/; quick when all is there.
# Arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null || [[ -x "/usr/sbin/$1" ]]; }

log=$(mktemp)
policy=
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT

missing=()
for daemon in ngircd inspircd atheme-services microsocks tinyproxy; do
    have "$daemon" || missing+=("$daemon")
done
have danted || missing+=(dante-server)
# The seller is a Python service in an environment of its own.
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
# What services in Python log with. Tests of what is not there are left out, so
# that nobody needs these who may not install them.
if [[ $(id -u) == 0 ]] && have apt-get && [[ -x /usr/bin/python3 ]]; then
    for module in loguru structlog rich; do
        /usr/bin/python3 -c "import $module" 2>/dev/null || missing+=("python3-$module")
    done
fi

if ((${#missing[@]})); then
    if [[ $(id -u) != 0 ]] || ! have apt-get; then
        echo "run.sh: the live tests need ${missing[*]}: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "run.sh: installing ${missing[*]}"
    # The packages start their daemons; the tests start their own. A policy of
    # 101 tells the package system to start none, unless there is one already.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
    if [[ -d /run/systemd/system ]]; then
        for daemon in "${missing[@]/python3*/}"; do
            [[ -n $daemon ]] || continue
            systemctl disable --now "${daemon/dante-server/danted}" || echo "run.sh: $daemon has no service to stop" >&2
        done
    fi
fi

tests/seller/install.sh

start=$SECONDS
# Most of the tests wait for servers, not for the processor.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-8}

status=0
cargo test --workspace --all-features --locked --no-fail-fast "$@" 2>&1 | tee "$log" || status=$?

awk -v seconds="$((SECONDS - start))" '
    /^test result:/ { suites++; passed += $4; failed += $6; ignored += $8 }
    END {
        printf "\nrun.sh: %d passed, %d failed, %d ignored in %d suites, %d s\n",
            passed, failed, ignored, suites, seconds
    }' "$log"
exit "$status"
