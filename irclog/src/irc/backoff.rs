//! When to connect again.
