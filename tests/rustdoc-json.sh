#!/bin/sh
# rustdoc that may write JSON: see tests/public_api.rs.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
