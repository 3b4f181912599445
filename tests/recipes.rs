//! `recipes/`: their commands have the options that they use, and no key is stored.

use std::path::Path;

use crate::support::Sandbox;

#[test]
fn the_commands_of_the_recipes_exist_with_their_options() {
    let sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let mut commands = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("AWS_SECRET_ACCESS_KEY") && !text.contains("aws-secret-access-key"));
        let lines = text
            .lines()
            .filter_map(|line| line.split_once("run: leastgrant "))
            .map(|(_, command)| command.split(" || ").next().unwrap());
        for command in lines {
            // Options that do not exist are refused before the help is shown.
            let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
            sandbox.run(&arguments).expect_code(0);
            commands += 1;
        }
    }
    assert_eq!(commands, 2);
}

#[test]
fn actions_are_those_of_a_commit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/github-actions.yml");
    let text = std::fs::read_to_string(path).unwrap();
    let actions: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("uses: "))
        .map(|(_, action)| action.split(' ').next().unwrap())
        .collect();
    assert_eq!(actions.len(), 2);
    for action in actions {
        let (_, commit) = action.split_once('@').unwrap();
        let is_digest = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_digest, "{action}");
    }
}

/// The image is built from these alone, and what a build reads has to be among them.
#[test]
fn the_build_of_the_image_sees_what_it_needs_and_no_more() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let ignored = std::fs::read_to_string(repository.join(".dockerignore")).unwrap();
    let mut lines = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"));
    let seen: Vec<&str> = lines.map(|line| line.strip_prefix('!').unwrap()).collect();
    for name in &seen {
        assert!(repository.join(name).exists(), "{name}");
    }
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "crates",
        "queries",
        "reports",
        "tests",
        "xtask",
    ] {
        assert!(seen.contains(&needed), "{needed}");
    }
}
