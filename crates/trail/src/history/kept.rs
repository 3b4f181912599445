//! Parts of an event history that were read, kept so that an interrupted run goes on.
//!
//! A file has all events of a span of time, and its name tells account, Region and span: each is of use without the others. One that is
//! damaged is as good as none.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::SystemTime;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::KeptFiles;

/// How the names of folders of event histories begin.
const FOLDER_BEGINNING: &str = "leastgrant-history-";
const SUFFIX: &str = ".jsonl.gz";
/// More is none of ours, unpacked and in bytes.
const LARGEST_TEXT: u64 = 1 << 30;

/// An event: its second since 1970, and its record.
pub(super) type KeptEvent = (i64, String);

/// Opens the folder of event histories below `root`, or makes one. `endpoint` is in the place of AWS's own. What was kept more than a
/// week before `now` is removed.
///
/// # Errors
/// What the file system says.
pub fn open_kept_history(
    root: &Path,
    endpoint: Option<&str>,
    now: SystemTime,
) -> io::Result<KeptFiles> {
    let parts = [endpoint.unwrap_or_default()];
    KeptFiles::open(root, FOLDER_BEGINNING, &parts, now)
}

/// The events after a second up to another, of one account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Part {
    /// Of a file's name.
    fn of(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(SUFFIX)?.split('_');
        Some(Self {
            account: parts.next()?.to_owned(),
            region: parts.next()?.to_owned(),
            low: parts.next()?.parse().ok()?,
            high: parts.next()?.parse().ok()?,
        })
    }

    /// Keeps its events.
    pub(super) fn keep(&self, kept: &KeptFiles, events: &[&KeptEvent]) {
        let packed = || -> io::Result<Vec<u8>> {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            for event in events {
                serde_json::to_writer(&mut encoder, event)?;
                encoder.write_all(b"\n")?;
            }
            encoder.finish()
        };
        if let Ok(bytes) = packed() {
            let Self {
                account,
                region,
                low,
                high,
            } = self;
            kept.keep(&format!("{account}_{region}_{low}_{high}{SUFFIX}"), &bytes);
        }
    }

    /// Its events; none if they cannot be read as they were written.
    fn events(&self, kept: &KeptFiles, name: &str) -> Option<Vec<KeptEvent>> {
        let bytes = kept.get(name, None)?;
        let mut text = String::new();
        // The end of the packed file has a sum of its bytes, which is looked at.
        let read = GzDecoder::new(&*bytes)
            .take(LARGEST_TEXT)
            .read_to_string(&mut text);
        read.ok()?;
        let events = text.lines().map(|line| serde_json::from_str(line).ok());
        events.collect()
    }
}

/// Whether anything is kept of a Region, of whatever account.
pub(super) fn has(kept: &KeptFiles, region: &str) -> bool {
    let names = kept.names();
    let mut parts = names.iter().filter_map(|name| Part::of(name));
    parts.any(|part| part.region == region)
}

/// Hands on all parts of an account and Region that are whole.
pub(super) fn read(
    kept: &KeptFiles,
    account: &str,
    region: &str,
    mut each: impl FnMut(Part, Vec<KeptEvent>),
) {
    for name in kept.names() {
        let Some(part) = Part::of(&name) else {
            continue;
        };
        if part.account == account
            && part.region == region
            && let Some(events) = part.events(kept, &name)
        {
            each(part, events);
        }
    }
}

/// Removes all parts of an account and Region.
pub(super) fn forget(kept: &KeptFiles, account: &str, region: &str) {
    for name in kept.names() {
        if Part::of(&name).is_some_and(|part| part.account == account && part.region == region) {
            kept.forget(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_were_kept_unless_they_are_damaged() {
        let root = tempfile::tempdir().unwrap();
        let kept = open_kept_history(root.path(), None, SystemTime::now()).unwrap();
        let part = |region: &str, low| Part {
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            low,
            high: 20,
        };
        let events = [(11, "{\"a\":\n1}".to_owned()), (20, "{}".to_owned())];
        part("eu-west-1", 10).keep(&kept, &events.each_ref());
        part("us-east-1", 10).keep(&kept, &[]);
        part("eu-west-1", 5).keep(&kept, &[&events[0]]);
        let found = || {
            let mut found = Vec::new();
            read(&kept, "111122223333", "eu-west-1", |part, events| {
                found.push((part.low, events));
            });
            found
        };
        assert_eq!(
            found(),
            [(10, events.to_vec()), (5, vec![events[0].clone()])]
        );
        assert!(has(&kept, "us-east-1") && !has(&kept, "eu-west-2"));
        let path = kept.folder().join("111122223333_eu-west-1_10_20.jsonl.gz");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 5);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(found().len(), 1);
        forget(&kept, "111122223333", "eu-west-1");
        assert_eq!(found().len(), 0);
        assert!(has(&kept, "us-east-1"));
        kept.remove().unwrap();
    }
}
