//! What the layer hands over of events and spans, without a channel.

mod events;
mod interest;
mod requests;
mod spans;

use std::fmt;
use std::sync::mpsc::{self, Receiver};

use ::tracing::subscriber::with_default;
use tracing_subscriber::{prelude::*, registry};

use super::*;
use crate::config::{ChannelConfig, Directives};
use crate::hide::DropFields;
use crate::shared::{Command, Gate};

/// What the worker would find.
struct Room {
    shared: Arc<Shared>,
    _commands: Receiver<Command>,
}

/// How a layer is made.
struct Settings {
    filter: &'static str,
    /// The filter of what is kept in case a request fails.
    kept: Option<&'static str>,
    dropped: DropFields,
    spans: Spans,
}

impl Settings {
    fn filter(filter: &'static str) -> Self {
        Self {
            filter,
            kept: None,
            dropped: DropFields::default(),
            spans: Spans::default(),
        }
    }

    fn kept(mut self, filter: &'static str) -> Self {
        self.kept = Some(filter);
        self
    }

    fn drop_fields(mut self, names: &[&str]) -> Self {
        self.dropped = DropFields::named(names.iter().copied());
        self.spans.drop_fields(&self.dropped);
        self
    }

    fn spans(mut self, set: impl FnOnce(&mut Spans)) -> Self {
        set(&mut self.spans);
        self
    }

    fn open<S>(self) -> (Room, Layer<S>) {
        let directives = |text: &str| Directives::parse(text).unwrap();
        let (sender, commands) = mpsc::channel();
        let channels = [ChannelConfig {
            name: "#k".into(),
            key: None,
            filter: None,
        }];
        let kept = self.kept.map(|kept| directives(kept).filter());
        let shared = Arc::new(Shared::new(
            &directives(self.filter),
            &channels,
            self.dropped,
            kept.map(|kept| Trails::new(kept, 12)),
            Gate::Interest,
            sender,
        ));
        let room = Room {
            shared: Arc::clone(&shared),
            _commands: commands,
        };
        (room, new(Some(shared), self.spans))
    }

    /// What is handed over of `log`.
    fn records(self, log: impl FnOnce()) -> Vec<Record> {
        let (room, layer) = self.open();
        with_default(registry().with(layer), log);
        room.records()
    }

    fn texts(self, log: impl FnOnce()) -> Vec<String> {
        texts(self.records(log))
    }
}

impl Room {
    /// Takes what was handed over, the most urgent first.
    fn records(&self) -> Vec<Record> {
        let next = || self.shared.lanes().pop().map(|record| *record);
        std::iter::from_fn(next).collect()
    }
}

fn texts(records: Vec<Record>) -> Vec<String> {
    records.into_iter().map(|record| record.text).collect()
}

/// The parts of a record's text that are public.
fn public(record: &Record) -> Vec<&str> {
    let spans = record.public.iter();
    spans.map(|span| &record.text[span.clone()]).collect()
}

/// What cannot be formatted.
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

/// A bug of the service.
struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not by the macro: no panic hook has to tell of it.
        std::panic::resume_unwind(Box::new("a bug of the service"));
    }
}

/// An error, and its cause.
#[derive(Debug)]
struct Failed(String, Option<Box<Failed>>);

impl Failed {
    /// The first is what is shown, each next one its cause.
    fn chain(texts: &[&str]) -> Option<Box<Self>> {
        let (first, causes) = texts.split_first()?;
        Some(Box::new(Self((*first).to_owned(), Self::chain(causes))))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}
