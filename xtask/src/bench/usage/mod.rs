//! `usage`: two million events, against libdeflate alone, DuckDB and trailscraper; and memory, which must not grow with events.

mod calls;
mod logs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rayon::prelude::*;

use crate::environment;
use crate::measure::{self, Measured, median};
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 3;
/// Runs of ours and of libdeflate in each round; the others take a minute each.
const SHORT_RUNS: usize = 3;
const EVENTS: u64 = 2_000_000;
const FEW_EVENTS: u64 = 1_000_000;
const MANY_EVENTS: u64 = 10_000_000;
/// CPU time, in hundredths of that of libdeflate.
const MOST_OF_LIBDEFLATE: u128 = 400;
const LEAST_OF_DUCKDB: u128 = 20;
/// So many events trailscraper reads, which is slow: those of the first eight files.
const EVENTS_OF_TRAILSCRAPER: u64 = 25_000;
const LEAST_OF_TRAILSCRAPER: u128 = 40;
const MOST_MEMORY: u64 = 400 << 20;

pub(super) fn run() -> anyhow::Result<()> {
    let folder = target_folder().join("bench/logs");
    let binary = super::release_binary()?;
    let optimised = super::optimised("xtask")?;
    say("making the logs, once");
    shell::run(
        Command::new(&optimised)
            .args(["measure", "usage", "make"])
            .arg(&folder),
    )?;
    let all = logs::paths(&folder, MANY_EVENTS);
    let mut broken = speed(&binary, &optimised, first(&all, EVENTS)?)?;
    let few = spread(&all, FEW_EVENTS)?;
    let peak = |files: &[PathBuf]| anyhow::Ok(usage(&binary, files)?.peak_memory);
    let peaks = (
        peak(&few)?,
        peak(&repeated(&few, MANY_EVENTS / FEW_EVENTS)?)?,
        peak(&all)?,
    );
    let (Some(few), Some(same), Some(more)) = peaks else {
        say("SKIPPED: this kernel does not tell the peak of memory");
        return Ok(());
    };
    say(&format!(
        "memory: {} MB for {FEW_EVENTS} events, {} MB for {MANY_EVENTS} with the same rows, and {} MB for as many with more rows (promised: under {} MB, and flat)",
        few >> 20,
        same >> 20,
        more >> 20,
        MOST_MEMORY >> 20
    ));
    if more >= MOST_MEMORY || same > few + few / 10 {
        broken.push("memory");
    }
    if broken.is_empty() {
        Ok(())
    } else {
        bail!("not as promised: {}", broken.join(", "))
    }
}

fn first(all: &[PathBuf], events: u64) -> anyhow::Result<&[PathBuf]> {
    let whole = u64::try_from(all.len())?;
    let count = usize::try_from(whole * events / MANY_EVENTS)?;
    all.get(..count).context("there are fewer files")
}

/// The same of files that lie as far from each other, so that they are of all Regions and days.
fn spread(all: &[PathBuf], events: u64) -> anyhow::Result<Vec<PathBuf>> {
    let step = usize::try_from(MANY_EVENTS / events)?;
    Ok(all.iter().step_by(step).cloned().collect())
}

/// All files so many times, under other names each time: as many events more, and not one row.
fn repeated(files: &[PathBuf], times: u64) -> anyhow::Result<Vec<PathBuf>> {
    let folder = target_folder().join("bench/repeated-logs");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut all = Vec::new();
    for time in 0..times {
        for (number, file) in files.iter().enumerate() {
            let link = folder.join(format!("{time}-{number}.json.gz"));
            std::fs::hard_link(file, &link)?;
            all.push(link);
        }
    }
    Ok(all)
}

/// What one round took.
struct Round {
    ours: Vec<Measured>,
    bare: Vec<Measured>,
    duckdb: Option<Measured>,
    /// Of some events, and of none.
    trailscraper: Option<(Measured, Measured)>,
}

/// What the rounds run, by the names that bench files have in the target folder.
struct Peers {
    list: PathBuf,
    few: PathBuf,
    none: PathBuf,
}

impl Peers {
    fn prepare(files: &[PathBuf]) -> anyhow::Result<Self> {
        let bench = target_folder().join("bench");
        let peers = Self {
            list: bench.join("logs.txt"),
            few: bench.join("few-logs"),
            none: bench.join("no-logs"),
        };
        let names: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        std::fs::write(&peers.list, names.join("\n"))?;
        std::fs::write(bench.join("group.py"), include_str!("group.py"))?;
        std::fs::write(bench.join("generate.py"), include_str!("generate.py"))?;
        std::fs::create_dir_all(&peers.none)?;
        std::fs::create_dir_all(&peers.few)?;
        for file in logs::paths(&bench.join("logs"), EVENTS_OF_TRAILSCRAPER) {
            let copy = peers
                .few
                .join(file.file_name().context("a file has a name")?);
            std::fs::copy(&file, copy)?;
        }
        Ok(peers)
    }

    fn round(&self, binary: &Path, optimised: &Path, files: &[PathBuf]) -> anyhow::Result<Round> {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..SHORT_RUNS {
            into_memory(
                files
                    .iter()
                    .map(PathBuf::as_path)
                    .chain([binary, optimised]),
            )?;
            ours.push(usage(binary, files)?);
            let mut unpack = Command::new(optimised);
            unpack.args(["measure", "usage", "unpack"]).arg(&self.list);
            bare.push(measure::run(&mut unpack)?);
        }
        let bench = target_folder().join("bench");
        let cores = std::thread::available_parallelism()?.get();
        let group = |python: PathBuf| {
            let mut peer = Command::new(python);
            peer.arg(bench.join("group.py")).arg(&self.list);
            measure::run(peer.arg(cores.to_string()))
        };
        let generate = |python: PathBuf| {
            let run = |folder: &Path| {
                let mut peer = Command::new(&python);
                measure::run(peer.arg(bench.join("generate.py")).arg(folder))
            };
            // The first run brings Python and its packages into memory.
            run(&self.none)?;
            anyhow::Ok((run(&self.few)?, run(&self.none)?))
        };
        Ok(Round {
            ours,
            bare,
            duckdb: environment::python().map(group).transpose()?,
            trailscraper: environment::trail_peer_python().map(generate).transpose()?,
        })
    }
}

/// Reads files, so that whoever is measured next finds them in the kernel's page cache: on some machines it forgets them while
/// another one runs for minutes.
fn into_memory<'p>(files: impl Iterator<Item = &'p Path>) -> anyhow::Result<()> {
    for file in files {
        std::io::copy(&mut std::fs::File::open(file)?, &mut std::io::sink())?;
    }
    Ok(())
}

/// Ours and the others in turns; the names of the promises that are broken.
fn speed(binary: &Path, optimised: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<&'static str>> {
    let peers = Peers::prepare(files)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(peers.round(binary, optimised, files)?);
    }
    let of = |part: fn(&Round) -> Option<Duration>| -> Option<Duration> {
        let durations: Vec<Duration> = rounds.iter().filter_map(part).collect();
        (!durations.is_empty()).then(|| median(durations))
    };
    let of_short = |runs: fn(&Round) -> &[Measured], part: fn(&Measured) -> Duration| {
        median(rounds.iter().flat_map(runs).map(part).collect())
    };
    let own = of_short(|round| &round.ours, |run| run.cpu);
    let wall = of_short(|round| &round.ours, |run| run.wall);
    let bare = of_short(|round| &round.bare, |run| run.cpu);
    let mut broken = Vec::new();
    say(&format!(
        "medians of {} runs, {EVENTS} events: {own:?} of CPU in {wall:?}, libdeflate alone {bare:?} of CPU: {} times (promised: at most 4)",
        ROUNDS * SHORT_RUNS,
        super::ratio(own.as_nanos(), bare.as_nanos())
    ));
    if own.as_nanos() * 100 > bare.as_nanos() * MOST_OF_LIBDEFLATE {
        broken.push("libdeflate");
    }
    if let Some(peer) = of(|round| Some(round.duckdb?.wall)) {
        let times = peer.as_nanos() / wall.as_nanos().max(1);
        say(&format!(
            "DuckDB on the same cores {peer:?}: {times} times as fast (promised: at least {LEAST_OF_DUCKDB})"
        ));
        if times < LEAST_OF_DUCKDB {
            broken.push("DuckDB");
        }
    }
    let begun = of(|round| Some(round.trailscraper?.1.wall));
    if let (Some(peer), Some(begun)) = (of(|round| Some(round.trailscraper?.0.wall)), begun) {
        let an_event = peer.saturating_sub(begun).as_nanos() / u128::from(EVENTS_OF_TRAILSCRAPER);
        let own = wall.as_nanos() / u128::from(EVENTS);
        let times = an_event / own.max(1);
        say(&format!(
            "trailscraper, which does less and on one core, {an_event} ns an event of {EVENTS_OF_TRAILSCRAPER}, ours {own} ns of {EVENTS}: {times} times as fast (promised: at least {LEAST_OF_TRAILSCRAPER})"
        ));
        if times < LEAST_OF_TRAILSCRAPER {
            broken.push("trailscraper");
        }
    }
    Ok(broken)
}

fn usage(binary: &Path, files: &[PathBuf]) -> anyhow::Result<Measured> {
    measure::run(
        Command::new(binary)
            .args(["usage", "--quiet", "--format", "csv", "--logs"])
            .args(files),
    )
}

/// The parts that must run optimised: to make the logs, and to unpack the listed files and do nothing with them.
pub(super) fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    match arguments {
        ["make", folder] => logs::write(Path::new(folder), MANY_EVENTS),
        ["unpack", list] => unpack(list),
        _ => bail!("`make` and a folder, or `unpack` and a list of files are needed"),
    }
}

/// On all cores, as ours reads: two that are busy at once can slow each other down.
#[expect(clippy::print_stdout, reason = "so that unpacking cannot be left out")]
fn unpack(list: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let files = std::fs::read_to_string(list)?;
    let files: Vec<&str> = files.lines().collect();
    let threads = rayon::current_num_threads().max(1);
    let unpack_every = |first: usize| -> anyhow::Result<usize> {
        let mut decompressor = libdeflater::Decompressor::new();
        let (mut unpacked, mut bytes) = (Vec::new(), 0);
        for file in files.iter().skip(first).step_by(threads) {
            let packed = std::fs::read(file)?;
            let size = packed.last_chunk::<4>().context("no gzip file")?;
            unpacked.resize(usize::try_from(u32::from_le_bytes(*size))?, 0);
            bytes += decompressor.gzip_decompress(&packed, &mut unpacked)?;
        }
        Ok(bytes)
    };
    let bytes: anyhow::Result<Vec<usize>> =
        (0..threads).into_par_iter().map(unpack_every).collect();
    let bytes: usize = bytes?.into_iter().sum();
    println!("{bytes} bytes in {:?}", begun.elapsed());
    Ok(())
}
