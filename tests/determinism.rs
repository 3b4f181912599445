//! Same inputs, same bytes, whatever the number of threads.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::Sandbox;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir(folder)
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(folder).unwrap().display().to_string(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

fn walkdir(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walkdir(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn two_runs_write_the_same_bytes_with_one_thread_and_with_four() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["demo", "--out", "bundle", "--days", "0"])
        .expect_code(0);
    for (threads, out) in [("1", "one"), ("4", "four")] {
        sandbox
            .run(&[
                "run",
                "--from",
                "bundle",
                "--out",
                out,
                "--threads",
                threads,
            ])
            .expect_code(0);
    }
    let (one, four) = (files(&sandbox.path("one")), files(&sandbox.path("four")));
    assert!(one.len() > 40, "{:?}", one.keys());
    assert!(one.keys().eq(four.keys()));
    for (name, bytes) in &one {
        assert!(four[name] == *bytes, "{name} differs");
    }
}
