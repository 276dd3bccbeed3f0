//! What the call sites are called that the service's threads only count.

use std::collections::HashMap;

use log::Level;

use crate::record::{OwnedSite, Record, Site};
use crate::shed::Place;

/// Names by place, learnt from the first record of each call site.
#[derive(Default)]
pub(super) struct Names(HashMap<(Level, Place), OwnedSite>);

impl Names {
    pub(super) fn learn(&mut self, record: &Record) {
        if let Some(place) = record.place {
            self.0
                .entry((record.level, place))
                .or_insert_with(|| record.site.clone());
        }
    }

    /// Sites without a place, or whose every record was lost, have no name.
    pub(super) fn site(&self, level: Level, place: Option<Place>) -> Site<'_> {
        let name = place.and_then(|place| self.0.get(&(level, place)));
        name.map(OwnedSite::get).unwrap_or_default()
    }
}
