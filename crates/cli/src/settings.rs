//! `leastgrant.toml`: the file that was named, or the one in the current folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use leastgrant_audit::Settings;

const DEFAULT_FILE: &str = "leastgrant.toml";

/// Reads the settings; defaults where there is no file.
pub(crate) fn load(named: Option<&PathBuf>) -> anyhow::Result<Settings> {
    let path = match named {
        Some(path) => path.as_path(),
        None if Path::new(DEFAULT_FILE).is_file() => Path::new(DEFAULT_FILE),
        None => return Ok(Settings::default()),
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings `{}`", path.display()))?;
    Settings::from_toml(&text)
        .with_context(|| format!("cannot use the settings `{}`", path.display()))
}
