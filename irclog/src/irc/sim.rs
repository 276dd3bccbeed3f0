//! Servers in virtual time.
