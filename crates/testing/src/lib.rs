//! What tests need from outside of the repository: the corpus, Python, other programs. Where it is missing a test is
//! skipped aloud, or fails where `LEASTGRANT_REQUIRE` names the need.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The variable that names, separated by commas, the needs whose lack fails a test; `all` is all of them.
pub const REQUIRE: &str = "LEASTGRANT_REQUIRE";

/// Something that a test needs and that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The folder of real files, at `LEASTGRANT_CORPUS`.
    Corpus,
    /// The interpreter with the packages that `cargo xtask test` installs: servers of AWS's APIs, DuckDB.
    Python,
    /// The solver.
    Z3,
    /// `script` of util-linux, which gives a program a terminal.
    Script,
    /// The packages of npm and PyPI that the catalogue is made from.
    Packages,
}

impl Need {
    const ALL: [Self; 5] = [
        Self::Corpus,
        Self::Python,
        Self::Z3,
        Self::Script,
        Self::Packages,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Corpus => "corpus",
            Self::Python => "python",
            Self::Z3 => "z3",
            Self::Script => "script",
            Self::Packages => "packages",
        }
    }

    /// Whether a list has this need. A word that is no need would require nothing for ever, so it is an error.
    fn is_in(self, list: &str) -> Result<bool, String> {
        let mut found = false;
        for word in list
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            if word != "all" && !Self::ALL.iter().any(|need| need.name() == word) {
                let names = Self::ALL.map(Self::name).join("`, `");
                return Err(format!(
                    "`{REQUIRE}` has `{word}`, which is none of `{names}` and `all`"
                ));
            }
            found |= word == "all" || word == self.name();
        }
        Ok(found)
    }
}

/// Says on standard error that the test of this thread is skipped, and why.
///
/// # Panics
///
/// If the need is required.
#[expect(clippy::panic, reason = "a required test fails, as tests do")]
pub fn skipped(need: Need, why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let required = std::env::var(REQUIRE).unwrap_or_default();
    match told(need, &required, test, why) {
        // The harness swallows what `eprintln!` says in a test that passes.
        Ok(line) => drop(writeln!(std::io::stderr(), "{line}")),
        Err(failure) => panic!("{failure}"),
    }
}

/// What is said of a test that lacks something, or why it fails.
fn told(need: Need, required: &str, test: &str, why: &str) -> Result<String, String> {
    match need.is_in(required)? {
        false => Ok(format!("SKIPPED: {test}: {why}")),
        true => Err(format!("`{REQUIRE}` has `{}`: {why}", need.name())),
    }
}

/// A file or folder of the corpus; none, aloud, where it is missing.
#[must_use]
pub fn corpus(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEASTGRANT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(part);
    if path.exists() {
        return Some(path);
    }
    skipped(
        Need::Corpus,
        &format!(
            "the corpus is missing; set LEASTGRANT_CORPUS to the folder that holds `{part}` (looked at `{}`)",
            path.display()
        ),
    );
    None
}

/// The interpreter of the tests' environment; none, aloud, where it is not told.
#[must_use]
pub fn python() -> Option<OsString> {
    let python = std::env::var_os("LEASTGRANT_TEST_PYTHON");
    if python.is_none() {
        skipped(
            Need::Python,
            "it needs Python with packages; `cargo xtask test` makes an environment with them",
        );
    }
    python
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_required_by_its_name_or_all_and_other_words_are_errors() {
        assert_eq!(Need::Corpus.is_in(""), Ok(false));
        assert_eq!(Need::Corpus.is_in("z3, corpus,"), Ok(true));
        assert_eq!(Need::Python.is_in("z3,corpus"), Ok(false));
        assert_eq!(Need::Script.is_in("all"), Ok(true));
        assert_eq!(
            Need::Z3.is_in("corpus,pyhton"),
            Err("`LEASTGRANT_REQUIRE` has `pyhton`, which is none of `corpus`, `python`, `z3`, `script`, `packages` and `all`".to_owned())
        );
    }

    #[test]
    fn what_is_missing_is_told_by_test_and_fails_where_it_is_required() {
        let told = |required: &str| told(Need::Corpus, required, "a::test", "it is missing");
        let skipped = Ok("SKIPPED: a::test: it is missing".to_owned());
        assert_eq!(told(""), skipped);
        assert_eq!(told("python"), skipped);
        let failed = Err("`LEASTGRANT_REQUIRE` has `corpus`: it is missing".to_owned());
        assert_eq!(told("python,corpus"), failed);
        assert_eq!(told("all"), failed);
        assert!(told("corpora").is_err());
    }
}
