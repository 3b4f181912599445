//! `leastgrant.toml`: the file that was named, or the one in the current folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use leastgrant_audit::Settings;

use crate::text_file;

const DEFAULT_FILE: &str = "leastgrant.toml";

/// Longer files are none of ours.
const MOST_BYTES: u64 = 16 << 20;

/// Reads the settings; defaults where there is no file. What is wrong in the table of `minimize` is an error here too, so that
/// nobody waits for it.
pub(crate) fn load(named: Option<&PathBuf>) -> anyhow::Result<Settings> {
    Ok(load_all(named)?.0)
}

/// Reads the table `[minimize]` of the settings.
pub(crate) fn load_minimize(
    named: Option<&PathBuf>,
) -> anyhow::Result<leastgrant_minimize::Settings> {
    Ok(load_all(named)?.1)
}

fn load_all(named: Option<&PathBuf>) -> anyhow::Result<(Settings, leastgrant_minimize::Settings)> {
    let Some((path, text)) = text(named)? else {
        return Ok(Default::default());
    };
    let context = || format!("cannot use the settings `{}`", path.display());
    let settings = Settings::from_toml(&text).with_context(context)?;
    let of_minimize = leastgrant_minimize::Settings::from_toml(&text).with_context(context)?;
    Ok((settings, of_minimize))
}

/// The file and its text, where there is one.
fn text(named: Option<&PathBuf>) -> anyhow::Result<Option<(&Path, String)>> {
    let path = match named {
        Some(path) => path.as_path(),
        None if Path::new(DEFAULT_FILE).is_file() => Path::new(DEFAULT_FILE),
        None => return Ok(None),
    };
    let text = text_file::read(path, MOST_BYTES)
        .with_context(|| format!("cannot read the settings `{}`", path.display()))?;
    Ok(Some((path, text)))
}
