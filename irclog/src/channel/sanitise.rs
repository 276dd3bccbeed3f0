//! Text that can neither end a line, nor format one, nor hide in one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Makes `text` one row of what a reader can see.
///
/// Padding and rows of one sign are shortened. Removes control codes, terminal escapes as whole sequences, IRC formatting
/// with its colour numbers, bidi and zero-width characters. New lines become
/// ` ⏎ `, but for those inside of brackets (JSON that was printed over many rows
/// is one row), blank rows and indentation go, and of many rows (a backtrace) the
/// first [`MAX_ROWS`] stay; of a Python traceback also the last, which names
/// the error. Borrowed when there was nothing to do.
pub(crate) fn sanitise(text: &str) -> Cow<'_, str> {
    let mut filler = Filler::default();
    if text.chars().all(|c| is_plain(c) && !filler.is_too_much(c)) {
        return Cow::Borrowed(text);
    }
    let mut rows = Rows::default();
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => rows.end(),
            '\t' => rows.push(' '),
            '\x1b' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\x03' => skip_colour(&mut chars, 2, char::is_ascii_digit),
            '\x04' => skip_colour(&mut chars, 6, char::is_ascii_hexdigit),
            hidden if !is_plain(hidden) => {}
            seen => rows.push(seen),
        }
    }
    Cow::Owned(rows.finish())
}

/// Rows of a record that are shown. Four lines of IRC hold about that many
/// frames; beyond, the reader wants the local log.
pub(super) const MAX_ROWS: usize = 12;

/// The end of a row inside a line.
const ROW_END: &str = " ⏎ ";

/// How a stack begins that is told from the outside in.
const TRACEBACK: &str = "Traceback (most recent call last)";

/// A terminal's string sequence that is longer than this was none. In
/// characters; hyperlinks and titles, their usual content, stay below.
const MAX_STRING: usize = 256;

#[derive(Default)]
struct Rows {
    text: String,
    /// Rows ended so far that have something in them.
    ended: usize,
    /// Whether the present row has something in it.
    begun: bool,
    /// The latest row behind those that are shown.
    last: String,
    filler: Filler,
}

/// Counts what only fills.
#[derive(Default)]
struct Filler {
    sign: char,
    count: usize,
}

impl Filler {
    /// Whether there is enough of this character already.
    fn is_too_much(&mut self, character: char) -> bool {
        if character != self.sign {
            self.sign = character;
            self.count = 0;
        }
        self.count += 1;
        match character {
            ' ' => self.count > 1,
            '=' | '-' | '_' | '*' | '#' | '~' | '─' | '━' | '█' | '═' => {
                self.count > MAX_SIGNS
            }
            _ => false,
        }
    }
}

/// So many of a sign say as much as any number of them.
const MAX_SIGNS: usize = 6;

impl Rows {
    fn push(&mut self, character: char) {
        if self.filler.is_too_much(character) {
            return;
        }
        if !self.begun {
            if character.is_whitespace() {
                return;
            }
            self.begun = true;
            if let Some(glue) = self.glue(character) {
                self.ended -= 1;
                let row = if self.ended < MAX_ROWS {
                    &mut self.text
                } else {
                    &mut self.last
                };
                row.push_str(glue);
            } else {
                self.last.clear();
                if (1..MAX_ROWS).contains(&self.ended) {
                    self.text.push_str(ROW_END);
                }
            }
        }
        if self.ended < MAX_ROWS {
            self.text.push(character);
        } else {
            self.last.push(character);
        }
    }

    /// What stands between the row before and one that begins with `next`,
    /// where both are one, broken at a bracket or a comma.
    fn glue(&self, next: char) -> Option<&'static str> {
        let row = if self.ended <= MAX_ROWS {
            &self.text
        } else {
            &self.last
        };
        let last = row.trim_end().chars().next_back()?;
        let glue = match (last, next) {
            ('[' | '(', _) | (_, ']' | ')') => "",
            ('{' | ',', _) | (_, '}') => " ",
            _ => return None,
        };
        // There a row of source may end with anything.
        (!self.text.contains(TRACEBACK)).then_some(glue)
    }

    fn end(&mut self) {
        if self.begun {
            self.begun = false;
            self.filler = Filler::default();
            self.ended += 1;
            self.text.truncate(self.text.trim_end().len());
        }
    }

    fn finish(mut self) -> String {
        self.end();
        let mut left = self.ended.saturating_sub(MAX_ROWS);
        let ends_with_error = left > 0 && self.text.contains(TRACEBACK);
        if ends_with_error {
            left -= 1;
        }
        if left > 0 {
            let plural = if left == 1 { "" } else { "s" };
            let _ = write!(self.text, "{ROW_END}… +{left} row{plural}");
        }
        if ends_with_error {
            let _ = write!(self.text, "{ROW_END}{}", self.last.trim_end());
        }
        self.text
    }
}

/// Whether a character is passed on as it is.
fn is_plain(character: char) -> bool {
    !(character.is_control() || is_invisible(character))
}

/// Characters that take no room but reorder, join or hide others. Variation
/// selector 16, which makes an emoji of its neighbour, is left.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'                      // soft hyphen
        | '\u{34f}'                   // grapheme joiner
        | '\u{61c}'                   // Arabic letter mark
        | '\u{115f}' | '\u{1160}'     // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'     // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'     // Mongolian selectors
        | '\u{200b}'..='\u{200f}'     // zero widths, direction marks
        | '\u{2028}'..='\u{202e}'     // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}'     // invisible operators, isolates
        | '\u{3164}'                  // Hangul filler
        | '\u{fe00}'..='\u{fe0e}'     // variation selectors
        | '\u{feff}'                  // byte order mark
        | '\u{ffa0}'                  // half-width Hangul filler
        | '\u{fff9}'..='\u{fffb}'     // interlinear annotation
        | '\u{1d173}'..='\u{1d17a}'   // musical format controls
        | '\u{e0000}'..='\u{e0fff}'   // tags, further selectors
    )
}

/// Skips what follows an ESC.
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        _ => {
            while chars.next_if(|next| matches!(next, ' '..='/')).is_some() {}
            chars.next_if(|next| matches!(next, '0'..='~'));
        }
    }
}

/// Skips parameters, intermediates and the final byte of a CSI sequence.
fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|next| matches!(next, '0'..='?')).is_some() {}
    while chars.next_if(|next| matches!(next, ' '..='/')).is_some() {}
    chars.next_if(|next| matches!(next, '@'..='~'));
}

/// Skips a string sequence (title, hyperlink) to its terminator. Without one
/// nearby nothing is skipped, so that no text is swallowed.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    for _ in 0..MAX_STRING {
        match ahead.next() {
            Some('\x07' | '\u{9c}') => {
                *chars = ahead;
                return;
            }
            Some('\x1b') => {
                if ahead.next_if_eq(&'\\').is_some() {
                    *chars = ahead;
                }
                return;
            }
            None | Some('\n' | '\r') => return,
            Some(_) => {}
        }
    }
}

/// Skips up to `digits` of a foreground and, behind a comma, a background.
fn skip_colour(chars: &mut Peekable<Chars<'_>>, digits: usize, is_digit: fn(&char) -> bool) {
    let skip = |chars: &mut Peekable<Chars<'_>>| {
        (0..digits)
            .take_while(|_| chars.next_if(is_digit).is_some())
            .count()
    };
    if skip(chars) == 0 {
        return;
    }
    let mut ahead = chars.clone();
    if ahead.next_if_eq(&',').is_some() && skip(&mut ahead) > 0 {
        *chars = ahead;
    }
}

/// Holds a text that was sanitised to what is true of all of them.
///
/// # Panics
///
/// When it is not.
#[cfg(any(test, fuzzing))]
pub(crate) fn holds(text: &str) {
    let row = sanitise(text);
    assert!(row.chars().all(is_plain), "{row:?} of {text:?}");
    assert_eq!(sanitise(&row), row, "of {text:?}");
    // A row's end is longer than the character that makes it.
    assert!(row.len() <= ROW_END.len() * text.len() + 32, "{text:?}");
}

#[cfg(test)]
mod tests;
