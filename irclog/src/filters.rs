//! Which channels a record is for. One look-up, however many channels there
//! are: the filters of all are joined by target beforehand.

use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};
use env_filter::Filter;
use log::{Level, LevelFilter, Metadata, Record};

use crate::config::Directives;
use crate::line::{ChannelId, ChannelSet, MAIN};
use crate::loss::PerLevel;

/// The filters that hold now. Each thread has its own hold of them, so that a
/// record costs one look whether they have changed.
pub(crate) struct Latest(Arc<ArcSwap<Filters>>);

/// A thread's hold, and of whose filters.
type Hold = Cache<Arc<ArcSwap<Filters>>, Arc<Filters>>;

thread_local! {
    static OWN: RefCell<Option<Hold>> = const { RefCell::new(None) };
}

impl Latest {
    pub(crate) fn new(filters: Filters) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(filters)))
    }

    pub(crate) fn set(&self, filters: Filters) {
        self.0.store(Arc::new(filters));
    }

    /// See [`Filters::of`].
    pub(crate) fn of(&self, level: Level, target: &str) -> ChannelSet {
        self.ask(|filters| filters.of(level, target))
    }

    /// See [`Filters::enabled`].
    pub(crate) fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.ask(|filters| filters.enabled(metadata))
    }

    /// See [`Filters::admit`].
    pub(crate) fn admit(&self, record: &Record<'_>) -> ChannelSet {
        self.ask(|filters| filters.admit(record))
    }

    /// See [`Filters::filter`].
    pub(crate) fn filter(&self) -> LevelFilter {
        self.ask(Filters::filter)
    }

    fn ask<R>(&self, question: impl Fn(&Filters) -> R) -> R {
        let answer = OWN.try_with(|own| {
            let mut own = own.try_borrow_mut().ok()?;
            let cache = match &mut *own {
                Some(cache) if ptr::eq(cache.arc_swap(), &raw const *self.0) => cache,
                other => other.insert(Cache::new(Arc::clone(&self.0))),
            };
            Some(question(cache.load()))
        });
        // A thread that ends has let its own go, and a text that logs while a
        // pattern looks at it finds it taken.
        let answer = answer.ok().flatten();
        answer.unwrap_or_else(|| question(&self.0.load()))
    }
}

/// The filters of all channels.
pub(crate) struct Filters {
    choice: Choice,
    /// The most that any of them lets through.
    most: LevelFilter,
}

enum Choice {
    One(Filter),
    Several {
        /// The longest target first.
        rows: Vec<Row>,
        /// What is for whom where no row says otherwise. By itself: what is empty
        /// is compared with dear on some processors.
        others: PerLevel<ChannelSet>,
        /// Filters that look into the text.
        patterns: Vec<(ChannelId, Filter)>,
    },
}

/// What is for whom where a target begins so.
struct Row {
    target: String,
    to: PerLevel<ChannelSet>,
}

impl Row {
    fn is_for(&self, target: &str) -> bool {
        // Most begin with another letter.
        let first = |text: &str| text.as_bytes().first().copied();
        first(target) == first(&self.target) && target.starts_with(&self.target)
    }
}

impl Filters {
    /// `own` are the filters of the channels, `None` where that is the
    /// `general` one.
    pub(crate) fn new(general: &Directives, own: &[Option<Directives>]) -> Self {
        let filters = || own.iter().map(|own| own.as_ref().unwrap_or(general));
        let compiled: Vec<Filter> = filters().map(Directives::filter).collect();
        let most = compiled.iter().map(Filter::filter).max();
        let most = most.unwrap_or(LevelFilter::Off);
        let ids = || ChannelId::first(own.len());
        if own.len() <= 1 {
            let only = compiled.into_iter().next();
            let choice = Choice::One(only.unwrap_or_else(|| general.filter()));
            return Self { choice, most };
        }
        // What is logged has the row of the longest target that it begins with.
        // In each filter that is decided by one no longer, and so for all of
        // the row alike.
        let targets = filters().flat_map(Directives::targets);
        let mut targets: Vec<&str> = targets.filter(|target| !target.is_empty()).collect();
        targets.sort_unstable_by_key(|target| (std::cmp::Reverse(target.len()), *target));
        targets.dedup();
        let to = |target: &str| {
            let levels: Vec<_> = ids()
                .zip(filters())
                .map(|(id, filter)| (id, filter.level_of(target)))
                .collect();
            PerLevel::new(|level| {
                let lets = |&&(_, most): &&(ChannelId, LevelFilter)| level <= most;
                levels.iter().filter(lets).map(|&(id, _)| id).collect()
            })
        };
        let others = to("");
        let rows = targets.into_iter().map(|target| Row {
            target: target.to_owned(),
            to: to(target),
        });
        let rows = rows.collect();
        let has_pattern: Vec<bool> = filters().map(Directives::has_pattern).collect();
        let patterns = ids().zip(compiled);
        let patterns = patterns.filter(|(id, _)| has_pattern[id.index()]);
        Self {
            choice: Choice::Several {
                rows,
                others,
                patterns: patterns.collect(),
            },
            most,
        }
    }

    /// Which channels want what is logged so, whatever it says.
    pub(crate) fn of(&self, level: Level, target: &str) -> ChannelSet {
        match &self.choice {
            Choice::One(filter) => {
                let metadata = Metadata::builder().level(level).target(target).build();
                let wants = filter.enabled(&metadata).then_some(MAIN);
                wants.into_iter().collect()
            }
            Choice::Several { rows, others, .. } => {
                let row = rows.iter().find(|row| row.is_for(target));
                row.map_or(others, |row| &row.to)[level]
            }
        }
    }

    /// Whether any channel wants what is logged so.
    pub(crate) fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match &self.choice {
            Choice::One(filter) => filter.enabled(metadata),
            Choice::Several { .. } => !self.of(metadata.level(), metadata.target()).is_empty(),
        }
    }

    /// Which channels want this record.
    pub(crate) fn admit(&self, record: &Record<'_>) -> ChannelSet {
        match &self.choice {
            Choice::One(filter) => {
                let wants = filter.matches(record).then_some(MAIN);
                wants.into_iter().collect()
            }
            Choice::Several { patterns, .. } => {
                let to = self.of(record.level(), record.target());
                if patterns.is_empty() || to.is_empty() {
                    return to;
                }
                let misses = |id| {
                    let mut patterns = patterns.iter();
                    patterns.any(|(of, filter)| *of == id && !filter.matches(record))
                };
                to.iter().filter(|&id| !misses(id)).collect()
            }
        }
    }

    /// The most that any channel lets through.
    pub(crate) fn filter(&self) -> LevelFilter {
        self.most
    }
}

#[cfg(test)]
mod tests;
