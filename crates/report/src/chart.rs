//! Bar charts: where everything is drawn, in whole units of the picture. The template draws it.

use leastgrant_audit::Severity;

use crate::counts::{Tally, worst_first};
use crate::text::terminal_safe;

const LABEL_WIDTH: usize = 192;
const BAR_SPACE: usize = 244;
const NUMBER_SPACE: usize = 44;
const ROW_HEIGHT: usize = 26;
const BAR_HEIGHT: usize = 14;
const MOST_BARS: usize = 15;
const LONGEST_LABEL: usize = 24;

/// A horizontal bar for each tally, split by severity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chart {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bars: Vec<Bar>,
    /// How many tallies are not drawn.
    pub(crate) left_out: usize,
}

/// One tally.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Cut to what fits.
    pub(crate) label: String,
    /// All of the label and its numbers.
    pub(crate) tooltip: String,
    pub(crate) label_end: usize,
    pub(crate) baseline: usize,
    pub(crate) top: usize,
    pub(crate) height: usize,
    pub(crate) segments: Vec<Segment>,
    pub(crate) total: usize,
    pub(crate) total_start: usize,
}

/// The part of a bar for one severity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) severity: &'static str,
    pub(crate) start: usize,
    pub(crate) width: usize,
}

impl Chart {
    /// Lays out the tallies in their order.
    pub(crate) fn new(tallies: &[Tally<'_>]) -> Self {
        let drawn = tallies.len().min(MOST_BARS);
        let largest = tallies
            .iter()
            .take(drawn)
            .map(|tally| tally.counts.total())
            .max()
            .unwrap_or_default()
            .max(1);
        Self {
            width: LABEL_WIDTH + BAR_SPACE + NUMBER_SPACE,
            height: drawn * ROW_HEIGHT,
            bars: tallies
                .iter()
                .take(drawn)
                .enumerate()
                .map(|(row, tally)| bar(row, tally, largest))
                .collect(),
            left_out: tallies.len() - drawn,
        }
    }
}

fn bar(row: usize, tally: &Tally<'_>, largest: usize) -> Bar {
    let name = terminal_safe(tally.name);
    let mut segments: Vec<Segment> = Vec::new();
    let mut end = LABEL_WIDTH;
    for severity in worst_first() {
        let width = scaled(tally.counts.get(severity), largest);
        if width > 0 {
            segments.push(segment(severity, end, width));
            end += width;
        }
    }
    let top = row * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
    Bar {
        label: shortened(&name),
        tooltip: format!("{name}: {}", tally.counts.words()),
        label_end: LABEL_WIDTH - 8,
        baseline: top + BAR_HEIGHT - 3,
        top,
        height: BAR_HEIGHT,
        segments,
        total: tally.counts.total(),
        total_start: end + 6,
    }
}

fn segment(severity: Severity, start: usize, width: usize) -> Segment {
    Segment {
        severity: severity.name(),
        start,
        width,
    }
}

/// The width of `number` where `largest` fills the space; what is there can be seen.
fn scaled(number: usize, largest: usize) -> usize {
    if number == 0 {
        return 0;
    }
    // Four segments of the least width may exceed the space by a few units, which the margin has.
    (number.saturating_mul(BAR_SPACE) / largest).max(3)
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LONGEST_LABEL {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(LONGEST_LABEL - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::SeverityCounts;

    #[test]
    fn bars_are_in_proportion_and_small_ones_can_be_seen() {
        assert_eq!(scaled(0, 1000), 0);
        assert_eq!(scaled(1, 1000), 3);
        assert_eq!(scaled(500, 1000), BAR_SPACE / 2);
        assert_eq!(scaled(1000, 1000), BAR_SPACE);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let tally = Tally {
            name: "a-name-that-is-much-too-long-for-the-picture",
            counts: SeverityCounts::default(),
        };
        let chart = Chart::new(&vec![tally; MOST_BARS + 3]);
        assert_eq!((chart.bars.len(), chart.left_out), (MOST_BARS, 3));
        assert_eq!(chart.bars[0].label, "a-name-that-is-much-too…");
    }
}
