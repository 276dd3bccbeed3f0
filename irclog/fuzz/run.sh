#!/usr/bin/env bash
# Fuzzes one target for some seconds, on the stable compiler and without other
# tools: run.sh TARGET [SECONDS]. cargo-fuzz does the same where it is installed.
# Inputs that fail are left in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:?line_reader, session, sanitiser or scrub}
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "artifacts/$target" "corpus/$target"
# What cargo-fuzz passes, but for the sanitisers, which need nightly.
flags=(--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares)
RUSTFLAGS="${flags[*]}" cargo build --release --target "$host" --bin "$target"
exec "target/$host/release/$target" \
    -max_total_time="${2:-600}" -artifact_prefix="artifacts/$target/" "corpus/$target"
