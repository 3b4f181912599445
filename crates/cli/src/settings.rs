//! `leastgrant.toml`: the file that was named, or the one in the current folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use leastgrant_audit::Settings;

const DEFAULT_FILE: &str = "leastgrant.toml";

/// Reads the settings; defaults where there is no file.
pub(crate) fn load(named: Option<&PathBuf>) -> anyhow::Result<Settings> {
    let Some((path, text)) = text(named)? else {
        return Ok(Settings::default());
    };
    Settings::from_toml(&text)
        .with_context(|| format!("cannot use the settings `{}`", path.display()))
}

/// Reads the table `[minimize]` of the settings.
pub(crate) fn load_minimize(
    named: Option<&PathBuf>,
) -> anyhow::Result<leastgrant_minimize::Settings> {
    let Some((path, text)) = text(named)? else {
        return Ok(leastgrant_minimize::Settings::default());
    };
    let context = || format!("cannot use the settings `{}`", path.display());
    // What is wrong elsewhere in the file is an error here too.
    Settings::from_toml(&text).with_context(context)?;
    leastgrant_minimize::Settings::from_toml(&text).with_context(context)
}

/// The file and its text, where there is one.
fn text(named: Option<&PathBuf>) -> anyhow::Result<Option<(&Path, String)>> {
    let path = match named {
        Some(path) => path.as_path(),
        None if Path::new(DEFAULT_FILE).is_file() => Path::new(DEFAULT_FILE),
        None => return Ok(None),
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings `{}`", path.display()))?;
    Ok(Some((path, text)))
}
