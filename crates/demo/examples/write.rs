//! Writes the made-up organisation into an empty folder:
//! `cargo run --release -p leastgrant-demo --example write -- FOLDER [PRINCIPALS [ACCOUNTS [DAYS]]]`.

use std::path::PathBuf;

use leastgrant_demo::{Error, Options, write};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "demo-bundle".to_owned()));
    let mut options = Options::default();
    if let Some(principals) = arguments.next().and_then(|number| number.parse().ok()) {
        options.principals = principals;
    }
    if let Some(accounts) = arguments.next().and_then(|number| number.parse().ok()) {
        options.accounts = accounts;
    }
    if let Some(days) = arguments.next().and_then(|number| number.parse().ok()) {
        options.days = days;
    }
    if let Some(seed) = arguments.next().and_then(|number| number.parse().ok()) {
        options.seed = seed;
    }
    std::fs::create_dir_all(&folder).map_err(|source| Error::CreateFolder {
        path: folder.clone(),
        source,
    })?;
    write(&options, &folder).map(|_| ())
}
