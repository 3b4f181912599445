//! `cargo xtask bench`: the measured promises, one file each.
//!
//! What is compared with a peer runs in turns with it in one session, so that a busy machine slows both; only the ratio is a
//! result.

mod cloudsplaining;
mod comparison;
mod decisions;
mod expand;
mod held_out;
mod live;
mod minimize;
mod rules;
mod stock_take;
mod usage;
mod who_can;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;

use crate::shell::{self, cargo, say, target_folder};

/// One promise with its name.
struct Bench {
    name: &'static str,
    run: fn() -> anyhow::Result<()>,
}

/// In the order in which they run.
const BENCHES: &[Bench] = &[
    Bench {
        name: "stock-take",
        run: stock_take::run,
    },
    Bench {
        name: "comparison",
        run: comparison::run,
    },
    Bench {
        name: "decisions",
        run: decisions::run,
    },
    Bench {
        name: "expand",
        run: expand::run,
    },
    Bench {
        name: "who-can",
        run: who_can::run,
    },
    Bench {
        name: "usage",
        run: usage::run,
    },
    Bench {
        name: "minimize",
        run: minimize::run,
    },
    Bench {
        name: "held-out",
        run: held_out::run,
    },
    Bench {
        name: "live",
        run: live::run,
    },
    Bench {
        name: "rules",
        run: rules::run,
    },
    Bench {
        name: "cloudsplaining",
        run: cloudsplaining::run,
    },
];

/// All names, for the usage text.
pub(crate) fn names() -> String {
    let names: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
    names.join(", ")
}

/// Runs one bench, or all of them; a broken promise does not keep the next from being measured.
pub(crate) fn run(name: Option<&str>) -> anyhow::Result<()> {
    let wanted: Vec<&Bench> = BENCHES
        .iter()
        .filter(|bench| name.is_none_or(|name| name == bench.name))
        .collect();
    if wanted.is_empty() {
        bail!("there is no such bench; these are: {}", names());
    }
    let mut broken = Vec::new();
    for bench in wanted {
        say(&format!("== {}", bench.name));
        if let Err(error) = (bench.run)() {
            say(&format!("error: {error:#}"));
            broken.push(bench.name);
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        bail!("not as promised: {}", broken.join(", "))
    }
}

/// The part of a bench that must run optimised: called by the bench of the same name in a release build of this program.
pub(crate) fn measure(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    match name {
        "comparison" => comparison::measure(arguments),
        "expand" => expand::measure(arguments),
        "usage" => usage::measure(arguments),
        _ => bail!("there is nothing of the name `{name}` to measure"),
    }
}

/// The product, optimised.
fn release_binary() -> anyhow::Result<PathBuf> {
    optimised("leastgrant")
}

/// The program of one of our packages, optimised.
fn optimised(package: &str) -> anyhow::Result<PathBuf> {
    shell::run(&mut cargo(&[
        "build",
        "--release",
        "--package",
        package,
        "--quiet",
    ]))?;
    Ok(target_folder().join("release").join(package))
}

fn mega(bytes: u64) -> u64 {
    bytes / 1_000_000
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

/// Two decimals without floating point.
fn ratio(numerator: u128, denominator: u128) -> String {
    let hundredths = numerator * 100 / denominator.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
