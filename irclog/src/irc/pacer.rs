//! How fast we may speak without being killed, throttled or delayed.
