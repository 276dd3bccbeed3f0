//! What one span tells: `POST /verify`, from its fields.

use std::fmt::{self, Write};
use std::ops::Range;

use ::tracing::field::{Field, Visit};

use super::chosen::{METHODS, NAME, PATHS, Spans};
use crate::capture;
use crate::hide::Request;
use crate::redact::audience::{Mark, PublicSpan};
use crate::trace::TraceId;
use crate::tracing::fields::{self, ValueWriter};

/// What one span tells. Its values lie in one text: most spans are told by
/// nobody, so making one must not cost an allocation a value.
pub(super) struct Told {
    /// Told also without a field.
    always: bool,
    name: &'static str,
    text: String,
    /// Ordered and disjoint ranges of `text`.
    public: Vec<PublicSpan>,
    /// In the order in which they were recorded, the place of each in `text`.
    pub(super) pairs: Vec<(&'static str, Range<usize>)>,
    /// Of what happens in it only the troubles are shown.
    pub(super) hidden: bool,
    /// What its fields name, told or not.
    pub(super) trace: Option<TraceId>,
}

/// One field's value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    told: &'a Told,
    start: usize,
    end: usize,
}

impl Told {
    pub(super) fn new(always: bool, name: &'static str) -> Self {
        Self {
            always,
            name,
            text: String::new(),
            public: Vec::new(),
            pairs: Vec::new(),
            hidden: false,
            trace: None,
        }
    }

    /// Takes values over; what was recorded before under a name is replaced.
    pub(super) fn take(&mut self, new: &Self) {
        let mut all = Self::new(self.always, self.name);
        for (name, value) in self.values() {
            all.push(name, new.value(name).unwrap_or(value));
        }
        for (name, value) in new.values() {
            if self.value(name).is_none() {
                all.push(name, value);
            }
        }
        all.trace = new.trace.or(self.trace);
        *self = all;
    }

    fn push(&mut self, name: &'static str, value: Value<'_>) {
        let start = self.text.len();
        self.text.push_str(value.text());
        let public = value.public();
        self.public
            .extend(public.map(|span| start + span.start..start + span.end));
        self.pairs.push((name, start..self.text.len()));
    }

    pub(super) fn hide_if(&mut self, spans: &Spans) {
        self.hidden = spans.hidden.iter().any(|request| self.is(request));
    }

    pub(super) fn is_silent(&self) -> bool {
        self.pairs.is_empty() && !self.always
    }

    /// `POST /verify payer=0x12`, or `assert_balance payer=0x12` where nothing
    /// stands for the name.
    pub(super) fn write(&self, writer: &mut dyn Write) -> fmt::Result {
        let mut begun = false;
        for value in self.head().into_iter().flatten() {
            if begun {
                writer.write_char(' ')?;
            }
            value.write(writer)?;
            begun = true;
        }
        if !begun {
            writer.write_str(self.name)?;
        }
        for (name, value) in self.rest() {
            write!(writer, " {name}=")?;
            value.write(writer)?;
        }
        Ok(())
    }

    /// What stands for the span's name, if anything does.
    pub(super) fn head(&self) -> [Option<Value<'_>>; 2] {
        let first = |names: &[&str]| names.iter().find_map(|name| self.value(name));
        match self.value(NAME) {
            Some(name) => [Some(name), None],
            None => [first(METHODS), first(PATHS)],
        }
    }

    /// What is told with its name.
    fn rest(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.values()
            .filter(|(name, _)| *name != NAME && !is_request(name))
    }

    fn is(&self, request: &Request) -> bool {
        match self.head() {
            [Some(name), None] => match name.text().split_once(' ') {
                Some((method, path)) => request.is(Some(method), path),
                None => request.is(None, name.text()),
            },
            [method, Some(path)] => {
                let method = method.map(Value::text);
                request.is(method, path.text())
            }
            _ => false,
        }
    }

    pub(super) fn adds_nothing_to(&self, other: &Self) -> bool {
        let head = self.head();
        let same = head
            .iter()
            .zip(other.head())
            .all(|(own, other)| own.map(Value::text) == other.map(Value::text));
        head.iter().any(Option::is_some) && same && self.rest().next().is_none()
    }

    fn values(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.pairs.iter().map(|(name, range)| {
            let value = Value {
                told: self,
                start: range.start,
                end: range.end,
            };
            (*name, value)
        })
    }

    fn value(&self, name: &str) -> Option<Value<'_>> {
        let mut values = self.values();
        values.find_map(|(known, value)| (known == name).then_some(value))
    }
}

impl<'a> Value<'a> {
    fn text(self) -> &'a str {
        &self.told.text[self.start..self.end]
    }

    /// Ranges of the text.
    fn public(self) -> impl Iterator<Item = PublicSpan> + use<'a> {
        let all = self.told.public.iter();
        let own = all.filter(move |span| span.start >= self.start && span.end <= self.end);
        own.map(move |span| span.start - self.start..span.end - self.start)
    }

    /// Notes the public bytes in the text that is being captured.
    fn write(self, writer: &mut dyn Write) -> fmt::Result {
        let text = self.text();
        let mut from = 0;
        for span in self.public() {
            writer.write_str(&text[from..span.start])?;
            let mark = Mark::here();
            writer.write_str(&text[span.start..span.end])?;
            mark.note_public();
            from = span.end;
        }
        writer.write_str(&text[from..])
    }
}

/// Whether the field tells the method or the path of a request.
fn is_request(name: &str) -> bool {
    METHODS.contains(&name) || PATHS.contains(&name)
}

/// Formats the chosen ones among the fields it visits.
pub(super) struct Values<'a> {
    pub(super) spans: &'a Spans,
    pub(super) told: Told,
}

impl Values<'_> {
    fn note(&mut self, field: &Field, write: impl FnOnce(&mut ValueWriter<'_>)) {
        let name = fields::name(field);
        let (is_told, is_trace) = (self.spans.tells(field), TraceId::is_name(name));
        if !is_told && !is_trace {
            return;
        }
        // Where the span has a name of its own the request is not told.
        if is_request(name) && self.told.value(NAME).is_some() {
            return;
        }
        let Told {
            text,
            public,
            trace,
            ..
        } = &mut self.told;
        let start = text.len();
        if text.capacity() == 0 {
            text.reserve(USUAL_TEXT);
        }
        let omitted = capture::write_text(text, public, start + MAX_VALUE, |writer| {
            let mut writer = ValueWriter {
                writer,
                result: Ok(()),
            };
            write(&mut writer);
            writer.result
        });
        if omitted > 0 {
            let length = text.len() - start + omitted;
            public.retain(|span| span.start < start);
            text.truncate(start);
            // Writing to a String does not fail.
            let _ = write!(text, "({length} bytes)");
        }
        if is_trace {
            *trace = TraceId::parse(&text[start..]).or(*trace);
        }
        // What is recorded as an empty text, as for "not known yet", says
        // nothing.
        let value = &text[start..];
        if !is_told || value.is_empty() || value == EMPTY_STR {
            public.retain(|span| span.start < start);
            text.truncate(start);
            return;
        }
        self.told.pairs.push((name, start..self.told.text.len()));
    }
}

impl Visit for Values<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, |writer| writer.record_debug(field, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // `GET /health` stands for itself, without quotes.
        if field.name() == NAME {
            self.note(field, |writer| {
                writer.result = writer.writer.write_str(value);
            });
        } else {
            self.note(field, |writer| writer.record_str(field, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.note(field, |writer| writer.record_error(field, value));
    }
}

/// Bytes of one value. A longer one is no context but a body, and only its
/// length is told: a part of it could hold a part of a secret.
const MAX_VALUE: usize = 1024;

/// Bytes that the values of a span have as a rule: a method and a path.
const USUAL_TEXT: usize = 64;

/// How an empty `str` is written.
const EMPTY_STR: &str = "\"\"";
