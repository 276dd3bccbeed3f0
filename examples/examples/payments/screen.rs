//! Two panes on one terminal: the console and the channel, in order of time.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use irclog_tests::seen::{Kind, Seen};
use log::{Log, Metadata, Record};

/// How long the channel may be silent while the service works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Lines from one place in the code that the console pane prints; the service
/// wrote them all, but a storm would bury the channel.
const PRINTED: u64 = 6;

/// The terminal, shared by both panes.
pub(crate) struct Screen {
    start: Instant,
    coloured: bool,
    // Held while a line is printed, so that lines stay whole.
    printing: Mutex<()>,
}

impl Screen {
    /// Colours are used on a terminal, and wherever `CLICOLOR_FORCE` is set,
    /// unless `NO_COLOR` is.
    #[allow(
        clippy::disallowed_methods,
        reason = "a program of its own, which shows when things happen"
    )]
    pub(crate) fn new() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let wanted = set("CLICOLOR_FORCE") || io::stdout().is_terminal();
        Self {
            start: Instant::now(),
            coloured: wanted && !set("NO_COLOR"),
            printing: Mutex::new(()),
        }
    }

    /// Prints a remark of the example itself.
    pub(crate) fn note(&self, text: &str) {
        self.print(&format!("\n{text}\n"));
    }

    /// Prints what a member of the channel saw.
    pub(crate) fn channel(&self, seen: &Seen) {
        let nick = &seen.nick;
        let text = match seen.kind {
            Kind::Message => format!("<\x02{nick}\x02> {}", seen.text),
            Kind::Notice => format!("-{nick}- {}", seen.text),
            Kind::Join => format!("→ {nick} has joined {}", seen.target),
            Kind::Quit => format!("← {nick} has left ({})", seen.text),
            _ => format!("· {nick} {:?} {}", seen.kind, seen.text),
        };
        self.pane("\x1b[1;36m", "channel", &text);
    }

    fn console(&self, text: &str) {
        self.pane("\x1b[2m", "console", text);
    }

    /// Prints one line of a pane; mIRC formatting becomes the terminal's.
    fn pane(&self, colour: &str, name: &str, text: &str) {
        let at = self.start.elapsed().as_secs_f64();
        let line = ansi(text);
        let line = if self.coloured {
            format!("\x1b[2m{at:5.1} s\x1b[0m {colour}{name} │\x1b[0m {line}")
        } else {
            format!("{at:5.1} s {name} │ {}", without_escapes(&line))
        };
        self.print(&line);
    }

    fn print(&self, text: &str) {
        let _whole = self.printing.lock().unwrap_or_else(PoisonError::into_inner);
        // A closed terminal does not stop the service.
        let _ = writeln!(io::stdout(), "{text}");
    }
}

/// The service's own logger, which irclog is told to keep.
pub(crate) struct Console {
    screen: Arc<Screen>,
    // The place of the last line, and how often in a row it was there.
    last: Mutex<(Option<u32>, u64)>,
}

impl Console {
    pub(crate) fn new(screen: Arc<Screen>) -> Self {
        Self {
            screen,
            last: Mutex::new((None, 0)),
        }
    }

    /// What to print of a line from `place`, if anything.
    fn admit(&self, place: Option<u32>) -> (u64, bool) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 == place {
            last.1 += 1;
            return (0, last.1 <= PRINTED);
        }
        let hidden = last.1.saturating_sub(PRINTED);
        *last = (place, 1);
        (hidden, true)
    }
}

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Info
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let (hidden, admitted) = self.admit(record.line());
        if hidden > 0 {
            let text = format!("… and {hidden} more lines like these, not printed here");
            self.screen.console(&text);
        }
        if admitted {
            let (level, target) = (record.level(), record.target());
            let text = format!("{level:5} {target} {}", record.args());
            self.screen.console(&text);
        }
    }

    fn flush(&self) {}
}

/// mIRC's sixteen colours, as those of a terminal.
const COLOURS: [u8; 16] = [
    97, 30, 34, 32, 91, 31, 35, 33, 93, 92, 36, 96, 94, 95, 90, 37,
];

/// Turns mIRC's formatting codes into ANSI's.
fn ansi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut bold, mut italic, mut underline) = (false, false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x02' => toggle(&mut out, &mut bold, 1, 22),
            '\x1d' => toggle(&mut out, &mut italic, 3, 23),
            '\x1f' => toggle(&mut out, &mut underline, 4, 24),
            '\x0f' => {
                (bold, italic, underline) = (false, false, false);
                out.push_str("\x1b[0m");
            }
            '\x03' => {
                let code = number(&mut chars).map_or(39, |colour| COLOURS[colour % 16]);
                // Writing to a String cannot fail.
                let _ = write!(out, "\x1b[{code}m");
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push_str("\x1b[0m");
    out
}

fn toggle(out: &mut String, on: &mut bool, set: u8, unset: u8) {
    *on = !*on;
    let code = if *on { set } else { unset };
    let _ = write!(out, "\x1b[{code}m");
}

/// The one or two digits of a colour.
fn number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut digits = String::new();
    while digits.len() < 2
        && let Some(digit) = chars.next_if(char::is_ascii_digit)
    {
        digits.push(digit);
    }
    digits.parse().ok()
}

fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            chars.by_ref().find(|&c| c == 'm');
        } else {
            out.push(c);
        }
    }
    out
}
