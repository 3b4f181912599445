//! What a source keeps until all is read, so that an interrupted run goes on.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use leastgrant_trail::KeptFiles;

use crate::interrupt::{self, LastWorkGuard};
use crate::printer::Printer;

/// They fetch nothing that could be kept.
const OTHER_ENGINES: [&str; 2] = ["logs", "athena"];

/// Where what is fetched is kept.
#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// Keep what `--s3` or `--event-history` fetches in this folder until all is read, so that an interrupted run goes on [default: `leastgrant` in the user's cache folder]
    #[arg(long, value_name = "DIR", conflicts_with_all = OTHER_ENGINES)]
    resume_dir: Option<PathBuf>,
    /// Keep nothing of what `--s3` or `--event-history` fetches
    #[arg(long, conflicts_with = "resume_dir", conflicts_with_all = OTHER_ENGINES)]
    no_resume: bool,
}

impl ResumeArguments {
    /// Opens the folder, or makes one; `engine` is its name in the cache folder. None where nothing is to be kept, or cannot be, which
    /// is then noted.
    pub(super) fn open(
        &self,
        engine: &str,
        notes: &mut Vec<String>,
        open: impl Fn(&Path, SystemTime) -> io::Result<KeptFiles>,
    ) -> anyhow::Result<Option<KeptFiles>> {
        if self.no_resume {
            return Ok(None);
        }
        let cache = || cache_folder().map(|cache| cache.join("leastgrant").join(engine));
        let Some(root) = self.resume_dir.clone().or_else(cache) else {
            return Ok(None);
        };
        let opened = open(&root, SystemTime::now())
            .with_context(|| format!("cannot keep what is fetched in `{}`", root.display()));
        match opened {
            Ok(kept) => Ok(Some(kept)),
            // What the user named has to do; what we chose does not.
            Err(error) if self.resume_dir.is_some() => Err(error),
            Err(error) => {
                notes.push(format!(
                    "nothing was kept for a run that goes on after this one: {error:#}"
                ));
                Ok(None)
            }
        }
    }
}

/// What to say where something was left to do.
pub(super) fn goes_on(kept: &KeptFiles) -> String {
    format!(
        "what was fetched is kept in `{}` for a week; the same command goes on from it",
        kept.folder().display()
    )
}

/// Has the same said if an interrupt ends the process before the guard is dropped.
pub(super) fn goes_on_if_interrupted(
    kept: Option<&KeptFiles>,
    printer: &Printer,
) -> Option<LastWorkGuard> {
    let note = goes_on(kept?);
    let printer = printer.clone();
    Some(interrupt::before_the_end(move || printer.note(&note)))
}

/// As the XDG Base Directory Specification has it: a relative path is none.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
}

/// Removes what was kept, once it is of no more use.
pub(super) fn remove(kept: KeptFiles, printer: &Printer) {
    let folder = kept.folder().to_owned();
    if let Err(error) = kept.remove() {
        printer.note(&format!(
            "cannot remove what was kept in `{}`: {error}",
            folder.display()
        ));
    }
}
