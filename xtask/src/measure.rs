//! Wall time, CPU time and peak memory of one process.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::shell::words;

/// Between two looks at a program.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub wall: Duration,
    /// Of all its threads, in the kernel's ticks of 10 ms; zero where the kernel does not tell.
    pub cpu: Duration,
    /// Peak resident memory in bytes; none where the kernel does not tell.
    pub peak_memory: Option<u64>,
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Measured> {
    let cpu_before = cpu_of_children();
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{}`", words(command)))?;
    let mut peak_memory = None;
    let status = loop {
        // The peak only ever grows, so the last look before the end is a few milliseconds short of it. Each look stops the program for a
        // moment, so that a long run is looked at less often.
        peak_memory = peak(child.id()).max(peak_memory);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep((begun.elapsed() / 100).clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
    };
    let wall = begun.elapsed();
    if !status.success() {
        bail!("`{}` failed", words(command));
    }
    Ok(Measured {
        wall,
        cpu: cpu_of_children().saturating_sub(cpu_before),
        peak_memory,
    })
}

/// What all processes took that this one has waited for.
fn cpu_of_children() -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, a name in brackets, can hold anything; `cutime` and `cstime` are fields 16 and 17.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(13).take(2);
    let ticks: u32 = fields.filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

fn peak(process_id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The middle one of an odd number of durations.
pub(crate) fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}
