//! Servers and observers for irclog's tests.
