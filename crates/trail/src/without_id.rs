//! What tells a record without an event id from others.
//!
//! It is the same whatever engine read the record: the time, the request, who asked for what from where, and what that needed. Two
//! records of which all this is the same count as two where one run has both, and as one where each of two runs has one.

use xxhash_rust::xxh64::Xxh64;

/// The members of a record that its rows do not tell. Empty is as good as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordTold {
    /// `eventTime`, in seconds since 1970.
    pub second: i64,
    /// `requestID`.
    pub request_id: Option<String>,
    /// `sourceIPAddress`.
    pub source_ip_address: Option<String>,
    /// `userAgent`.
    pub user_agent: Option<String>,
    /// `vpcEndpointId`.
    pub vpc_endpoint_id: Option<String>,
}

/// A hash of texts that does not take two of them for one.
pub(crate) struct TextsHash(Xxh64);

impl TextsHash {
    pub(crate) fn of(told: &RecordTold) -> Self {
        let mut hash = Self(Xxh64::new(0));
        hash.add(&told.second.to_string());
        let members = [
            &told.request_id,
            &told.source_ip_address,
            &told.user_agent,
            &told.vpc_endpoint_id,
        ];
        for member in members {
            hash.add(member.as_deref().unwrap_or_default());
        }
        hash
    }

    pub(crate) fn add(&mut self, text: &str) {
        self.0.update(&text.len().to_le_bytes());
        self.0.update(text.as_bytes());
    }

    pub(crate) fn finish(self) -> u64 {
        self.0.digest()
    }
}
