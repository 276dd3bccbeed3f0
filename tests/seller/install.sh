#!/usr/bin/env bash
# Installs what the seller runs on into target/seller; quick when it is there.
set -euo pipefail
cd "$(dirname "$0")"

wanted=requirements.txt
target=../../target/seller
if cmp -s "$wanted" "$target/installed.txt"; then
    exit 0
fi
echo "seller: installing $wanted into target/seller" >&2
rm -rf "$target"
if ! python3 -m venv "$target"; then
    echo "seller: python3 cannot make a virtual environment: apt-get install python3-venv" >&2
    exit 1
fi
"$target/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"
cp "$wanted" "$target/installed.txt"
