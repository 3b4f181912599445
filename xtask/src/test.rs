//! `cargo xtask test`: format, lints, all tests.

use crate::shell::{self, cargo, is_there, say};

pub(crate) fn run() -> anyhow::Result<()> {
    lint("rustfmt", "fmt", &["--all", "--check"])?;
    lint(
        "clippy",
        "clippy",
        &[
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    shell::run(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))
}

fn lint(component: &str, command: &str, arguments: &[&str]) -> anyhow::Result<()> {
    if !is_there(&mut cargo(&[command, "--version"])) {
        say(&format!(
            "SKIPPED: {component} is not installed; `rustup component add {component}` brings it"
        ));
        return Ok(());
    }
    shell::run(cargo(&[command]).args(arguments))
}
