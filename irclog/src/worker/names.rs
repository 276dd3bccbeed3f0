//! What the call sites are called that the service's threads only count.

use std::collections::HashMap;

use log::Level;

use crate::record::{OwnedSite, Place, Record, Site};

/// Names by place, learnt from the first record that a call site logs there.
#[derive(Default)]
pub(super) struct Names(HashMap<(Level, u16), (Place, OwnedSite)>);

impl Names {
    pub(super) fn learn(&mut self, record: &Record) {
        let Some(place) = record.place else {
            return;
        };
        let known = self.0.entry((record.level, place.index()));
        let (owner, site) = known.or_insert_with(|| (place, record.site.clone()));
        if place.is_later_than(*owner) {
            (*owner, *site) = (place, record.site.clone());
        }
    }

    /// Sites without a place, or whose every record was lost, have no name.
    pub(super) fn site(&self, level: Level, place: Option<Place>) -> Site<'_> {
        let name = place.and_then(|place| {
            let (owner, site) = self.0.get(&(level, place.index()))?;
            (*owner == place).then_some(site)
        });
        name.map(OwnedSite::get).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(file: &str, place: Place) -> Record {
        let mut record = Record::empty();
        record.site.set(Site {
            file,
            ..Site::default()
        });
        record.place = Some(place);
        record
    }

    #[test]
    fn whoever_takes_a_place_over_gives_it_its_name() {
        let mut names = Names::default();
        let (before, after) = (Place::new(3, u16::MAX), Place::new(3, 0));
        names.learn(&record("before.rs", before));
        names.learn(&record("after.rs", after));
        names.learn(&record("before.rs", before));
        let level = Record::empty().level;
        assert_eq!(names.site(level, Some(after)).file, "after.rs");
        assert_eq!(names.site(level, Some(before)).file, "", "long gone");
    }
}
