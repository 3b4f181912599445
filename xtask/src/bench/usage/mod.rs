//! `usage`: two million events, against libdeflate alone and against DuckDB; and memory, which must not grow with events.

mod calls;
mod logs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

use crate::environment;
use crate::measure::{self, Measured, median};
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 3;
const EVENTS: u64 = 2_000_000;
const FEW_EVENTS: u64 = 1_000_000;
const MANY_EVENTS: u64 = 2_000_000;
/// CPU time, in hundredths of that of libdeflate.
const MOST_OF_LIBDEFLATE: u128 = 400;
const LEAST_OF_DUCKDB: u128 = 20;
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
    let few = usage(&binary, first(&all, FEW_EVENTS)?)?;
    let many = usage(&binary, &all)?;
    let (Some(few), Some(many)) = (few.peak_memory, many.peak_memory) else {
        say("SKIPPED: this kernel does not tell the peak of memory");
        return Ok(());
    };
    say(&format!(
        "memory: {} MB for {FEW_EVENTS} events, {} MB for {MANY_EVENTS} (promised: under {} MB, and flat)",
        few >> 20,
        many >> 20,
        MOST_MEMORY >> 20
    ));
    if many >= MOST_MEMORY || many > few + few / 4 {
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

/// Ours, libdeflate and DuckDB in turns; the names of the promises that are broken.
fn speed(binary: &Path, optimised: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<&'static str>> {
    let bench = target_folder().join("bench");
    let (list, script) = (bench.join("logs.txt"), bench.join("group.py"));
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    std::fs::write(&list, names.join("\n"))?;
    std::fs::write(&script, include_str!("group.py"))?;
    let cores = std::thread::available_parallelism()?.get();
    let python = environment::python();
    let (mut ours, mut our_walls, mut bare, mut peer_walls) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let own = usage(binary, files)?;
        ours.push(own.cpu);
        our_walls.push(own.wall);
        bare.push(
            measure::run(
                Command::new(optimised)
                    .args(["measure", "usage", "unpack"])
                    .arg(&list),
            )?
            .cpu,
        );
        if let Some(python) = &python {
            let mut peer = Command::new(python);
            peer.arg(&script).arg(&list).arg(cores.to_string());
            peer_walls.push(measure::run(&mut peer)?.wall);
        }
    }
    let (own, bare) = (median(ours), median(bare));
    let hundredths = own.as_nanos() * 100 / bare.as_nanos().max(1);
    let wall = median(our_walls);
    say(&format!(
        "medians of {ROUNDS} rounds, {EVENTS} events: {own:?} of CPU in {wall:?}, libdeflate alone {bare:?} of CPU: {}.{:02} times (promised: at most 4)",
        hundredths / 100,
        hundredths % 100
    ));
    let mut broken = Vec::new();
    if hundredths > MOST_OF_LIBDEFLATE {
        broken.push("libdeflate");
    }
    if !peer_walls.is_empty() {
        let peer = median(peer_walls);
        let times = peer.as_nanos() / wall.as_nanos().max(1);
        say(&format!(
            "DuckDB on {cores} cores {peer:?}: {times} times as fast (promised: at least {LEAST_OF_DUCKDB})"
        ));
        if times < LEAST_OF_DUCKDB {
            broken.push("DuckDB");
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

#[expect(clippy::print_stdout, reason = "so that unpacking cannot be left out")]
fn unpack(list: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut decompressor = libdeflater::Decompressor::new();
    let (mut unpacked, mut bytes) = (Vec::new(), 0);
    for file in std::fs::read_to_string(list)?.lines() {
        let packed = std::fs::read(file)?;
        let size = packed.last_chunk::<4>().context("no gzip file")?;
        unpacked.resize(usize::try_from(u32::from_le_bytes(*size))?, 0);
        bytes += decompressor.gzip_decompress(&packed, &mut unpacked)?;
    }
    println!("{bytes} bytes in {:?}", begun.elapsed());
    Ok(())
}
