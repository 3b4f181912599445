//! `cargo xtask fuzz`: every fuzz target for so many runs.

use anyhow::bail;

use crate::shell::{self, cargo, is_there, repository, say};

const TARGETS: [&str; 5] = [
    "authorization_details",
    "compare",
    "credential_report",
    "policy",
    "trail",
];

pub(crate) fn run(runs: &str) -> anyhow::Result<()> {
    if runs.parse::<u64>().is_err() {
        bail!("`{runs}` is no number of runs");
    }
    if !is_there(&mut cargo(&["fuzz", "--version"])) {
        bail!("cargo-fuzz is not installed; `cargo install cargo-fuzz` brings it");
    }
    for target in TARGETS {
        say(&format!("fuzzing `{target}` for {runs} runs"));
        let mut command = cargo(&["fuzz", "run", "--sanitizer", "none", target, "--"]);
        // libFuzzer's instrumentation is unstable in rustc; with a stable toolchain it has to be allowed.
        command
            .args([
                &format!("-runs={runs}"),
                "-max_len=4096",
                "-timeout=20",
                "-rss_limit_mb=4096",
            ])
            .current_dir(repository().join("fuzz"))
            .env("RUSTC_BOOTSTRAP", "1");
        shell::run(&mut command)?;
    }
    Ok(())
}
