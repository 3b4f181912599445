//! Folders appear whole or not at all, and nothing that is not ours is touched.

use std::time::{Duration, Instant};

use leastgrant_inventory::tables::{InlinePolicyRow, UserRow};

use crate::support::{ReportRow, Sandbox, with_report};

const OLD: &str = "2020-01-01T00:00:00Z";

#[test]
fn a_folder_of_ours_is_replaced_and_any_other_is_refused() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.collect(0);
    sandbox.collect(0);
    sandbox.write("mine/thesis.txt", "years of work");
    let ran = sandbox
        .run(&["collect", "--from", "bundle", "--out", "mine"])
        .expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: `[DIR]/mine` is not empty and leastgrant did not write it; name a new or empty folder\n"
    );
    assert_eq!(sandbox.read("mine/thesis.txt"), "years of work");
    let ran = sandbox
        .run(&["audit", "inv", "--out", "inv"])
        .expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: `[DIR]/inv` holds an inventory, and this command writes a report; name another folder\n"
    );
    sandbox.write("file", "");
    let ran = sandbox
        .run(&["collect", "--from", "bundle", "--out", "file"])
        .expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: `[DIR]/file` is a file, and a folder is to be written; name another path\n"
    );
}

#[test]
fn an_empty_folder_and_a_missing_parent_are_fine() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox
        .run(&["collect", "--from", "bundle", "--out", "empty"])
        .expect_code(0);
    sandbox
        .run(&["collect", "--from", "bundle", "--out", "a/b/c"])
        .expect_code(0);
    assert!(sandbox.path("a/b/c/manifest.json").exists());
}

#[test]
fn a_failed_collection_leaves_the_old_inventory_and_no_trace() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.collect(0);
    let before = sandbox.read("inv/manifest.json");
    sandbox.write("junk/notes.txt", "nothing usable");
    sandbox
        .run(&["collect", "--from", "junk", "--out", "inv"])
        .expect_code(2);
    assert_eq!(sandbox.read("inv/manifest.json"), before);
    assert_eq!(siblings(&sandbox), ["bundle", "inv", "junk"]);
}

#[test]
fn a_killed_collection_leaves_the_old_inventory_and_the_next_one_cleans_up() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.collect(0);
    let before = sandbox.read("inv/manifest.json");
    // A standard input that never ends keeps the run waiting until it is killed.
    let mut child = sandbox
        .command()
        .args(["collect", "--from", "bundle", "-", "--out", "inv"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let partial = |sandbox: &Sandbox| {
        siblings(sandbox)
            .into_iter()
            .find(|name| name.contains("leastgrant-partial"))
    };
    let begun = Instant::now();
    while partial(&sandbox).is_none() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(partial(&sandbox).is_some(), "the run is under way");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(sandbox.read("inv/manifest.json"), before);
    sandbox.collect(0);
    assert_eq!(partial(&sandbox), None);
}

#[test]
fn an_interrupted_run_ends_with_130() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    let mut child = sandbox
        .command()
        .args(["collect", "--from", "-", "--out", "inv"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !siblings(&sandbox)
        .iter()
        .any(|name| name.contains("leastgrant-partial"))
        && begun.elapsed() < Duration::from_secs(20)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    // Waiting closes standard input, and what was read of it by then is nothing usable.
    let input = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    assert!(!sandbox.path("inv").exists());
}

#[test]
fn whenever_a_collection_is_killed_a_whole_inventory_is_in_place() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&[
            "demo",
            "--out",
            "bundle",
            "--days",
            "0",
            "--principals",
            "400",
        ])
        .expect_code(0);
    sandbox.collect(0);
    let mut killed = 0;
    for attempt in 0..40 {
        let mut child = sandbox
            .command()
            .args(["collect", "--quiet", "--from", "bundle", "--out", "inv"])
            .spawn()
            .unwrap();
        // From the first file read to after the swap.
        std::thread::sleep(Duration::from_millis(attempt * 8));
        let _ = child.kill();
        killed += usize::from(child.wait().unwrap().code().is_none());
        assert!(sandbox.rows::<UserRow>().len() > 100);
        assert!(!sandbox.rows::<InlinePolicyRow>().is_empty());
        sandbox
            .run(&["gate", "inv", "--max-key-age", "90"])
            .expect_code(1);
    }
    assert!(killed > 0, "no run was slow enough to be killed");
}

#[test]
fn work_that_takes_longer_than_a_second_shows_a_progress_bar_on_a_terminal() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    let binary = env!("CARGO_BIN_EXE_leastgrant");
    let is_there = std::process::Command::new("script")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_there {
        leastgrant_testing::skipped(
            leastgrant_testing::Need::Script,
            "`script` of util-linux, which gives the binary a terminal, is not installed",
        );
        return;
    }
    // The run waits for its standard input, which never comes.
    let mut child = std::process::Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("{binary} collect --from - --out inv"),
            "typescript",
        ])
        .current_dir(sandbox.path(""))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let shown = || {
        String::from_utf8_lossy(&std::fs::read(sandbox.path("typescript")).unwrap_or_default())
            .contains("reading")
    };
    while !shown() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "short work is left alone"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(shown());
}

fn siblings(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(sandbox.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
