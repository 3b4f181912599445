//! Of which accounts, Regions and days records were read, whether they were counted before or not.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use leastgrant_catalog::{Logging, logging_of_event};
use leastgrant_inventory::{Days, ShortText};

use crate::collector::UsageCollector;
use crate::groups::Counts;
use crate::record::Shows;

/// What was read of an account and a Region from places that show the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extent {
    pub(crate) account_id: ShortText,
    pub(crate) region: ShortText,
    pub(crate) shows: Shows,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) days: Days,
    /// Those with events that are management events for certain.
    pub(crate) management_days: Days,
}

impl UsageCollector {
    /// In order. Every record is in some row.
    pub(crate) fn extents(&self) -> Vec<Extent> {
        let mut extents: BTreeMap<_, Extent> = BTreeMap::new();
        let mut are_management: HashMap<(u32, u32), bool> = HashMap::new();
        let text = |number: u32| &**self.texts.text(number);
        for (key, group) in &self.groups {
            let is_management =
                *are_management
                    .entry((key.source, key.name))
                    .or_insert_with(|| {
                        let logging = logging_of_event(text(key.source), text(key.name));
                        logging.is_some_and(|(_, logging)| logging == Logging::Management)
                    });
            let (account_id, region) = (text(key.account), text(key.region));
            let folded = group.folded.iter().map(|folded| &folded.counts);
            let extent = extents.entry((account_id, region, key.shows)).or_default();
            for counts in group.rows.values().map(Box::as_ref).chain(folded) {
                extent.add(counts, is_management);
            }
        }
        extents
            .into_iter()
            // A group whose rows went to those of the rest has none.
            .filter(|(_, extent)| extent.first.is_some())
            .map(|((account_id, region, shows), extent)| Extent {
                account_id: account_id.into(),
                region: region.into(),
                shows,
                ..extent
            })
            .collect()
    }
}

impl Extent {
    fn add(&mut self, counts: &Counts, is_management: bool) {
        let time = |second: i64| Timestamp::from_second(second).ok();
        // Where nothing was seen, the first is after the last.
        if counts.first_seen <= counts.last_seen {
            let firsts = [self.first, time(counts.first_seen)];
            self.first = firsts.into_iter().flatten().min();
            self.last = self.last.max(time(counts.last_seen));
        }
        if is_management {
            self.management_days.add_all(&counts.days);
        }
        self.days.add_all(&counts.days);
    }
}
