//! CloudTrail files: a year of rhythms, one file for each account, Region and day with events.

mod identity;
mod opening;
mod record;
mod stream;

pub(crate) use stream::Stream;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;

use crate::Error;
use crate::bundle::Folder;
use crate::model::{Account, Organisation};
use crate::moment::Moment;
use crate::policy;
use crate::randomness::{file_letters, fork, number};

/// The level that CloudTrail's own files seem to be made with.
const COMPRESSION: u32 = 6;

/// What happens in each account, without the times.
pub(crate) fn streams(organisation: &Organisation) -> Result<Vec<Vec<Stream>>, Error> {
    if organisation.days == 0 {
        return Ok(Vec::new());
    }
    organisation
        .accounts
        .par_iter()
        .map(|account| stream::of_account(organisation, account))
        .collect()
}

/// The time that the files cover: whole days up to the inventory, the end excluded.
pub(crate) fn window(organisation: &Organisation) -> (Moment, Moment) {
    (Moment::days_ago(organisation.days), Moment::NOW)
}

/// Writes the files of all accounts, each day on its own, and counts the events.
pub(crate) fn write(
    organisation: &Organisation,
    streams: &[Vec<Stream>],
    folder: &Folder,
) -> Result<u64, Error> {
    let (from, until) = window(organisation);
    let days: Vec<_> = organisation
        .accounts
        .iter()
        .zip(streams)
        .flat_map(|(account, streams)| {
            // Nothing happens before the first credential exists, however many days are asked for.
            let earliest = streams
                .iter()
                .map(|stream| stream.schedule.not_before)
                .min();
            let first = from.max(earliest.unwrap_or(until)).day();
            (first..until.day()).map(move |day| (account, streams, day))
        })
        .collect();
    days.into_par_iter()
        .map(|(account, streams, day)| write_day(organisation, account, streams, day, folder))
        .try_reduce(|| 0, |one, other| Ok(one.saturating_add(other)))
}

/// The records of one account, Region and day while they are written.
struct Batch {
    json: Vec<u8>,
    rng: fastrand::Rng,
}

fn write_day(
    organisation: &Organisation,
    account: &Account,
    streams: &[Stream],
    day: i64,
    folder: &Folder,
) -> Result<u64, Error> {
    let from = Moment::start_of_day(day);
    let until = Moment::start_of_day(day.saturating_add(1));
    let mut events: Vec<(Moment, usize)> = streams
        .iter()
        .enumerate()
        .flat_map(|(index, stream)| {
            let times = stream.schedule.times(from, until);
            times.map(move |time| (time, index))
        })
        .collect();
    // At one time, the opening of a session comes before what is done in it, as in the streams.
    events.sort_unstable();
    let mut batches: BTreeMap<&'static str, Batch> = BTreeMap::new();
    for &(time, index) in &events {
        let Some(stream) = streams.get(index) else {
            continue;
        };
        let batch = batches.entry(stream.region).or_insert_with(|| Batch {
            json: Vec::new(),
            rng: fork(
                organisation.seed,
                &format!("{} {}", account.id, stream.region),
                day.unsigned_abs(),
            ),
        });
        let opening: &[u8] = if batch.json.is_empty() {
            b"{\"Records\":["
        } else {
            b","
        };
        batch.json.extend_from_slice(opening);
        stream.write_record(organisation.seed, time, &mut batch.rng, &mut batch.json)?;
    }
    for (region, mut batch) in batches {
        batch.json.extend_from_slice(b"]}");
        let path = path(organisation, account, region, from, &mut batch.rng);
        folder.write_bytes(&path, &compress(&batch.json, &path)?)?;
    }
    Ok(number(events.len()))
}

/// Where CloudTrail delivers an organisation's file: in the folder of its day.
fn path(
    organisation: &Organisation,
    account: &Account,
    region: &str,
    day: Moment,
    rng: &mut fastrand::Rng,
) -> String {
    let id = &account.id;
    format!(
        "{id}/cloudtrail/AWSLogs/{}/{id}/CloudTrail/{region}/{}/{id}_CloudTrail_{region}_{}T2355Z_{}.json.gz",
        organisation.id,
        day.day_folders(),
        day.compact_date(),
        file_letters(rng)
    )
}

/// Compresses without a time stamp, so that the same records give the same bytes.
fn compress(json: &[u8], path: &str) -> Result<Vec<u8>, Error> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(COMPRESSION));
    encoder
        .write_all(json)
        .and_then(|()| encoder.finish())
        .map_err(|source| Error::Write {
            path: PathBuf::from(path),
            source,
        })
}

/// Fills the placeholders of a text with those of a principal.
fn fill(text: &str, place: &crate::model::Place) -> String {
    policy::fill(text, place).into_owned()
}
