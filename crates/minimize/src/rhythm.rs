//! How often something is used, by the days in UTC on which it was.

use leastgrant_inventory::Days;
use schemars::JsonSchema;
use serde::Serialize;

/// The longest usual pause of each rhythm, in days: half as long again as the rhythm's own, but for days of work and the rest.
const LONGEST_PAUSES: [(i64, Often); 4] = [
    (1, Often::Daily),
    (10, Often::Weekly),
    (45, Often::Monthly),
    (135, Often::Quarterly),
];

/// How often, by the usual pause between two days of use: half of all pauses are no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Often {
    /// On one day only.
    Once,
    /// Day after day, days off aside.
    Daily,
    /// With up to 10 days between.
    Weekly,
    /// With up to 45 days between.
    Monthly,
    /// With up to 135 days between.
    Quarterly,
    /// With more.
    Seldom,
}

impl Often {
    /// The name in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Seldom => "seldom",
        }
    }
}

/// On which days something was used, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rhythm {
    /// On how many days in UTC.
    pub days_used: u32,
    /// How often.
    #[serde(rename = "rhythm")]
    pub often: Often,
    /// The longest time between two days of use that follow each other, in days; none of a single day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_pause_days: Option<i64>,
}

impl Rhythm {
    /// None: there was no use, or its days are not known.
    pub(crate) fn of(days: &Days) -> Option<Self> {
        let later = days.iter().skip(1);
        let mut pauses: Vec<i64> = days
            .iter()
            .zip(later)
            .map(|(day, later)| later.saturating_sub(day))
            .collect();
        pauses.sort_unstable();
        let usual = pauses.get(pauses.len().saturating_sub(1) / 2);
        let often = usual.map_or(Often::Once, |usual| {
            let mut rhythms = LONGEST_PAUSES.into_iter();
            let own = rhythms.find(|(longest, _)| usual <= longest);
            own.map_or(Often::Seldom, |(_, often)| often)
        });
        (!days.is_empty()).then_some(Self {
            days_used: days.len(),
            often,
            longest_pause_days: pauses.last().copied(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_pause_is_the_rhythm_and_the_longest_one_is_told() {
        let every = |step: usize, count: i64| (0..count).step_by(step).collect::<Days>();
        let days_of_work = (0..70).filter(|day| day % 7 < 5).collect::<Days>();
        for (days, often, longest) in [
            (every(1, 30), Often::Daily, Some(1)),
            (days_of_work, Often::Daily, Some(3)),
            (every(7, 90), Often::Weekly, Some(7)),
            (every(31, 365), Often::Monthly, Some(31)),
            (every(91, 365), Often::Quarterly, Some(91)),
            (every(182, 365), Often::Seldom, Some(182)),
            ([7].into_iter().collect(), Often::Once, None),
            // Day after day, and then again after a long time.
            (
                [0, 1, 2, 3, 200].into_iter().collect(),
                Often::Daily,
                Some(197),
            ),
            ([0, 1, 90].into_iter().collect(), Often::Daily, Some(89)),
            (
                [0, 30, 31, 200].into_iter().collect(),
                Often::Monthly,
                Some(169),
            ),
        ] {
            let own = Rhythm::of(&days).unwrap();
            assert_eq!(
                (own.days_used, own.often, own.longest_pause_days),
                (days.len(), often, longest)
            );
        }
        assert_eq!(Rhythm::of(&Days::default()), None);
    }
}
