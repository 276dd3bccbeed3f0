//! Programs that show irclog at work: see the folder `examples` beside this.
