//! The `log::Log` that a service talks to: filter, tee, capture, lane. It never
//! waits, and never knows the worker.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use log::{Level, Log, Metadata, Record};

use crate::capture;
use crate::console::scrub_record;
use crate::context::is_worker;
use crate::hide::DropFields;
use crate::line::ChannelSet;
use crate::notice::{self, Notices};
use crate::record::{Record as Slot, Site};
use crate::redact::audience::{Audience, capture as render, with_audience};
use crate::redact::scrub::Scrubber;
use crate::shared::Shared;
use crate::trail::Trail;

/// Bytes that a local console is given of one record.
const CONSOLE_LIMIT: usize = 1024 * 1024;

/// Who reads the console, as far as the service said.
pub(crate) enum Console {
    /// Perhaps others: typed secrets are masked.
    Foreign,
    /// The operator alone: fields marked `local` are shown there.
    Local,
    /// Others for sure: it is scrubbed like the channel.
    Scrubbed(Arc<Scrubber>),
}

pub(crate) struct Logger {
    notices: Arc<Notices>,
    console: Console,
    /// `None` where the channel is off.
    shared: Option<Arc<Shared>>,
}

impl Logger {
    pub(crate) fn new(
        notices: Arc<Notices>,
        console: Console,
        shared: Option<Arc<Shared>>,
    ) -> Self {
        Self {
            notices,
            console,
            shared,
        }
    }

    fn console(&self, tee: &dyn Log, record: &Record<'_>) {
        if notice::is_lost() {
            return self.console_of_a_child(tee, record);
        }
        if matches!(self.console, Console::Foreign) {
            with_audience(Audience::Outside, || tee.log(record));
            return;
        }
        if !tee.enabled(record.metadata()) {
            return;
        }
        match &self.console {
            Console::Foreign => {}
            // Fields marked `local` open only for our own writer: the tee
            // gets the finished text.
            Console::Local => {
                let mut text = String::new();
                let _ = render(
                    &mut text,
                    &mut Vec::new(),
                    CONSOLE_LIMIT,
                    Audience::Local,
                    |writer| writer.write_fmt(*record.args()),
                );
                tell(tee, record, &text, record.key_values());
            }
            // Key-values are in the text: by themselves they would pass.
            Console::Scrubbed(scrubber) => {
                let mut slot = crate::record::Record::empty();
                capture::fill(&mut slot, record, now(), &DropFields::default());
                let text = scrub_record(scrubber, &slot.text, &slot.public);
                tell(tee, record, &text, &None::<(&str, &str)>);
            }
        }
    }

    /// The tee's locks stayed with a thread of the parent: straight to standard
    /// error, in few words.
    fn console_of_a_child(&self, tee: &dyn Log, record: &Record<'_>) {
        if !tee.enabled(record.metadata()) {
            return;
        }
        let (level, target) = (record.level(), record.target());
        let mut slot = crate::record::Record::empty();
        capture::fill(&mut slot, record, now(), &DropFields::default());
        match &self.console {
            Console::Scrubbed(scrubber) => {
                let text = scrubber.scrub(&slot.text, &slot.public);
                notice::write_line(format_args!("[{level} {target}] {}", text.as_str()));
            }
            Console::Foreign | Console::Local => {
                notice::write_line(format_args!("[{level} {target}] {}", slot.text));
            }
        }
    }
}

/// Gives `tee` the record with this text instead of its own.
fn tell(tee: &dyn Log, record: &Record<'_>, text: &str, pairs: &dyn log::kv::Source) {
    with_audience(Audience::Outside, || {
        tee.log(
            &Record::builder()
                .metadata(record.metadata().clone())
                .module_path(record.module_path())
                .file(record.file())
                .line(record.line())
                .key_values(&pairs)
                .args(format_args!("{text}"))
                .build(),
        );
    });
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let channel = || {
            self.shared
                .as_ref()
                .is_some_and(|shared| shared.filter().enabled(metadata))
        };
        self.notices.tee().is_some_and(|tee| tee.enabled(metadata)) || channel()
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(tee) = self.notices.tee() {
            self.console(tee, record);
        }
        let Some(shared) = &self.shared else {
            return;
        };
        // The level is checked here and not left to the macros: records of
        // tracing's spans come with levels beyond `log::max_level()`.
        if is_worker() {
            return;
        }
        let to = shared.filter().admit(record);
        if to.is_empty() {
            return;
        }
        if let Some(slot) = captured(shared, record, to) {
            shared.push(slot);
        }
    }

    fn flush(&self) {
        if let Some(tee) = self.notices.tee() {
            tee.flush();
        }
    }
}

/// A slot filled for the channels that `record` is for, `None` where there is
/// none.
#[inline]
fn captured(shared: &Shared, record: &Record<'_>, to: ChannelSet) -> Option<Box<Slot>> {
    let mut slot = shared.slot(record.level(), capture::site_of(record), to)?;
    capture::fill(&mut slot, record, now(), shared.drop_fields());
    Some(slot)
}

/// The same where what leads to an ERROR is kept. A logger of its own, so that
/// the other has nothing to ask.
pub(crate) struct Keeping {
    pub(crate) logger: Logger,
    /// Those with [`trails`](Shared::trails).
    pub(crate) shared: Arc<Shared>,
}

impl Log for Keeping {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let trails = self.shared.trails();
        self.logger.enabled(metadata) || trails.is_some_and(|trails| trails.wants(metadata))
    }

    fn log(&self, record: &Record<'_>) {
        let Self { logger, shared } = self;
        if let Some(tee) = logger.notices.tee() {
            logger.console(tee, record);
        }
        let Some(trails) = shared.trails() else {
            return;
        };
        if is_worker() {
            return;
        }
        let to = shared.filter().admit(record);
        if to.is_empty() {
            if trails.admits(record) && shared.is_heard() {
                let write = |writer: &mut dyn fmt::Write| {
                    capture::write(record, shared.drop_fields(), writer)
                };
                let request = |text: &str| capture::request_of(record, text);
                trails.keep(record.level(), now(), write, request);
            }
            return;
        }
        let Some(mut slot) = captured(shared, record, to) else {
            return;
        };
        let is_error = record.level() == Level::Error;
        if (is_error || trails.admits(record))
            && let Some(request) = capture::request_of(record, &slot.text)
        {
            if is_error {
                slot.trail = trails.take(request, slot.time);
            } else {
                trails.copy(request, &slot, 0);
            }
        }
        shared.push(slot);
    }

    fn flush(&self) {
        self.logger.flush();
    }
}

/// Puts a panic into the channel; the console has its own word about it.
/// `trail` says what has led there.
pub(crate) fn panicked(shared: &Shared, text: &str, trail: impl FnOnce() -> Option<Arc<Trail>>) {
    if is_worker() {
        return;
    }
    let target = "panic";
    let site = Site {
        target,
        ..Site::default()
    };
    if let Some(mut slot) = shared.slot(Level::Error, site, shared.of_panics(target)) {
        capture::fill_text(&mut slot, Level::Error, target, text, now());
        slot.trail = trail();
        shared.push(slot);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time of a record is the time at which it was logged"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
