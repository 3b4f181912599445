//! What takes the records of a file.

use crate::Record;

/// Takes the records of files, in any order of files.
pub trait RecordSink {
    /// A CloudTrail record.
    fn record(&mut self, record: &Record<'_>);

    /// Several CloudTrail records of one file, in their order.
    fn records(&mut self, records: &[Record<'_>]) {
        for record in records {
            self.record(record);
        }
    }

    /// Something that is no usable CloudTrail record.
    fn skipped(&mut self, reason: SkipReason);
}

/// Why something in a file was left out, as the summary counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// A digest file.
    Digest,
    /// An Insight event.
    Insight,
    /// A file or event of AWS Config.
    Config,
    /// An EventBridge event of another kind, or anything else that is JSON but no CloudTrail record.
    NotCloudTrail,
    /// Text where a record should be that is no JSON.
    Damaged,
    /// A record larger than any that CloudTrail writes.
    TooLarge,
    /// A record without `eventTime`, or with one that is no time.
    NoTime,
}

impl SkipReason {
    /// The name in the summary's `skipped`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Insight => "insight",
            Self::Config => "config",
            Self::NotCloudTrail => "not_cloudtrail",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::NoTime => "no_time",
        }
    }
}
